// SPDX-License-Identifier: GPL-3.0-or-later
// Adds the nodes that a gradient is made of to a graph, under a scope. The first refusal is kept in status(),
// and what is added after it is nothing. Lives for one differentiation; the graph's thread.
#pragma once

#include "engine/graph/graph.h"

#include <string>
#include <vector>

namespace wr::graph {

class GradientNodes {
public:
    explicit GradientNodes(Graph& graph) : m_graph(graph) {}

    NodeId add(backend::OpCode op, std::vector<NodeId> inputs, const backend::OpAttributes& attributes = {},
               Shape shape = {}, DType dtype = DType::Invalid);
    NodeId number(double value, DType dtype);
    /// Ones shaped as x.
    NodeId ones(NodeId x);
    NodeId mul(NodeId a, NodeId b) { return add(backend::OpCode::Mul, {a, b}); }
    NodeId neg(NodeId a) { return add(backend::OpCode::Neg, {a}); }
    /// A Slice of x; an unknown size takes the rest.
    NodeId part(NodeId x, const std::vector<std::int64_t>& begins, std::vector<std::int64_t> sizes);
    /// Zeros shaped as that part of `x`; where only a plan knows the shape, it is taken from the part itself.
    NodeId zeros(NodeId x, const std::vector<std::int64_t>& begins, std::vector<std::int64_t> sizes);
    DType typeOf(NodeId id) const { return m_graph.node(id).dtype; }
    void refuse(const Node& node, const std::string& reason);

    const Node& node(NodeId id) const { return m_graph.node(id); }

    /// Whether `input` depends on a target, so that a gradient is wanted for it.
    bool needs(NodeId input) const { return m_depends[static_cast<std::size_t>(input)]; }
    /// Adds `gradient` to what flows into `input` already, after summing over what was broadcast.
    void flow(NodeId input, NodeId gradient);

protected:
    NodeId unbroadcast(NodeId gradient, NodeId input);

    Graph& m_graph;
    std::string m_scope;
    script::TextRange m_source;
    Status m_status;
    std::vector<bool> m_depends;
    std::vector<NodeId> m_gradients; ///< what has flowed into each node so far
};

/// The gradients of one family of ops; false for an op of another.
bool addArrayGradient(GradientNodes& to, NodeId id, const Node& node, NodeId dy);
bool addWindowGradient(GradientNodes& to, NodeId id, const Node& node, NodeId dy);

} // namespace wr::graph
