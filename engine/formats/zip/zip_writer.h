// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a zip archive of stored entries from front to back: what is not known before an entry's bytes (their
// checksum) follows them. Entries and archives of any size. Borrows the file; owned by one thread.
#pragma once

#include "engine/checkpoint/durable_file.h"

#include <string>
#include <vector>

namespace wr::formats {

class ZipWriter {
public:
    explicit ZipWriter(checkpoint::DurableFile& file) : m_file(file) {}

    /// Begins an entry of `bytes` bytes, the first of which lies at a multiple of `alignment` in the file.
    /// InvalidArgument when the name is too long.
    Status begin(const std::string& name, std::uint64_t bytes, std::size_t alignment);
    Status append(std::span<const std::byte> bytes);
    /// Ends the entry, all of whose bytes were appended.
    Status end();
    /// The list of entries. `comment`: at most 65,535 bytes.
    Status finish(const std::string& comment);

private:
    struct Entry {
        std::string name;
        std::uint64_t at = 0; ///< of its header
        std::uint64_t bytes = 0;
        std::uint32_t crc = 0;
    };
    Status put(const std::string& bytes);

    checkpoint::DurableFile& m_file;
    std::vector<Entry> m_entries;
    std::uint64_t m_left = 0; ///< bytes that the entry still needs
};

} // namespace wr::formats
