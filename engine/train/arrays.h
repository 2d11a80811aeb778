// SPDX-License-Identifier: GPL-3.0-or-later
// Data sets from arrays: two NPY files, or two or four arrays of an NPZ archive. Any thread; errors name the
// file, the array and the cause.
#pragma once

#include "engine/train/dataset.h"

#include <string>

namespace wr::train {

/// An array [count, …] as features: bytes stay bytes, all other numbers become float32. InvalidArgument for a
/// single number and for no examples.
Result<Tensor> featuresFrom(const Tensor& array, const std::string& name);
/// An array as labels: whole numbers from 0 in [count] or [count, 1] become classes, int64 [count]; all
/// others become targets, float32 [count, …].
Result<Tensor> labelsFrom(const Tensor& array, const std::string& name);

/// Reads what the spec (Npy or Npz) names; relative paths start at `directory`. Features in an NPY file
/// larger than `inMemoryBytes` stay there. The files' errors; InvalidArgument where arrays do not belong
/// together or hold NaN or Inf; Cancelled.
Result<std::shared_ptr<const Dataset>> loadArrays(const graph::DataSpec& spec, const std::string& directory,
                                                  std::uint64_t inMemoryBytes, Vfs& vfs,
                                                  const Progress& progress = {});

} // namespace wr::train
