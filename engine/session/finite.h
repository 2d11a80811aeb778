// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an array holds NaN or Inf. One pass, no allocation; any thread.
#pragma once

#include "engine/backend/kernel.h"

namespace wr::session {

/// True for integers, and for float32 and float64 without NaN and Inf.
bool isFinite(const backend::TensorView& view);

} // namespace wr::session
