// SPDX-License-Identifier: GPL-3.0-or-later
// Small made data: points of a plane in classes whose borders are known shapes, and a noisy sine. The same
// bits for the same seed on every machine; example i does not depend on `count`. Pure; any thread.
#pragma once

#include "engine/train/dataset.h"

namespace wr::train {

/// Features float32 [count, 2] (sine: [count, 1]); labels int64 [count] (sine: targets float32 [count, 1]).
/// ResourceExhausted when there is no memory for them; Cancelled.
Result<Examples> makePoints(const graph::DataSpec& spec, std::int64_t count, std::uint64_t seed,
                            const Progress& progress = {});

} // namespace wr::train
