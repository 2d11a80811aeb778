// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/graph.h"

#include "engine/graph/op_rules.h"

namespace wr::graph {

Result<NodeId> Graph::add(Node node)
{
    constexpr std::size_t kMostNodes = std::size_t{1} << 21U;
    if (m_nodes.size() >= kMostNodes)
        return fail(StatusCode::ResourceExhausted, "the graph has more than 2,097,152 operations");
    std::vector<OutputSpec> inputs;
    inputs.reserve(node.inputs.size());
    for (const NodeId input : node.inputs)
        inputs.push_back(
            {m_nodes[static_cast<std::size_t>(input)].dtype, m_nodes[static_cast<std::size_t>(input)].shape});
    WR_ASSIGN_OR_RETURN(OutputSpec output, inferOutput(node, inputs));
    node.dtype = output.dtype;
    node.shape = std::move(output.shape);
    if (node.name.empty())
        node.name = std::string(backend::opName(node.op));
    const std::string base = node.name;
    for (int& next = m_nextSuffix[base]; m_names.count(node.name) != 0;)
        node.name = base + "_" + std::to_string(++next);
    m_names.insert(node.name);
    m_nodes.push_back(std::move(node));
    return static_cast<NodeId>(m_nodes.size()) - 1;
}

} // namespace wr::graph
