// SPDX-License-Identifier: GPL-3.0-or-later
// tf.train.ExponentialMovingAverage: averages of variables over the steps, kept in variables beside them.
#include "engine/graph/node_writer.h"
#include "engine/graph/training_builder.h"

#include <algorithm>
#include <set>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void TrainingBuilder::addAverageFunctions(std::vector<Known>& table)
{
    table.push_back({"tf.train.ExponentialMovingAverage",
                     row(&TrainingBuilder::callAverage),
                     {"decay", "num_updates", "zero_debias", "name"}});
}

Value TrainingBuilder::callAverage(CallArguments& arguments)
{
    MovingAverage average;
    const std::optional<double> decay = toNumber(arguments.required("decay"), arguments.rangeOf("decay"));
    const Value updates = arguments.value("num_updates");
    if (!decay || updates.isError())
        return Value::error();
    if (!(*decay >= 0.0 && *decay <= 1.0))
        return error(arguments.rangeOf("decay"), "decay must lie between 0 and 1");
    if (updates.kind != Kind::None) {
        average.updates = toNode(updates, arguments.rangeOf("num_updates"));
        if (average.updates == kNoNode)
            return Value::error();
        if (m_model->graph.node(average.updates).shape.rank() != 0)
            return error(arguments.rangeOf("num_updates"), "num_updates must be a scalar");
    }
    average.decay = *decay;
    average.name = arguments.text("name");
    if (average.name.empty())
        average.name = "ExponentialMovingAverage";
    average.range = arguments.range();
    m_averages.push_back(std::move(average));
    return Value::ofIndex(Kind::Average, m_averages.size() - 1);
}

std::optional<Value> TrainingBuilder::evaluateAverageMethod(const Value& object, const Expr& call)
{
    const std::string& method = call.children.front()->text;
    const bool isKnown = method == "apply" || method == "average" || method == "average_name" ||
                         method == "variables_to_restore";
    if (!isKnown)
        return std::nullopt;
    const std::string_view parameter = method == "apply"                  ? "var_list"
                                       : method == "variables_to_restore" ? "moving_avg_variables"
                                                                          : "var";
    CallArguments arguments(*this, call, {parameter}, method, OpCode::NoOp);
    if (!arguments.isValid())
        return Value::error();
    if (method == "apply")
        return applyAverage(arguments, object.index);
    if (method == "variables_to_restore")
        return variablesToRestore(arguments, object.index);
    const Value variable = arguments.required("var");
    if (variable.isError())
        return variable;
    if (variable.kind != Kind::Variable)
        return error(arguments.rangeOf("var"), "only variables have a moving average here", "TypeError");
    const MovingAverage& average = m_averages[object.index];
    const auto found = average.shadows.find(variable.index);
    if (method == "average")
        return found == average.shadows.end()
                   ? Value::of(Kind::None)
                   : Value::ofIndex(Kind::Variable, found->second, m_model->variables[found->second].node);
    return Value::ofString(found == average.shadows.end()
                               ? m_model->variables[variable.index].name + "/" + average.name
                               : m_model->variables[found->second].name);
}

/// The average begins with the variable's initial value.
std::optional<std::size_t> TrainingBuilder::addShadow(MovingAverage& average, const Value& variable,
                                                      const script::TextRange& range)
{
    const Variable own = m_model->variables[variable.index];
    const Value initial = initializedValue(variable, range);
    if (initial.isError())
        return std::nullopt;
    const std::string name = own.name + "/" + average.name;
    Variable shadow;
    shadow.name = name;
    for (int number = 1; m_model->findVariable(shadow.name) != nullptr; ++number)
        shadow.name = name + "_" + std::to_string(number);
    shadow.dtype = own.dtype;
    shadow.shape = own.shape;
    shadow.trainable = false;
    shadow.slotOf = own.name;
    shadow.device = own.device;
    shadow.initializer = own.name + ".initialized_value()";
    shadow.source.editable = false;
    const std::size_t index = addVariable(std::move(shadow), initial.node, range);
    if (index >= m_model->variables.size())
        return std::nullopt;
    average.shadows.emplace(variable.index, index);
    std::vector<Value>& list = m_collections["moving_average_variables"];
    if (std::none_of(list.begin(), list.end(), [&](const Value& item) { return item.node == own.node; }))
        list.push_back(variable);
    return index;
}

/// average −= (1 − decay) · (average − variable). With num_updates, the decay is at most
/// (1 + n) / (10 + n), so that early averages move faster.
Value TrainingBuilder::applyAverage(CallArguments& arguments, std::size_t index)
{
    const Value given = arguments.value("var_list");
    const script::TextRange range = arguments.range();
    if (given.isError())
        return given;
    std::vector<Value> list = given.kind == Kind::None   ? m_collections["trainable_variables"]
                              : given.kind == Kind::List ? given.items
                                                         : std::vector<Value>{given};
    MovingAverage& average = m_averages[index];
    Node group;
    group.op = OpCode::NoOp;
    doubtCount("a moving average");
    for (std::size_t at = 0; at < list.size(); ++at) {
        const Value variable = list[at];
        if (variable.kind == Kind::Partitioned) {
            list.insert(list.end(), variable.items.begin(), variable.items.end());
            continue;
        }
        if (variable.kind != Kind::Variable)
            return variable.isError() ? variable
                                      : error(arguments.rangeOf("var_list"),
                                              "only variables have a moving average here", "TypeError");
        if (isIncomplete(variable, arguments.rangeOf("var_list")))
            return Value::error();
        const Variable own = m_model->variables[variable.index];
        if (!isFloating(own.dtype))
            return error(arguments.rangeOf("var_list"),
                         "The variables must be half, float, or double: " + own.name, "TypeError");
        if (average.shadows.count(variable.index) != 0)
            return error(arguments.rangeOf("var_list"), "Moving average already computed for: " + own.name,
                         "ValueError");
        const std::optional<std::size_t> shadow = addShadow(average, variable, range);
        if (!shadow)
            return Value::error();
        const NodeId target = m_model->variables[*shadow].node;
        NodeWriter write(*this, range, average.name, own.dtype);
        const std::size_t before = m_model->graph.nodes().size();
        NodeId share = write.number(1.0 - average.decay);
        if (average.updates != kNoNode) {
            const NodeId count = write.inType(average.updates);
            const NodeId early =
                write.over(write.plus(write.number(1.0), count), write.plus(write.number(10.0), count));
            share = write.minus(write.number(1.0),
                                write.add(OpCode::Minimum, {write.number(average.decay), early}));
        }
        Node node;
        node.op = OpCode::AssignSub;
        node.inputs = {target, write.times(write.minus(target, own.node), share)};
        node.colocateWith = target;
        const NodeId update = write.add(std::move(node), average.name + "/AssignMovingAvg");
        if (write.failed())
            return Value::error();
        // Where the variable lives; a copy of it would be of before the step.
        for (std::size_t id = before; id < m_model->graph.nodes().size(); ++id)
            m_model->graph.node(static_cast<NodeId>(id)).device = own.device;
        group.controlInputs.push_back(update);
    }
    return addNode(std::move(group), range, average.name);
}

/// {"w/ExponentialMovingAverage": w, …} for what is averaged, all others under their own names.
Value TrainingBuilder::variablesToRestore(CallArguments& arguments, std::size_t index)
{
    const Value given = arguments.value("moving_avg_variables");
    const MovingAverage& average = m_averages[index];
    if (given.isError())
        return given;
    std::vector<Value> averaged = given.items;
    if (given.kind == Kind::None) {
        averaged = m_collections["trainable_variables"];
        const std::vector<Value>& more = m_collections["moving_average_variables"];
        averaged.insert(averaged.end(), more.begin(), more.end());
    } else if (given.kind != Kind::List) {
        return error(arguments.rangeOf("moving_avg_variables"), "a list of variables is expected here");
    }
    Value dict = Value::of(Kind::Dict);
    std::set<std::size_t> seen;
    const auto add = [&](const Value& variable, bool isAveraged) {
        if (variable.kind != Kind::Variable || !seen.insert(variable.index).second)
            return;
        const auto shadow = average.shadows.find(variable.index);
        const std::string& own = m_model->variables[variable.index].name;
        dict.items.push_back(Value::ofString(!isAveraged ? own
                                             : shadow == average.shadows.end()
                                                 ? own + "/" + average.name
                                                 : m_model->variables[shadow->second].name));
        dict.items.push_back(variable);
    };
    for (const Value& variable : averaged)
        add(variable, true);
    for (const auto& [variable, shadow] : average.shadows)
        seen.insert(shadow); // it is what the variable is restored from
    for (const Value& variable : m_collections["variables"])
        add(variable, false);
    return dict;
}

} // namespace wr::graph
