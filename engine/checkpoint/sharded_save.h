// SPDX-License-Identifier: GPL-3.0-or-later
// Saves what is too large for one file as a set of several: all parts are written and verified before the
// first gets its name, and the list of parts comes last.
#pragma once

#include "engine/checkpoint/shard_set.h"
#include "engine/checkpoint/tensor_source.h"

namespace wr::checkpoint {

/// Tensors of each part, by their number in the source: consecutive ranges of the names within the limits of
/// the options. One part where all fit into one file.
std::vector<std::vector<std::size_t>> partsOf(const TensorSource& source, const SaveOptions& options);

Result<SaveReport> saveParts(Vfs& vfs, const std::string& path, const TensorSource& source,
                             const std::vector<std::vector<std::size_t>>& parts, const Metadata& metadata,
                             const SaveOptions& options, const Progress& progress);

} // namespace wr::checkpoint
