// SPDX-License-Identifier: GPL-3.0-or-later
// Which filter suits a tensor, by the entropies of a small sample. Pure; any thread.
#pragma once

#include "engine/checkpoint/planes.h"
#include "engine/tensor/tensor.h"

namespace wr::checkpoint {

struct FilterChoice {
    Filter filter = Filter::None;
    bool repeats = false;
    double bitsPerByte = 8.0; ///< what the sample would take
};

/// Looks at four pieces of 16 KiB; with `mayFilter` false only the statistics of the bytes as they are.
FilterChoice chooseFilter(const Tensor& tensor, bool mayFilter);

} // namespace wr::checkpoint
