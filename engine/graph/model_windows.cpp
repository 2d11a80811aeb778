// SPDX-License-Identifier: GPL-3.0-or-later
// Convolutions, pools and normalisation of scripts. Padding is worked out here, where heights and widths are
// known.
#include "engine/graph/op_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

namespace {

/// Size of the results along one side and the padding before it, as TensorFlow counts them.
struct Side {
    std::int64_t size;
    std::int64_t before;
};

Side sideOf(std::int64_t length, std::int64_t window, std::int64_t stride, std::int64_t dilation, bool isSame)
{
    const std::int64_t reach = (window - 1) * dilation + 1;
    if (!isSame)
        return {length < reach ? 0 : (length - reach) / stride + 1, 0};
    const std::int64_t size = (length + stride - 1) / stride;
    const std::int64_t padding = std::max<std::int64_t>((size - 1) * stride + reach - length, 0);
    return {size, padding / 2};
}

} // namespace

void OpBuilder::addWindowFunctions(std::vector<Known>& table)
{
    using B = OpBuilder;
    static const std::vector<std::string_view> kPool{"value",   "ksize",       "strides",
                                                     "padding", "data_format", "name"};
    table.insert(
        table.end(),
        {{"tf.nn.conv2d",
          row(&B::callConvolution),
          {"input", "filter", "strides", "padding", "use_cudnn_on_gpu", "data_format", "dilations", "name",
           "filters"},
          OpCode::Conv2D},
         {"tf.nn.depthwise_conv2d",
          row(&B::callConvolution),
          {"input", "filter", "strides", "padding", "rate", "name", "data_format"},
          OpCode::DepthwiseConv2dNative},
         {"tf.nn.depthwise_conv2d_native",
          row(&B::callConvolution),
          {"input", "filter", "strides", "padding", "data_format", "dilations", "name"},
          OpCode::DepthwiseConv2dNative},
         {"tf.nn.max_pool", row(&B::callPool), kPool, OpCode::MaxPool},
         {"tf.nn.avg_pool", row(&B::callPool), kPool, OpCode::AvgPool},
         {"tf.nn.moments", row(&B::callMoments), {"x", "axes", "shift", "name", "keep_dims", "keepdims"}},
         {"tf.nn.batch_normalization",
          row(&B::callBatchNormalization),
          {"x", "mean", "variance", "offset", "scale", "variance_epsilon", "name"}},
         {"tf.nn.l2_normalize", row(&B::callL2Normalize), {"x", "dim", "epsilon", "name", "axis"}},
         {"tf.layers.flatten", row(&B::callFlatten), {"inputs", "name"}},
         {"tf.contrib.layers.flatten", row(&B::callFlatten), {"inputs", "name"}}});
}

/// The two inner entries of a list of four, whose outer ones are 1; or two entries, or one number.
std::optional<std::pair<std::int64_t, std::int64_t>> OpBuilder::innerPair(CallArguments& arguments,
                                                                          std::string_view parameter)
{
    const Value given = arguments.value(parameter);
    if (given.kind == Kind::None)
        return std::pair<std::int64_t, std::int64_t>{1, 1};
    const std::optional<Shape> list = toShape(given, arguments.rangeOf(parameter), false);
    if (!list)
        return std::nullopt;
    constexpr std::int64_t kMost = 1 << 20;
    const int first = list->rank() == 4 ? 1 : 0;
    const bool fits = (list->rank() == 4 && list->dim(0) == 1 && list->dim(3) == 1) || list->rank() == 2 ||
                      list->rank() == 1;
    const std::int64_t y = fits ? list->dim(first) : 0;
    const std::int64_t x = fits ? list->dim(list->rank() == 1 ? 0 : first + 1) : 0;
    if (y < 1 || x < 1 || y > kMost || x > kMost) {
        error(arguments.rangeOf(parameter),
              std::string(parameter) + " is [1, height, width, 1]: batch and channels are not stepped over",
              "ValueError");
        return std::nullopt;
    }
    return std::pair{y, x};
}

std::optional<Shape> OpBuilder::placeWindow(CallArguments& arguments, NodeId images, std::int64_t channels,
                                            backend::OpAttributes& attributes)
{
    const std::string padding = arguments.text("padding");
    if (padding != "SAME" && padding != "VALID") {
        error(arguments.rangeOf("padding"), "padding is \"SAME\" or \"VALID\"", "ValueError");
        return std::nullopt;
    }
    if (arguments.has("data_format") && arguments.text("data_format") != "NHWC") {
        error(arguments.rangeOf("data_format"), "only data_format=\"NHWC\" is understood");
        return std::nullopt;
    }
    const char* const dilationName = arguments.has("rate") ? "rate" : "dilations";
    const auto strides = innerPair(arguments, "strides");
    const auto dilations = innerPair(arguments, dilationName);
    if (!strides || !dilations)
        return std::nullopt;
    const Shape& shape = m_model->graph.node(images).shape;
    if (shape.rank() != 4 || shape.dim(1) < 0 || shape.dim(2) < 0) {
        error(arguments.range(),
              "images have a shape [batch, height, width, channels] with known height and width, "
              "but this one is " +
                  shape.toString(),
              "ValueError");
        return std::nullopt;
    }
    const bool isSame = padding == "SAME";
    const std::int64_t windowY = attributes.axes[backend::WindowY];
    const std::int64_t windowX = attributes.axes[backend::WindowX];
    const Side y = sideOf(shape.dim(1), windowY, strides->first, dilations->first, isSame);
    const Side x = sideOf(shape.dim(2), windowX, strides->second, dilations->second, isSame);
    if (y.size < 1 || x.size < 1) {
        error(arguments.range(),
              "Negative dimension size: a window of " + std::to_string(windowY) + " by " +
                  std::to_string(windowX) + " does not fit into images of " + shape.toString(),
              "ValueError");
        return std::nullopt;
    }
    attributes.axisCount = backend::kMaxRank;
    attributes.axes[backend::StrideY] = static_cast<std::int32_t>(strides->first);
    attributes.axes[backend::StrideX] = static_cast<std::int32_t>(strides->second);
    attributes.axes[backend::DilationY] = static_cast<std::int32_t>(dilations->first);
    attributes.axes[backend::DilationX] = static_cast<std::int32_t>(dilations->second);
    attributes.axes[backend::PadTop] = static_cast<std::int32_t>(y.before);
    attributes.axes[backend::PadLeft] = static_cast<std::int32_t>(x.before);
    return Shape{shape.dim(0), y.size, x.size, channels};
}

Value OpBuilder::callConvolution(CallArguments& arguments)
{
    const char* const filterName = arguments.has("filters") ? "filters" : "filter";
    const NodeId input = toNode(arguments.required("input"), arguments.rangeOf("input"), DType::Float32);
    const NodeId filter =
        toNode(arguments.required(filterName), arguments.rangeOf(filterName), DType::Float32);
    if (input == kNoNode || filter == kNoNode || arguments.required("strides").isError())
        return Value::error();
    const Shape shape = m_model->graph.node(filter).shape;
    if (shape.rank() != 4 || !shape.isFullyDefined() || shape.dim(0) < 1 || shape.dim(1) < 1)
        return error(arguments.rangeOf(filterName),
                     "a filter has the shape [height, width, channels, outputs], but "
                     "this one is " +
                         shape.toString(),
                     "ValueError");
    const bool isDepthwise = arguments.op() == OpCode::DepthwiseConv2dNative;
    backend::OpAttributes attributes;
    attributes.axes[backend::WindowY] = static_cast<std::int32_t>(shape.dim(0));
    attributes.axes[backend::WindowX] = static_cast<std::int32_t>(shape.dim(1));
    const std::optional<Shape> result =
        placeWindow(arguments, input, isDepthwise ? shape.dim(2) * shape.dim(3) : shape.dim(3), attributes);
    return result ? addOp(arguments.op(), {input, filter}, arguments.range(), arguments.text("name"),
                          attributes, *result)
                  : Value::error();
}

Value OpBuilder::callPool(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("value"), arguments.rangeOf("value"), DType::Float32);
    if (input == kNoNode || arguments.required("ksize").isError() || arguments.required("strides").isError())
        return Value::error();
    const auto window = innerPair(arguments, "ksize");
    if (!window)
        return Value::error();
    backend::OpAttributes attributes;
    attributes.axes[backend::WindowY] = static_cast<std::int32_t>(window->first);
    attributes.axes[backend::WindowX] = static_cast<std::int32_t>(window->second);
    const Shape& shape = m_model->graph.node(input).shape;
    const std::optional<Shape> result =
        placeWindow(arguments, input, shape.rank() == 4 ? shape.dim(3) : 0, attributes);
    return result ? addOp(arguments.op(), {input}, arguments.range(), arguments.text("name"), attributes,
                          *result)
                  : Value::error();
}

/// (mean, variance), as a list of two.
Value OpBuilder::callMoments(CallArguments& arguments)
{
    const NodeId x = toNode(arguments.required("x"), arguments.rangeOf("x"), DType::Float32);
    const Value axes = arguments.required("axes");
    const std::optional<bool> keep =
        arguments.boolean(arguments.has("keepdims") ? "keepdims" : "keep_dims", false);
    if (x == kNoNode || axes.isError() || !keep)
        return Value::error();
    const int rank = m_model->graph.node(x).shape.rank();
    backend::OpAttributes attributes;
    attributes.keepDims = true;
    for (const Value& item : axes.kind == Kind::List ? axes.items : std::vector<Value>{axes}) {
        const std::optional<std::int64_t> axis = toInteger(item, arguments.rangeOf("axes"));
        if (!axis)
            return Value::error();
        const std::int64_t place = *axis < 0 ? *axis + rank : *axis;
        if (place < 0 || place >= rank || attributes.axisCount >= rank)
            return error(arguments.rangeOf("axes"),
                         "there is no axis " + std::to_string(*axis) + " in " +
                             m_model->graph.node(x).shape.toString(),
                         "ValueError");
        attributes.axes[attributes.axisCount++] = static_cast<std::int32_t>(place);
    }
    const script::TextRange& range = arguments.range();
    const Value mean = addOp(OpCode::Mean, {x}, range, {}, attributes);
    const Value fixed = addOp(OpCode::StopGradient, {mean.node}, range);
    const Value square = addOp(OpCode::SquaredDifference, {x, fixed.node}, range);
    Value variance = addOp(OpCode::Mean, {square.node}, range, {}, attributes);
    if (variance.isError())
        return variance;
    Value both = Value::of(Kind::List);
    both.items = {mean, variance};
    for (Value& item : both.items) {
        if (*keep)
            continue;
        std::vector<std::int64_t> left;
        for (int axis = 0; axis < rank; ++axis) {
            const std::int32_t* const first = attributes.axes;
            const std::int32_t* const end = first + attributes.axisCount;
            if (std::find(first, end, axis) == end)
                left.push_back(m_model->graph.node(x).shape.dim(axis));
        }
        item = reshaped(item.node, std::move(left), range, {});
    }
    return both;
}

/// (x − mean) / √(variance + ε) · scale + offset, as TensorFlow arranges it.
Value OpBuilder::callBatchNormalization(CallArguments& arguments)
{
    const auto tensor = [&](const char* parameter) {
        return toNode(arguments.required(parameter), arguments.rangeOf(parameter), DType::Float32);
    };
    const NodeId x = tensor("x");
    const NodeId mean = tensor("mean");
    const NodeId variance = tensor("variance");
    const std::optional<double> epsilon =
        toNumber(arguments.required("variance_epsilon"), arguments.rangeOf("variance_epsilon"));
    const Value offset = arguments.value("offset");
    const Value scale = arguments.value("scale");
    if (x == kNoNode || mean == kNoNode || variance == kNoNode || !epsilon || offset.isError() ||
        scale.isError())
        return Value::error();
    const script::TextRange& range = arguments.range();
    const auto op = [&](OpCode code, std::vector<NodeId> inputs) {
        return addOp(code, std::move(inputs), range).node;
    };
    NodeId factor = op(OpCode::Rsqrt, {op(OpCode::Add, {variance, scalarLike(*epsilon, x, range).node})});
    if (scale.kind != Kind::None)
        factor = op(OpCode::Mul, {factor, toNode(scale, arguments.rangeOf("scale"), DType::Float32)});
    const NodeId shift = op(OpCode::Mul, {mean, factor});
    const NodeId term =
        offset.kind == Kind::None
            ? op(OpCode::Neg, {shift})
            : op(OpCode::Sub, {toNode(offset, arguments.rangeOf("offset"), DType::Float32), shift});
    return addOp(OpCode::Add, {op(OpCode::Mul, {x, factor}), term}, range, arguments.text("name"));
}

/// x / √max(Σ x², ε).
Value OpBuilder::callL2Normalize(CallArguments& arguments)
{
    const NodeId x = toNode(arguments.required("x"), arguments.rangeOf("x"), DType::Float32);
    const char* const parameter = arguments.has("axis") ? "axis" : "dim";
    const std::optional<double> epsilon = arguments.number("epsilon", 1e-12);
    if (x == kNoNode || !epsilon || arguments.required(parameter).isError())
        return Value::error();
    const std::optional<int> axis = axisOf(arguments, parameter, m_model->graph.node(x).shape.rank(), 0);
    if (!axis)
        return Value::error();
    const script::TextRange& range = arguments.range();
    backend::OpAttributes attributes;
    attributes.keepDims = true;
    attributes.axisCount = 1;
    attributes.axes[0] = *axis;
    const Value sum = addOp(OpCode::Sum, {addOp(OpCode::Square, {x}, range).node}, range, {}, attributes);
    const Value least = addOp(OpCode::Maximum, {sum.node, scalarLike(*epsilon, x, range).node}, range);
    return addOp(OpCode::Mul, {x, addOp(OpCode::Rsqrt, {least.node}, range).node}, range,
                 arguments.text("name"));
}

Value OpBuilder::callFlatten(CallArguments& arguments)
{
    const NodeId input = toNode(arguments.required("inputs"), arguments.rangeOf("inputs"));
    if (input == kNoNode)
        return Value::error();
    const Shape& shape = m_model->graph.node(input).shape;
    std::int64_t size = 1;
    for (int axis = 1; axis < shape.rank(); ++axis) {
        if (shape.dim(axis) < 0)
            return error(arguments.rangeOf("inputs"),
                         "all dimensions but the batch must be known to flatten " + shape.toString());
        size *= shape.dim(axis);
    }
    return shape.rank() < 1
               ? error(arguments.rangeOf("inputs"), "a scalar has no batch")
               : reshaped(input, {shape.dim(0), size}, arguments.range(), arguments.text("name"));
}

} // namespace wr::graph
