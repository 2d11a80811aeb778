// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients of the ops that rearrange, gather and select, and of those that look through windows at images.
#include "engine/graph/gradient_nodes.h"

namespace wr::graph {
namespace {

using backend::OpAttributes;
using backend::OpCode;

void transposeGradient(GradientNodes& to, const Node& node, NodeId dy)
{
    OpAttributes back;
    back.axisCount = node.attributes.axisCount;
    for (int i = 0; i < node.attributes.axisCount; ++i)
        back.axes[node.attributes.axes[i]] = i;
    to.flow(node.inputs[0], to.add(OpCode::Transpose, {dy}, back));
}

void padGradient(GradientNodes& to, const Node& node, NodeId dy)
{
    const Shape input = to.node(node.inputs[0]).shape;
    std::vector<std::int64_t> begins;
    for (int axis = 0; axis < input.rank(); ++axis)
        begins.push_back(node.attributes.axes[axis]);
    to.flow(node.inputs[0], to.part(dy, begins, input.dims()));
}

void selectGradient(GradientNodes& to, const Node& node, NodeId dy)
{
    const NodeId zero = to.number(0.0, node.dtype);
    if (to.needs(node.inputs[1]))
        to.flow(node.inputs[1], to.add(OpCode::Select, {node.inputs[0], dy, zero}));
    if (to.needs(node.inputs[2]))
        to.flow(node.inputs[2], to.add(OpCode::Select, {node.inputs[0], zero, dy}));
}

/// Each of the k places as a one-hot row times its dy, summed over k.
void topKGradient(GradientNodes& to, const Node& node, NodeId dy)
{
    const NodeId x = node.inputs[0];
    const Shape input = to.node(x).shape;
    if (input.dim(input.rank() - 1) < 0)
        return to.refuse(node, "the length of the rows must be known");
    const NodeId places = to.add(OpCode::TopKIndices, {x}, node.attributes);
    OpAttributes depth;
    depth.axisCount = 1;
    depth.axes[0] = static_cast<std::int32_t>(input.dim(input.rank() - 1));
    depth.scalars[0] = 1.0;
    const NodeId rows = to.add(OpCode::OneHot, {places}, depth, {}, node.dtype);
    std::vector<std::int64_t> column = node.shape.dims();
    column.push_back(1);
    const NodeId spread = to.add(OpCode::Reshape, {dy}, {}, Shape(std::move(column)), node.dtype);
    OpAttributes sum;
    sum.axisCount = 1;
    sum.axes[0] = input.rank() - 1;
    to.flow(x, to.add(OpCode::Sum, {to.mul(rows, spread)}, sum));
}

} // namespace

bool addArrayGradient(GradientNodes& to, NodeId /*id*/, const Node& node, NodeId dy)
{
    switch (node.op) {
    case OpCode::Transpose:
        transposeGradient(to, node, dy);
        return true;
    case OpCode::Pad:
        padGradient(to, node, dy);
        return true;
    case OpCode::Gather:
        if (to.needs(node.inputs[0]))
            to.flow(node.inputs[0], to.add(OpCode::GatherGrad, {node.inputs[0], node.inputs[1], dy}));
        return true;
    case OpCode::Select:
        selectGradient(to, node, dy);
        return true;
    case OpCode::TopK:
        topKGradient(to, node, dy);
        return true;
    case OpCode::SquaredDifference: {
        const NodeId twice =
            to.mul(to.number(2.0, node.dtype), to.add(OpCode::Sub, {node.inputs[0], node.inputs[1]}));
        const NodeId slope = to.mul(dy, twice);
        to.flow(node.inputs[0], slope);
        if (to.needs(node.inputs[1]))
            to.flow(node.inputs[1], to.neg(slope));
        return true;
    }
    case OpCode::FloorMod:
        to.refuse(node, "there is none for this op yet; write it with products, or tf.stop_gradient(…) it");
        return true;
    default:
        return false;
    }
}

bool addWindowGradient(GradientNodes& to, NodeId id, const Node& node, NodeId dy)
{
    const NodeId x = node.inputs.empty() ? kNoNode : node.inputs[0];
    const auto convolution = [&](OpCode input, OpCode filter) {
        const NodeId weights = node.inputs[1];
        if (to.needs(x))
            to.flow(x, to.add(input, {x, weights, dy}, node.attributes));
        if (to.needs(weights))
            to.flow(weights, to.add(filter, {x, weights, dy}, node.attributes));
    };
    switch (node.op) {
    case OpCode::Conv2D:
        convolution(OpCode::Conv2DBackpropInput, OpCode::Conv2DBackpropFilter);
        return true;
    case OpCode::DepthwiseConv2dNative:
        convolution(OpCode::DepthwiseConv2dNativeBackpropInput, OpCode::DepthwiseConv2dNativeBackpropFilter);
        return true;
    case OpCode::MaxPool:
        to.flow(x, to.add(OpCode::MaxPoolGrad, {x, id, dy}, node.attributes));
        return true;
    case OpCode::AvgPool:
        to.flow(x, to.add(OpCode::AvgPoolGrad, {x, dy}, node.attributes));
        return true;
    default:
        return false;
    }
}

} // namespace wr::graph
