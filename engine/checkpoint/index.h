// SPDX-License-Identifier: GPL-3.0-or-later
// The index at the tail of a WR1 file: names, places, digests and statistics, so that tensors are listed and
// compared without decoding. Only a help: the header decides, and an index that does not agree with it is not
// used. Values.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/mangled_name.h"
#include "engine/checkpoint/seek_table.h"

namespace wr::checkpoint {

using Uuid = std::array<std::uint8_t, 16>;

struct IndexRow {
    OriginalTensor tensor;
    bool isPacked = false; ///< shares its frames with other tensors
    std::uint64_t contentOffset = 0;
    std::uint64_t contentBytes = 0;
    std::uint64_t logicalBytes = 0;
    std::uint32_t firstFrame = 0;
    std::uint32_t frameCount = 0;
    Digest digest{};
    std::uint32_t baseRow = UINT32_MAX; ///< row of the base's index; of filters that need one
    std::optional<Statistics> statistics;
};

struct Index {
    Uuid uuid{};
    bool isCompact = false;
    bool isDelta = false;
    std::uint64_t headerHash = 0; ///< XXH64 of the unpacked header frames
    std::uint64_t contentSize = 0;
    std::uint64_t headerBytes = 0;
    std::uint32_t frameCount = 0;
    std::vector<IndexRow> rows;             ///< sorted by name
    std::vector<std::uint32_t> fileOrder;   ///< row of each tensor in the order of the file
    Metadata metadata;                      ///< a copy; the header's is the one that counts
    std::vector<std::uint32_t> frameHashes; ///< frameHash() of each frame before the index; may be empty
};

/// Low half of the XXH3-64 of a frame as it lies in the file: coders leave bits unused whose change no
/// checksum of the content would tell.
std::uint32_t frameHash(std::span<const std::byte> frame);

/// The index as a skippable frame that will stand at `fileOffset`.
Result<std::vector<std::byte>> encodeIndex(const Index& index, std::uint64_t fileOffset);
/// Reads the frame at `fileOffset`, which is `frame` whole. DataLoss says why it cannot be used.
Result<Index> decodeIndex(std::span<const std::byte> frame, std::uint64_t fileOffset);
/// Whether the first bytes are those of an index frame.
bool isIndexFrame(std::span<const std::byte> bytes);

} // namespace wr::checkpoint
