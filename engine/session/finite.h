// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an array holds NaN or Inf, and how large its values are. One pass, no allocation; any thread.
#pragma once

#include "engine/backend/kernel.h"

namespace wr::session {

/// True for integers, and for float32 and float64 without NaN and Inf.
bool isFinite(const backend::TensorView& view);

/// The sum of the squares of float32 or float64 values: infinite where it is beyond a double's (float64) or,
/// within 4096 values, a float's reach; NaN as soon as one value is NaN or Inf. 0 for other types.
double sumOfSquares(const backend::TensorView& view);

} // namespace wr::session
