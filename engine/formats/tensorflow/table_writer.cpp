// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/table_writer.h"

#include "engine/base/crc32c.h"
#include "engine/formats/protobuf/wire_reader.h"
#include "engine/formats/tensorflow/table.h"

#include <algorithm>

namespace wr::formats {
namespace {

constexpr std::size_t kBlockBytes = 262'144;

template <typename T>
void appendNumber(std::string& to, T value)
{
    for (unsigned i = 0; i < sizeof(T); ++i)
        to.push_back(static_cast<char>(value >> (8U * i) & 0xFFU));
}

std::size_t commonPrefix(std::string_view a, std::string_view b)
{
    const std::size_t most = std::min(a.size(), b.size());
    std::size_t same = 0;
    while (same < most && a[same] == b[same])
        ++same;
    return same;
}

/// A short key between the last of a block and the first of the next.
std::string separator(const std::string& last, std::string_view next)
{
    const std::size_t at = commonPrefix(last, next);
    if (at >= std::min(last.size(), next.size()))
        return last;
    const auto byte = static_cast<unsigned char>(last[at]);
    if (byte == 0xFF || byte + 1 >= static_cast<unsigned char>(next[at]))
        return last;
    return last.substr(0, at) + static_cast<char>(byte + 1);
}

/// A short key that is not less.
std::string successor(const std::string& last)
{
    for (std::size_t i = 0; i < last.size(); ++i) {
        const auto byte = static_cast<unsigned char>(last[i]);
        if (byte != 0xFF)
            return last.substr(0, i) + static_cast<char>(byte + 1);
    }
    return last;
}

} // namespace

void TableWriter::Block::add(std::string_view key, std::string_view value)
{
    std::size_t shared = 0;
    if (m_sinceRestart < m_interval) {
        shared = commonPrefix(m_lastKey, key);
    } else {
        appendNumber(m_restarts, static_cast<std::uint32_t>(m_bytes.size()));
        m_sinceRestart = 0;
    }
    appendVarint(m_bytes, shared);
    appendVarint(m_bytes, key.size() - shared);
    appendVarint(m_bytes, value.size());
    m_bytes += key.substr(shared);
    m_bytes += value;
    m_lastKey = key;
    ++m_sinceRestart;
}

std::string TableWriter::Block::finish()
{
    std::string bytes = std::move(m_bytes);
    appendNumber(bytes, std::uint32_t{0});
    bytes += m_restarts;
    appendNumber(bytes, static_cast<std::uint32_t>(m_restarts.size() / 4 + 1));
    *this = Block(m_interval);
    return bytes;
}

std::string TableWriter::append(const std::string& block)
{
    std::string handle;
    appendVarint(handle, m_file.size());
    appendVarint(handle, block.size());
    const std::size_t begin = m_file.size();
    m_file += block;
    m_file.push_back('\0'); // not packed
    const std::uint32_t crc = crc32c(std::as_bytes(std::span(m_file).subspan(begin)));
    appendNumber(m_file, maskedChecksum(crc));
    return handle;
}

void TableWriter::cutBlock()
{
    if (m_block.isEmpty())
        return;
    m_cutKey = m_block.lastKey();
    m_cutHandle = append(m_block.finish());
}

void TableWriter::nameCutBlock(std::string_view nextKey)
{
    if (m_cutHandle.empty())
        return;
    m_index.add(separator(m_cutKey, nextKey), m_cutHandle);
    m_cutHandle.clear();
}

void TableWriter::add(std::string_view key, std::string_view value)
{
    if (key.size() + value.size() >= 2 * kBlockBytes)
        cutBlock();
    nameCutBlock(key);
    m_block.add(key, value);
    if (m_block.estimate() >= kBlockBytes)
        cutBlock();
}

std::string TableWriter::finish()
{
    cutBlock();
    std::string footer = append(Block(16).finish());
    if (!m_cutHandle.empty())
        m_index.add(successor(m_cutKey), m_cutHandle);
    footer += append(m_index.finish());
    footer.resize(kTableFooterBytes - 8, '\0');
    appendNumber(footer, kTableMagic);
    return m_file + footer;
}

} // namespace wr::formats
