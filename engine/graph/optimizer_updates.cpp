// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/optimizer_updates.h"

#include "engine/graph/name_pattern.h"

namespace wr::graph {

using backend::OpCode;

UpdateBuilder::UpdateBuilder(ModelBuilder& builder, OptimizerSettings& settings, DType dtype)
    : m_builder(builder), m_settings(settings), m_dtype(dtype)
{
}

bool UpdateBuilder::makeScalars(TrainOp& op)
{
    const Value& rate = m_settings.learningRate;
    m_learningRate = rate.isTensor() ? rate.node : scalar("learning_rate", rate.number);
    op.learningRate = m_learningRate;
    for (std::size_t i = 0; i < m_settings.hyper.size(); ++i)
        m_hyper.push_back(scalar(std::string(m_settings.form->hyper[i].name), m_settings.hyper[i]));
    if (m_failed)
        return false;
    const Node& node = m_builder.m_model->graph.node(m_learningRate);
    op.initialLearningRate = !rate.isTensor()           ? rate.number
                             : node.op == OpCode::Const ? node.constant.valueAt(0)
                                                        : 0.0;
    const bool hasPowers = m_settings.form->inputs.find('p') != std::string_view::npos;
    for (std::size_t i = 0; hasPowers && i < 2; ++i) {
        const std::string name = i == 0 ? "beta1_power" : "beta2_power";
        if (m_settings.powers.size() <= i)
            m_settings.powers.push_back(makeSlot(name, Shape{}, m_settings.hyper[i], name, m_dtype));
        if (m_failed)
            return false;
        m_powers.push_back(m_builder.m_model->variables[m_settings.powers[i]].node);
    }
    return !m_failed;
}

void UpdateBuilder::apply(std::size_t variable, NodeId gradient, TrainOp& op)
{
    const Variable target = m_builder.m_model->variables[variable];
    Node node;
    node.op = m_settings.form->op;
    node.colocateWith = target.node;
    node.inputs = {target.node};
    node.attributes.scalars[0] = m_settings.usesNesterov ? 1.0 : 0.0;
    // Slots first, as they are made, whatever their order among the inputs.
    std::vector<NodeId> ownSlots;
    for (std::size_t slot = 0; slot < m_settings.form->slotKinds.size() && !m_failed; ++slot)
        ownSlots.push_back(slotOf(variable, slot));
    if (m_failed)
        return;
    std::size_t power = 0;
    std::size_t hyper = 0;
    for (const char input : m_settings.form->inputs) {
        if (input == 'g')
            node.inputs.push_back(gradient);
        else if (input == 'r')
            node.inputs.push_back(inType(rateOf(target), target.dtype));
        else if (input == 'p')
            node.inputs.push_back(inType(m_powers[power++], target.dtype));
        else if (input == 'h')
            node.inputs.push_back(inType(hyperOf(hyper++, variable), target.dtype));
        else
            node.inputs.push_back(ownSlots[static_cast<std::size_t>(input - '0')]);
    }
    if (m_failed)
        return;
    const std::string name = "update_" + target.name + "/" + std::string(backend::opName(node.op));
    addUpdate(std::move(node), name, target.device, op);
}

void UpdateBuilder::finish(TrainOp& op)
{
    for (std::size_t i = 0; i < m_powers.size(); ++i) {
        Node product;
        product.op = OpCode::Mul;
        product.inputs = {m_powers[i], inType(m_hyper[i], m_builder.m_model->graph.node(m_powers[i]).dtype)};
        const Value value = m_builder.addNode(std::move(product), m_settings.range, m_settings.name + "/mul");
        Node node;
        node.op = OpCode::Assign;
        node.inputs = {m_powers[i], value.node};
        node.colocateWith = m_powers[i];
        addUpdate(std::move(node), m_settings.name + "/Assign", {}, op);
    }
}

void UpdateBuilder::addUpdate(Node node, const std::string& name, const std::string& device, TrainOp& op)
{
    const Value added = m_builder.addNode(std::move(node), m_settings.range, name);
    if (added.isError()) {
        m_failed = true;
        return;
    }
    m_builder.m_model->graph.node(added.node).device = device;
    op.updates.push_back(added.node);
}

NodeId UpdateBuilder::scalar(const std::string& name, double value, DType dtype)
{
    Tensor tensor =
        dtype == DType::Float64 ? Tensor::scalar(value) : Tensor::scalar(static_cast<float>(value));
    const Value added =
        m_builder.addConstant(std::move(tensor), m_settings.range, m_settings.name + "/" + name);
    m_failed = m_failed || added.isError();
    return added.node;
}

NodeId UpdateBuilder::inType(NodeId id, DType dtype)
{
    if (m_failed || m_builder.m_model->graph.node(id).dtype == dtype)
        return id;
    Node cast;
    cast.op = OpCode::Cast;
    cast.inputs = {id};
    cast.dtype = dtype;
    const Value added = m_builder.addNode(std::move(cast), m_settings.range, m_settings.name + "/Cast");
    m_failed = m_failed || added.isError();
    return added.node;
}

NodeId UpdateBuilder::rateOf(const Variable& variable)
{
    for (RateFactor& factor : m_settings.factors) {
        if (!matchesPattern(factor.pattern, variable.name))
            continue;
        factor.hasMatched = true;
        const auto known = m_scaledRates.find(factor.factor);
        if (known != m_scaledRates.end())
            return known->second;
        Node product;
        product.op = OpCode::Mul;
        product.inputs = {m_learningRate, scalar("rate_factor", factor.factor,
                                                 m_builder.m_model->graph.node(m_learningRate).dtype)};
        const Value added =
            m_builder.addNode(std::move(product), m_settings.range, m_settings.name + "/scaled_rate");
        m_failed = m_failed || added.isError();
        m_scaledRates.emplace(factor.factor, added.node);
        return added.node;
    }
    return m_learningRate;
}

NodeId UpdateBuilder::hyperOf(std::size_t hyper, std::size_t variable)
{
    const bool spares = m_settings.decayed && m_settings.decayed->count(variable) == 0 &&
                        m_settings.form->hyper[hyper].name == "weight_decay";
    return spares ? scalar("no_decay", 0.0) : m_hyper[hyper];
}

NodeId UpdateBuilder::slotOf(std::size_t variable, std::size_t slot)
{
    const auto known = m_settings.slotVariables.find({variable, slot});
    if (known != m_settings.slotVariables.end())
        return m_builder.m_model->variables[known->second].node;
    const Variable target = m_builder.m_model->variables[variable];
    const std::size_t index = makeSlot(target.name + "/" + m_settings.slotNames[slot], target.shape,
                                       m_settings.slotStarts[slot], target.name, target.dtype);
    if (m_failed)
        return kNoNode;
    m_settings.slotVariables.emplace(std::pair{variable, slot}, index);
    return m_builder.m_model->variables[index].node;
}

std::size_t UpdateBuilder::makeSlot(std::string name, Shape shape, double start, const std::string& of,
                                    DType dtype)
{
    // What a slot begins with waits for nothing that the step runs.
    const auto controls = std::exchange(m_builder.m_controls, {});
    Node fill;
    fill.op = OpCode::Fill;
    fill.inputs = {scalar("initial", start, dtype)};
    fill.dtype = dtype;
    fill.shape = shape;
    const Value initial = m_builder.addNode(std::move(fill), m_settings.range, name + "/Initializer");
    m_builder.m_controls = controls;
    Variable variable;
    variable.name = name;
    for (int number = 1; m_builder.m_model->findVariable(variable.name) != nullptr; ++number)
        variable.name = name + "_" + std::to_string(number); // the next slot, as TensorFlow numbers it
    variable.dtype = dtype;
    variable.shape = std::move(shape);
    variable.trainable = false;
    variable.slotOf = of;
    variable.initializer = start == 0.0 ? "zeros" : "constant";
    variable.source.editable = false;
    if (const Variable* const home = m_builder.m_model->findVariable(of))
        variable.device = home->device;
    const std::size_t index = m_builder.addVariable(std::move(variable), initial.node, m_settings.range);
    m_failed = m_failed || initial.isError() || index >= m_builder.m_model->variables.size();
    return index;
}

} // namespace wr::graph
