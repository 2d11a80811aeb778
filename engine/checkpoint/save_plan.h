// SPDX-License-Identifier: GPL-3.0-or-later
// What a save will write, decided before the first byte: order, filters, header and the cutting into frames.
// Borrows the source and the base. A value; any thread.
#pragma once

#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/planes.h"
#include "engine/checkpoint/tensor_header.h"
#include "engine/checkpoint/tensor_source.h"

namespace wr::checkpoint {

struct PlannedTensor {
    std::size_t source = 0; ///< its number there
    Filter filter = Filter::None;
    bool repeats = false;       ///< a sample holds one value so often that looking for matches pays
    std::size_t baseTensor = 0; ///< index in the base; where the filter needs one
    std::uint64_t logicalBytes = 0;
    std::uint64_t storedBytes = 0; ///< in the content
    std::uint64_t contentOffset = 0;
    std::uint32_t firstFrame = 0;
    std::uint32_t frameCount = 0;
    bool isPacked = false;        ///< shares frames with others
    bool needsStatistics = false; ///< they are made of the values while those are written
    std::optional<Digest> digest; ///< of the values; only where none of them are written
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
    const TensorSource* source = nullptr;
    const CheckpointReader* base = nullptr; ///< null unless a filter needs it
    bool isStored = false;                  ///< frames are not compressed
    std::vector<std::byte> header;
    std::vector<PlannedTensor> tensors; ///< in the order of the file
    std::vector<FrameJob> jobs;
    std::vector<std::size_t> units; ///< first jobs of what is encoded together: all planes of a block
    std::uint64_t contentSize = 0;  ///< the header included
    std::uint64_t logicalBytes = 0;
    std::uint64_t estimatedBytes = 0; ///< rough size of the file, from samples

    const TensorSpec& spec(const PlannedTensor& tensor) const { return source->specs()[tensor.source]; }
    std::size_t unitEnd(std::size_t unit) const
    {
        return unit + 1 < units.size() ? units[unit + 1] : jobs.size();
    }
};

/// Why these cannot be saved: names that repeat or cannot be written.
Status checkTensors(const std::vector<TensorSpec>& specs, const Metadata& metadata);

/// `uuid` is the file's identity in text.
Result<SavePlan> planSave(const TensorSource& source, const Metadata& metadata, const SaveOptions& options,
                          const std::string& uuid);

} // namespace wr::checkpoint
