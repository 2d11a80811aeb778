// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/gradients.h"

namespace wr::graph {

Result<std::vector<NodeId>> addGradients(Graph& graph, NodeId loss, std::span<const NodeId> targets)
{
    const Node& node = graph.node(loss);
    if (!isFloating(node.dtype) || node.shape.rank() != 0)
        return fail(StatusCode::InvalidArgument, "the loss must be a floating-point scalar, but it is " +
                                                     std::string(dtypeName(node.dtype)) + " of shape " +
                                                     node.shape.toString());
    const NodeId ys[] = {loss};
    const NodeId seeds[] = {kNoNode};
    return addGradients(graph, ys, seeds, targets);
}

} // namespace wr::graph
