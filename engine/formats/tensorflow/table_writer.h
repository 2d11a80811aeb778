// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a table as TensorFlow makes it, byte for byte: keys are added in order, blocks are cut at 256 KiB and
// left unpacked. Owned by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wr::formats {

class TableWriter {
public:
    /// `key` must be greater than the one before.
    void add(std::string_view key, std::string_view value);
    /// The whole table; the writer is then used up.
    std::string finish();

private:
    /// Entries that share the beginning of their keys with the one before, but for one in `interval`.
    class Block {
    public:
        explicit Block(unsigned interval) : m_interval(interval) {}
        void add(std::string_view key, std::string_view value);
        std::size_t estimate() const { return m_bytes.size() + m_restarts.size() + 8; }
        bool isEmpty() const { return m_bytes.empty(); }
        const std::string& lastKey() const { return m_lastKey; }
        std::string finish();

    private:
        unsigned m_interval;
        unsigned m_sinceRestart = 0;
        std::string m_bytes;
        std::string m_restarts; ///< but for the first, which is always 0
        std::string m_lastKey;
    };

    /// Appends a block with its trailer; returns its handle.
    std::string append(const std::string& block);
    void cutBlock();
    void nameCutBlock(std::string_view nextKey);

    std::string m_file;
    Block m_block{16};
    Block m_index{1};
    std::string m_cutKey; ///< last key of the block that was cut and is not in the index yet
    std::string m_cutHandle;
};

} // namespace wr::formats
