// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes and types of the ops that rearrange, gather and select, and of those that look through windows at
// images. Pure; any thread. Errors: InvalidArgument in TensorFlow's words where it has some.
#pragma once

#include "engine/graph/op_rules.h"

namespace wr::graph {

Result<OutputSpec> inferArrayOutput(const Node& node, std::span<const OutputSpec> inputs);
Result<OutputSpec> inferWindowOutput(const Node& node, std::span<const OutputSpec> inputs);

} // namespace wr::graph
