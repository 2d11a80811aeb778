// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/zip/zip_writer.h"

#include <zlib.h>

namespace wr::formats {
namespace {

constexpr std::uint64_t kLarge = UINT32_MAX; // in place of a number that stands elsewhere
constexpr std::uint16_t kFlags = 0x0808;     // names in UTF-8, the checksum behind the bytes
constexpr std::uint16_t kDate = 0x0021;      // 1980-01-01: the same content gives the same bytes
constexpr std::size_t kLocalBytes = 30;

template <typename T>
void put(std::string& to, T value)
{
    for (unsigned i = 0; i < sizeof(T); ++i)
        to.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8U * i) & 0xFFU));
}

std::uint16_t versionFor(bool isLarge)
{
    return isLarge ? 45 : 20;
}

std::uint32_t shortened(std::uint64_t value)
{
    return static_cast<std::uint32_t>(std::min(value, kLarge));
}

} // namespace

Status ZipWriter::put(const std::string& bytes)
{
    return m_file.append(std::as_bytes(std::span(bytes)));
}

Status ZipWriter::begin(const std::string& name, std::uint64_t bytes, std::size_t alignment)
{
    if (name.empty() || name.size() > UINT16_MAX)
        return invalidArgument("\"" + name.substr(0, 100) + "\": no name for an entry of a zip archive");
    const bool isLarge = bytes >= kLarge;
    std::string extra;
    if (isLarge) {
        formats::put(extra, std::uint16_t{1});
        formats::put(extra, std::uint16_t{16});
        formats::put(extra, bytes);
        formats::put(extra, bytes);
    }
    if (alignment > 1) { // as PyTorch pads
        constexpr std::size_t kField = 4;
        const std::uint64_t begin = m_file.size() + kLocalBytes + name.size() + extra.size() + kField;
        const auto padding = static_cast<std::uint16_t>((alignment - begin % alignment) % alignment);
        extra += "FB";
        formats::put(extra, padding);
        extra.append(padding, 'Z');
    }
    m_entries.push_back({name, m_file.size(), bytes, 0});
    m_left = bytes;
    std::string head;
    formats::put(head, std::uint32_t{0x04034B50});
    formats::put(head, versionFor(isLarge));
    formats::put(head, kFlags);
    formats::put(head, std::uint16_t{0}); // stored
    formats::put(head, std::uint16_t{0});
    formats::put(head, kDate);
    formats::put(head, std::uint32_t{0});
    formats::put(head, shortened(bytes));
    formats::put(head, shortened(bytes));
    formats::put(head, static_cast<std::uint16_t>(name.size()));
    formats::put(head, static_cast<std::uint16_t>(extra.size()));
    return put(head + name + extra);
}

Status ZipWriter::append(std::span<const std::byte> bytes)
{
    if (bytes.size() > m_left)
        return internalError("more bytes than the entry of a zip archive was begun with");
    m_left -= bytes.size();
    m_entries.back().crc = static_cast<std::uint32_t>(
        crc32_z(m_entries.back().crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    return m_file.append(bytes);
}

Status ZipWriter::end()
{
    if (m_left != 0)
        return internalError("fewer bytes than the entry of a zip archive was begun with");
    const Entry& entry = m_entries.back();
    std::string tail;
    formats::put(tail, std::uint32_t{0x08074B50});
    formats::put(tail, entry.crc);
    for (int i = 0; i < 2; ++i) {
        if (entry.bytes >= kLarge)
            formats::put(tail, entry.bytes);
        else
            formats::put(tail, static_cast<std::uint32_t>(entry.bytes));
    }
    return put(tail);
}

Status ZipWriter::finish(const std::string& comment)
{
    const std::uint64_t listAt = m_file.size();
    for (const Entry& entry : m_entries) {
        std::string extra;
        if (entry.bytes >= kLarge) {
            formats::put(extra, entry.bytes);
            formats::put(extra, entry.bytes);
        }
        if (entry.at >= kLarge)
            formats::put(extra, entry.at);
        std::string line;
        formats::put(line, std::uint32_t{0x02014B50});
        formats::put(line, versionFor(!extra.empty()));
        formats::put(line, versionFor(!extra.empty()));
        formats::put(line, kFlags);
        formats::put(line, std::uint32_t{0}); // stored, midnight
        formats::put(line, kDate);
        formats::put(line, entry.crc);
        formats::put(line, shortened(entry.bytes));
        formats::put(line, shortened(entry.bytes));
        formats::put(line, static_cast<std::uint16_t>(entry.name.size()));
        formats::put(line, static_cast<std::uint16_t>(extra.empty() ? 0 : extra.size() + 4));
        line.append(10, '\0'); // no comment, one disk, no attributes
        formats::put(line, shortened(entry.at));
        line += entry.name;
        if (!extra.empty()) {
            formats::put(line, std::uint16_t{1});
            formats::put(line, static_cast<std::uint16_t>(extra.size()));
            line += extra;
        }
        WR_RETURN_IF_ERROR(put(line));
    }
    const std::uint64_t listBytes = m_file.size() - listAt;
    const std::uint64_t count = m_entries.size();
    std::string end;
    if (listAt >= kLarge || listBytes >= kLarge || count >= UINT16_MAX) {
        const std::uint64_t at = m_file.size();
        formats::put(end, std::uint32_t{0x06064B50});
        formats::put(end, std::uint64_t{44});
        formats::put(end, versionFor(true));
        formats::put(end, versionFor(true));
        formats::put(end, std::uint64_t{0}); // both disks
        formats::put(end, count);
        formats::put(end, count);
        formats::put(end, listBytes);
        formats::put(end, listAt);
        formats::put(end, std::uint32_t{0x07064B50});
        formats::put(end, std::uint32_t{0});
        formats::put(end, at);
        formats::put(end, std::uint32_t{1});
    }
    formats::put(end, std::uint32_t{0x06054B50});
    formats::put(end, std::uint32_t{0});
    for (int i = 0; i < 2; ++i)
        formats::put(end, static_cast<std::uint16_t>(std::min<std::uint64_t>(count, UINT16_MAX)));
    formats::put(end, shortened(listBytes));
    formats::put(end, shortened(listAt));
    formats::put(end, static_cast<std::uint16_t>(comment.size()));
    return put(end + comment);
}

} // namespace wr::formats
