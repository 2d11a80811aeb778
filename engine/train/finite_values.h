// SPDX-License-Identifier: GPL-3.0-or-later
// Finds NaN and Inf in data before a training sees them. Pure; any thread.
#pragma once

#include "engine/tensor/tensor.h"

#include <string>

namespace wr::train {

/// InvalidArgument for a tensor [count, …] that holds such a number, with `name`, the example and the place
/// in it ("x.npy: example 7, feature 3: NaN"). `what` is "feature" or "target".
Status checkFinite(const Tensor& values, const std::string& name, const char* what);

} // namespace wr::train
