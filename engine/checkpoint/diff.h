// SPDX-License-Identifier: GPL-3.0-or-later
// The difference of two checkpoints, A -> B. Pairs by name; equal digests need no values. Streams one pair at
// a time. Ordered by severity (NaN or Inf appeared, damaged, reshaped, only in one, changed by relative L2,
// equal).
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <string>
#include <vector>

namespace wr::checkpoint {

enum class DiffKind : std::uint8_t { NonFinite, Damaged, Reshaped, Removed, Added, Changed, Equal };

struct TensorDiff {
    DiffKind kind = DiffKind::Equal;
    std::string name;
    TensorSpec a;              ///< Invalid dtype when only in B
    TensorSpec b;              ///< Invalid dtype when only in A
    bool byDigest = false;     ///< Equal was proven by digests alone
    double maxAbs = 0.0;       ///< max |B − A|
    std::int64_t maxIndex = 0; ///< row-major index of it
    double relativeL2 = 0.0;   ///< ‖B − A‖ / ‖A‖; infinite when A is all zero and B is not
    std::int64_t changed = 0;  ///< elements whose bits differ
    std::int64_t nonFiniteA = 0;
    std::int64_t nonFiniteB = 0;
    std::string problem; ///< Damaged: what could not be read
};

struct CheckpointDiff {
    std::vector<TensorDiff> tensors;
    std::size_t count(DiffKind kind) const;
    bool isEqual() const;
};

Result<CheckpointDiff> diffCheckpoints(const CheckpointReader& a, const CheckpointReader& b,
                                       const Progress& progress = {});
/// One pair of tensors of equal shape; values compared as doubles.
TensorDiff diffTensors(const std::string& name, const Tensor& a, const Tensor& b);

} // namespace wr::checkpoint
