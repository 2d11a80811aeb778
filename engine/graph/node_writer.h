// SPDX-License-Identifier: GPL-3.0-or-later
// Adds the nodes of a formula that a script's function stands for: each below one scope, in one type. After
// the first that fails (its diagnostic is given) the rest is nothing. Lives for one call; the builder's
// thread.
#pragma once

#include "engine/graph/model_builder.h"

#include <string>
#include <utility>

namespace wr::graph {

class NodeWriter {
public:
    NodeWriter(ModelBuilder& builder, const script::TextRange& range, std::string scope, DType dtype)
        : m_builder(builder), m_range(range), m_scope(std::move(scope)), m_dtype(dtype)
    {
    }

    NodeId number(double value)
    {
        return keep(m_builder.addConstant(
            m_dtype == DType::Float64 ? Tensor::scalar(value) : Tensor::scalar(static_cast<float>(value)),
            m_range, m_scope + "/Const"));
    }
    /// `name`: instead of one below the scope.
    NodeId add(backend::OpCode op, std::vector<NodeId> inputs, const std::string& name = {})
    {
        Node node;
        node.op = op;
        node.inputs = std::move(inputs);
        return add(std::move(node), name);
    }
    NodeId add(Node node, const std::string& name = {})
    {
        if (m_failed)
            return kNoNode;
        const std::string own = name.empty() ? m_scope + "/" + std::string(backend::opName(node.op)) : name;
        return keep(m_builder.addNode(std::move(node), m_range, own));
    }
    NodeId plus(NodeId a, NodeId b) { return add(backend::OpCode::Add, {a, b}); }
    NodeId minus(NodeId a, NodeId b) { return add(backend::OpCode::Sub, {a, b}); }
    NodeId times(NodeId a, NodeId b) { return add(backend::OpCode::Mul, {a, b}); }
    NodeId over(NodeId a, NodeId b) { return add(backend::OpCode::Div, {a, b}); }
    NodeId cast(NodeId x, DType dtype)
    {
        if (m_failed || m_builder.m_model->graph.node(x).dtype == dtype)
            return x;
        Node node;
        node.op = backend::OpCode::Cast;
        node.inputs = {x};
        node.dtype = dtype;
        return add(std::move(node));
    }
    NodeId inType(NodeId x) { return cast(x, m_dtype); }
    /// 1 where the comparison holds, 0 elsewhere.
    NodeId mask(backend::OpCode comparison, NodeId a, NodeId b)
    {
        return cast(add(comparison, {a, b}), m_dtype);
    }
    /// The largest whole number below; of what is not negative.
    NodeId whole(NodeId x) { return inType(cast(x, DType::Int64)); }
    /// The sum over all elements, or over `axes`, which keep a length of 1.
    NodeId sum(NodeId x, const std::vector<std::int32_t>* axes = nullptr)
    {
        const int rank = m_failed ? 0 : m_builder.m_model->graph.node(x).shape.rank();
        if (rank == 0)
            return x;
        Node node;
        node.op = backend::OpCode::Sum;
        node.inputs = {x};
        node.attributes.keepDims = axes != nullptr;
        for (std::int32_t axis = 0; axes == nullptr && axis < rank; ++axis)
            node.attributes.axes[node.attributes.axisCount++] = axis;
        for (const std::int32_t axis : axes != nullptr ? *axes : std::vector<std::int32_t>{})
            node.attributes.axes[node.attributes.axisCount++] = axis;
        return add(std::move(node));
    }

    bool failed() const { return m_failed; }
    DType dtype() const { return m_dtype; }
    Value result(NodeId id) const { return m_failed || id == kNoNode ? Value::error() : Value::ofNode(id); }

private:
    NodeId keep(const Value& value)
    {
        m_failed = m_failed || value.isError();
        return m_failed ? kNoNode : value.node;
    }

    ModelBuilder& m_builder;
    script::TextRange m_range;
    std::string m_scope;
    DType m_dtype;
    bool m_failed = false;
};

} // namespace wr::graph
