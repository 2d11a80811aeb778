// SPDX-License-Identifier: GPL-3.0-or-later
// How the inputs of the optimizers' updates are arranged: the variable, its slots, the gradient, scalars. One
// table for the rules, the plans and the tests. Pure; any thread.
#pragma once

#include "engine/backend/opcode.h"

#include <cstddef>
#include <optional>

namespace wr::backend {

/// Input 0 is the variable, inputs 1 to `slotCount` are its slots, `gradient` is the gradient; all others are
/// scalars.
struct UpdateForm {
    std::size_t inputs = 0;
    std::size_t slotCount = 0;
    std::size_t gradient = 0;
};

/// Assign and its kin, scattered updates, and the updates of optimizers: input 0 is changed in place.
bool changesVariable(OpCode op);

/// Nothing for what is no update of an optimizer.
std::optional<UpdateForm> updateForm(OpCode op);

} // namespace wr::backend
