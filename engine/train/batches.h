// SPDX-License-Identifier: GPL-3.0-or-later
// The order in which examples are seen, and their way into a plan's feeds. The order of an epoch follows from
// the shuffle seed and the epoch's number alone, with the same bits everywhere. One thread.
#pragma once

#include "engine/train/dataset.h"

#include <cstdint>
#include <span>
#include <vector>

namespace wr::train {

/// A permutation of [0, count) for `epoch` (Fisher–Yates over a Philox stream).
std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint64_t epoch);

/// Writes the features of examples `chosen` into `inputs` (float32; bytes as byte / 255), one row each. Fails
/// only where they lie in a file.
Status gatherFeatures(const Examples& examples, std::span<const std::int64_t> chosen, Tensor& inputs);
/// The features of the first `count` examples as float32 [count, …], as gatherFeatures() gives them.
Result<Tensor> firstFeatures(const Examples& examples, std::int64_t count);
/// Likewise their labels (int32 or int64) or targets (float32; whole numbers may be targets too).
void gatherLabels(const Examples& examples, std::span<const std::int64_t> chosen, Tensor& labels);

} // namespace wr::train
