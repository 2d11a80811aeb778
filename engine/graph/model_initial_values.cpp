// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes and constants as such, and placeholders. What gives variables their first values stands in
// model_constants, model_random and model_initializers.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addValueFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.push_back({"tf.placeholder", &B::callPlaceholder, {"dtype", "shape", "name"}});
    table.push_back({"tf.placeholder_with_default", &B::callDefaultPlaceholder, {"input", "shape", "name"}});
    addConstantFunctions(table);
    addRandomFunctions(table);
    addInitializerFunctions(table);
    addPythonFunctions(table);
}

Value ModelBuilder::addNode(Node node, const script::TextRange& range, const std::string& name)
{
    for (const NodeId input : node.inputs) {
        if (input == kNoNode)
            return Value::error();
    }
    node.name = scoped(name.empty() ? std::string(backend::opName(node.op)) : name);
    node.device = currentDeviceText();
    node.source = range;
    setControls(node);
    const Result<NodeId> added = m_model->graph.add(std::move(node));
    if (!added)
        return error(range, added.error().message(),
                     added.error().message().find("of one type") != std::string::npos ? "TypeError"
                                                                                      : "ValueError");
    countOps(1);
    return Value::ofNode(*added);
}

Value ModelBuilder::addConstant(Tensor value, const script::TextRange& range, const std::string& name)
{
    Node node;
    node.op = OpCode::Const;
    node.dtype = value.dtype();
    node.shape = value.shape();
    node.constant = std::move(value);
    return addNode(std::move(node), range, name);
}

/// An Identity under a name of its own: a feed of it wins over its input.
Value ModelBuilder::callDefaultPlaceholder(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input"), arguments.rangeOf("input"), DType::Float32);
    const std::optional<Shape> shape = toShape(arguments.required("shape"), arguments.rangeOf("shape"), true);
    if (input == kNoNode || !shape)
        return Value::error();
    if (!m_model->graph.node(input).shape.isCompatibleWith(*shape))
        return error(arguments.rangeOf("shape"),
                     "the default has the shape " + m_model->graph.node(input).shape.toString() + ", not " +
                         shape->toString(),
                     "ValueError");
    Node node;
    node.op = backend::OpCode::Identity;
    node.inputs = {input};
    const std::string name = arguments.text("name");
    return addNode(std::move(node), arguments.range(), name.empty() ? "PlaceholderWithDefault" : name);
}

Value ModelBuilder::callPlaceholder(CallArguments& arguments)
{
    // tf.placeholder takes the type first.
    const script::Argument* const first = script::findArgument(arguments.call(), "dtype", 0);
    const script::Argument* const second = script::findArgument(arguments.call(), "shape", 1);
    if (first == nullptr)
        return error(arguments.range(), "tf.placeholder needs an element type, as in tf.float32");
    const std::optional<DType> dtype = toType(evaluate(*first->value), first->range);
    if (!dtype)
        return Value::error();
    if (second == nullptr)
        return error(arguments.range(), "tf.placeholder needs a shape here, as in [None, 784]");
    const std::optional<Shape> shape = toShape(evaluate(*second->value), second->range, true);
    if (!shape)
        return Value::error();
    Node node;
    node.op = OpCode::Placeholder;
    node.dtype = *dtype;
    node.shape = *shape;
    const std::string name = arguments.has("name") ? arguments.text("name") : m_target;
    const Value added = addNode(std::move(node), arguments.range(), name);
    if (!added.isError())
        m_model->placeholders.push_back({m_model->graph.node(added.node).name, added.node});
    return added;
}

Value ModelBuilder::callSeed(CallArguments& arguments)
{
    const std::optional<std::int64_t> seed = toInteger(arguments.required("seed"), arguments.rangeOf("seed"));
    if (seed) {
        m_model->graphSeed = static_cast<std::uint64_t>(*seed);
        m_model->hasGraphSeed = true;
    }
    return Value::of(Kind::None);
}

} // namespace wr::graph
