// SPDX-License-Identifier: GPL-3.0-or-later
// Functions of scripts that rearrange, join, cut, gather and select. Several are made of simpler ops: a stack
// is a Concat of reshaped parts, a split some Slices.
#include "engine/graph/op_builder.h"

#include <limits>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void OpBuilder::addFunctions(std::vector<Known>& table)
{
    for (const auto add : {addArrayFunctions, addSelectionFunctions, addLossFunctions, addWindowFunctions})
        add(table);
}

void OpBuilder::addArrayFunctions(std::vector<Known>& table)
{
    using B = OpBuilder;
    table.insert(table.end(),
                 {{"tf.expand_dims", row(&B::callExpandDims), {"input", "axis", "name", "dim"}},
                  {"tf.squeeze", row(&B::callSqueeze), {"input", "axis", "name", "squeeze_dims"}},
                  {"tf.stack", row(&B::callStack), {"values", "axis", "name"}},
                  {"tf.pack", row(&B::callStack), {"values", "axis", "name"}},
                  {"tf.unstack", row(&B::callUnstack), {"value", "num", "axis", "name"}},
                  {"tf.unpack", row(&B::callUnstack), {"value", "num", "axis", "name"}},
                  {"tf.concat", row(&B::callConcat), {"values", "axis", "name", "concat_dim"}},
                  {"tf.split", row(&B::callSplit), {"value", "num_or_size_splits", "axis", "num", "name"}},
                  {"tf.slice", row(&B::callSlice), {"input_", "begin", "size", "name"}},
                  {"tf.pad", row(&B::callPad), {"tensor", "paddings", "mode", "name", "constant_values"}},
                  {"tf.tile", row(&B::callTile), {"input", "multiples", "name"}}});
}

Value ModelBuilder::addOp(OpCode op, std::vector<NodeId> inputs, const script::TextRange& range,
                          const std::string& name, const backend::OpAttributes& attributes, Shape shape,
                          DType dtype)
{
    for (const NodeId input : inputs) {
        if (input == kNoNode)
            return Value::error();
    }
    Node node;
    node.op = op;
    node.inputs = std::move(inputs);
    node.attributes = attributes;
    node.shape = std::move(shape);
    node.dtype = dtype;
    return addNode(std::move(node), range, name);
}

/// An axis of a tensor of this rank, counted from the end where it is negative; none after a diagnostic.
std::optional<int> ModelBuilder::axisOf(CallArguments& arguments, std::string_view parameter, int rank,
                                        int fallback)
{
    const Value given = arguments.value(parameter);
    const std::optional<std::int64_t> axis = given.kind == Kind::None
                                                 ? std::optional<std::int64_t>(fallback)
                                                 : toInteger(given, arguments.rangeOf(parameter));
    if (!axis)
        return std::nullopt;
    const std::int64_t place = *axis < 0 ? *axis + rank : *axis;
    if (place < 0 || place >= rank) {
        error(arguments.rangeOf(parameter),
              "there is no axis " + std::to_string(*axis) + " in " + std::to_string(rank) + " dimensions",
              "ValueError");
        return std::nullopt;
    }
    return static_cast<int>(place);
}

Value OpBuilder::reshaped(NodeId input, std::vector<std::int64_t> dims, const script::TextRange& range,
                          const std::string& name)
{
    if (input == kNoNode)
        return Value::error();
    return addOp(OpCode::Reshape, {input}, range, name, {}, Shape(std::move(dims)),
                 m_model->graph.node(input).dtype);
}

Value OpBuilder::sliced(NodeId input, int axis, std::int64_t begin, std::int64_t size,
                        const script::TextRange& range, const std::string& name)
{
    if (begin > std::numeric_limits<std::int32_t>::max())
        return error(range,
                     "a part that begins at " + std::to_string(begin) + " is beyond what a slice can name");
    backend::OpAttributes attributes;
    const int rank = m_model->graph.node(input).shape.rank();
    std::vector<std::int64_t> dims(static_cast<std::size_t>(rank), Shape::kUnknown);
    dims[static_cast<std::size_t>(axis)] = size;
    attributes.axisCount = rank;
    attributes.axes[axis] = static_cast<std::int32_t>(begin);
    return addOp(OpCode::Slice, {input}, range, name, attributes, Shape(std::move(dims)),
                 m_model->graph.node(input).dtype);
}

Value OpBuilder::joined(std::vector<NodeId> parts, int axis, const script::TextRange& range,
                        const std::string& name)
{
    backend::OpAttributes attributes;
    attributes.axisCount = 1;
    attributes.axes[0] = axis;
    return addOp(OpCode::Concat, std::move(parts), range, name, attributes);
}

Value OpBuilder::callExpandDims(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input"), arguments.rangeOf("input"));
    const char* const parameter = arguments.has("dim") ? "dim" : "axis";
    if (input == kNoNode || arguments.required(parameter).isError())
        return Value::error();
    std::vector<std::int64_t> dims = m_model->graph.node(input).shape.dims();
    const std::optional<int> axis = axisOf(arguments, parameter, static_cast<int>(dims.size()) + 1, 0);
    if (!axis)
        return Value::error();
    dims.insert(dims.begin() + *axis, 1);
    return reshaped(input, std::move(dims), arguments.range(), arguments.text("name"));
}

Value OpBuilder::callSqueeze(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input"), arguments.rangeOf("input"));
    const char* const parameter = arguments.has("squeeze_dims") ? "squeeze_dims" : "axis";
    const Value axes = arguments.value(parameter);
    if (input == kNoNode || axes.isError())
        return Value::error();
    const std::vector<std::int64_t> dims = m_model->graph.node(input).shape.dims();
    std::vector<bool> goes(dims.size(), false);
    for (std::size_t i = 0; i < dims.size() && axes.kind == Kind::None; ++i)
        goes[i] = dims[i] == 1;
    const std::vector<Value> listed = axes.kind == Kind::List ? axes.items : std::vector<Value>{axes};
    for (std::size_t i = 0; i < listed.size() && axes.kind != Kind::None; ++i) {
        const std::optional<std::int64_t> axis = toInteger(listed[i], arguments.rangeOf(parameter));
        if (!axis)
            return Value::error();
        const std::int64_t place = *axis < 0 ? *axis + static_cast<std::int64_t>(dims.size()) : *axis;
        if (place < 0 || place >= static_cast<std::int64_t>(dims.size()) ||
            dims[static_cast<std::size_t>(place)] > 1)
            return error(arguments.rangeOf(parameter),
                         "Can not squeeze dim[" + std::to_string(*axis) +
                             "], expected a dimension of 1, in " +
                             m_model->graph.node(input).shape.toString(),
                         "ValueError");
        goes[static_cast<std::size_t>(place)] = true;
    }
    std::vector<std::int64_t> left;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (!goes[i])
            left.push_back(dims[i]);
    }
    return reshaped(input, std::move(left), arguments.range(), arguments.text("name"));
}

/// The tensors of a list argument; empty after a diagnostic.
std::vector<NodeId> OpBuilder::tensorsOf(CallArguments& arguments, std::string_view parameter)
{
    const Value list = arguments.required(parameter);
    if (list.isError())
        return {};
    std::vector<Value> items = list.kind == Kind::List ? list.items : std::vector<Value>{list};
    DType type = DType::Invalid;
    for (const Value& item : items) {
        if (item.isTensor())
            type = m_model->graph.node(item.node).dtype;
    }
    std::vector<NodeId> nodes;
    for (const Value& item : items) {
        nodes.push_back(toNode(item, arguments.rangeOf(parameter), type));
        if (nodes.back() == kNoNode)
            return {};
    }
    if (nodes.empty())
        error(arguments.rangeOf(parameter), "a list of at least one tensor is expected here", "ValueError");
    return nodes;
}

Value OpBuilder::callStack(CallArguments& arguments)
{
    const std::vector<NodeId> values = tensorsOf(arguments, "values");
    if (values.empty())
        return Value::error();
    const int rank = m_model->graph.node(values.front()).shape.rank();
    const std::optional<int> axis = axisOf(arguments, "axis", rank + 1, 0);
    if (!axis)
        return Value::error();
    std::vector<NodeId> parts;
    for (const NodeId value : values) {
        std::vector<std::int64_t> dims = m_model->graph.node(value).shape.dims();
        if (static_cast<int>(dims.size()) != rank)
            return error(arguments.rangeOf("values"),
                         "Shapes must be equal rank, but are " + std::to_string(rank) + " and " +
                             std::to_string(dims.size()),
                         "ValueError");
        dims.insert(dims.begin() + *axis, 1);
        parts.push_back(reshaped(value, std::move(dims), arguments.range(), {}).node);
    }
    return joined(std::move(parts), *axis, arguments.range(), arguments.text("name"));
}

/// tf.concat(values, axis), and 0.x's tf.concat(concat_dim, values).
Value OpBuilder::callConcat(CallArguments& arguments)
{
    const Value first = arguments.value("values");
    const bool isOld = first.kind == Kind::Number || arguments.has("concat_dim");
    const char* const listName = isOld && first.kind == Kind::Number ? "axis" : "values";
    const char* const axisName = arguments.has("concat_dim") ? "concat_dim" : isOld ? "values" : "axis";
    const std::vector<NodeId> values = tensorsOf(arguments, listName);
    if (values.empty() || arguments.required(axisName).isError())
        return Value::error();
    const std::optional<int> axis =
        axisOf(arguments, axisName, m_model->graph.node(values.front()).shape.rank(), 0);
    return axis ? joined(values, *axis, arguments.range(), arguments.text("name")) : Value::error();
}

Value OpBuilder::callUnstack(CallArguments& arguments)
{
    const NodeId value = toNode(arguments.required("value"), arguments.rangeOf("value"));
    if (value == kNoNode)
        return Value::error();
    std::vector<std::int64_t> dims = m_model->graph.node(value).shape.dims();
    const std::optional<int> axis = axisOf(arguments, "axis", static_cast<int>(dims.size()), 0);
    if (!axis)
        return Value::error();
    const std::int64_t count = dims[static_cast<std::size_t>(*axis)];
    constexpr std::int64_t kMost = 4096;
    if (count < 0 || count > kMost)
        return error(arguments.range(),
                     "Cannot infer num from shape " + m_model->graph.node(value).shape.toString() +
                         ": the axis must have a known length of at most 4,096",
                     "ValueError");
    if (const std::optional<std::int64_t> num = arguments.integer("num", count); !num || *num != count)
        return num ? error(arguments.rangeOf("num"),
                           "there are " + std::to_string(count) + " parts along this axis")
                   : Value::error();
    dims.erase(dims.begin() + *axis);
    Value parts = Value::of(Kind::List);
    for (std::int64_t i = 0; i < count; ++i) {
        const Value part = sliced(value, *axis, i, 1, arguments.range(), {});
        if (part.isError())
            return part;
        parts.items.push_back(reshaped(part.node, dims, arguments.range(), {}));
    }
    return parts;
}

/// tf.split(value, num_or_size_splits, axis), and 0.x's tf.split(split_dim, num_split, value).
Value OpBuilder::callSplit(CallArguments& arguments)
{
    const Value first = arguments.required("value");
    const bool isOld = first.kind == Kind::Number;
    const char* const valueName = isOld ? "axis" : "value";
    const char* const axisName = isOld ? "value" : "axis";
    const NodeId value = toNode(arguments.required(valueName), arguments.rangeOf(valueName));
    const Value sizes = arguments.required("num_or_size_splits");
    if (value == kNoNode || sizes.isError())
        return Value::error();
    const Shape shape = m_model->graph.node(value).shape;
    const std::optional<int> axis = axisOf(arguments, axisName, shape.rank(), 0);
    if (!axis)
        return Value::error();
    const std::int64_t whole = shape.dim(*axis);
    std::vector<std::int64_t> lengths;
    if (sizes.kind == Kind::List) {
        std::int64_t sum = 0;
        for (const Value& item : sizes.items) {
            const std::optional<std::int64_t> length =
                toInteger(item, arguments.rangeOf("num_or_size_splits"));
            if (!length || *length < 0)
                return length ? error(arguments.rangeOf("num_or_size_splits"),
                                      "a part cannot have a negative size")
                              : Value::error();
            lengths.push_back(*length);
            sum += *length;
        }
        if (whole >= 0 && sum != whole)
            return error(arguments.rangeOf("num_or_size_splits"),
                         "the parts are " + std::to_string(sum) + " long together, but the axis " +
                             std::to_string(whole),
                         "ValueError");
    } else {
        const std::optional<std::int64_t> count = toInteger(sizes, arguments.rangeOf("num_or_size_splits"));
        if (!count)
            return Value::error();
        if (*count < 1 || *count > 4096 || whole < 0 || whole % *count != 0)
            return error(arguments.rangeOf("num_or_size_splits"),
                         "Dimension size must be evenly divisible by " + std::to_string(*count) + " but is " +
                             (whole < 0 ? "unknown" : std::to_string(whole)),
                         "ValueError");
        lengths.assign(static_cast<std::size_t>(*count), whole / *count);
    }
    Value parts = Value::of(Kind::List);
    std::int64_t begin = 0;
    for (const std::int64_t length : lengths) {
        parts.items.push_back(sliced(value, *axis, begin, length, arguments.range(), arguments.text("name")));
        if (parts.items.back().isError())
            return Value::error();
        begin += length;
    }
    return parts;
}

Value OpBuilder::callSlice(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input_"), arguments.rangeOf("input_"));
    const std::optional<Shape> begin =
        toShape(arguments.required("begin"), arguments.rangeOf("begin"), false);
    const std::optional<Shape> size = toShape(arguments.required("size"), arguments.rangeOf("size"), true);
    if (input == kNoNode || !begin || !size)
        return Value::error();
    const int rank = m_model->graph.node(input).shape.rank();
    if (begin->rank() != rank || size->rank() != rank)
        return error(arguments.range(),
                     "begin and size have one entry for each of the " + std::to_string(rank) + " dimensions",
                     "ValueError");
    backend::OpAttributes attributes;
    attributes.axisCount = rank;
    for (int axis = 0; axis < rank; ++axis) {
        if (begin->dim(axis) > std::numeric_limits<std::int32_t>::max())
            return error(arguments.rangeOf("begin"), "this is beyond what a slice can name");
        attributes.axes[axis] = static_cast<std::int32_t>(begin->dim(axis));
    }
    return addOp(OpCode::Slice, {input}, arguments.range(), arguments.text("name"), attributes, *size,
                 m_model->graph.node(input).dtype);
}

Value OpBuilder::callPad(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("tensor"), arguments.rangeOf("tensor"));
    const Value paddings = arguments.required("paddings");
    const std::optional<double> value = arguments.number("constant_values", 0.0);
    if (input == kNoNode || paddings.isError() || !value)
        return Value::error();
    if (arguments.has("mode") && arguments.text("mode") != "CONSTANT")
        return error(arguments.rangeOf("mode"), "only mode=\"CONSTANT\" is understood");
    std::vector<std::int64_t> dims = m_model->graph.node(input).shape.dims();
    if (paddings.kind != Kind::List || paddings.items.size() != dims.size())
        return error(arguments.rangeOf("paddings"),
                     "paddings is a list of [before, after], one for each of the " +
                         std::to_string(dims.size()) + " dimensions",
                     "ValueError");
    backend::OpAttributes attributes;
    attributes.axisCount = static_cast<std::int32_t>(dims.size());
    attributes.scalars[0] = *value;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        const std::optional<Shape> pair = toShape(paddings.items[i], arguments.rangeOf("paddings"), false);
        if (!pair)
            return Value::error();
        constexpr std::int64_t kMost = 1 << 24;
        if (pair->rank() != 2 || pair->dim(0) > kMost || pair->dim(1) > kMost)
            return error(arguments.rangeOf("paddings"), "each entry of paddings is [before, after]");
        if (dims[i] < 0 && pair->dim(0) + pair->dim(1) > 0)
            return error(arguments.rangeOf("paddings"),
                         "a dimension that only a step makes known cannot be padded");
        attributes.axes[i] = static_cast<std::int32_t>(pair->dim(0));
        dims[i] += dims[i] < 0 ? 0 : pair->dim(0) + pair->dim(1);
    }
    return addOp(OpCode::Pad, {input}, arguments.range(), arguments.text("name"), attributes,
                 Shape(std::move(dims)), m_model->graph.node(input).dtype);
}

Value OpBuilder::callTile(CallArguments& arguments)
{
    Value tiled = Value::ofNode(toNode(arguments.required("input"), arguments.rangeOf("input")));
    const std::optional<Shape> multiples =
        toShape(arguments.required("multiples"), arguments.rangeOf("multiples"), false);
    if (tiled.node == kNoNode || !multiples)
        return Value::error();
    const int rank = m_model->graph.node(tiled.node).shape.rank();
    if (multiples->rank() != rank)
        return error(arguments.rangeOf("multiples"),
                     "multiples has one entry for each of the " + std::to_string(rank) + " dimensions",
                     "ValueError");
    for (int axis = rank - 1; axis >= 0; --axis) {
        constexpr std::int64_t kMost = 4096;
        const std::int64_t count = multiples->dim(axis);
        if (count < 1 || count > kMost)
            return error(arguments.rangeOf("multiples"), "multiples must be from 1 to 4,096");
        if (count > 1)
            tiled = joined(std::vector<NodeId>(static_cast<std::size_t>(count), tiled.node), axis,
                           arguments.range(), arguments.text("name"));
        if (tiled.isError())
            return tiled;
    }
    return tiled;
}

} // namespace wr::graph
