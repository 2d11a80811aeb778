// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/backend/opcode.h"

#include <array>
#include <cstddef>

namespace wr::backend {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(OpCode::Count)> kNames{
    "Const",
    "Placeholder",
    "Variable",
    "NoOp",
    "Fill",
    "RandomUniform",
    "RandomNormal",
    "TruncatedNormal",
    "RandomUniformInt",
    "RandomShuffle",
    "Orthogonal",
    "Eye",
    "Range",
    "LinSpace",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Maximum",
    "Minimum",
    "Pow",
    "Equal",
    "NotEqual",
    "Less",
    "LessEqual",
    "Greater",
    "GreaterEqual",
    "Identity",
    "Neg",
    "Exp",
    "Log",
    "Sqrt",
    "Rsqrt",
    "Square",
    "Abs",
    "Sign",
    "Relu",
    "Sigmoid",
    "Tanh",
    "Softplus",
    "Cast",
    "ReluGrad",
    "SigmoidGrad",
    "TanhGrad",
    "MatMul",
    "Transpose",
    "Reshape",
    "BroadcastTo",
    "Concat",
    "Slice",
    "Sum",
    "Mean",
    "Max",
    "ArgMax",
    "Softmax",
    "LogSoftmax",
    "SoftmaxCrossEntropyWithLogits",
    "SoftmaxCrossEntropyWithLogitsGrad",
    "SparseSoftmaxCrossEntropyWithLogits",
    "SparseSoftmaxCrossEntropyWithLogitsGrad",
    "Assign",
    "AssignAdd",
    "AssignSub",
    "ScatterUpdate",
    "ScatterAdd",
    "ScatterSub",
    "ScatterMul",
    "ScatterDiv",
    "ApplyGradientDescent",
    "ApplyMomentum",
    "ApplyAdagrad",
    "ApplyAdadelta",
    "ApplyRMSProp",
    "ApplyCenteredRMSProp",
    "ApplyFtrl",
    "ApplyFtrlV2",
    "ApplyAdamW",
    "ApplyAdam"};

static_assert(!kNames.back().empty(), "every OpCode needs a name");

} // namespace

std::string_view opName(OpCode op)
{
    const auto index = static_cast<std::size_t>(op);
    return index < kNames.size() ? kNames[index] : "Unknown";
}

} // namespace wr::backend
