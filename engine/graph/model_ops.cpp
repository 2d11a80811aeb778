// SPDX-License-Identifier: GPL-3.0-or-later
// Ops on tensors: element-wise, products, reductions, losses.
#include "engine/graph/model_builder.h"

#include <algorithm>
#include <utility>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

Value ModelBuilder::callUnary(CallArguments& arguments)
{
    const char* const parameter = arguments.has("features") ? "features"
                                  : arguments.has("logits") ? "logits"
                                  : arguments.has("input")  ? "input"
                                                            : "x";
    Node node;
    node.op = arguments.op();
    node.inputs = {toNode(arguments.required(parameter), arguments.rangeOf(parameter), DType::Invalid)};
    if (node.inputs.front() == kNoNode)
        return Value::error();
    if (arguments.op() == OpCode::Softmax || arguments.op() == OpCode::LogSoftmax)
        return softmaxAlong(arguments, node.inputs.front());
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

/// The kernels work along the last axis; another one is brought there and back.
Value ModelBuilder::softmaxAlong(CallArguments& arguments, NodeId logits)
{
    const int rank = m_model->graph.node(logits).shape.rank();
    const std::optional<int> axis = axisOf(arguments, arguments.has("dim") ? "dim" : "axis", rank, -1);
    if (!axis)
        return Value::error();
    if (*axis == rank - 1)
        return addOp(arguments.op(), {logits}, arguments.range(), arguments.text("name"));
    backend::OpAttributes exchange;
    exchange.axisCount = rank;
    for (int i = 0; i < rank; ++i)
        exchange.axes[i] = i;
    std::swap(exchange.axes[*axis], exchange.axes[rank - 1]);
    const Value last = addOp(OpCode::Transpose, {logits}, arguments.range(), {}, exchange);
    const Value made = addOp(arguments.op(), {last.node}, arguments.range(), arguments.text("name"));
    return addOp(OpCode::Transpose, {made.node}, arguments.range(), {}, exchange);
}

/// dim= of the cross-entropies: classes are the last axis.
bool ModelBuilder::takesLastAxis(CallArguments& arguments, NodeId logits)
{
    const char* const parameter = arguments.has("dim") ? "dim" : "axis";
    const int rank = m_model->graph.node(logits).shape.rank();
    const std::optional<int> axis = axisOf(arguments, parameter, std::max(rank, 1), -1);
    if (axis && rank > 0 && *axis != rank - 1)
        error(arguments.rangeOf(parameter), "only the last axis is understood here, axis=-1");
    return axis && (rank == 0 || *axis == rank - 1);
}

Value ModelBuilder::callBinary(CallArguments& arguments)
{
    const bool bias = arguments.function() == "tf.nn.bias_add";
    const Value a = arguments.required(bias ? "value" : "x");
    const Value b = arguments.required(bias ? "bias" : "y");
    if (bias && b.isTensor() && m_model->graph.node(b.node).shape.rank() != 1)
        return error(arguments.rangeOf("bias"), "a bias has one dimension, but this one is " +
                                                    m_model->graph.node(b.node).shape.toString());
    return binaryOp(arguments.op(), a, b, arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callMatMul(CallArguments& arguments)
{
    const Value a = arguments.required("a");
    const Value b = arguments.required("b");
    const auto flag = [&](const char* transpose, const char* adjoint, const char* old) {
        return arguments.boolean(arguments.has(adjoint) ? adjoint
                                 : arguments.has(old)   ? old
                                                        : transpose,
                                 false);
    };
    const std::optional<bool> transposeA = flag("transpose_a", "adjoint_a", "adj_x");
    const std::optional<bool> transposeB = flag("transpose_b", "adjoint_b", "adj_y");
    if (a.isError() || b.isError() || !transposeA || !transposeB)
        return Value::error();
    Node node;
    node.op = OpCode::MatMul;
    node.inputs = {toNode(a, arguments.rangeOf("a"), DType::Float32),
                   toNode(b, arguments.rangeOf("b"), DType::Float32)};
    if (node.inputs[0] == kNoNode || node.inputs[1] == kNoNode)
        return Value::error();
    if (m_model->graph.node(node.inputs[0]).shape.rank() > 2)
        node.op = OpCode::BatchMatMul;
    node.attributes.transposeA = *transposeA;
    node.attributes.transposeB = *transposeB;
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callTranspose(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("a"), arguments.rangeOf("a"));
    if (input == kNoNode)
        return Value::error();
    const int rank = m_model->graph.node(input).shape.rank();
    backend::OpAttributes order;
    order.axisCount = rank;
    for (int axis = 0; axis < rank; ++axis)
        order.axes[axis] = rank - 1 - axis;
    if (arguments.has("perm") && arguments.value("perm").kind != Kind::None) {
        const std::optional<Shape> perm = toShape(arguments.value("perm"), arguments.rangeOf("perm"), false);
        if (!perm)
            return Value::error();
        if (perm->rank() != rank)
            return error(arguments.rangeOf("perm"),
                         "perm names each of the " + std::to_string(rank) + " dimensions of " +
                             m_model->graph.node(input).shape.toString(),
                         "ValueError");
        std::vector<std::int64_t> sorted = perm->dims();
        std::sort(sorted.begin(), sorted.end());
        for (int axis = 0; axis < rank; ++axis) {
            if (sorted[static_cast<std::size_t>(axis)] != axis)
                return error(arguments.rangeOf("perm"),
                             "perm is not a permutation of 0 to " + std::to_string(rank - 1), "ValueError");
            order.axes[axis] = static_cast<std::int32_t>(perm->dim(axis));
        }
    }
    bool isSame = true;
    for (int axis = 0; axis < rank; ++axis)
        isSame = isSame && order.axes[axis] == axis;
    return isSame ? Value::ofNode(input)
                  : addOp(OpCode::Transpose, {input}, arguments.range(), arguments.text("name"), order);
}

Value ModelBuilder::callReshape(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("tensor"), arguments.rangeOf("tensor"));
    const std::optional<Shape> wanted =
        toShape(arguments.required("shape"), arguments.rangeOf("shape"), true);
    if (input == kNoNode || !wanted)
        return Value::error();
    std::vector<std::int64_t> dims = wanted->dims();
    std::int64_t known = 1;
    std::size_t unknown = 0;
    std::size_t unknowns = 0;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] < 0) {
            unknown = i;
            ++unknowns;
        } else if (__builtin_mul_overflow(known, dims[i], &known)) {
            return error(arguments.rangeOf("shape"), "this shape has too many elements");
        }
    }
    if (unknowns > 1)
        return error(arguments.rangeOf("shape"), "only one dimension of a shape can be left open");
    const std::optional<std::int64_t> elements = m_model->graph.node(input).shape.elementCount();
    if (unknowns == 1 && elements && known > 0) {
        if (*elements % known != 0)
            return error(arguments.rangeOf("shape"),
                         std::to_string(*elements) + " elements cannot be arranged as " + wanted->toString());
        dims[unknown] = *elements / known;
    }
    Node node;
    node.op = OpCode::Reshape;
    node.inputs = {input};
    node.shape = Shape(std::move(dims));
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callCast(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("x"), arguments.rangeOf("x"));
    const std::optional<DType> dtype = arguments.function() == "tf.to_float"
                                           ? std::optional<DType>(DType::Float32)
                                           : toType(arguments.required("dtype"), arguments.rangeOf("dtype"));
    if (input == kNoNode || !dtype)
        return Value::error();
    switch (*dtype) {
    case DType::Float32:
    case DType::Float64:
    case DType::Float16:
    case DType::BFloat16:
    case DType::Int32:
    case DType::Int64:
    case DType::UInt8:
    case DType::Bool:
        break;
    default:
        return error(arguments.rangeOf("dtype"),
                     "a cast to " + std::string(dtypeName(*dtype)) + " is not understood yet");
    }
    Node node;
    node.op = OpCode::Cast;
    node.inputs = {input};
    node.dtype = *dtype;
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callReduce(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input_tensor"), arguments.rangeOf("input_tensor"));
    const std::optional<bool> keep =
        arguments.boolean(arguments.has("keepdims") ? "keepdims" : "keep_dims", false);
    if (input == kNoNode || !keep)
        return Value::error();
    const char* const parameter = arguments.has("reduction_indices") ? "reduction_indices" : "axis";
    const int rank = m_model->graph.node(input).shape.rank();
    Node node;
    node.op = arguments.op();
    node.inputs = {input};
    node.attributes.keepDims = *keep;
    const Value axes = arguments.value(parameter);
    if (axes.isError())
        return axes;
    std::vector<Value> list = axes.kind == Kind::List ? axes.items : std::vector<Value>{axes};
    if (axes.kind == Kind::None) {
        list.clear();
        for (int axis = 0; axis < rank; ++axis)
            list.push_back(Value::ofInteger(axis));
    }
    for (const Value& item : list) {
        const std::optional<std::int64_t> axis = toInteger(item, arguments.rangeOf(parameter));
        if (!axis)
            return Value::error();
        const std::int64_t place = *axis < 0 ? *axis + rank : *axis;
        if (place < 0 || place >= rank)
            return error(arguments.rangeOf(parameter), "there is no axis " + std::to_string(*axis) +
                                                           " in shape " +
                                                           m_model->graph.node(input).shape.toString());
        for (int i = 0; i < node.attributes.axisCount; ++i) {
            if (node.attributes.axes[i] == place)
                return error(arguments.rangeOf(parameter),
                             "the axis " + std::to_string(*axis) + " is named twice");
        }
        node.attributes.axes[node.attributes.axisCount++] = static_cast<std::int32_t>(place);
    }
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callArgMax(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("input"), arguments.rangeOf("input"));
    const char* const parameter = arguments.has("dimension") ? "dimension" : "axis";
    const std::optional<std::int64_t> axis = arguments.integer(parameter, 0);
    if (input == kNoNode || !axis)
        return Value::error();
    const int rank = m_model->graph.node(input).shape.rank();
    const std::int64_t place = *axis < 0 ? *axis + rank : *axis;
    if (place < 0 || place >= rank)
        return error(arguments.rangeOf(parameter), "there is no axis " + std::to_string(*axis) +
                                                       " in shape " +
                                                       m_model->graph.node(input).shape.toString());
    Node node;
    node.op = arguments.op();
    node.inputs = {input};
    node.attributes.axisCount = 1;
    node.attributes.axes[0] = static_cast<std::int32_t>(place);
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

Value ModelBuilder::callCrossEntropy(CallArguments& arguments)
{
    const NodeId logits = toNode(arguments.required("logits"), arguments.rangeOf("logits"), DType::Float32);
    const NodeId labels = toNode(arguments.required("labels"), arguments.rangeOf("labels"));
    if (logits == kNoNode || labels == kNoNode || !takesLastAxis(arguments, logits))
        return Value::error();
    Node node;
    node.op = arguments.op();
    node.inputs = {logits, labels};
    return addNode(std::move(node), arguments.range(), arguments.text("name"));
}

} // namespace wr::graph
