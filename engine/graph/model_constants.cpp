// SPDX-License-Identifier: GPL-3.0-or-later
// Values that are written down: constants, zeros and ones, fills, ranges, the identity matrix.
#include "engine/graph/model_builder.h"

#include <cmath>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

namespace {

/// The numbers of nested lists, outermost first.
void flatten(const Value& value, std::vector<Value>& into)
{
    if (value.kind != Kind::List)
        into.push_back(value);
    for (const Value& item : value.items)
        flatten(item, into);
}

} // namespace

void ModelBuilder::addConstantFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kShaped{"shape", "dtype", "name"};
    static const std::vector<std::string_view> kLike{"tensor", "dtype", "name", "optimize"};
    static const std::vector<std::string_view> kSpaced{"start", "stop", "num", "name"};
    table.insert(table.end(),
                 {{"tf.constant", &B::callConstant, {"value", "dtype", "shape", "name", "verify_shape"}},
                  {"tf.zeros", &B::callZerosOnes, kShaped},
                  {"tf.ones", &B::callZerosOnes, kShaped},
                  {"tf.zeros_like", &B::callLike, kLike},
                  {"tf.ones_like", &B::callLike, kLike},
                  {"tf.fill", &B::callFill, {"dims", "value", "name"}},
                  {"tf.range", &B::callRange, {"start", "limit", "delta", "dtype", "name"}},
                  {"range", &B::callRange, {"start", "limit", "delta"}},
                  {"xrange", &B::callRange, {"start", "limit", "delta"}},
                  {"tf.linspace", &B::callLinSpace, kSpaced},
                  {"tf.lin_space", &B::callLinSpace, kSpaced},
                  {"tf.eye", &B::callEye, {"num_rows", "num_columns", "batch_shape", "dtype", "name"}}});
}

Value ModelBuilder::addFilled(NodeId scalar, const Shape& shape, const script::TextRange& range,
                              const std::string& name)
{
    if (scalar == kNoNode)
        return Value::error();
    Node node;
    node.op = OpCode::Fill;
    node.inputs = {scalar};
    node.dtype = m_model->graph.node(scalar).dtype;
    node.shape = shape;
    return addNode(std::move(node), range, name);
}

Value ModelBuilder::zerosOrOnes(bool ones, const Shape& shape, DType dtype, const script::TextRange& range,
                                const std::string& name)
{
    // TensorFlow writes small ones as one constant, and since 1.5 large ones as a shape, a number and a fill.
    constexpr std::int64_t kLarge = 1000;
    const bool isSmall =
        shape.elementCount().value_or(0) < kLarge || m_model->options.version == TensorFlowVersion::V011;
    countOps(isSmall ? 1 : 3);
    const Uncounted uncounted(*this);
    return addFilled(toNode(Value::ofInteger(ones ? 1 : 0), range, dtype), shape, range, name);
}

/// A list shorter than the shape is filled up with its last element.
Value ModelBuilder::constantOf(const Value& given, const script::TextRange& range, DType dtype,
                               const std::optional<Shape>& shape, bool verifyShape, const std::string& name)
{
    if (given.isError() || given.kind == Kind::Hole)
        return given;
    if (given.isTensor())
        return error(range, "tf.constant takes numbers and lists of numbers, no tensor", "TypeError");
    countOps(1);
    const Uncounted uncounted(*this);
    if (!shape) {
        const NodeId node = toNode(given, range, dtype);
        return node == kNoNode ? Value::error() : Value::ofNode(node);
    }
    std::vector<Value> numbers;
    flatten(given, numbers);
    const std::int64_t wanted = shape->elementCount().value_or(0);
    const auto have = static_cast<std::int64_t>(numbers.size());
    if (have > wanted)
        return error(range,
                     "Too many elements provided. Needed at most " + std::to_string(wanted) +
                         ", but received " + std::to_string(have),
                     "ValueError");
    if (verifyShape) {
        const NodeId exact = toNode(given, range, dtype);
        if (exact == kNoNode)
            return Value::error();
        const Shape own = m_model->graph.node(exact).shape;
        return own == *shape ? Value::ofNode(exact)
                             : error(range,
                                     "Expected Tensor's shape: " + shape->toString() + ", got " +
                                         own.toString() + ", and verify_shape=True forbids to fill up",
                                     "TypeError");
    }
    if (have == 1)
        return addFilled(toNode(numbers.front(), range, dtype), *shape, range, name);
    constexpr std::int64_t kMostWritten = 1 << 20;
    if (have == 0 || wanted > kMostWritten)
        return error(range, "a constant of that shape cannot be filled up from this list");
    numbers.resize(static_cast<std::size_t>(wanted), Value(numbers.back()));
    Value flat = Value::of(Kind::List);
    flat.items = std::move(numbers);
    const NodeId list = toNode(flat, range, dtype);
    if (list == kNoNode)
        return Value::error();
    Node node;
    node.op = OpCode::Reshape;
    node.inputs = {list};
    node.shape = *shape;
    return addNode(std::move(node), range, name);
}

Value ModelBuilder::callConstant(CallArguments& arguments)
{
    const Value given = arguments.required("value");
    const std::optional<DType> dtype = arguments.type("dtype", DType::Invalid);
    const std::optional<bool> verify = arguments.boolean("verify_shape", false);
    if (given.isError() || !dtype || !verify)
        return Value::error();
    std::optional<Shape> shape;
    if (arguments.has("shape") && arguments.value("shape").kind != Kind::None) {
        shape = toShape(arguments.value("shape"), arguments.rangeOf("shape"), false);
        if (!shape)
            return Value::error();
    }
    return constantOf(given, arguments.rangeOf("value"), *dtype, shape, *verify, arguments.text("name"));
}

Value ModelBuilder::callZerosOnes(CallArguments& arguments)
{
    const Value given = arguments.required("shape");
    if (given.kind == Kind::Hole)
        return given;
    const std::optional<Shape> shape = toShape(given, arguments.rangeOf("shape"), false);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Float32);
    if (!shape || !dtype)
        return Value::error();
    const bool ones = arguments.function() == "tf.ones";
    const std::string name = arguments.text("name");
    return zerosOrOnes(ones, *shape, *dtype, arguments.range(),
                       !name.empty() ? name
                       : ones        ? "ones"
                                     : "zeros");
}

Value ModelBuilder::callLike(CallArguments& arguments)
{
    const NodeId like = toNode(arguments.required("tensor"), arguments.rangeOf("tensor"));
    if (like == kNoNode)
        return Value::error();
    const std::optional<DType> dtype = arguments.type("dtype", m_model->graph.node(like).dtype);
    if (!dtype)
        return Value::error();
    const Shape shape = m_model->graph.node(like).shape;
    if (!shape.isFullyDefined())
        return error(arguments.rangeOf("tensor"),
                     "the shape of this tensor is not fully known before a step");
    const bool ones = arguments.function() == "tf.ones_like";
    const bool isOld = m_model->options.version == TensorFlowVersion::V011;
    if (!ones && !isOld)
        return zerosOrOnes(false, shape, *dtype, arguments.range(), arguments.text("name"));
    countOps(ones || *dtype != m_model->graph.node(like).dtype ? 3 : 1);
    const Uncounted uncounted(*this);
    return addFilled(toNode(Value::ofInteger(ones ? 1 : 0), arguments.range(), *dtype), shape,
                     arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callFill(CallArguments& arguments)
{
    const Value dims = arguments.required("dims");
    if (dims.kind == Kind::Hole)
        return dims;
    if (dims.kind == Kind::Number)
        return error(arguments.rangeOf("dims"), "dims must be a vector, as in [784, 200]",
                     "InvalidArgumentError");
    const std::optional<Shape> shape = toShape(dims, arguments.rangeOf("dims"), false);
    countOps(1); // dims
    const NodeId value = toNode(arguments.required("value"), arguments.rangeOf("value"));
    if (!shape || value == kNoNode)
        return Value::error();
    if (m_model->graph.node(value).shape.rank() != 0)
        return error(arguments.rangeOf("value"),
                     "value must be a scalar, but its shape is " +
                         m_model->graph.node(value).shape.toString(),
                     "InvalidArgumentError");
    return addFilled(value, *shape, arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callRange(CallArguments& arguments)
{
    const bool python = arguments.function() == "range";
    const Value first = arguments.required("start");
    if (first.isError())
        return first;
    const bool single = !arguments.has("limit");
    const Value start = single ? Value::ofInteger(0) : first;
    const Value limit = single ? first : arguments.value("limit");
    const Value delta = arguments.has("delta") ? arguments.value("delta") : Value::ofInteger(1);
    for (const Value* value : {&start, &limit, &delta}) {
        if (!toNumber(*value, arguments.range()))
            return Value::error();
    }
    const bool whole = start.isInteger && limit.isInteger && delta.isInteger;
    const double span = (limit.number - start.number) / delta.number;
    if (delta.number == 0.0 || !std::isfinite(span))
        return error(arguments.range(), "Requires delta != 0: the step of a range cannot be 0",
                     python ? "ValueError" : "InvalidArgumentError");
    if (span < 0.0 && !python)
        return error(arguments.range(),
                     "Requires start <= limit when delta > 0, and start >= limit when delta < 0",
                     "InvalidArgumentError");
    const double size = std::ceil(std::max(0.0, span));
    constexpr double kMostPython = 100000;
    constexpr double kMostTensor = 1e9;
    if (size > (python ? kMostPython : kMostTensor))
        return error(arguments.range(), "this range is too long");
    if (python) {
        if (!whole)
            return error(arguments.range(), "range takes whole numbers");
        Value list = Value::of(Kind::List);
        for (std::int64_t i = 0; i < static_cast<std::int64_t>(size); ++i)
            list.items.push_back(Value::ofInteger(start.integer + i * delta.integer));
        return list;
    }
    const std::optional<DType> dtype = arguments.type("dtype", whole ? DType::Int32 : DType::Float32);
    if (!dtype)
        return Value::error();
    Node node;
    node.op = OpCode::Range;
    node.dtype = *dtype;
    node.shape = Shape{static_cast<std::int64_t>(size)};
    node.attributes.scalars[0] = start.number;
    node.attributes.scalars[1] = delta.number;
    if (start.isInteger != limit.isInteger || start.isInteger != delta.isInteger)
        doubtCount("tf.range of mixed numbers");
    countOps(3); // its numbers
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callLinSpace(CallArguments& arguments)
{
    const Value first = arguments.required("start");
    const Value last = arguments.required("stop");
    const Value number = arguments.required("num");
    for (const auto& [value, parameter] : {std::pair{&first, "start"}, {&last, "stop"}, {&number, "num"}}) {
        if (value->kind == Kind::List)
            return error(arguments.rangeOf(parameter), std::string(parameter) + " must be a scalar",
                         "InvalidArgumentError");
    }
    const std::optional<double> start = toNumber(first, arguments.rangeOf("start"));
    const std::optional<double> stop = toNumber(last, arguments.rangeOf("stop"));
    const std::optional<std::int64_t> count = toInteger(number, arguments.rangeOf("num"));
    if (!start || !stop || !count)
        return Value::error();
    constexpr std::int64_t kMost = 1000000000;
    if (*count <= 0 || *count > kMost)
        return error(arguments.rangeOf("num"), "Requires num > 0: " + std::to_string(*count),
                     "InvalidArgumentError");
    Node node;
    node.op = OpCode::LinSpace;
    node.dtype = DType::Float32;
    node.shape = Shape{*count};
    node.attributes.scalars[0] = *start;
    node.attributes.scalars[1] = *stop;
    node.attributes.scalars[2] = m_model->options.version == TensorFlowVersion::V1 ? 1.0 : 0.0;
    countOps(3);
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::addEye(std::int64_t rows, std::int64_t columns, double value, DType dtype,
                           const script::TextRange& range)
{
    doubtCount("tf.eye");
    Node node;
    node.op = OpCode::Eye;
    node.dtype = dtype;
    node.shape = Shape{rows, columns};
    node.attributes.scalars[0] = value;
    return addNode(std::move(node), range, "eye");
}

Value ModelBuilder::callEye(CallArguments& arguments)
{
    const std::optional<std::int64_t> rows =
        toInteger(arguments.required("num_rows"), arguments.rangeOf("num_rows"));
    if (!rows)
        return Value::error();
    const bool isSquare = arguments.value("num_columns").kind == Kind::None;
    const std::optional<std::int64_t> columns = isSquare ? rows : arguments.integer("num_columns", *rows);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Float32);
    if (!columns || !dtype)
        return Value::error();
    if (arguments.value("batch_shape").kind != Kind::None)
        return error(arguments.rangeOf("batch_shape"), "one matrix at a time is understood here");
    const std::optional<Shape> shape = toShape(
        [&] {
            Value list = Value::of(Kind::List);
            list.items = {Value::ofInteger(*rows), Value::ofInteger(*columns)};
            return list;
        }(),
        arguments.range(), false);
    return shape ? addEye(*rows, *columns, 1.0, *dtype, arguments.range()) : Value::error();
}

} // namespace wr::graph
