// SPDX-License-Identifier: GPL-3.0-or-later
// The methods of optimizers: minimize, compute_gradients, apply_gradients, get_slot.
#include "engine/graph/optimizer_updates.h"
#include "engine/graph/training_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

std::optional<Value> TrainingBuilder::evaluateOptimizerMethod(const Value& optimizer, const Expr& call)
{
    const std::string& method = call.children.front()->text;
    const auto arguments = [&](const std::vector<std::string_view>& parameters) {
        return CallArguments(*this, call, parameters, method, OpCode::NoOp);
    };
    if (method == "minimize") {
        CallArguments taken =
            arguments({"loss", "global_step", "var_list", "gate_gradients", "aggregation_method",
                       "colocate_gradients_with_ops", "name", "grad_loss", "decay_var_list"});
        doubtCount("minimize()");
        return taken.isValid() ? callMinimize(taken, optimizer) : Value::error();
    }
    if (method == "compute_gradients") {
        CallArguments taken = arguments({"loss", "var_list", "gate_gradients", "aggregation_method",
                                         "colocate_gradients_with_ops", "grad_loss"});
        doubtCount("compute_gradients()");
        return taken.isValid() ? callComputeGradients(taken, optimizer) : Value::error();
    }
    if (method == "apply_gradients") {
        CallArguments taken = arguments({"grads_and_vars", "global_step", "name", "decay_var_list"});
        doubtCount("apply_gradients()");
        return taken.isValid() ? callApplyGradients(taken, optimizer) : Value::error();
    }
    if (method == "get_slot") {
        CallArguments taken = arguments({"var", "name"});
        return taken.isValid() ? callGetSlot(taken, optimizer) : Value::error();
    }
    const OptimizerSettings& settings = m_optimizers[optimizer.index];
    Value list = Value::of(Kind::List);
    if (method == "get_slot_names") {
        for (const std::string& slot : settings.form->slotKinds)
            list.items.push_back(Value::ofString(slot));
        return list;
    }
    if (method == "get_name")
        return Value::ofString(settings.name);
    if (method == "variables") {
        std::vector<std::size_t> all = settings.powers;
        for (const auto& [key, index] : settings.slotVariables)
            all.push_back(index);
        std::sort(all.begin(), all.end());
        for (const std::size_t index : all)
            list.items.push_back(Value::ofIndex(Kind::Variable, index, m_model->variables[index].node));
        return list;
    }
    return std::nullopt;
}

Value TrainingBuilder::callGetSlot(CallArguments& arguments, const Value& optimizer)
{
    const Value variable = arguments.required("var");
    const std::optional<std::string> name = toText(arguments.required("name"), arguments.rangeOf("name"));
    if (variable.isError() || !name)
        return Value::error();
    if (variable.kind != Kind::Variable)
        return error(arguments.rangeOf("var"), "get_slot takes a variable");
    const OptimizerSettings& settings = m_optimizers[optimizer.index];
    const auto& kinds = settings.form->slotKinds;
    const auto slot = static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), *name) - kinds.begin());
    const auto found = settings.slotVariables.find({variable.index, slot});
    if (found == settings.slotVariables.end())
        return Value::of(Kind::None);
    return Value::ofIndex(Kind::Variable, found->second, m_model->variables[found->second].node);
}

Value TrainingBuilder::callMinimize(CallArguments& arguments, const Value& optimizer)
{
    const NodeId loss = toNode(arguments.required("loss"), arguments.rangeOf("loss"));
    if (loss == kNoNode)
        return Value::error();
    const std::optional<std::vector<GradientPair>> pairs = gradientsOf(arguments, loss);
    if (!pairs)
        return Value::error();
    m_optimizers[optimizer.index].loss = loss;
    return applyGradients(arguments, optimizer.index, *pairs, loss);
}

Value TrainingBuilder::callComputeGradients(CallArguments& arguments, const Value& optimizer)
{
    const NodeId loss = toNode(arguments.required("loss"), arguments.rangeOf("loss"));
    if (loss == kNoNode)
        return Value::error();
    const std::optional<std::vector<GradientPair>> pairs = gradientsOf(arguments, loss);
    if (!pairs)
        return Value::error();
    m_optimizers[optimizer.index].loss = loss;
    Value list = Value::of(Kind::List);
    for (const GradientPair& pair : *pairs) {
        Value item = Value::of(Kind::List);
        item.items = {pair.gradient == kNoNode ? Value::of(Kind::None) : Value::ofNode(pair.gradient),
                      Value::ofIndex(Kind::Variable, pair.variable, m_model->variables[pair.variable].node)};
        list.items.push_back(std::move(item));
    }
    return list;
}

Value TrainingBuilder::callApplyGradients(CallArguments& arguments, const Value& optimizer)
{
    const Value given = arguments.required("grads_and_vars");
    const script::TextRange range = arguments.rangeOf("grads_and_vars");
    if (given.isError())
        return given;
    if (given.kind != Kind::List)
        return error(range, "grads_and_vars is a list of (gradient, variable) pairs", "TypeError");
    if (given.items.empty())
        return error(range, "No variables provided.", "ValueError");
    std::vector<GradientPair> pairs;
    for (const Value& item : given.items) {
        if (item.isError())
            return item;
        if (item.kind != Kind::List || item.items.size() != 2)
            return error(range, "grads_and_vars is a list of (gradient, variable) pairs", "TypeError");
        const Value& gradient = item.items[0];
        const Value& variable = item.items[1];
        if (gradient.isError() || variable.isError())
            return Value::error();
        if (variable.kind != Kind::Variable)
            return error(range, "the second of each pair must be a variable", "TypeError");
        const std::string& name = m_model->variables[variable.index].name;
        if (isIncomplete(variable, range))
            return Value::error();
        if (gradient.kind == Kind::None) {
            pairs.push_back({kNoNode, variable.index});
            continue;
        }
        if (gradient.kind != Kind::Node && gradient.kind != Kind::Variable)
            return error(range,
                         "Gradient must be a Tensor, IndexedSlices, or None: that of \"" + name +
                             "\" is none of them",
                         "TypeError");
        const NodeId node = toNode(gradient, range);
        if (node == kNoNode)
            return Value::error();
        pairs.push_back({node, variable.index});
    }
    const NodeId loss = m_optimizers[optimizer.index].loss;
    return applyGradients(arguments, optimizer.index, pairs, loss == kNoNode ? m_lossOfGradients : loss);
}

Value TrainingBuilder::applyGradients(CallArguments& arguments, std::size_t optimizer,
                                      const std::vector<GradientPair>& pairs, NodeId loss)
{
    const std::string name = arguments.text("name");
    const Value decayed = arguments.value("decay_var_list");
    const Value step = arguments.value("global_step");
    if (decayed.isError() || step.isError())
        return Value::error();
    if (step.kind != Kind::None && step.kind != Kind::Variable)
        return error(arguments.rangeOf("global_step"), "global_step must be a variable", "TypeError");
    OptimizerSettings& settings = m_optimizers[optimizer]; // nothing is evaluated from here on
    settings.decayed.reset();
    if (decayed.kind != Kind::None)
        settings.decayed.emplace();
    for (const Value& item : decayed.kind == Kind::List ? decayed.items : std::vector<Value>{}) {
        if (item.kind != Kind::Variable)
            return error(arguments.rangeOf("decay_var_list"), "decay_var_list takes variables", "TypeError");
        settings.decayed->insert(item.index);
    }
    TrainOp op;
    op.name = !m_target.empty() ? m_target : name;
    if (op.name.empty())
        op.name = settings.name;
    op.optimizer = settings.form->op;
    op.loss = loss;
    DType dtype = loss == kNoNode ? DType::Invalid : m_model->graph.node(loss).dtype;
    for (const GradientPair& pair : pairs) {
        if (dtype == DType::Invalid && pair.gradient != kNoNode)
            dtype = m_model->graph.node(pair.gradient).dtype;
    }
    UpdateBuilder updates(*this, settings, isFloating(dtype) ? dtype : DType::Float32);
    if (!updates.makeScalars(op))
        return Value::error();
    for (const GradientPair& pair : pairs) {
        const std::string variable = m_model->variables[pair.variable].name;
        if (pair.gradient == kNoNode) {
            warn(arguments.range(), "the loss does not depend on \"" + variable + "\"; it is not trained");
            continue;
        }
        op.gradients.push_back(pair.gradient);
        op.variables.push_back(variable);
        updates.apply(pair.variable, pair.gradient, op);
    }
    if (op.variables.empty())
        return error(arguments.range(),
                     "No gradients provided for any variable: the loss depends on none that is trainable",
                     "ValueError");
    updates.finish(op);
    if (step.kind == Kind::Variable && !isIncomplete(step, arguments.rangeOf("global_step"))) {
        Node node;
        node.op = OpCode::AssignAdd;
        node.inputs = {step.node,
                       toNode(Value::ofInteger(1), arguments.range(), m_model->graph.node(step.node).dtype)};
        node.colocateWith = step.node;
        updates.addUpdate(std::move(node), settings.name, m_model->variables[step.index].device, op);
    }
    for (RateFactor& factor : settings.factors) {
        if (!std::exchange(factor.hasMatched, true))
            warn(factor.source, "\"" + factor.pattern + "\" is the name of no variable that is trained here");
    }
    if (updates.failed())
        return Value::error();
    m_model->trainOps.push_back(std::move(op));
    return Value::ofIndex(Kind::TrainOp, m_model->trainOps.size() - 1);
}

} // namespace wr::graph
