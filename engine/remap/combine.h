// SPDX-License-Identifier: GPL-3.0-or-later
// Averages, weighted sums and differences of checkpoints, tensor by tensor of the same name, computed in
// double precision and rounded once to the type that the tensors have. Piece by piece: files may be larger
// than memory.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <memory>
#include <span>

namespace wr::remap {

struct CombineTerm {
    std::shared_ptr<const checkpoint::CheckpointReader> reader;
    double weight = 1.0;
};

/// What becomes of tensors that are no floating-point numbers: steps, indices, masks.
enum class WholeNumbers : std::uint8_t {
    FromLast, ///< as the last checkpoint has them
    LeaveOut,
};

struct CombineReport {
    checkpoint::SaveReport save;
    std::size_t computed = 0;
    std::vector<std::string> taken; ///< from the last, as they are
    std::vector<std::string> leftOut;
};

/// Weights for the mean of `count` checkpoints are 1 / count each. InvalidArgument names every tensor that is
/// not in all of them with one type and shape, before anything is written. Metadata are those of the last
/// one.
Result<CombineReport> combineCheckpoints(Vfs& vfs, std::span<const CombineTerm> terms,
                                         WholeNumbers wholeNumbers, const std::string& path,
                                         const checkpoint::SaveOptions& options,
                                         const Progress& progress = {});

} // namespace wr::remap
