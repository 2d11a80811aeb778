// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients as a transformation of the graph: adds the nodes that compute d(loss)/d(x) by the chain rule, in
// reverse order of creation. No tape and no evaluation. Called while a graph is built.
#pragma once

#include "engine/graph/graph.h"

#include <span>
#include <vector>

namespace wr::graph {

/// d(loss)/d(target) for each target, or kNoNode where the loss does not depend on it through differentiable
/// ops. `loss` must be a floating-point scalar (InvalidArgument). Nodes are named below "gradients/".
Result<std::vector<NodeId>> addGradients(Graph& graph, NodeId loss, std::span<const NodeId> targets);

/// The sum over all `ys`, weighted by `seeds`, in place of the loss: each seed is shaped as its y, or kNoNode
/// for ones. `ys` are floating-point tensors of any shape.
Result<std::vector<NodeId>> addGradients(Graph& graph, std::span<const NodeId> ys,
                                         std::span<const NodeId> seeds, std::span<const NodeId> targets);

} // namespace wr::graph
