// SPDX-License-Identifier: GPL-3.0-or-later
// What each op makes of its inputs: type and shape of the output, or TensorFlow's reason why not. Pure; any
// thread.
#pragma once

#include "engine/graph/graph.h"

#include <span>

namespace wr::graph {

struct OutputSpec {
    DType dtype = DType::Invalid;
    Shape shape;
};

/// Infers the output of `node` from its inputs. Ops that no input determines (Const, Placeholder, Variable,
/// the random ops, Reshape, Cast, BroadcastTo, …) carry their type and shape in the node already, which are
/// checked.
Result<OutputSpec> inferOutput(const Node& node, std::span<const OutputSpec> inputs);

/// The shape of a reduction of `input` over `axes` (none: all).
Shape reducedShape(const Shape& input, std::span<const std::int32_t> axes, bool keepDims);

} // namespace wr::graph
