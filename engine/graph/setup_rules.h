// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the ops that make, join, cut and scatter values. A part of inferOutput(). Pure; any thread.
#pragma once

#include "engine/graph/op_rules.h"

namespace wr::graph {

/// For RandomUniformInt, Eye, Orthogonal, Concat, Slice and the Scatter ops; Internal for any other.
Result<OutputSpec> inferSetupOutput(const Node& node, std::span<const OutputSpec> inputs);

} // namespace wr::graph
