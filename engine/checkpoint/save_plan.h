// SPDX-License-Identifier: GPL-3.0-or-later
// What a save will write, decided before the first byte: order, filters, header and the cutting into frames.
// Borrows the tensors. A value; any thread.
#pragma once

#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/planes.h"
#include "engine/checkpoint/tensor_header.h"

namespace wr::checkpoint {

struct PlannedTensor {
    const NamedTensor* source = nullptr;
    Filter filter = Filter::None;
    bool repeats = false; ///< a sample holds one value so often that looking for matches pays
    std::uint64_t contentOffset = 0;
    std::uint32_t firstFrame = 0;
    std::uint32_t frameCount = 0;
    bool isPacked = false; ///< shares frames with others
};

/// One frame: a stretch of the unfiltered content, or one plane of a block of one tensor.
struct FrameJob {
    std::uint64_t contentOffset = 0;
    std::uint32_t contentSize = 0;
    std::int64_t filtered = -1; ///< index of the tensor whose plane it is
    std::uint64_t firstElement = 0;
    std::uint32_t plane = 0;
    bool repeats = true;
};

struct SavePlan {
    std::vector<std::byte> header;
    std::vector<PlannedTensor> tensors; ///< in the order of the file
    std::vector<FrameJob> jobs;
    std::uint64_t contentSize = 0; ///< the header included
    std::uint64_t logicalBytes = 0;
    std::uint64_t estimatedBytes = 0; ///< rough size of the file, from samples

    /// Writes the content of a job to `into`, contentSize bytes.
    void fill(const FrameJob& job, std::byte* into) const;
};

/// `uuid` is the file's identity in text. InvalidArgument for names that repeat or cannot be written.
Result<SavePlan> planSave(std::span<const NamedTensor> tensors, const Metadata& metadata, Profile profile,
                          const std::string& uuid);

} // namespace wr::checkpoint
