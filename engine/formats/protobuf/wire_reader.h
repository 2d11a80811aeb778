// SPDX-License-Identifier: GPL-3.0-or-later
// Protocol buffers read field by field from memory: nothing is allocated, nothing is nested, an unknown field
// is walked over. Values; the bytes must outlive the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wr::formats {

/// Takes a base-128 number off the front of `bytes`; false when it is cut off or longer than 64 bits.
bool takeVarint(std::span<const std::byte>& bytes, std::uint64_t& value);
void appendVarint(std::string& to, std::uint64_t value);

class WireReader {
public:
    enum class Kind : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
    struct Field {
        std::uint64_t number = 0;
        Kind kind = Kind::Varint;
        std::uint64_t value = 0;          ///< of a number
        std::span<const std::byte> bytes; ///< of a text or a message
        bool is(std::uint64_t n, Kind k) const { return number == n && kind == k; }
        std::string text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    };

    explicit WireReader(std::span<const std::byte> bytes) : m_rest(bytes) {}
    /// The next field; false at the end and at bytes that are no field.
    bool next(Field& field);
    bool isDamaged() const { return m_isDamaged; }

private:
    bool broken();
    std::span<const std::byte> m_rest;
    bool m_isDamaged = false;
};

} // namespace wr::formats
