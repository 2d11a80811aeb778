// SPDX-License-Identifier: GPL-3.0-or-later
// Reading variables: as they stand, or with the value that they are initialised with. TensorFlow 1.x puts the
// initialised value in place of every variable that an initial value reads; 0.11 reads what is there.
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

bool ModelBuilder::isIncomplete(const Value& variable, const script::TextRange& range)
{
    const Variable& own = m_model->variables[variable.index];
    if (!own.isIncomplete)
        return false;
    const int line = m_model->tree->position(own.source.statement.begin).line;
    error(range, "\"" + own.name +
                     "\" has no initial value yet, so nothing can be computed with it: fill in "
                     "the \"...\" on line " +
                     std::to_string(line));
    return true;
}

NodeId ModelBuilder::readOf(const Value& variable, const script::TextRange& range)
{
    if (isIncomplete(variable, range))
        return kNoNode;
    if (m_initialDepth > 0 && m_model->options.version == TensorFlowVersion::V1) {
        doubtCount("an initial value that reads a variable");
        return initializedValue(variable, range).node;
    }
    return variable.node;
}

Value ModelBuilder::initializedValue(const Value& variable, const script::TextRange& range)
{
    if (isIncomplete(variable, range))
        return Value::error();
    if (m_model->options.version == TensorFlowVersion::V1)
        doubtCount("initialized_value()");
    else
        countOps(1);
    const auto known = m_initialized.find(variable.node);
    if (known != m_initialized.end())
        return Value::ofNode(known->second);
    const Variable& own = m_model->variables[variable.index];
    Node node;
    node.op = OpCode::Identity;
    node.name = own.name + "/initialized_value";
    node.inputs = {own.node};
    node.isInitializedValue = true;
    node.device = own.device;
    node.source = range;
    const Result<NodeId> added = m_model->graph.add(std::move(node));
    if (!added)
        return error(range, added.error().message());
    m_initialized.emplace(own.node, *added);
    return Value::ofNode(*added);
}

/// The same value over initialised values. Nodes that read no variable are shared; the others are made once
/// more, since a value that was computed before may be used elsewhere as it stands.
NodeId ModelBuilder::withInitializedReads(NodeId node, const script::TextRange& range)
{
    const Graph& graph = m_model->graph;
    for (std::size_t id = m_reads.size(); id < graph.nodes().size(); ++id) {
        const Node& own = graph.nodes()[id];
        const bool passes = !own.isInitializedValue && own.colocateWith == kNoNode;
        m_reads.push_back(own.op == OpCode::Variable ||
                          (passes && std::any_of(own.inputs.begin(), own.inputs.end(), [&](NodeId input) {
                               return m_reads[static_cast<std::size_t>(input)];
                           })));
    }
    const auto reads = [&](NodeId id) { return m_reads[static_cast<std::size_t>(id)]; };
    if (!reads(node))
        return node;
    std::vector<NodeId> open{node};
    std::vector<NodeId> found;
    std::unordered_set<NodeId> seen{node};
    while (!open.empty()) {
        const NodeId id = open.back();
        open.pop_back();
        if (m_rewritten.count(id) != 0)
            continue;
        found.push_back(id);
        for (const NodeId input : graph.node(id).inputs) {
            if (reads(input) && seen.insert(input).second)
                open.push_back(input);
        }
    }
    std::sort(found.begin(), found.end()); // inputs stand before what uses them
    for (const NodeId id : found) {
        if (graph.node(id).op == OpCode::Variable) {
            const auto variable = m_variableOf.find(id);
            const Value value =
                variable == m_variableOf.end()
                    ? Value::error()
                    : initializedValue(Value::ofIndex(Kind::Variable, variable->second, id), range);
            if (value.isError())
                return kNoNode;
            m_rewritten.emplace(id, value.node);
            continue;
        }
        Node copy = graph.node(id);
        for (NodeId& input : copy.inputs) {
            if (const auto rewritten = m_rewritten.find(input); rewritten != m_rewritten.end())
                input = rewritten->second;
        }
        const Result<NodeId> added = m_model->graph.add(std::move(copy));
        if (!added) {
            error(range, added.error().message());
            return kNoNode;
        }
        if (m_unseeded.count(id) != 0)
            m_unseeded.insert(*added);
        m_rewritten.emplace(id, *added);
    }
    return m_rewritten.at(node);
}

} // namespace wr::graph
