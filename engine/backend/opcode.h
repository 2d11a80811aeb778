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
    RandomUniform,    // -> U[low, high): scalars[0], scalars[1]; seeds and stream position in attributes
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
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    // Element-wise, one input.
    Identity,
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
    Cast,
    // Gradients of element-wise ops: (dy, x or y as named).
    ReluGrad,    // (dy, y)
    SigmoidGrad, // (dy, y)
    TanhGrad,    // (dy, y)
    // Linear algebra, shape and reductions.
    MatMul,    // attributes: transposeA, transposeB
    Transpose, // rank 2
    Reshape,
    BroadcastTo,
    Concat, // any number of inputs; attributes: axes[0]
    Slice,  // scalars unused; attributes: axes[i] is the first index of dimension i; the size is the output's
            // shape
    Sum,    // attributes: axes, keepDims
    Mean,   // attributes: axes, keepDims
    Max,    // attributes: axes, keepDims
    ArgMax, // attributes: axes[0]; output int64
    // Classification.
    Softmax,                                 // last axis, rank 2
    LogSoftmax,                              // last axis, rank 2
    SoftmaxCrossEntropyWithLogits,           // (logits [n,c], labels [n,c]) -> [n]
    SoftmaxCrossEntropyWithLogitsGrad,       // (dy [n], logits, labels) -> [n,c]
    SparseSoftmaxCrossEntropyWithLogits,     // (logits [n,c], labels [n] integer) -> [n]
    SparseSoftmaxCrossEntropyWithLogitsGrad, // (dy [n], logits, labels) -> [n,c]
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

/// TensorFlow's name of the op, for example "MatMul".
std::string_view opName(OpCode op);

} // namespace wr::backend
