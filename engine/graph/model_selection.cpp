// SPDX-License-Identifier: GPL-3.0-or-later
// Functions of scripts that gather rows, choose between values and ask for shapes.
#include "engine/graph/op_builder.h"

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void OpBuilder::addSelectionFunctions(std::vector<Known>& table)
{
    using B = OpBuilder;
    table.insert(
        table.end(),
        {{"tf.gather", row(&B::callGather), {"params", "indices", "validate_indices", "name", "axis"}},
         {"tf.nn.embedding_lookup",
          row(&B::callGather),
          {"params", "indices", "partition_strategy", "name", "validate_indices", "max_norm", "ids"}},
         {"tf.one_hot",
          row(&B::callOneHot),
          {"indices", "depth", "on_value", "off_value", "axis", "dtype", "name"}},
         {"tf.shape", row(&B::callShape), {"input", "name", "out_type"}},
         {"tf.rank", row(&B::callShape), {"input", "name"}},
         {"tf.size", row(&B::callShape), {"input", "name", "out_type"}},
         {"tf.where", row(&B::callSelect), {"condition", "x", "y", "name"}},
         {"tf.select", row(&B::callSelect), {"condition", "x", "y", "name", "t", "e"}},
         {"tf.nn.top_k", row(&B::callTopK), {"input", "k", "sorted", "name"}},
         {"tf.add_n", row(&B::callAddN), {"inputs", "name"}}});
}

Value OpBuilder::callGather(CallArguments& arguments)
{
    const Value params = arguments.required("params");
    const char* const parameter = arguments.has("ids") ? "ids" : "indices";
    const NodeId indices = toNode(arguments.required(parameter), arguments.rangeOf(parameter), DType::Int32);
    const NodeId rows = params.kind == Kind::List && params.items.size() == 1
                            ? toNode(params.items.front(), arguments.rangeOf("params"))
                            : toNode(params, arguments.rangeOf("params"));
    if (rows == kNoNode || indices == kNoNode)
        return Value::error();
    if (arguments.function() == "tf.gather") {
        const std::optional<std::int64_t> axis = arguments.integer("axis", 0);
        if (!axis || *axis != 0)
            return axis ? error(arguments.rangeOf("axis"), "only axis=0 is understood; transpose the params")
                        : Value::error();
    }
    return addOp(OpCode::Gather, {rows, indices}, arguments.range(), arguments.text("name"));
}

Value OpBuilder::callOneHot(CallArguments& arguments)
{
    const NodeId indices = toNode(arguments.required("indices"), arguments.rangeOf("indices"), DType::Int32);
    const std::optional<std::int64_t> depth =
        toInteger(arguments.required("depth"), arguments.rangeOf("depth"));
    const std::optional<double> on = arguments.number("on_value", 1.0);
    const std::optional<double> off = arguments.number("off_value", 0.0);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Float32);
    const std::optional<std::int64_t> axis = arguments.integer("axis", -1);
    if (indices == kNoNode || !depth || !on || !off || !dtype || !axis)
        return Value::error();
    if (*axis != -1 && *axis != m_model->graph.node(indices).shape.rank())
        return error(arguments.rangeOf("axis"), "only the last axis is understood, axis=-1");
    if (*depth < 0 || *depth > (1 << 24))
        return error(arguments.rangeOf("depth"), "depth must be from 0 to 16,777,216");
    backend::OpAttributes attributes;
    attributes.axisCount = 1;
    attributes.axes[0] = static_cast<std::int32_t>(*depth);
    attributes.scalars[0] = *on;
    attributes.scalars[1] = *off;
    return addOp(OpCode::OneHot, {indices}, arguments.range(), arguments.text("name"), attributes, {},
                 *dtype);
}

/// Shapes are known before a step, but for the batch: that entry stands for "whatever comes", as None does.
Value OpBuilder::callShape(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input"), arguments.rangeOf("input"));
    if (input == kNoNode)
        return Value::error();
    const Shape shape = m_model->graph.node(input).shape;
    if (arguments.function() == "tf.rank")
        return Value::ofInteger(shape.rank());
    if (arguments.function() == "tf.size") {
        const std::optional<std::int64_t> count = shape.elementCount();
        return count && shape.isFullyDefined()
                   ? Value::ofInteger(*count)
                   : error(arguments.range(), "the size of this tensor is not known before a step");
    }
    Value list = Value::of(Kind::List);
    for (const std::int64_t dim : shape.dims())
        list.items.push_back(dim < 0 ? Value::of(Kind::None) : Value::ofInteger(dim));
    return list;
}

Value OpBuilder::callSelect(CallArguments& arguments)
{
    const char* const first = arguments.has("t") ? "t" : "x";
    const char* const second = arguments.has("e") ? "e" : "y";
    const NodeId condition = toNode(arguments.required("condition"), arguments.rangeOf("condition"));
    if (!arguments.has(first) || !arguments.has(second))
        return error(arguments.range(),
                     "the places where a condition holds have no fixed number: give x and y too");
    const Value x = arguments.value(first);
    const Value y = arguments.value(second);
    const auto typeOf = [&](const Value& value) {
        return value.isTensor() ? m_model->graph.node(value.node).dtype : DType::Invalid;
    };
    return addOp(OpCode::Select,
                 {condition, toNode(x, arguments.rangeOf(first), typeOf(y)),
                  toNode(y, arguments.rangeOf(second), typeOf(x))},
                 arguments.range(), arguments.text("name"));
}

/// (values, indices), as a list of two.
Value OpBuilder::callTopK(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input"), arguments.rangeOf("input"));
    const std::optional<std::int64_t> k = arguments.integer("k", 1);
    if (input == kNoNode || !k)
        return Value::error();
    constexpr std::int64_t kMost = 65536;
    if (*k < 0 || *k > kMost)
        return error(arguments.rangeOf("k"), "Need k >= 0 and at most 65,536, got " + std::to_string(*k),
                     "ValueError");
    backend::OpAttributes attributes;
    attributes.axisCount = 1;
    attributes.axes[0] = static_cast<std::int32_t>(*k);
    Value both = Value::of(Kind::List);
    both.items.push_back(addOp(OpCode::TopK, {input}, arguments.range(), arguments.text("name"), attributes));
    if (both.items.front().isError())
        return Value::error();
    both.items.push_back(addOp(OpCode::TopKIndices, {input}, arguments.range(), {}, attributes));
    return both.items.back().isError() ? Value::error() : both;
}

Value OpBuilder::callAddN(CallArguments& arguments)
{
    const std::vector<NodeId> inputs = tensorsOf(arguments, "inputs");
    if (inputs.empty())
        return Value::error();
    Value sum = Value::ofNode(inputs.front());
    for (std::size_t i = 1; i < inputs.size() && !sum.isError(); ++i)
        sum = addOp(OpCode::Add, {sum.node, inputs[i]}, arguments.range(), arguments.text("name"));
    return sum;
}

} // namespace wr::graph
