// SPDX-License-Identifier: GPL-3.0-or-later
// Which filter suits a tensor, by a small sample: entropies of the planes, and, where a base is at hand, what
// the coders really make of both. Pure; any thread.
#pragma once

#include "engine/checkpoint/planes.h"
#include "engine/checkpoint/tensor_source.h"

namespace wr::checkpoint {

struct FilterChoice {
    Filter filter = Filter::None;
    bool repeats = false;
    double bitsPerByte = 8.0; ///< what the sample would take
};

/// Where the pieces of a sample lie; one piece of everything where the tensor is small.
struct SamplePlaces {
    std::size_t pieces = 1;
    std::size_t pieceBytes = 0;
    std::uint64_t step = 0; ///< from one piece to the next, in bytes, whole elements
};
SamplePlaces samplePlaces(std::uint64_t bytes, std::size_t elementSize, std::size_t pieceBytes);

/// With `mayFilter` false only the statistics of the bytes as they are.
FilterChoice chooseFilter(DType dtype, std::span<const std::byte> sample, bool mayFilter);

/// Whether the difference to the base's sample is at least 8 % smaller than `choice` makes the sample.
bool differencePays(DType dtype, std::span<const std::byte> sample, std::span<const std::byte> base,
                    const FilterChoice& choice);

} // namespace wr::checkpoint
