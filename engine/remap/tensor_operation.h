// SPDX-License-Identifier: GPL-3.0-or-later
// Operations on values. Elements are moved bit by bit; only casts, scales and means compute. Any thread.
#pragma once

#include "engine/base/progress.h"
#include "engine/remap/element_cast.h"
#include "engine/remap/operation.h"

#include <span>

namespace wr::remap {

struct OperationContext {
    const Shape* target = nullptr;   ///< for "reshape()"
    const Tensor* initial = nullptr; ///< for "pad(…, initializer)": values of the shape of the result
    CastLosses* losses = nullptr;    ///< casts add to it
};

/// The errors of specAfter(); FailedPrecondition where initial values are needed and not given, or do not
/// have the shape of the result. A result that has the same elements in the same order shares the buffer of
/// its input.
Result<Tensor> applyOperations(const Operation& operation, const Tensor& input,
                               const OperationContext& context = {});
Result<Tensor> applyOperations(const std::vector<Operation>& operations, const Tensor& input,
                               const OperationContext& context = {});
/// concat and stack.
Result<Tensor> joinTensors(const Operation& joint, std::span<const Tensor> inputs);

/// Whether the elements stay as they are and where they are: only the shape changes.
bool keepsBytes(OperationKind kind);
/// Whether every element of the result comes from the one at its place, so that parts can be computed.
bool isElementwise(OperationKind kind);

} // namespace wr::remap
