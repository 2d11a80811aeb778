// SPDX-License-Identifier: GPL-3.0-or-later
// The 1st, 50th and 99th percentile of a sample of a tensor's values: every n-th of them, so that a part of
// the tensor knows which of its own belong to it. Pure; any thread.
#pragma once

#include "engine/tensor/dtype.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wr {

/// Appends those of the sample of a tensor of `elements` elements that lie among the elements from `first` on
/// in `bytes` and are finite.
void appendSample(std::vector<float>& sample, DType dtype, std::int64_t elements, std::int64_t first,
                  std::span<const std::byte> bytes);

/// Zeros for an empty sample.
std::array<float, 3> sampleQuantiles(std::span<const float> sample);

} // namespace wr
