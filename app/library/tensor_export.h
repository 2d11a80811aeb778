// SPDX-License-Identifier: GPL-3.0-or-later
// A slice of a tensor as a file for other programs. Blocking: call from a job.
#pragma once

#include "app/library/tensor_slice.h"

namespace wr::app {

/// By the extension of `path`: .npy keeps type and bits (bfloat16, which NumPy lacks, becomes float32), .csv
/// has numbers that come back the same, a line a row. An existing file is replaced only as a whole.
Explanation exportSlice(const TensorSlice& slice, const QString& path);

} // namespace wr::app
