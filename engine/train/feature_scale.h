// SPDX-License-Identifier: GPL-3.0-or-later
// Features brought to mean 0 and deviation 1. Pure; any thread. What can fail is memory, or
// the reading of a file whose rows are not held: that is read twice.
#pragma once

#include "engine/train/dataset.h"

namespace wr::train {

/// Scales both parts by the means and deviations of the training part. Bytes are pictures: they become
/// float32, with one mean for each channel (the last of four dimensions); of float32 features each has its
/// own. A feature that never changes becomes 0.
Status scaleFeatures(Dataset& dataset);

} // namespace wr::train
