// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the ops that change a variable: Assign, AssignAdd, AssignSub and the updates of optimizers.
// Pure; any thread; InvalidArgument with TensorFlow's reason when the inputs do not fit.
#pragma once

#include "engine/graph/op_rules.h"

namespace wr::graph {

Result<OutputSpec> inferUpdateOutput(const Node& node, std::span<const OutputSpec> inputs);

} // namespace wr::graph
