// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients that a script asks for: tf.gradients, and those of an optimizer's loss.
#include "engine/graph/gradients.h"
#include "engine/graph/training_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void TrainingBuilder::addGradientFunctions(std::vector<Known>& table)
{
    table.push_back({"tf.gradients",
                     row(&TrainingBuilder::callGradients),
                     {"ys", "xs", "grad_ys", "name", "colocate_gradients_with_ops", "gate_gradients",
                      "aggregation_method", "stop_gradients"}});
}

namespace {

std::vector<Value> listOf(const Value& value)
{
    return value.kind == Kind::List ? value.items : std::vector<Value>{value};
}

} // namespace

bool TrainingBuilder::mayDifferentiate(const script::TextRange& range)
{
    constexpr std::size_t kMostWork = std::size_t{1} << 26U;
    const bool wasFull = m_gradientWork > kMostWork;
    m_gradientWork += m_model->graph.nodes().size();
    if (m_gradientWork > kMostWork && !wasFull)
        error(range, "this script asks for too many gradients of too large a graph");
    return m_gradientWork <= kMostWork;
}

/// For each of xs the sum of the derivatives of all ys, or None.
Value TrainingBuilder::callGradients(CallArguments& arguments)
{
    const Value ys = arguments.required("ys");
    const Value xs = arguments.required("xs");
    const Value seeds = arguments.value("grad_ys");
    if (ys.isError() || xs.isError() || seeds.isError())
        return Value::error();
    if (const Value stops = arguments.value("stop_gradients"); stops.kind != Kind::None)
        return stops.isError()
                   ? stops
                   : error(arguments.rangeOf("stop_gradients"), "stop_gradients is not understood yet");
    doubtCount("tf.gradients()");
    std::vector<NodeId> outputs;
    std::vector<NodeId> given;
    std::vector<NodeId> targets;
    for (const Value& item : listOf(ys)) {
        const NodeId node = toNode(item, arguments.rangeOf("ys"));
        if (node == kNoNode)
            return Value::error();
        if (!isFloating(m_model->graph.node(node).dtype))
            return error(arguments.rangeOf("ys"),
                         "only floating-point tensors have gradients, not " +
                             std::string(dtypeName(m_model->graph.node(node).dtype)),
                         "TypeError");
        outputs.push_back(node);
    }
    const std::vector<Value> seedList = seeds.kind == Kind::None ? std::vector<Value>{} : listOf(seeds);
    if (!seedList.empty() && seedList.size() != outputs.size())
        return error(arguments.rangeOf("grad_ys"),
                     "Passed " + std::to_string(seedList.size()) + " grad_ys for " +
                         std::to_string(outputs.size()) + " ys",
                     "ValueError");
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const bool isGiven = i < seedList.size() && seedList[i].kind != Kind::None;
        const NodeId node =
            isGiven ? toNode(seedList[i], arguments.rangeOf("grad_ys"), m_model->graph.node(outputs[i]).dtype)
                    : kNoNode;
        if (isGiven && node == kNoNode)
            return Value::error();
        if (isGiven &&
            !m_model->graph.node(node).shape.isCompatibleWith(m_model->graph.node(outputs[i]).shape))
            return error(arguments.rangeOf("grad_ys"),
                         "a grad_ys of shape " + m_model->graph.node(node).shape.toString() +
                             " does not fit its y of shape " +
                             m_model->graph.node(outputs[i]).shape.toString(),
                         "ValueError");
        given.push_back(node);
    }
    for (const Value& item : listOf(xs)) {
        const NodeId node = item.kind == Kind::Variable ? item.node : toNode(item, arguments.rangeOf("xs"));
        if (node == kNoNode)
            return Value::error();
        targets.push_back(node);
    }
    if (!mayDifferentiate(arguments.range()))
        return Value::error();
    const Result<std::vector<NodeId>> gradients = addGradients(m_model->graph, outputs, given, targets);
    if (!gradients)
        return error(arguments.range(), gradients.error().message());
    // An optimizer that is given these has this loss.
    m_lossOfGradients =
        outputs.size() == 1 && m_model->graph.node(outputs[0]).shape.rank() == 0 ? outputs[0] : kNoNode;
    Value list = Value::of(Kind::List);
    for (const NodeId gradient : *gradients)
        list.items.push_back(gradient == kNoNode ? Value::of(Kind::None) : Value::ofNode(gradient));
    return list;
}

/// The gradients of `loss` by the variables of var_list, or by all that are trainable.
std::optional<std::vector<TrainingBuilder::GradientPair>>
TrainingBuilder::gradientsOf(CallArguments& arguments, NodeId loss)
{
    const Value chosen = arguments.value("var_list");
    const Value seed = arguments.value("grad_loss");
    if (chosen.isError() || seed.isError())
        return std::nullopt;
    const std::vector<Value> list =
        chosen.kind == Kind::None ? m_collections["trainable_variables"] : listOf(chosen);
    if (list.empty()) {
        error(arguments.range(), "No variables to optimize.", "ValueError");
        return std::nullopt;
    }
    std::vector<GradientPair> pairs;
    std::vector<NodeId> targets;
    for (const Value& whole : list) {
        for (const Value& item : whole.kind == Kind::Partitioned ? whole.items : std::vector<Value>{whole}) {
            if (item.kind != Kind::Variable) {
                if (!item.isError())
                    error(arguments.rangeOf("var_list"), "var_list takes variables", "TypeError");
                return std::nullopt;
            }
            if (m_model->variables[item.index].isIncomplete)
                continue;
            pairs.push_back({kNoNode, item.index});
            targets.push_back(item.node);
        }
    }
    NodeId weight = kNoNode;
    if (seed.kind != Kind::None) {
        weight = toNode(seed, arguments.rangeOf("grad_loss"), m_model->graph.node(loss).dtype);
        if (weight == kNoNode)
            return std::nullopt;
    }
    if (!mayDifferentiate(arguments.range()))
        return std::nullopt;
    const std::size_t before = m_model->graph.nodes().size();
    const NodeId outputs[] = {loss};
    const NodeId seeds[] = {weight};
    const Result<std::vector<NodeId>> gradients = weight == kNoNode
                                                      ? addGradients(m_model->graph, loss, targets)
                                                      : addGradients(m_model->graph, outputs, seeds, targets);
    if (!gradients) {
        error(arguments.rangeOf("loss"), gradients.error().message());
        return std::nullopt;
    }
    const std::string device = currentDeviceText(); // of the blocks around the call
    for (std::size_t id = before; !device.empty() && id < m_model->graph.nodes().size(); ++id)
        m_model->graph.node(static_cast<NodeId>(id)).device = device;
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i].gradient = (*gradients)[i];
    return pairs;
}

} // namespace wr::graph
