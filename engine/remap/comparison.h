// SPDX-License-Identifier: GPL-3.0-or-later
// The difference of two checkpoints of whatever formats, A → B. Tensors are paired by the matcher, so that
// renamed ones stand in one row and what is equal but for a transpose, a permutation or a type is recognised;
// equal digests need no values. Values are read in pieces of both at the same time.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/remap/match.h"

namespace wr::remap {

/// The more serious, the earlier.
enum class PairKind : std::uint8_t {
    NonFinite, ///< NaN or Inf appeared in B
    Damaged,
    Reshaped, ///< shape or type changed
    Removed,
    Added,
    Changed,
    Renamed, ///< the same values, in the same shape and type, under another name
    Equal,
};

/// B − A over the elements that are finite in both, unless stated otherwise.
struct PairNumbers {
    std::int64_t elements = 0;
    double relativeL2 = 0.0; ///< ‖B − A‖ / ‖A‖; infinite when A is all zero and B is not
    double maxAbs = 0.0;
    std::int64_t maxIndex = 0; ///< row-major, in B
    double mean = 0.0;
    double rms = 0.0;
    double cosine = 1.0;      ///< of A and B; 1 when both are zero
    std::int64_t changed = 0; ///< elements whose bits differ; whose values differ where types do
    std::int64_t beyond = 0;  ///< elements that differ by more than the tolerance
    std::int64_t signFlips = 0;
    double meanA = 0.0;
    double meanB = 0.0;
    double stddevA = 0.0;
    double stddevB = 0.0;
    std::int64_t zerosA = 0;
    std::int64_t zerosB = 0;
    std::int64_t nanA = 0;
    std::int64_t nanB = 0;
    std::int64_t infA = 0;
    std::int64_t infB = 0;
    std::uint64_t maxUlps = 0; ///< largest distance in representable numbers; of one floating-point type
};

struct TensorPair {
    PairKind kind = PairKind::Equal;
    std::string nameA; ///< empty when only in B; several with " + " between when B is joined of them
    std::string nameB; ///< empty when only in A
    TensorSpec a;      ///< Invalid dtype when only in B
    TensorSpec b;
    std::string reason;    ///< why they are a pair, where the names differ
    std::string operation; ///< what was done to A before it was compared: "transpose"
    bool isSame = false;   ///< the values are equal after that
    bool byDigest = false; ///< known without reading both
    bool hasNumbers = false;
    PairNumbers numbers;
    double surprise = 0.0; ///< how far the change is from what is usual in its template, in median deviations
    std::string problem;   ///< Damaged: what could not be read
};

struct ComparisonOptions {
    bool pairsByNameOnly = false;
    double absoluteTolerance = 0.0; ///< |B − A| ≤ absolute + relative · |A| is no difference for `beyond`
    double relativeTolerance = 0.0;
    MatchOptions match;
};

struct Comparison {
    std::vector<TensorPair> pairs; ///< by kind, then by relative L2
    std::size_t count(PairKind kind) const;
    bool isEqual() const { return count(PairKind::Equal) == pairs.size(); }
};

/// Cancelled when the progress (bytes) says so.
Result<Comparison> compareCheckpoints(const checkpoint::CheckpointReader& a,
                                      const checkpoint::CheckpointReader& b,
                                      const ComparisonOptions& options = {}, const Progress& progress = {});

} // namespace wr::remap
