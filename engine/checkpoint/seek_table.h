// SPDX-License-Identifier: GPL-3.0-or-later
// Where the frames of a file are: the zstd seekable format's table at the file's end, or, where that is
// missing, what a walk over the frames finds. Values; any thread.
#pragma once

#include "engine/base/vfs.h"
#include "engine/checkpoint/frame.h"

namespace wr::checkpoint {

struct FramePlace {
    std::uint64_t fileOffset = 0;
    std::uint64_t contentOffset = 0;
    std::uint32_t fileSize = 0;
    std::uint32_t contentSize = 0; ///< 0 for skippable frames
    std::uint32_t checksum = 0;
};

struct FrameTable {
    std::vector<FramePlace> frames; ///< in file order, the table's own frame left out
    std::uint64_t contentSize = 0;
    /// Appends a frame that follows the last one.
    void append(std::uint32_t fileSize, std::uint32_t contentSize, std::uint32_t checksum);
    std::uint64_t fileSize() const;
};

inline constexpr std::uint32_t kSeekTableMagic = 0x184D2A5EU;
inline constexpr std::uint32_t kSeekFooterMagic = 0x8F92EAB1U;

/// The table as a skippable frame.
std::vector<std::byte> encodeSeekTable(const FrameTable& table);
/// Reads the table at the end of a file; DataLoss when there is none or it does not fit the file.
Result<FrameTable> readSeekTable(File& file, std::uint64_t fileBytes);
/// Finds the frames one by one. DataLoss names the first place that is no whole frame.
Result<FrameTable> walkFrames(File& file, std::uint64_t fileBytes);

} // namespace wr::checkpoint
