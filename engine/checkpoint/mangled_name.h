// SPDX-License-Identifier: GPL-3.0-or-later
// Names of filtered tensors in a compact file: "orig::wr1:<filter>:<DTYPE>:<d0>x<d1>", so that a reader who
// does not know the filters cannot take the bytes for values. Pure; any thread.
#pragma once

#include "engine/base/status.h"
#include "engine/checkpoint/planes.h"
#include "engine/tensor/tensor.h"

namespace wr::checkpoint {

/// The stored name of a tensor in a compact file.
std::string mangledName(const TensorSpec& spec, Filter filter);

struct OriginalTensor {
    TensorSpec spec; ///< type and shape only where a filter was used
    Filter filter = Filter::None;
};
/// The inverse; DataLoss for a name that mangledName() never makes.
Result<OriginalTensor> originalTensor(std::string_view stored);

} // namespace wr::checkpoint
