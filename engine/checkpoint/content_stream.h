// SPDX-License-Identifier: GPL-3.0-or-later
// The unpacked content of a WR1 file, read anywhere: finds the frames that hold a range, unpacks and checks
// them. May be used from several threads.
#pragma once

#include "engine/checkpoint/seek_table.h"

#include <optional>

namespace wr::checkpoint {

/// Memory that a thread keeps from one read to the next.
struct StreamScratch {
    FrameDecoder decoder;
    std::vector<std::byte> packed;
    std::vector<std::byte> content;
};

class ContentStream {
public:
    ContentStream(std::shared_ptr<File> file, FrameTable table);

    const FrameTable& table() const { return m_table; }
    std::uint64_t size() const { return m_table.contentSize; }
    /// First frame whose content reaches past `offset`.
    std::size_t frameAt(std::uint64_t offset) const;
    /// Reads content [offset, offset + into.size()). DataLoss names the frame.
    Status read(std::uint64_t offset, std::span<std::byte> into, StreamScratch& scratch) const;
    /// The frame, packed, whose content is exactly [offset, offset + size); none when none is, or it cannot
    /// be read.
    std::optional<Frame> frameAlone(std::uint64_t offset, std::uint32_t size) const;

private:
    std::shared_ptr<File> m_file;
    FrameTable m_table;
};

} // namespace wr::checkpoint
