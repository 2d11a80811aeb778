// SPDX-License-Identifier: GPL-3.0-or-later
// What a damaged file still holds, frame by frame from its beginning: every whole frame, and the stretches
// between them that are none. After such a stretch the next frame is found by the table of frames, or by
// searching for one that unpacks with the right checksum. One thread.
#pragma once

#include "engine/base/progress.h"
#include "engine/checkpoint/seek_table.h"

#include <optional>

namespace wr::checkpoint {

struct ScannedFrame {
    enum class Kind : std::uint8_t { Data, Index, Table, Lost };
    Kind kind = Kind::Data;
    std::uint64_t fileOffset = 0;
    std::uint64_t fileSize = 0;
    std::optional<std::uint32_t> contentSize; ///< of a lost frame only where something tells it
    std::uint32_t checksum = 0;
    bool isAltered = false; ///< its content is right, but not every byte of the file
    std::string what;       ///< what is wrong with it; empty when whole
};

struct FrameScan {
    std::vector<ScannedFrame> frames; ///< without gap, from the first byte of the file to the last
};

/// `hint`: the table of frames where it could be read; `hashes`: frameHash() of its frames, where known.
Result<FrameScan> scanFrames(File& file, std::uint64_t fileBytes, const FrameTable* hint,
                             std::span<const std::uint32_t> hashes, const Progress& progress);

} // namespace wr::checkpoint
