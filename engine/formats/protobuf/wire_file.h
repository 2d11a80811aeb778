// SPDX-License-Identifier: GPL-3.0-or-later
// Protocol buffers read field by field from a file of any size: long fields are told by their place and
// walked over, so that gigabytes of values cost nothing. Owned by one thread.
#pragma once

#include "engine/base/vfs.h"
#include "engine/formats/protobuf/wire_reader.h"

#include <array>

namespace wr::formats {

class WireFile {
public:
    struct Field {
        std::uint64_t number = 0;
        WireReader::Kind kind = WireReader::Kind::Varint;
        std::uint64_t value = 0; ///< of a number
        std::uint64_t begin = 0; ///< of a text or a message, in the file
        std::uint64_t size = 0;
        bool is(std::uint64_t n, WireReader::Kind k) const { return number == n && kind == k; }
    };

    /// The bytes [begin, end) of the file.
    WireFile(File& file, std::uint64_t begin, std::uint64_t end) : m_file(file), m_at(begin), m_end(end) {}
    /// The next field; false at the end and at bytes that are no field.
    bool next(Field& field);
    bool isDamaged() const { return m_isDamaged; }
    /// Whether what is damaged is a field that reaches past the end; it is then in the field that next() got.
    bool isCutOff() const { return m_isCutOff; }

    /// The bytes of a field, at most `limit`.
    std::string text(const Field& field, std::uint64_t limit) const;

private:
    bool broken();
    bool takeByte(std::uint8_t& byte);
    bool takeVarint(std::uint64_t& value);
    bool takeFixed(std::size_t bytes, std::uint64_t& value);

    File& m_file;
    std::uint64_t m_at;
    std::uint64_t m_end;
    std::array<std::byte, 1024> m_buffer{};
    std::uint64_t m_bufferAt = 0;
    std::size_t m_bufferSize = 0;
    bool m_isDamaged = false;
    bool m_isCutOff = false;
};

} // namespace wr::formats
