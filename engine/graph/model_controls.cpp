// SPDX-License-Identifier: GPL-3.0-or-later
// What runs together and what waits for what: tf.group, tf.no_op, tf.control_dependencies; and which step of
// training an op stands for that way.
#include "engine/backend/update_form.h"
#include "engine/graph/training_builder.h"

#include <algorithm>
#include <set>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void TrainingBuilder::addControlFunctions(std::vector<Known>& table)
{
    using B = TrainingBuilder;
    table.insert(table.end(),
                 {{"tf.group", row(&B::callGroup), {"*inputs", "name"}},
                  {"tf.no_op", row(&B::callNoOp), {"name"}},
                  {"tf.control_dependencies", row(&B::callControlDependencies), {"control_inputs"}}});
}

bool TrainingBuilder::addControls(const Value& value, const script::TextRange& range,
                                  std::vector<NodeId>& nodes)
{
    switch (value.kind) {
    case Kind::Error:
        return false;
    case Kind::Node:
        nodes.push_back(value.node);
        return true;
    case Kind::Variable:
    case Kind::Opaque:
        return true; // nothing to wait for
    case Kind::TrainOp: {
        const std::vector<NodeId>& updates = m_model->trainOps[value.index].updates;
        nodes.insert(nodes.end(), updates.begin(), updates.end());
        return true;
    }
    case Kind::List:
    case Kind::IndexedSlices:
    case Kind::Partitioned:
        return std::all_of(value.items.begin(), value.items.end(),
                           [&](const Value& item) { return addControls(item, range, nodes); });
    case Kind::InitGroup:
        error(range, "initialising is an action of its own: run it before, by its button or in the session");
        return false;
    default:
        error(range, "an op or a tensor is expected here", "TypeError");
        return false;
    }
}

/// Constants, placeholders and initial values wait for nothing.
void ModelBuilder::setControls(Node& node) const
{
    if (m_controls.empty() || m_initialDepth > 0 || node.op == OpCode::Const ||
        node.op == OpCode::Placeholder || node.op == OpCode::Variable)
        return;
    for (const std::vector<NodeId>& block : m_controls)
        node.controlInputs.insert(node.controlInputs.end(), block.begin(), block.end());
}

Value TrainingBuilder::callControlDependencies(CallArguments& arguments)
{
    const Value given = arguments.required("control_inputs");
    if (given.isError())
        return given;
    if (given.kind == Kind::None) {
        m_controls.clear(); // until the block's end
        return Value::of(Kind::Opaque);
    }
    if (given.kind != Kind::List && given.kind != Kind::Opaque)
        return error(arguments.rangeOf("control_inputs"),
                     "tf.control_dependencies takes a list of ops and tensors: write [op]", "TypeError");
    std::vector<NodeId> nodes;
    if (!addControls(given, arguments.rangeOf("control_inputs"), nodes))
        return Value::error();
    // Every node of the block is told what it waits for: many are told by one.
    constexpr std::size_t kFew = 4;
    if (nodes.size() + m_controls.size() > kFew) {
        Node all;
        all.op = OpCode::NoOp;
        all.controlInputs = std::move(nodes);
        const Value group = addNode(std::move(all), arguments.range(), "control_deps");
        if (group.isError())
            return group;
        m_controls = {{group.node}}; // which waits for the blocks around
    } else {
        m_controls.push_back(std::move(nodes));
    }
    return Value::of(Kind::Opaque);
}

Value TrainingBuilder::callNoOp(CallArguments& arguments)
{
    Node node;
    node.op = OpCode::NoOp;
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value TrainingBuilder::callGroup(CallArguments& arguments)
{
    const std::vector<Value>& inputs = arguments.more();
    const auto isInit = [](const Value& value) { return value.kind == Kind::InitGroup; };
    if (!inputs.empty() && std::all_of(inputs.begin(), inputs.end(), isInit)) {
        std::vector<std::string> variables;
        bool all = false;
        for (const Value& input : inputs) {
            const InitGroup& group = m_model->initGroups[input.index];
            all = all || group.all;
            for (const std::string& name : group.variables) {
                if (std::find(variables.begin(), variables.end(), name) == variables.end())
                    variables.push_back(name);
            }
        }
        return initGroup(std::move(variables), all, m_target.empty() ? arguments.text("name") : m_target,
                         arguments.range());
    }
    std::vector<NodeId> nodes;
    for (const Value& input : inputs) {
        if (!addControls(input, arguments.range(), nodes))
            return Value::error();
    }
    Node node;
    node.op = OpCode::NoOp;
    node.controlInputs = std::move(nodes);
    const std::string name = arguments.text("name");
    return addNode(std::move(node), arguments.range(), name.empty() ? "group_deps" : name);
}

/// A minimize() as it is; of another op, all updates that it runs, with the loss and the rate of those
/// minimize() among them.
std::optional<std::size_t> ModelBuilder::trainOpOf(const Value& value)
{
    if (value.kind == Kind::TrainOp)
        return value.index;
    if (value.kind != Kind::Node)
        return std::nullopt;
    std::vector<NodeId> open{value.node};
    std::set<NodeId> seen{value.node};
    while (!open.empty()) {
        const Node& node = m_model->graph.node(open.back());
        open.pop_back();
        for (const std::vector<NodeId>* const inputs : {&node.inputs, &node.controlInputs}) {
            for (const NodeId input : *inputs) {
                if (seen.insert(input).second)
                    open.push_back(input);
            }
        }
    }
    TrainOp op;
    op.name = m_model->graph.node(value.node).name;
    for (const NodeId id : seen) {
        if (backend::changesVariable(m_model->graph.node(id).op))
            op.updates.push_back(id);
    }
    bool isStep = false;
    for (const TrainOp& part : m_model->trainOps) {
        const auto isRun = [&](NodeId id) { return seen.count(id) != 0; };
        if (!std::all_of(part.updates.begin(), part.updates.end(), isRun))
            continue;
        if (!isStep) {
            op.optimizer = part.optimizer;
            op.loss = part.loss;
            op.learningRate = part.learningRate;
            op.initialLearningRate = part.initialLearningRate;
        } else if (part.learningRate != op.learningRate) {
            op.otherRates.push_back(part.learningRate);
        }
        isStep = true;
        op.gradients.insert(op.gradients.end(), part.gradients.begin(), part.gradients.end());
        op.variables.insert(op.variables.end(), part.variables.begin(), part.variables.end());
    }
    if (!isStep)
        return std::nullopt;
    m_model->trainOps.push_back(std::move(op));
    return m_model->trainOps.size() - 1;
}

} // namespace wr::graph
