// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/protobuf/wire_reader.h"

#include "engine/base/little_endian.h"

namespace wr::formats {

bool takeVarint(std::span<const std::byte>& bytes, std::uint64_t& value)
{
    value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
        const auto byte = static_cast<std::uint64_t>(bytes[i]);
        if (i == 9 && byte > 1)
            return false;
        value |= (byte & 0x7FU) << (7U * i);
        if ((byte & 0x80U) == 0) {
            bytes = bytes.subspan(i + 1);
            return true;
        }
    }
    return false;
}

void appendVarint(std::string& to, std::uint64_t value)
{
    for (; value >= 0x80U; value >>= 7U)
        to.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
    to.push_back(static_cast<char>(value));
}

bool WireReader::broken()
{
    m_isDamaged = true;
    m_rest = {};
    return false;
}

bool WireReader::next(Field& field)
{
    if (m_rest.empty())
        return false;
    std::uint64_t tag = 0;
    if (!takeVarint(m_rest, tag) || (tag >> 3U) == 0 || (tag >> 3U) > 0x1FFFFFFFU)
        return broken();
    field = {};
    field.number = tag >> 3U;
    field.kind = static_cast<Kind>(tag & 7U);
    std::uint64_t length = 0;
    switch (field.kind) {
    case Kind::Varint:
        return takeVarint(m_rest, field.value) || broken();
    case Kind::Bytes:
        if (!takeVarint(m_rest, length) || length > m_rest.size())
            return broken();
        field.bytes = m_rest.first(static_cast<std::size_t>(length));
        m_rest = m_rest.subspan(static_cast<std::size_t>(length));
        return true;
    case Kind::Fixed32:
    case Kind::Fixed64:
        length = field.kind == Kind::Fixed32 ? 4 : 8;
        if (m_rest.size() < length)
            return broken();
        field.value =
            length == 4 ? loadLittle<std::uint32_t>(m_rest.data()) : loadLittle<std::uint64_t>(m_rest.data());
        m_rest = m_rest.subspan(static_cast<std::size_t>(length));
        return true;
    }
    return broken(); // groups are not used by any format that is read here
}

} // namespace wr::formats
