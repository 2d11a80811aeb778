// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/array_rules.h"
#include "engine/graph/rule_checks.h"

namespace wr::graph {
namespace {

using backend::WindowAxis;

/// Strides, dilations and windows are at least 1, padding at least 0.
Status wantWindow(const Node& node)
{
    const auto at = [&](WindowAxis axis) { return node.attributes.axes[axis]; };
    if (at(backend::StrideY) < 1 || at(backend::StrideX) < 1 || at(backend::DilationY) < 1 ||
        at(backend::DilationX) < 1 || at(backend::WindowY) < 1 || at(backend::WindowX) < 1 ||
        at(backend::PadTop) < 0 || at(backend::PadLeft) < 0)
        return invalidArgument(quotedOp(node.op) + ": windows, strides and dilations must be at least 1");
    return {};
}

/// Results [n, height, width, channels] as the node states them, whose windows all begin on the padded image.
Result<OutputSpec> results(const Node& node, const OutputSpec& images, std::int64_t channels)
{
    if (node.shape.rank() != 4 || node.shape.dim(1) < 0 || node.shape.dim(2) < 0)
        return fail(StatusCode::Internal, quotedOp(node.op) + " states no size of its results");
    const auto begins = [&](int axis, WindowAxis stride, WindowAxis pad) {
        const std::int64_t size = node.shape.dim(axis);
        return size == 0 ||
               (size - 1) * node.attributes.axes[stride] - node.attributes.axes[pad] < images.shape.dim(axis);
    };
    if (!begins(1, backend::StrideY, backend::PadTop) || !begins(2, backend::StrideX, backend::PadLeft))
        return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": windows of " + node.shape.toString() +
                                                     " begin outside of images of " +
                                                     images.shape.toString());
    return OutputSpec{images.dtype,
                      Shape{images.shape.dim(0), node.shape.dim(1), node.shape.dim(2), channels}};
}

Result<OutputSpec> convolution(const Node& node, Inputs inputs, bool isDepthwise, int gradient)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, gradient > 0 ? 3 : 2));
    const OutputSpec& images = inputs[0];
    const OutputSpec& filter = inputs[1];
    WR_RETURN_IF_ERROR(wantFloating(node, images));
    WR_RETURN_IF_ERROR(wantSameType(node, images, filter));
    WR_RETURN_IF_ERROR(wantRank(node, images, 4, "the input"));
    WR_RETURN_IF_ERROR(wantRank(node, filter, 4, "the filter"));
    WR_RETURN_IF_ERROR(wantWindow(node));
    const auto differs = [&](int axis, WindowAxis window) {
        return filter.shape.dim(axis) >= 0 && filter.shape.dim(axis) != node.attributes.axes[window];
    };
    if (differs(0, backend::WindowY) || differs(1, backend::WindowX))
        return fail(StatusCode::Internal, quotedOp(node.op) + " states another window than its filter has");
    if (images.shape.dim(3) >= 0 && images.shape.dim(3) != filter.shape.dim(2))
        return fail(StatusCode::InvalidArgument,
                    "Dimensions must be equal, but are " + std::to_string(images.shape.dim(3)) + " and " +
                        std::to_string(filter.shape.dim(2)) + " for " + quotedOp(node.op) + " of " +
                        images.shape.toString() + " and " + filter.shape.toString());
    const std::int64_t outputs =
        isDepthwise ? filter.shape.dim(2) * filter.shape.dim(3) : filter.shape.dim(3);
    if (gradient == 0)
        return results(node, images, outputs);
    WR_RETURN_IF_ERROR(wantSameType(node, images, inputs[2]));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[2], 4, "the gradient"));
    if (inputs[2].shape.dim(3) != outputs)
        return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": a gradient of shape " +
                                                     inputs[2].shape.toString() + " has not " +
                                                     std::to_string(outputs) + " channels");
    return gradient == 1 ? images : filter;
}

Result<OutputSpec> pool(const Node& node, Inputs inputs, std::size_t gradients)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1 + gradients));
    WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[0], 4, "the input"));
    WR_RETURN_IF_ERROR(wantWindow(node));
    if (gradients == 0)
        return results(node, inputs[0], inputs[0].shape.dim(3));
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], inputs[i]));
        WR_RETURN_IF_ERROR(wantRank(node, inputs[i], 4, "the gradient"));
        WR_RETURN_IF_ERROR(wantCompatible(node, inputs[1].shape, inputs[i].shape));
    }
    return inputs[0];
}

} // namespace

Result<OutputSpec> inferWindowOutput(const Node& node, Inputs inputs)
{
    switch (node.op) {
    case OpCode::Conv2D:
        return convolution(node, inputs, false, 0);
    case OpCode::Conv2DBackpropInput:
        return convolution(node, inputs, false, 1);
    case OpCode::Conv2DBackpropFilter:
        return convolution(node, inputs, false, 2);
    case OpCode::DepthwiseConv2dNative:
        return convolution(node, inputs, true, 0);
    case OpCode::DepthwiseConv2dNativeBackpropInput:
        return convolution(node, inputs, true, 1);
    case OpCode::DepthwiseConv2dNativeBackpropFilter:
        return convolution(node, inputs, true, 2);
    case OpCode::MaxPool:
    case OpCode::AvgPool:
        return pool(node, inputs, 0);
    case OpCode::AvgPoolGrad:
        return pool(node, inputs, 1);
    case OpCode::MaxPoolGrad:
        return pool(node, inputs, 2);
    default:
        return fail(StatusCode::Internal, "no rule for op " + quotedOp(node.op));
    }
}

} // namespace wr::graph
