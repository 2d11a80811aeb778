// SPDX-License-Identifier: GPL-3.0-or-later
// Every operation that a graph can hold. The name of each is TensorFlow's op name. Adding one:
// CONTRIBUTING.md.
#pragma once

#include <cstdint>
#include <string_view>

namespace wr::backend {

enum class OpCode : std::uint16_t {
    // State and feeds: the executor handles these itself, they have no kernel.
    Const,
    Placeholder,
    Variable,
    NoOp,
    // Initial values.
    Fill,             // [] value -> shape of the output
    RandomUniform,    // -> U[low, high): scalars[0], scalars[1]; seeds and stream position in attributes; an
                      // input, if there is one, gives the shape alone
    RandomNormal,     // -> N(mean, stddev): scalars[0], scalars[1]
    TruncatedNormal,  // as RandomNormal, |z| < 2
    RandomUniformInt, // -> [low, high), integers: scalars[0], scalars[1], whole numbers below 2^53
    RandomShuffle,    // (value) -> its rows in random order; seeds and stream position in attributes
    Orthogonal, // (normal [m, n]) -> the orthogonal factor, times scalars[0]; the signs chosen so that R has
                // a positive diagonal
    Eye,        // -> [rows, columns] with scalars[0] on the diagonal
    Range,      // scalars: start, delta
    LinSpace,   // scalars: start, stop; scalars[2]: 1 forces the last value to be stop exactly
    // Element-wise, with broadcasting of the two inputs.
    Add,
    Sub,
    Mul,
    Div,
    Maximum,
    Minimum,
    Pow,
    FloorDiv, // towards minus infinity
    FloorMod, // with the sign of the second operand
    SquaredDifference,
    LogicalAnd,
    LogicalOr,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    // Element-wise, one input; bool for floating-point questions.
    IsNan,
    IsInf,
    IsFinite,
    LogicalNot,
    Identity,
    StopGradient, // as Identity; passes no gradient
    Neg,
    Exp,
    Log,
    Sqrt,
    Rsqrt,
    Square,
    Abs,
    Sign,
    Relu,
    Sigmoid,
    Tanh,
    Softplus,
    Reciprocal,
    Floor,
    Ceil,
    Rint, // to the even neighbour at a half
    Sin,
    Cos,
    Log1p,
    Expm1,
    Erf,
    Relu6,
    Elu,
    Selu,
    LeakyRelu, // scalars[0]: the slope below zero
    Gelu,      // scalars[0]: 1 for the approximation by tanh
    Cast,
    Select, // (condition bool, a, b): element-wise, with broadcasting
    // Gradients of element-wise ops: (dy, x or y as named).
    ReluGrad,      // (dy, y)
    SigmoidGrad,   // (dy, y)
    TanhGrad,      // (dy, y)
    Relu6Grad,     // (dy, y)
    EluGrad,       // (dy, y)
    SeluGrad,      // (dy, y)
    LeakyReluGrad, // (dy, x); scalars as LeakyRelu
    GeluGrad,      // (dy, x); scalars as Gelu
    // Linear algebra, shape and reductions.
    MatMul,      // attributes: transposeA, transposeB
    BatchMatMul, // [..., m, k] x [..., k, n]; attributes as MatMul
    Transpose, // attributes: axes[i] is the input's axis that becomes axis i; without axes, rank 2 exchanged
    Reshape,
    BroadcastTo,
    Concat, // any number of inputs; attributes: axes[0]
    Slice,  // scalars unused; attributes: axes[i] is the first index of dimension i; the size is the output's
            // shape
    Pad,    // attributes: axes[i] zeros before dimension i (scalars[0] in their place); the output's
            // shape decides how many come after
    Gather, // (params, indices) -> rows of params: indices.shape + params.shape[1:]
    GatherGrad,  // (params, indices, dy) -> shaped as params: row indices[i] receives row i of dy, in order
    OneHot,      // (indices) -> indices.shape + [axes[0]], scalars[0] on the place and scalars[1] elsewhere
    Sum,         // attributes: axes, keepDims
    Mean,        // attributes: axes, keepDims
    Max,         // attributes: axes, keepDims
    Min,         // attributes: axes, keepDims
    Prod,        // attributes: axes, keepDims
    All,         // bool; attributes: axes, keepDims
    Any,         // bool; attributes: axes, keepDims
    ArgMax,      // attributes: axes[0]; output int64
    ArgMin,      // attributes: axes[0]; output int64
    TopK,        // the axes[0] largest of the last dimension, largest first
    TopKIndices, // where they lie, int32; the lower place first among equals
    InTopK, // (predictions [n,c], targets [n]) -> bool [n]: fewer than axes[0] classes lie above the target's
    // Classification, along the last axis.
    Softmax,
    LogSoftmax,
    SoftmaxCrossEntropyWithLogits,           // (logits [...,c], labels [...,c]) -> [...]
    SoftmaxCrossEntropyWithLogitsGrad,       // (dy [...], logits, labels) -> [...,c]
    SparseSoftmaxCrossEntropyWithLogits,     // (logits [...,c], labels [...] integer) -> [...]
    SparseSoftmaxCrossEntropyWithLogitsGrad, // (dy [...], logits, labels) -> [...,c]
    // Windows over images [n, height, width, channels]; attributes: axes as WindowAxis says.
    Conv2D,                // (images, filter [height, width, channels, outputs])
    Conv2DBackpropInput,   // (images, filter, dy) -> shaped as images, whose values do not count
    Conv2DBackpropFilter,  // (images, filter, dy) -> shaped as filter, whose values do not count
    DepthwiseConv2dNative, // (images, filter [height, width, channels, multiplier])
    DepthwiseConv2dNativeBackpropInput,
    DepthwiseConv2dNativeBackpropFilter,
    MaxPool,
    MaxPoolGrad, // (images, y, dy): to the first place that holds the maximum
    AvgPool,     // over the part of a window that lies on the image
    AvgPoolGrad, // (images, dy)
    // Mutation of a variable: input 0 is the variable, output 0 the same memory.
    Assign,
    AssignAdd,
    AssignSub,
    ScatterUpdate, // (var, indices, updates): row indices[i] of var becomes updates[i], in order; likewise
                   // the others
    ScatterAdd,
    ScatterSub,
    ScatterMul,
    ScatterDiv,
    ApplyGradientDescent, // (var, alpha [], grad)
    ApplyMomentum,        // (var, accum, alpha [], grad, momentum []); scalars[0]: 1 for Nesterov's
    ApplyAdagrad,         // (var, accum, alpha [], grad)
    ApplyAdadelta,        // (var, accum, accumUpdate, alpha [], rho [], epsilon [], grad)
    ApplyRMSProp,         // (var, ms, mom, alpha [], rho [], momentum [], epsilon [], grad)
    ApplyCenteredRMSProp, // (var, mg, ms, mom, alpha [], rho [], momentum [], epsilon [], grad)
    ApplyFtrl,            // (var, accum, linear, grad, alpha [], l1 [], l2 [], power [])
    ApplyFtrlV2,          // (var, accum, linear, grad, alpha [], l1 [], l2 [], l2Shrinkage [], power [])
    ApplyAdamW, // (var, m, v, beta1Power [], beta2Power [], alpha [], beta1 [], beta2 [], epsilon [],
                // weightDecay [], grad)
    ApplyAdam,  // (var, m, v, beta1Power [], beta2Power [], alpha [], beta1 [], beta2 [], epsilon [], grad)
    Count,
};

/// What attributes.axes hold for convolutions and pools. Padding after the image follows from the output's
/// size.
enum WindowAxis : std::uint8_t { StrideY, StrideX, PadTop, PadLeft, DilationY, DilationX, WindowY, WindowX };

/// TensorFlow's name of the op, for example "MatMul".
std::string_view opName(OpCode op);

} // namespace wr::backend
