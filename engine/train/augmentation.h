// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of a batch changed at random before a step sees them: mirrored, moved. What happens to one follows
// from the shuffle seed, the epoch and its place in the epoch alone, so that a resumed training draws the
// same. Pure; any thread.
#pragma once

#include "engine/graph/data_spec.h"
#include "engine/train/dataset.h"

#include <cstdint>

namespace wr::train {

struct PictureLayout {
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::int64_t channels = 0;
};

/// How the examples of `dataset` lie in a row of a batch: [height, width] or [height, width, channels].
/// InvalidArgument where they are no pictures, or smaller than the way that they are to be moved.
Result<PictureLayout> pictureLayout(const Dataset& dataset, const graph::AugmentSettings& settings);

/// Changes the pictures of `batch` (float32, a row each), the first of which stands at place `first` of the
/// epoch. What is moved in from outside is 0.
void augment(const graph::AugmentSettings& settings, const PictureLayout& layout, std::uint64_t seed,
             std::uint64_t epoch, std::uint64_t first, Tensor& batch);

} // namespace wr::train
