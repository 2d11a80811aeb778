// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at what a scattered update is about to do, for kernels cannot fail. Reads the step's memory; the
// session's thread only.
#pragma once

#include "engine/base/status.h"
#include "engine/session/plan.h"

namespace wr::session {

/// InvalidArgument, in TensorFlow's words, when an index names no row of the variable or a whole number would
/// be divided by zero; `step` must scatter, and its indices and updates must be computed.
Status checkScatter(const PlanStep& step);

} // namespace wr::session
