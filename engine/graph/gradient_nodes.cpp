// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/gradient_nodes.h"

#include <limits>

namespace wr::graph {

using backend::OpCode;

NodeId GradientNodes::add(OpCode op, std::vector<NodeId> inputs, const backend::OpAttributes& attributes,
                          Shape shape, DType dtype)
{
    if (!m_status.isOk())
        return 0;
    Node node;
    node.op = op;
    node.name = m_scope + std::string(backend::opName(op));
    node.inputs = std::move(inputs);
    node.attributes = attributes;
    node.shape = std::move(shape);
    node.dtype = dtype;
    node.source = m_source;
    Result<NodeId> added = m_graph.add(std::move(node));
    if (!added) {
        m_status = added.error();
        return 0;
    }
    return *added;
}

NodeId GradientNodes::number(double value, DType dtype)
{
    Node node;
    node.op = OpCode::Const;
    node.name = m_scope + "Const";
    node.dtype = dtype;
    node.constant =
        dtype == DType::Float64 ? Tensor::scalar(value) : Tensor::scalar(static_cast<float>(value));
    Result<NodeId> added = m_graph.add(std::move(node));
    return added ? *added : 0;
}

NodeId GradientNodes::ones(NodeId x)
{
    const NodeId one = number(1.0, typeOf(x));
    return m_graph.node(x).shape.rank() == 0 ? one : add(OpCode::BroadcastTo, {one, x});
}

NodeId GradientNodes::zeros(NodeId x, const std::vector<std::int64_t>& begins,
                            std::vector<std::int64_t> sizes)
{
    const Shape& whole = m_graph.node(x).shape;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (sizes[i] < 0 && whole.dim(static_cast<int>(i)) >= 0)
            sizes[i] = whole.dim(static_cast<int>(i)) - begins[i];
    }
    const NodeId zero = number(0.0, typeOf(x));
    const Shape shape(sizes);
    if (shape.isFullyDefined())
        return add(OpCode::Fill, {zero}, {}, shape, typeOf(x));
    return add(OpCode::BroadcastTo, {zero, part(x, begins, std::move(sizes))});
}

NodeId GradientNodes::part(NodeId x, const std::vector<std::int64_t>& begins, std::vector<std::int64_t> sizes)
{
    backend::OpAttributes attributes;
    for (const std::int64_t begin : begins) {
        if (begin > std::numeric_limits<std::int32_t>::max()) {
            m_status = invalidArgument("a part that begins at " + std::to_string(begin) +
                                       " is beyond what a Slice can name");
            return 0;
        }
        attributes.axes[attributes.axisCount++] = static_cast<std::int32_t>(begin);
    }
    return add(OpCode::Slice, {x}, attributes, Shape(std::move(sizes)), typeOf(x));
}

void GradientNodes::flow(NodeId input, NodeId gradient)
{
    if (!needs(input) || !m_status.isOk())
        return;
    gradient = unbroadcast(gradient, input);
    NodeId& sum = m_gradients[static_cast<std::size_t>(input)];
    sum = sum == kNoNode ? gradient : add(OpCode::Add, {sum, gradient});
}

NodeId GradientNodes::unbroadcast(NodeId gradient, NodeId input)
{
    const Shape from = m_graph.node(gradient).shape;
    const Shape to = m_graph.node(input).shape;
    backend::OpAttributes attributes;
    const int extra = from.rank() - to.rank();
    for (int axis = 0; axis < from.rank(); ++axis) {
        const bool added = axis < extra;
        const bool stretched = !added && to.dim(axis - extra) == 1 && from.dim(axis) != 1;
        if (added || stretched)
            attributes.axes[attributes.axisCount++] = axis;
    }
    if (attributes.axisCount == 0)
        return gradient;
    attributes.keepDims = true;
    NodeId summed = add(OpCode::Sum, {gradient}, attributes);
    if (extra > 0)
        summed = add(OpCode::Reshape, {summed}, {}, to, typeOf(input));
    return summed;
}

void GradientNodes::refuse(const Node& node, const std::string& reason)
{
    m_status = unimplemented("the gradient of " + node.name + ": " + reason);
}

} // namespace wr::graph
