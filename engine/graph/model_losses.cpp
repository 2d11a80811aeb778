// SPDX-License-Identifier: GPL-3.0-or-later
// Activations, losses and measures of scripts that are made of several ops, in forms that do not overflow.
#include "engine/graph/op_builder.h"

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void OpBuilder::addLossFunctions(std::vector<Known>& table)
{
    using B = OpBuilder;
    static const std::vector<std::string_view> kFeatures{"features", "name"};
    static const std::vector<std::string_view> kLoss{
        "labels", "predictions",        "weights",       "scope", "loss_collection", "reduction",
        "logits", "multi_class_labels", "onehot_labels", "delta", "epsilon",         "label_smoothing"};
    static const std::vector<std::string_view> kLogits{"labels", "logits",          "weights",
                                                       "scope",  "loss_collection", "reduction"};
    table.insert(
        table.end(),
        {{"tf.nn.relu6", row(&B::callUnary), kFeatures, OpCode::Relu6},
         {"tf.nn.elu", row(&B::callUnary), kFeatures, OpCode::Elu},
         {"tf.nn.selu", row(&B::callUnary), kFeatures, OpCode::Selu},
         {"tf.nn.leaky_relu", row(&B::callActivation), {"features", "alpha", "name"}, OpCode::LeakyRelu},
         {"tf.nn.gelu", row(&B::callActivation), {"features", "approximate", "name"}, OpCode::Gelu},
         {"tf.nn.swish", row(&B::callActivation), kFeatures, OpCode::Sigmoid},
         {"tf.nn.softsign", row(&B::callActivation), kFeatures, OpCode::Abs},
         {"tf.log_sigmoid", row(&B::callActivation), {"features", "name", "x"}, OpCode::Softplus},
         {"tf.nn.sigmoid_cross_entropy_with_logits",
          row(&B::callSigmoidCrossEntropy),
          {"logits", "labels", "name", "targets"}},
         {"tf.nn.weighted_cross_entropy_with_logits",
          row(&B::callSigmoidCrossEntropy),
          {"labels", "logits", "pos_weight", "name", "targets"}},
         {"tf.nn.softmax_cross_entropy_with_logits_v2",
          row(&B::callCrossEntropy),
          {"labels", "logits", "axis", "name", "dim"},
          OpCode::SoftmaxCrossEntropyWithLogits},
         {"tf.nn.dropout", row(&B::callDropout), {"x", "keep_prob", "noise_shape", "seed", "name", "rate"}},
         {"tf.nn.l2_loss", row(&B::callL2Loss), {"t", "name"}},
         {"tf.nn.in_top_k", row(&B::callInTopK), {"predictions", "targets", "k", "name"}},
         {"tf.losses.mean_squared_error", row(&B::callLoss), kLoss},
         {"tf.losses.absolute_difference", row(&B::callLoss), kLoss},
         {"tf.losses.huber_loss",
          row(&B::callLoss),
          {"labels", "predictions", "weights", "delta", "scope", "loss_collection", "reduction"}},
         {"tf.losses.log_loss",
          row(&B::callLoss),
          {"labels", "predictions", "weights", "epsilon", "scope", "loss_collection", "reduction"}},
         {"tf.losses.hinge_loss", row(&B::callLoss), kLogits},
         {"tf.losses.sigmoid_cross_entropy",
          row(&B::callLoss),
          {"multi_class_labels", "logits", "weights", "label_smoothing", "scope", "loss_collection",
           "reduction"}},
         {"tf.losses.softmax_cross_entropy",
          row(&B::callLoss),
          {"onehot_labels", "logits", "weights", "label_smoothing", "scope", "loss_collection", "reduction"}},
         {"tf.losses.sparse_softmax_cross_entropy", row(&B::callLoss), kLogits}});
}

Value OpBuilder::scalarLike(double value, NodeId like, const script::TextRange& range)
{
    const Uncounted uncounted(*this);
    return Value::ofNode(toNode(Value::ofNumber(value), range, m_model->graph.node(like).dtype));
}

Value OpBuilder::callActivation(CallArguments& arguments)
{
    const char* const parameter = arguments.has("x") ? "x" : "features";
    const NodeId x = toNode(arguments.required(parameter), arguments.rangeOf(parameter), DType::Float32);
    if (x == kNoNode)
        return Value::error();
    const script::TextRange& range = arguments.range();
    const std::string name = arguments.text("name");
    backend::OpAttributes attributes;
    switch (arguments.op()) {
    case OpCode::LeakyRelu: {
        const std::optional<double> alpha = arguments.number("alpha", 0.2);
        if (!alpha)
            return Value::error();
        attributes.scalars[0] = *alpha;
        return addOp(OpCode::LeakyRelu, {x}, range, name, attributes);
    }
    case OpCode::Gelu: {
        const std::optional<bool> approximate = arguments.boolean("approximate", false);
        if (!approximate)
            return Value::error();
        attributes.scalars[0] = *approximate ? 1.0 : 0.0;
        return addOp(OpCode::Gelu, {x}, range, name, attributes);
    }
    case OpCode::Sigmoid: // swish: x · sigmoid(x)
        return addOp(OpCode::Mul, {x, addOp(OpCode::Sigmoid, {x}, range).node}, range, name);
    case OpCode::Abs: { // softsign: x / (1 + |x|)
        const Value one = scalarLike(1.0, x, range);
        const Value below = addOp(OpCode::Add, {addOp(OpCode::Abs, {x}, range).node, one.node}, range);
        return addOp(OpCode::Div, {x, below.node}, range, name);
    }
    default: { // log_sigmoid: −softplus(−x)
        const Value softplus = addOp(OpCode::Softplus, {addOp(OpCode::Neg, {x}, range).node}, range);
        return addOp(OpCode::Neg, {softplus.node}, range, name);
    }
    }
}

/// softplus(x) − x·z, which is stable for either sign; with a weight of positives q:
/// (1 − z)·x + (1 + (q − 1)·z)·softplus(−x).
Value OpBuilder::sigmoidCrossEntropy(NodeId x, NodeId z, std::optional<NodeId> weight,
                                     const script::TextRange& range, const std::string& name)
{
    if (x == kNoNode || z == kNoNode)
        return Value::error();
    const Shape& logits = m_model->graph.node(x).shape;
    const Shape& labels = m_model->graph.node(z).shape;
    if (!logits.isCompatibleWith(labels))
        return error(range,
                     "logits and labels must have the same shape (" + logits.toString() + " vs " +
                         labels.toString() + ")",
                     "ValueError");
    if (!weight) {
        const Value softplus = addOp(OpCode::Softplus, {x}, range);
        return addOp(OpCode::Sub, {softplus.node, addOp(OpCode::Mul, {x, z}, range).node}, range, name);
    }
    const NodeId one = scalarLike(1.0, x, range).node;
    const Value rest = addOp(OpCode::Mul, {addOp(OpCode::Sub, {one, z}, range).node, x}, range);
    const Value extra = addOp(OpCode::Mul, {addOp(OpCode::Sub, {*weight, one}, range).node, z}, range);
    const Value softplus = addOp(OpCode::Softplus, {addOp(OpCode::Neg, {x}, range).node}, range);
    const Value scaled =
        addOp(OpCode::Mul, {addOp(OpCode::Add, {one, extra.node}, range).node, softplus.node}, range);
    return addOp(OpCode::Add, {rest.node, scaled.node}, range, name);
}

Value OpBuilder::callSigmoidCrossEntropy(CallArguments& arguments)
{
    const char* const labels = arguments.has("targets") ? "targets" : "labels";
    const NodeId x = toNode(arguments.required("logits"), arguments.rangeOf("logits"), DType::Float32);
    const NodeId z = toNode(arguments.required(labels), arguments.rangeOf(labels), DType::Float32);
    std::optional<NodeId> weight;
    if (arguments.function() == "tf.nn.weighted_cross_entropy_with_logits") {
        weight = toNode(arguments.required("pos_weight"), arguments.rangeOf("pos_weight"), DType::Float32);
        if (*weight == kNoNode)
            return Value::error();
    }
    return sigmoidCrossEntropy(x, z, weight, arguments.range(), arguments.text("name"));
}

Value OpBuilder::overAllAxes(OpCode op, NodeId input, const script::TextRange& range, const std::string& name)
{
    if (input == kNoNode)
        return Value::error();
    backend::OpAttributes attributes;
    for (int axis = 0; axis < m_model->graph.node(input).shape.rank(); ++axis)
        attributes.axes[attributes.axisCount++] = axis;
    return addOp(op, {input}, range, name, attributes);
}

/// Half the sum of the squares.
Value OpBuilder::callL2Loss(CallArguments& arguments)
{
    const NodeId t = toNode(arguments.required("t"), arguments.rangeOf("t"), DType::Float32);
    if (t == kNoNode)
        return Value::error();
    const script::TextRange& range = arguments.range();
    const Value sum = overAllAxes(OpCode::Sum, addOp(OpCode::Square, {t}, range).node, range);
    return addOp(OpCode::Mul, {sum.node, scalarLike(0.5, t, range).node}, range, arguments.text("name"));
}

Value OpBuilder::callInTopK(CallArguments& arguments)
{
    const NodeId predictions = toNode(arguments.required("predictions"), arguments.rangeOf("predictions"));
    const NodeId targets = toNode(arguments.required("targets"), arguments.rangeOf("targets"), DType::Int32);
    const std::optional<std::int64_t> k = toInteger(arguments.required("k"), arguments.rangeOf("k"));
    if (!k)
        return Value::error();
    if (*k < 1 || *k > (1 << 24))
        return error(arguments.rangeOf("k"), "k must be at least 1");
    backend::OpAttributes attributes;
    attributes.axisCount = 1;
    attributes.axes[0] = static_cast<std::int32_t>(*k);
    return addOp(OpCode::InTopK, {predictions, targets}, arguments.range(), arguments.text("name"),
                 attributes);
}

/// tf.losses.…: the mean over all elements, times a scalar weight.
Value OpBuilder::callLoss(CallArguments& arguments)
{
    const std::string function(arguments.function().substr(std::string_view("tf.losses.").size()));
    const script::TextRange& range = arguments.range();
    const char* const labelName = function == "sigmoid_cross_entropy"   ? "multi_class_labels"
                                  : function == "softmax_cross_entropy" ? "onehot_labels"
                                                                        : "labels";
    const bool takesLogits = function.find("cross_entropy") != std::string::npos || function == "hinge_loss";
    const char* const valueName = takesLogits ? "logits" : "predictions";
    const NodeId labels = toNode(arguments.required(labelName), arguments.rangeOf(labelName),
                                 function == "sparse_softmax_cross_entropy" ? DType::Int32 : DType::Float32);
    const NodeId x = toNode(arguments.required(valueName), arguments.rangeOf(valueName), DType::Float32);
    const std::optional<double> weight = arguments.number("weights", 1.0);
    const std::optional<double> smoothing = arguments.number("label_smoothing", 0.0);
    if (labels == kNoNode || x == kNoNode || !weight || !smoothing)
        return Value::error();
    if (*smoothing != 0.0)
        return error(arguments.rangeOf("label_smoothing"),
                     "smoothing is not understood yet; smooth the labels");
    if (function != "sparse_softmax_cross_entropy" &&
        !m_model->graph.node(labels).shape.isCompatibleWith(m_model->graph.node(x).shape))
        return error(range,
                     "Shapes " + m_model->graph.node(x).shape.toString() + " and " +
                         m_model->graph.node(labels).shape.toString() + " are incompatible",
                     "ValueError");
    const auto op = [&](OpCode code, std::vector<NodeId> inputs) {
        return addOp(code, std::move(inputs), range).node;
    };
    const auto number = [&](double value) { return scalarLike(value, x, range).node; };
    NodeId each = kNoNode;
    if (function == "mean_squared_error") {
        each = op(OpCode::SquaredDifference, {x, labels});
    } else if (function == "absolute_difference") {
        each = op(OpCode::Abs, {op(OpCode::Sub, {x, labels})});
    } else if (function == "huber_loss") { // ½ q² + δ (|e| − q), q = min(|e|, δ)
        const std::optional<double> delta = arguments.number("delta", 1.0);
        if (!delta)
            return Value::error();
        const NodeId size = op(OpCode::Abs, {op(OpCode::Sub, {x, labels})});
        const NodeId near = op(OpCode::Minimum, {size, number(*delta)});
        each = op(OpCode::Add, {op(OpCode::Mul, {number(0.5), op(OpCode::Square, {near})}),
                                op(OpCode::Mul, {number(*delta), op(OpCode::Sub, {size, near})})});
    } else if (function == "log_loss") {
        const std::optional<double> epsilon = arguments.number("epsilon", 1e-7);
        if (!epsilon)
            return Value::error();
        const NodeId one = number(1.0);
        const NodeId hit = op(OpCode::Log, {op(OpCode::Add, {x, number(*epsilon)})});
        const NodeId miss = op(OpCode::Log, {op(OpCode::Add, {op(OpCode::Sub, {one, x}), number(*epsilon)})});
        each = op(OpCode::Neg, {op(OpCode::Add, {op(OpCode::Mul, {labels, hit}),
                                                 op(OpCode::Mul, {op(OpCode::Sub, {one, labels}), miss})})});
    } else if (function == "hinge_loss") { // labels 0 and 1 stand for −1 and 1
        const NodeId one = number(1.0);
        const NodeId sign = op(OpCode::Sub, {op(OpCode::Mul, {number(2.0), labels}), one});
        each = op(OpCode::Relu, {op(OpCode::Sub, {one, op(OpCode::Mul, {sign, x})})});
    } else if (function == "sigmoid_cross_entropy") {
        each = sigmoidCrossEntropy(x, labels, std::nullopt, range).node;
    } else if (function == "softmax_cross_entropy") {
        each = op(OpCode::SoftmaxCrossEntropyWithLogits, {x, labels});
    } else {
        each = op(OpCode::SparseSoftmaxCrossEntropyWithLogits, {x, labels});
    }
    const Value mean = overAllAxes(OpCode::Mean, each, range, arguments.text("scope"));
    if (mean.isError() || *weight == 1.0)
        return mean;
    return addOp(OpCode::Mul, {mean.node, number(*weight)}, range);
}

/// x / keep · ⌊keep + u⌋ with u evenly from [0, 1): an element stays with the probability `keep`. The draw
/// depends on the seed and on how often it was drawn, so a training that goes on from a checkpoint draws what
/// it would have.
Value OpBuilder::callDropout(CallArguments& arguments)
{
    const NodeId x = toNode(arguments.required("x"), arguments.rangeOf("x"), DType::Float32);
    const bool hasRate = arguments.has("rate") && arguments.value("rate").kind != Kind::None;
    const char* const parameter = hasRate ? "rate" : "keep_prob";
    const Value given = arguments.required(parameter);
    const std::optional<std::optional<std::int64_t>> seed = seedOf(arguments);
    if (x == kNoNode || given.isError() || !seed)
        return Value::error();
    if (arguments.value("noise_shape").kind != Kind::None)
        return error(arguments.rangeOf("noise_shape"), "noise_shape is not understood yet");
    if (!isFloating(m_model->graph.node(x).dtype))
        return error(arguments.rangeOf("x"),
                     "x has to be a floating point tensor since it's going to be scaled", "ValueError");
    if (given.kind == Kind::Number) {
        const double keep = hasRate ? 1.0 - given.number : given.number;
        if (!(keep > 0.0 && keep <= 1.0))
            return error(arguments.rangeOf(parameter),
                         hasRate ? "rate must be a scalar tensor or a float in the range [0, 1)"
                                 : "keep_prob must be a scalar tensor or a float in the range (0, 1]",
                         "ValueError");
        if (keep == 1.0)
            return Value::ofNode(x);
    }
    const script::TextRange& range = arguments.range();
    const DType dtype = m_model->graph.node(x).dtype;
    NodeId keep = toNode(given, arguments.rangeOf(parameter), dtype);
    if (keep == kNoNode)
        return Value::error();
    if (m_model->graph.node(keep).shape.rank() != 0)
        return error(arguments.rangeOf(parameter), std::string(parameter) + " must be a scalar");
    if (hasRate)
        keep = addOp(OpCode::Sub, {scalarLike(1.0, x, range).node, keep}, range).node;
    const Seeds seeds = takeSeeds(*seed, range, &arguments.call());
    backend::OpAttributes attributes;
    attributes.scalars[1] = 1.0;
    attributes.seed = seeds.seed;
    attributes.seed2 = seeds.seed2;
    const Value draw =
        addOp(OpCode::RandomUniform, {x}, range, "dropout/random_uniform", attributes, {}, dtype);
    if (draw.isError())
        return draw;
    if (seeds.isByName)
        m_unseeded.insert(draw.node);
    const Value mask =
        addOp(OpCode::Floor, {addOp(OpCode::Add, {draw.node, keep}, range, "dropout/add").node}, range,
              "dropout/Floor");
    const Value scaled = addOp(OpCode::Div, {x, keep}, range, "dropout/div");
    const std::string name = arguments.text("name");
    return addOp(OpCode::Mul, {scaled.node, mask.node}, range, name.empty() ? "dropout/mul" : name);
}

} // namespace wr::graph
