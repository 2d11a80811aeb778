// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/protobuf/wire_file.h"

#include <algorithm>

namespace wr::formats {

bool WireFile::broken()
{
    m_isDamaged = true;
    m_at = m_end;
    return false;
}

bool WireFile::takeByte(std::uint8_t& byte)
{
    if (m_at >= m_end)
        return false;
    if (m_at < m_bufferAt || m_at >= m_bufferAt + m_bufferSize) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(m_buffer.size(), m_end - m_at));
        const Result<std::size_t> got = m_file.read(m_at, std::span(m_buffer).first(size));
        if (!got || *got == 0)
            return false;
        m_bufferAt = m_at;
        m_bufferSize = *got;
    }
    byte = static_cast<std::uint8_t>(m_buffer[static_cast<std::size_t>(m_at - m_bufferAt)]);
    ++m_at;
    return true;
}

bool WireFile::takeVarint(std::uint64_t& value)
{
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        std::uint8_t byte = 0;
        if (!takeByte(byte) || (shift == 63 && byte > 1))
            return false;
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0)
            return true;
    }
    return false;
}

bool WireFile::takeFixed(std::size_t bytes, std::uint64_t& value)
{
    value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        std::uint8_t byte = 0;
        if (!takeByte(byte))
            return false;
        value |= static_cast<std::uint64_t>(byte) << (8 * i);
    }
    return true;
}

bool WireFile::next(Field& field)
{
    using Kind = WireReader::Kind;
    if (m_at >= m_end)
        return false;
    std::uint64_t key = 0;
    field = {};
    if (!takeVarint(key) || key >> 3U == 0)
        return broken();
    field.number = key >> 3U;
    switch (key & 7U) {
    case 0:
        field.kind = Kind::Varint;
        return takeVarint(field.value) || broken();
    case 1:
        field.kind = Kind::Fixed64;
        return takeFixed(8, field.value) || broken();
    case 2:
        field.kind = Kind::Bytes;
        if (!takeVarint(field.size))
            return broken();
        field.begin = m_at;
        if (field.size > m_end - m_at) {
            m_isCutOff = true;
            return broken();
        }
        m_at += field.size;
        return true;
    case 5:
        field.kind = Kind::Fixed32;
        return takeFixed(4, field.value) || broken();
    default:
        return broken();
    }
}

std::string WireFile::text(const Field& field, std::uint64_t limit) const
{
    std::string text(static_cast<std::size_t>(std::min(field.size, limit)), '\0');
    const Result<std::size_t> got = m_file.read(field.begin, std::as_writable_bytes(std::span(text)));
    text.resize(got ? *got : 0);
    return text;
}

} // namespace wr::formats
