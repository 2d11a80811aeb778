// SPDX-License-Identifier: GPL-3.0-or-later
// The table of known names, and its rows of ops. To add an op: a row here and, when no family fits, a
// function of ModelBuilder.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using backend::OpCode;

const std::vector<ModelBuilder::Known>& ModelBuilder::functions()
{
    static const std::vector<Known> kTable = [] {
        std::vector<Known> table;
        for (const auto add :
             {addVariableFunctions, addValueFunctions, addOpFunctions, addScopeFunctions, addDeviceFunctions,
              addSaverFunctions, addRecipeFunctions, addTrainingFunctions, addOptionFunctions})
            add(table);
        return table;
    }();
    return kTable;
}

void ModelBuilder::addOpFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kUnary{"x", "name"};
    static const std::vector<std::string_view> kActivation{"features", "name"};
    static const std::vector<std::string_view> kPair{"x", "y", "name"};
    static const std::vector<std::string_view> kReduce{"input_tensor",      "axis",    "keep_dims", "name",
                                                       "reduction_indices", "keepdims"};
    table.insert(
        table.end(),
        {
            {"tf.add", &B::callBinary, kPair, OpCode::Add},
            {"tf.sub", &B::callBinary, kPair, OpCode::Sub},
            {"tf.subtract", &B::callBinary, kPair, OpCode::Sub},
            {"tf.mul", &B::callBinary, kPair, OpCode::Mul},
            {"tf.multiply", &B::callBinary, kPair, OpCode::Mul},
            {"tf.div", &B::callBinary, kPair, OpCode::Div},
            {"tf.divide", &B::callBinary, kPair, OpCode::Div},
            {"tf.truediv", &B::callBinary, kPair, OpCode::Div},
            {"tf.pow", &B::callBinary, kPair, OpCode::Pow},
            {"tf.maximum", &B::callBinary, kPair, OpCode::Maximum},
            {"tf.minimum", &B::callBinary, kPair, OpCode::Minimum},
            {"tf.floordiv", &B::callBinary, kPair, OpCode::FloorDiv},
            {"tf.floor_div", &B::callBinary, kPair, OpCode::FloorDiv},
            {"tf.mod", &B::callBinary, kPair, OpCode::FloorMod},
            {"tf.floormod", &B::callBinary, kPair, OpCode::FloorMod},
            {"tf.squared_difference", &B::callBinary, kPair, OpCode::SquaredDifference},
            {"tf.logical_and", &B::callBinary, kPair, OpCode::LogicalAnd},
            {"tf.logical_or", &B::callBinary, kPair, OpCode::LogicalOr},
            {"tf.equal", &B::callBinary, kPair, OpCode::Equal},
            {"tf.not_equal", &B::callBinary, kPair, OpCode::NotEqual},
            {"tf.less", &B::callBinary, kPair, OpCode::Less},
            {"tf.less_equal", &B::callBinary, kPair, OpCode::LessEqual},
            {"tf.greater", &B::callBinary, kPair, OpCode::Greater},
            {"tf.greater_equal", &B::callBinary, kPair, OpCode::GreaterEqual},
            {"tf.nn.bias_add", &B::callBinary, {"value", "bias", "data_format", "name"}, OpCode::Add},

            {"tf.identity", &B::callUnary, {"input", "name"}, OpCode::Identity},
            {"tf.neg", &B::callUnary, kUnary, OpCode::Neg},
            {"tf.negative", &B::callUnary, kUnary, OpCode::Neg},
            {"tf.exp", &B::callUnary, kUnary, OpCode::Exp},
            {"tf.log", &B::callUnary, kUnary, OpCode::Log},
            {"tf.sqrt", &B::callUnary, kUnary, OpCode::Sqrt},
            {"tf.rsqrt", &B::callUnary, kUnary, OpCode::Rsqrt},
            {"tf.square", &B::callUnary, kUnary, OpCode::Square},
            {"tf.abs", &B::callUnary, kUnary, OpCode::Abs},
            {"tf.sign", &B::callUnary, kUnary, OpCode::Sign},
            {"tf.reciprocal", &B::callUnary, kUnary, OpCode::Reciprocal},
            {"tf.floor", &B::callUnary, kUnary, OpCode::Floor},
            {"tf.ceil", &B::callUnary, kUnary, OpCode::Ceil},
            {"tf.round", &B::callUnary, kUnary, OpCode::Rint},
            {"tf.rint", &B::callUnary, kUnary, OpCode::Rint},
            {"tf.sin", &B::callUnary, kUnary, OpCode::Sin},
            {"tf.cos", &B::callUnary, kUnary, OpCode::Cos},
            {"tf.log1p", &B::callUnary, kUnary, OpCode::Log1p},
            {"tf.expm1", &B::callUnary, kUnary, OpCode::Expm1},
            {"tf.erf", &B::callUnary, kUnary, OpCode::Erf},
            {"tf.is_nan", &B::callUnary, kUnary, OpCode::IsNan},
            {"tf.is_inf", &B::callUnary, kUnary, OpCode::IsInf},
            {"tf.is_finite", &B::callUnary, kUnary, OpCode::IsFinite},
            {"tf.logical_not", &B::callUnary, kUnary, OpCode::LogicalNot},
            {"tf.stop_gradient", &B::callUnary, {"input", "name"}, OpCode::StopGradient},
            {"tf.sigmoid", &B::callUnary, kUnary, OpCode::Sigmoid},
            {"tf.nn.sigmoid", &B::callUnary, kUnary, OpCode::Sigmoid},
            {"tf.tanh", &B::callUnary, kUnary, OpCode::Tanh},
            {"tf.nn.tanh", &B::callUnary, kUnary, OpCode::Tanh},
            {"tf.nn.relu", &B::callUnary, kActivation, OpCode::Relu},
            {"tf.nn.softplus", &B::callUnary, kActivation, OpCode::Softplus},
            {"tf.nn.softmax", &B::callUnary, {"logits", "axis", "name", "dim"}, OpCode::Softmax},
            {"tf.nn.log_softmax", &B::callUnary, {"logits", "axis", "name", "dim"}, OpCode::LogSoftmax},

            {"tf.matmul",
             &B::callMatMul,
             {"a", "b", "transpose_a", "transpose_b", "a_is_sparse", "b_is_sparse", "name", "adjoint_a",
              "adjoint_b"}},
            {"tf.batch_matmul",
             &B::callMatMul,
             {"a", "b", "transpose_a", "transpose_b", "name", "adj_x", "adj_y"}},
            {"tf.transpose", &B::callTranspose, {"a", "perm", "name"}},
            {"tf.reshape", &B::callReshape, {"tensor", "shape", "name"}},
            {"tf.cast", &B::callCast, {"x", "dtype", "name"}},
            {"tf.to_float", &B::callCast, {"x", "name"}},
            {"tf.reduce_sum", &B::callReduce, kReduce, OpCode::Sum},
            {"tf.reduce_mean", &B::callReduce, kReduce, OpCode::Mean},
            {"tf.reduce_max", &B::callReduce, kReduce, OpCode::Max},
            {"tf.reduce_min", &B::callReduce, kReduce, OpCode::Min},
            {"tf.reduce_prod", &B::callReduce, kReduce, OpCode::Prod},
            {"tf.reduce_all", &B::callReduce, kReduce, OpCode::All},
            {"tf.reduce_any", &B::callReduce, kReduce, OpCode::Any},
            {"tf.argmax", &B::callArgMax, {"input", "axis", "name", "dimension"}, OpCode::ArgMax},
            {"tf.argmin", &B::callArgMax, {"input", "axis", "name", "dimension"}, OpCode::ArgMin},
            {"tf.nn.softmax_cross_entropy_with_logits",
             &B::callCrossEntropy,
             {"logits", "labels", "dim", "name"},
             OpCode::SoftmaxCrossEntropyWithLogits},
            {"tf.nn.sparse_softmax_cross_entropy_with_logits",
             &B::callCrossEntropy,
             {"logits", "labels", "name"},
             OpCode::SparseSoftmaxCrossEntropyWithLogits},
        });
}

} // namespace wr::graph
