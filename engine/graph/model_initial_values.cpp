// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes that no other node feeds: constants, fills, ranges, random values, placeholders.
#include "engine/graph/model_builder.h"

#include "engine/graph/seeds.h"

#include <cmath>
#include <functional>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addValueFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kShaped{"shape", "dtype", "name"};
    table.insert(table.end(), {
                                  {"tf.placeholder", &B::callPlaceholder, {"dtype", "shape", "name"}},
                                  {"tf.constant", &B::callConstant, {"value", "dtype", "shape", "name"}},
                                  {"tf.zeros", &B::callZerosOnes, kShaped},
                                  {"tf.ones", &B::callZerosOnes, kShaped},
                                  {"tf.zeros_like", &B::callLike, {"tensor", "dtype", "name"}},
                                  {"tf.ones_like", &B::callLike, {"tensor", "dtype", "name"}},
                                  {"tf.fill", &B::callFill, {"dims", "value", "name"}},
                                  {"tf.random_normal",
                                   &B::callRandom,
                                   {"shape", "mean", "stddev", "dtype", "seed", "name"},
                                   OpCode::RandomNormal},
                                  {"tf.truncated_normal",
                                   &B::callRandom,
                                   {"shape", "mean", "stddev", "dtype", "seed", "name"},
                                   OpCode::TruncatedNormal},
                                  {"tf.random_uniform",
                                   &B::callRandom,
                                   {"shape", "minval", "maxval", "dtype", "seed", "name"},
                                   OpCode::RandomUniform},
                                  {"tf.range", &B::callRange, {"start", "limit", "delta", "dtype", "name"}},
                                  {"range", &B::callRange, {"start", "limit", "delta"}},
                                  {"tf.linspace", &B::callLinSpace, {"start", "stop", "num", "name"}},
                                  {"tf.lin_space", &B::callLinSpace, {"start", "stop", "num", "name"}},
                              });
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
    const Result<NodeId> added = m_model->graph.add(std::move(node));
    if (!added)
        return error(range, added.error().message());
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

Value ModelBuilder::callConstant(CallArguments& arguments)
{
    const Value given = arguments.required("value");
    const std::optional<DType> dtype = arguments.type("dtype", DType::Invalid);
    if (given.isError() || !dtype)
        return Value::error();
    if (given.kind == Kind::Hole)
        return given;
    if (!arguments.has("shape"))
        return Value::ofNode(toNode(given, arguments.rangeOf("value"), *dtype));
    const std::optional<Shape> shape = toShape(arguments.value("shape"), arguments.rangeOf("shape"), false);
    if (!shape)
        return Value::error();
    // A list shorter than the shape is filled up with its last element.
    Value flat = Value::of(Kind::List);
    const std::function<void(const Value&)> collect = [&](const Value& value) {
        if (value.kind != Kind::List)
            flat.items.push_back(value);
        for (const Value& item : value.items)
            collect(item);
    };
    collect(given);
    const std::int64_t wanted = shape->elementCount().value_or(0);
    const auto have = static_cast<std::int64_t>(flat.items.size());
    if (have > wanted)
        return error(arguments.rangeOf("value"), "Too many elements provided. Needed at most " +
                                                     std::to_string(wanted) + ", but received " +
                                                     std::to_string(have));
    if (have == 1) {
        const NodeId scalar = toNode(flat.items.front(), arguments.rangeOf("value"), *dtype);
        if (scalar == kNoNode)
            return Value::error();
        Node node;
        node.op = OpCode::Fill;
        node.inputs = {scalar};
        node.dtype = m_model->graph.node(scalar).dtype;
        node.shape = *shape;
        return addNode(std::move(node), arguments.range(), arguments.text("name"));
    }
    constexpr std::int64_t kMostWritten = 1 << 20;
    if (have == 0 || wanted > kMostWritten)
        return error(arguments.range(), "a constant of that shape cannot be filled up from this list");
    while (static_cast<std::int64_t>(flat.items.size()) < wanted)
        flat.items.push_back(flat.items.back());
    const NodeId list = toNode(flat, arguments.rangeOf("value"), *dtype);
    if (list == kNoNode)
        return Value::error();
    Node node;
    node.op = OpCode::Reshape;
    node.inputs = {list};
    node.shape = *shape;
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
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
    Node node;
    node.op = OpCode::Fill;
    node.inputs = {toNode(Value::ofInteger(ones ? 1 : 0), arguments.range(), *dtype)};
    node.dtype = *dtype;
    node.shape = *shape;
    return addNode(std::move(node), arguments.range(),
                   arguments.has("name") ? arguments.text("name") : std::string(ones ? "ones" : "zeros"));
}

Value ModelBuilder::callLike(CallArguments& arguments)
{
    const NodeId like = toNode(arguments.required("tensor"), arguments.rangeOf("tensor"));
    if (like == kNoNode)
        return Value::error();
    const std::optional<DType> dtype = arguments.type("dtype", m_model->graph.node(like).dtype);
    if (!dtype)
        return Value::error();
    if (!m_model->graph.node(like).shape.isFullyDefined())
        return error(arguments.rangeOf("tensor"),
                     "the shape of this tensor is not fully known before a step");
    Node node;
    node.op = OpCode::Fill;
    node.shape = m_model->graph.node(like).shape;
    node.inputs = {
        toNode(Value::ofInteger(arguments.function() == "tf.ones_like" ? 1 : 0), arguments.range(), *dtype)};
    node.dtype = *dtype;
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callFill(CallArguments& arguments)
{
    const std::optional<Shape> shape = toShape(arguments.required("dims"), arguments.rangeOf("dims"), false);
    const NodeId value = toNode(arguments.required("value"), arguments.rangeOf("value"));
    if (!shape || value == kNoNode)
        return Value::error();
    if (m_model->graph.node(value).shape.rank() != 0)
        return error(arguments.rangeOf("value"), "value must be a scalar, but its shape is " +
                                                     m_model->graph.node(value).shape.toString());
    Node node;
    node.op = OpCode::Fill;
    node.inputs = {value};
    node.dtype = m_model->graph.node(value).dtype;
    node.shape = *shape;
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callRandom(CallArguments& arguments)
{
    const Value given = arguments.required("shape");
    if (given.kind == Kind::Hole)
        return given;
    const bool uniform = arguments.op() == OpCode::RandomUniform;
    const std::optional<Shape> shape = toShape(given, arguments.rangeOf("shape"), false);
    const std::optional<double> first = arguments.number(uniform ? "minval" : "mean", 0.0);
    const std::optional<double> second = arguments.number(uniform ? "maxval" : "stddev", 1.0);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Float32);
    if (!shape || !first || !second || !dtype)
        return Value::error();
    if (*dtype != DType::Float32 && *dtype != DType::Float64)
        return error(arguments.rangeOf("dtype"), "random values are drawn as float32 or float64");
    if (uniform && !(*first < *second))
        return error(arguments.range(), "Need minval < maxval, got " + std::to_string(*first) +
                                            " >= " + std::to_string(*second));
    if (!uniform && *second < 0.0)
        return error(arguments.rangeOf("stddev"), "stddev cannot be negative");
    Node node;
    node.op = arguments.op();
    node.dtype = *dtype;
    node.shape = *shape;
    node.attributes.scalars[0] = *first;
    node.attributes.scalars[1] = *second;
    const bool seeded = arguments.has("seed") && arguments.value("seed").kind != Kind::None;
    if (seeded) {
        const std::optional<std::int64_t> seed = arguments.integer("seed", 0);
        if (!seed)
            return Value::error();
        constexpr std::int64_t kModulus = 2147483647; // as TensorFlow folds seeds
        node.attributes.seed = m_model->hasGraphSeed ? m_model->graphSeed : kDefaultGraphSeed;
        node.attributes.seed2 = static_cast<std::uint64_t>(((*seed % kModulus) + kModulus) % kModulus);
    }
    const Value added = addNode(std::move(node), arguments.range(), arguments.text("name"));
    if (!added.isError() && !seeded)
        m_unseeded.insert(added.node);
    return added;
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
        return error(arguments.range(), "the step of a range cannot be 0");
    if (span < 0.0 && !python)
        return error(arguments.range(),
                     "Requires start <= limit when delta > 0, and start >= limit when delta < 0");
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
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callLinSpace(CallArguments& arguments)
{
    const std::optional<double> start = toNumber(arguments.required("start"), arguments.rangeOf("start"));
    const std::optional<double> stop = toNumber(arguments.required("stop"), arguments.rangeOf("stop"));
    const std::optional<std::int64_t> count = toInteger(arguments.required("num"), arguments.rangeOf("num"));
    if (!start || !stop || !count)
        return Value::error();
    constexpr std::int64_t kMost = 1000000000;
    if (*count <= 0 || *count > kMost)
        return error(arguments.rangeOf("num"), "Requires num > 0: " + std::to_string(*count));
    Node node;
    node.op = OpCode::LinSpace;
    node.dtype = DType::Float32;
    node.shape = Shape{*count};
    node.attributes.scalars[0] = *start;
    node.attributes.scalars[1] = *stop;
    node.attributes.scalars[2] = 1.0; // the last value is stop exactly, as in TensorFlow 1.x
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
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
