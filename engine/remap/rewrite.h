// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint under new names, as a new file: what only changes its name is copied frame by frame, without
// being packed again; the rest is made by its recipe. Any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/remap/evaluation.h"

namespace wr::remap {

struct RewriteReport {
    checkpoint::SaveReport save;
    std::size_t tensors = 0;
    std::size_t renamedOnly = 0; ///< of these, those whose values are those of one tensor
    std::vector<std::string>
        leftOut; ///< tensors that no rule takes, where others are not kept, and dropped ones
};

/// All problems of a mapping as one message, of the first few in words; empty when there are none.
std::string textOf(const std::vector<MappingProblem>& problems, const Mapping& mapping);

/// Writes what `mapping` makes of `from` to `path`, under the metadata of `from`. InvalidArgument with all
/// problems when the mapping has some; nothing is written then. `options.base` is not used.
Result<RewriteReport> rewriteMapped(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                    const Mapping& mapping, const std::string& path,
                                    const checkpoint::SaveOptions& options, const Progress& progress = {});

} // namespace wr::remap
