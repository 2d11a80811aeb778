// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/op_rules.h"

#include "engine/graph/array_rules.h"
#include "engine/graph/rule_checks.h"
#include "engine/graph/setup_rules.h"
#include "engine/graph/update_rules.h"

#include <algorithm>

namespace wr::graph {
namespace {

using backend::OpCode;

Result<OutputSpec> elementwisePair(const Node& node, Inputs inputs, bool compares)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 2));
    WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], inputs[1]));
    const std::optional<Shape> shape = broadcastShapes(inputs[0].shape, inputs[1].shape);
    if (!shape)
        return fail(StatusCode::InvalidArgument,
                    quotedOp(node.op) + ": shapes " + inputs[0].shape.toString() + " and " +
                        inputs[1].shape.toString() + " cannot be broadcast together");
    return OutputSpec{compares ? DType::Bool : inputs[0].dtype, *shape};
}

Result<OutputSpec> sameAsInput(const Node& node, Inputs inputs, bool floating)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    if (floating)
        WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    return inputs[0];
}

Result<OutputSpec> logical(const Node& node, Inputs inputs)
{
    for (const OutputSpec& input : inputs) {
        if (input.dtype != DType::Bool)
            return fail(StatusCode::InvalidArgument,
                        quotedOp(node.op) + " takes bool, not " + std::string(dtypeName(input.dtype)));
    }
    if (node.op == OpCode::LogicalNot)
        return sameAsInput(node, inputs, false);
    return elementwisePair(node, inputs, true);
}

/// The condition may be broadcast as the values are.
Result<OutputSpec> select(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 3));
    if (inputs[0].dtype != DType::Bool)
        return fail(StatusCode::InvalidArgument,
                    "Select takes a bool condition, not " + std::string(dtypeName(inputs[0].dtype)));
    WR_RETURN_IF_ERROR(wantSameType(node, inputs[1], inputs[2]));
    std::optional<Shape> shape = broadcastShapes(inputs[1].shape, inputs[2].shape);
    if (shape)
        shape = broadcastShapes(*shape, inputs[0].shape);
    if (!shape)
        return fail(StatusCode::InvalidArgument,
                    "Select: shapes " + inputs[0].shape.toString() + ", " + inputs[1].shape.toString() +
                        " and " + inputs[2].shape.toString() + " cannot be broadcast together");
    return OutputSpec{inputs[1].dtype, *shape};
}

Result<OutputSpec> matMul(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 2));
    WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], inputs[1]));
    WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[0], 2, "the first input"));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[1], 2, "the second input"));
    const bool ta = node.attributes.transposeA;
    const bool tb = node.attributes.transposeB;
    const std::int64_t ka = inputs[0].shape.dim(ta ? 0 : 1);
    const std::int64_t kb = inputs[1].shape.dim(tb ? 1 : 0);
    if (ka >= 0 && kb >= 0 && ka != kb)
        return fail(StatusCode::InvalidArgument, "Dimensions must be equal, but are " + std::to_string(ka) +
                                                     " and " + std::to_string(kb) + " for MatMul of " +
                                                     inputs[0].shape.toString() + " and " +
                                                     inputs[1].shape.toString());
    return OutputSpec{inputs[0].dtype,
                      Shape{inputs[0].shape.dim(ta ? 1 : 0), inputs[1].shape.dim(tb ? 0 : 1)}};
}

Result<OutputSpec> reduction(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    const auto count = static_cast<std::size_t>(node.attributes.axisCount);
    const std::span<const std::int32_t> axes(node.attributes.axes, count);
    for (const std::int32_t axis : axes) {
        if (axis < 0 || axis >= inputs[0].shape.rank())
            return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": there is no axis " +
                                                         std::to_string(axis) + " in shape " +
                                                         inputs[0].shape.toString());
    }
    if (node.op == OpCode::ArgMax || node.op == OpCode::ArgMin) {
        if (count != 1)
            return fail(StatusCode::InvalidArgument, quotedOp(node.op) + " takes one axis");
        if (inputs[0].shape.dim(axes[0]) == 0)
            return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": the axis is empty");
        return OutputSpec{DType::Int64, reducedShape(inputs[0].shape, axes, false)};
    }
    const bool isLogical = node.op == OpCode::All || node.op == OpCode::Any;
    if (isLogical != (inputs[0].dtype == DType::Bool))
        return fail(StatusCode::InvalidArgument,
                    quotedOp(node.op) + (isLogical ? " takes bool, not " : " takes numbers, not ") +
                        std::string(dtypeName(inputs[0].dtype)));
    if (node.op == OpCode::Mean)
        WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    return OutputSpec{inputs[0].dtype, reducedShape(inputs[0].shape, axes, node.attributes.keepDims)};
}

Result<OutputSpec> crossEntropy(const Node& node, Inputs inputs)
{
    const bool sparse = node.op == OpCode::SparseSoftmaxCrossEntropyWithLogits ||
                        node.op == OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad;
    const bool gradient = node.op == OpCode::SoftmaxCrossEntropyWithLogitsGrad ||
                          node.op == OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad;
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, gradient ? 3 : 2));
    const OutputSpec& logits = inputs[gradient ? 1 : 0];
    const OutputSpec& labels = inputs[gradient ? 2 : 1];
    WR_RETURN_IF_ERROR(wantFloating(node, logits));
    if (logits.shape.rank() < 1)
        return fail(StatusCode::InvalidArgument,
                    quotedOp(node.op) + ": logits must have at least one dimension");
    std::vector<std::int64_t> rows = logits.shape.dims();
    rows.pop_back();
    const Shape losses(std::move(rows));
    if (sparse) {
        if (labels.dtype != DType::Int32 && labels.dtype != DType::Int64)
            return fail(StatusCode::InvalidArgument,
                        quotedOp(node.op) + ": labels must be int32 or int64 class numbers, not " +
                            std::string(dtypeName(labels.dtype)));
        if (labels.shape.rank() != losses.rank())
            return fail(StatusCode::InvalidArgument,
                        "Rank mismatch: Rank of labels (received " + std::to_string(labels.shape.rank()) +
                            ") should equal rank of logits minus 1 (received " +
                            std::to_string(logits.shape.rank()) + "): " + quotedOp(node.op));
        WR_RETURN_IF_ERROR(wantCompatible(node, losses, labels.shape));
    } else {
        WR_RETURN_IF_ERROR(wantSameType(node, logits, labels));
        WR_RETURN_IF_ERROR(wantCompatible(node, logits.shape, labels.shape));
    }
    if (gradient) {
        WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], logits));
        WR_RETURN_IF_ERROR(wantCompatible(node, losses, inputs[0].shape));
    }
    return OutputSpec{logits.dtype, gradient ? logits.shape : losses};
}

Result<OutputSpec> broadcastTo(const Node& node, Inputs inputs)
{
    // Inputs: the value, and optionally a tensor whose shape is taken, for batches that a plan makes known.
    if (inputs.size() != 2)
        WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    const Shape& target = inputs.size() == 2 ? inputs[1].shape : node.shape;
    const std::optional<Shape> both = broadcastShapes(inputs[0].shape, target);
    if (!both || !both->isCompatibleWith(target))
        return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": shape " + inputs[0].shape.toString() +
                                                     " cannot be broadcast to " + target.toString());
    return OutputSpec{inputs[0].dtype, target};
}

Result<OutputSpec> reshape(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    const std::optional<std::int64_t> from = inputs[0].shape.elementCount();
    const std::optional<std::int64_t> to = node.shape.elementCount();
    if (from && to && *from != *to)
        return fail(StatusCode::InvalidArgument, "Cannot reshape a tensor with " + std::to_string(*from) +
                                                     " elements to shape " + node.shape.toString() + " (" +
                                                     std::to_string(*to) + " elements)");
    return OutputSpec{inputs[0].dtype, node.shape};
}

} // namespace

Shape reducedShape(const Shape& input, std::span<const std::int32_t> axes, bool keepDims)
{
    std::vector<std::int64_t> dims;
    for (int axis = 0; axis < input.rank(); ++axis) {
        const bool reduced = std::find(axes.begin(), axes.end(), axis) != axes.end();
        if (!reduced)
            dims.push_back(input.dim(axis));
        else if (keepDims)
            dims.push_back(1);
    }
    return Shape(std::move(dims));
}

Result<OutputSpec> inferOutput(const Node& node, Inputs inputs)
{
    switch (node.op) {
    case OpCode::Const:
    case OpCode::Placeholder:
    case OpCode::Variable:
    case OpCode::Fill:
    case OpCode::RandomNormal:
    case OpCode::TruncatedNormal:
    case OpCode::Range:
    case OpCode::LinSpace:
        return stated(node);
    case OpCode::RandomUniform:
        // A second spelling: drawn in the shape of another tensor, which only a plan may know.
        return inputs.empty() ? stated(node) : Result<OutputSpec>(OutputSpec{node.dtype, inputs[0].shape});
    case OpCode::RandomShuffle:
        return sameAsInput(node, inputs, false);
    case OpCode::Orthogonal:
    case OpCode::Concat:
    case OpCode::Slice:
    case OpCode::ScatterUpdate:
    case OpCode::ScatterAdd:
    case OpCode::ScatterSub:
    case OpCode::ScatterMul:
    case OpCode::ScatterDiv:
    case OpCode::RandomUniformInt:
    case OpCode::Eye:
        return inferSetupOutput(node, inputs);
    case OpCode::NoOp:
        return OutputSpec{DType::Bool, Shape{}};
    case OpCode::Add:
    case OpCode::Sub:
    case OpCode::Mul:
    case OpCode::Div:
    case OpCode::Maximum:
    case OpCode::Minimum:
    case OpCode::Pow:
    case OpCode::ReluGrad:
    case OpCode::SigmoidGrad:
    case OpCode::TanhGrad:
    case OpCode::Relu6Grad:
    case OpCode::EluGrad:
    case OpCode::SeluGrad:
    case OpCode::LeakyReluGrad:
    case OpCode::GeluGrad:
    case OpCode::FloorDiv:
    case OpCode::FloorMod:
    case OpCode::SquaredDifference:
        return elementwisePair(node, inputs, false);
    case OpCode::LogicalAnd:
    case OpCode::LogicalOr:
    case OpCode::LogicalNot:
        return logical(node, inputs);
    case OpCode::IsNan:
    case OpCode::IsInf:
    case OpCode::IsFinite:
        WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
        WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
        return OutputSpec{DType::Bool, inputs[0].shape};
    case OpCode::Select:
        return select(node, inputs);
    case OpCode::Equal:
    case OpCode::NotEqual:
    case OpCode::Less:
    case OpCode::LessEqual:
    case OpCode::Greater:
    case OpCode::GreaterEqual:
        return elementwisePair(node, inputs, true);
    case OpCode::Identity:
    case OpCode::StopGradient:
        return sameAsInput(node, inputs, false);
    case OpCode::Neg:
    case OpCode::Square:
    case OpCode::Abs:
    case OpCode::Sign:
        WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
        if (inputs[0].dtype == DType::Bool)
            return fail(StatusCode::InvalidArgument, quotedOp(node.op) + " takes numbers, not bool");
        return inputs[0];
    case OpCode::Exp:
    case OpCode::Log:
    case OpCode::Sqrt:
    case OpCode::Rsqrt:
    case OpCode::Relu:
    case OpCode::Sigmoid:
    case OpCode::Tanh:
    case OpCode::Softplus:
    case OpCode::Reciprocal:
    case OpCode::Floor:
    case OpCode::Ceil:
    case OpCode::Rint:
    case OpCode::Sin:
    case OpCode::Cos:
    case OpCode::Log1p:
    case OpCode::Expm1:
    case OpCode::Erf:
    case OpCode::Relu6:
    case OpCode::Elu:
    case OpCode::Selu:
    case OpCode::LeakyRelu:
    case OpCode::Gelu:
        return sameAsInput(node, inputs, true);
    case OpCode::Cast:
        WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
        return OutputSpec{node.dtype, inputs[0].shape};
    case OpCode::MatMul:
        return matMul(node, inputs);
    case OpCode::Reshape:
        return reshape(node, inputs);
    case OpCode::BroadcastTo:
        return broadcastTo(node, inputs);
    case OpCode::Sum:
    case OpCode::Mean:
    case OpCode::Max:
    case OpCode::Min:
    case OpCode::Prod:
    case OpCode::All:
    case OpCode::Any:
    case OpCode::ArgMax:
    case OpCode::ArgMin:
        return reduction(node, inputs);
    case OpCode::Softmax:
    case OpCode::LogSoftmax:
        WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
        WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
        if (inputs[0].shape.rank() < 1)
            return fail(StatusCode::InvalidArgument,
                        quotedOp(node.op) + " takes at least a vector, not a scalar");
        return inputs[0];
    case OpCode::SoftmaxCrossEntropyWithLogits:
    case OpCode::SoftmaxCrossEntropyWithLogitsGrad:
    case OpCode::SparseSoftmaxCrossEntropyWithLogits:
    case OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad:
        return crossEntropy(node, inputs);
    case OpCode::Assign:
    case OpCode::AssignAdd:
    case OpCode::AssignSub:
    case OpCode::ApplyGradientDescent:
    case OpCode::ApplyMomentum:
    case OpCode::ApplyAdagrad:
    case OpCode::ApplyAdadelta:
    case OpCode::ApplyRMSProp:
    case OpCode::ApplyCenteredRMSProp:
    case OpCode::ApplyFtrl:
    case OpCode::ApplyFtrlV2:
    case OpCode::ApplyAdamW:
    case OpCode::ApplyAdam:
        return inferUpdateOutput(node, inputs);
    default:
        return inferArrayOutput(node, inputs);
    }
}

} // namespace wr::graph
