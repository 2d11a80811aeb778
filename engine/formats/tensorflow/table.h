// SPDX-License-Identifier: GPL-3.0-or-later
// The sorted table of keys and values that TensorFlow keeps in ".index" files and in whole checkpoints of its
// first format: blocks of entries with shared prefixes, an index of blocks, a footer of 48 bytes. Every block
// is checked before it is believed. A table may be read from several threads; blocks are values.
#pragma once

#include "engine/base/vfs.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wr::formats {

inline constexpr std::uint64_t kTableMagic = 0xDB4775248B80FB57U;
inline constexpr std::size_t kTableFooterBytes = 48;
inline constexpr std::size_t kBlockTrailerBytes = 5; ///< how it is packed, checksum

/// A checksum as it is stored: rotated and shifted, so that one of bytes that hold checksums stays good.
constexpr std::uint32_t maskedChecksum(std::uint32_t crc)
{
    return (crc >> 15U | crc << 17U) + 0xA282EAD8U;
}

struct TableBlock {
    struct Entry {
        std::string key;
        std::size_t begin = 0; ///< of the value, in `bytes`
        std::size_t size = 0;
    };
    std::vector<std::byte> bytes;
    std::vector<Entry> entries; ///< keys strictly increasing

    std::span<const std::byte> value(const Entry& entry) const
    {
        return std::span(bytes).subspan(entry.begin, entry.size);
    }
};

class Table {
public:
    /// InvalidArgument when it is no table, DataLoss when its index is damaged.
    static Result<Table> open(std::shared_ptr<File> file, std::uint64_t fileBytes);
    std::size_t blockCount() const { return m_blocks.size(); }
    Result<TableBlock> block(std::size_t index) const;
    /// The only block that may hold `key`; blockCount() when none may.
    std::size_t blockOf(std::string_view key) const;

private:
    struct Place {
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
    };
    explicit Table(std::shared_ptr<File> file) : m_file(std::move(file)) {}
    Result<TableBlock> blockAt(Place place) const;

    std::shared_ptr<File> m_file;
    std::vector<Place> m_blocks;         ///< in the file's order, none over another
    std::vector<std::string> m_lastKeys; ///< of the blocks, or somewhat greater; increasing
};

} // namespace wr::formats
