// SPDX-License-Identifier: GPL-3.0-or-later
// Builds a model's graph op by op, without a script. For tests, on one thread.
#pragma once

#include "engine/graph/model.h"

#include <memory>
#include <string>
#include <vector>

namespace wr::graph {

/// Builds one op after another; a refused one fails the test with its reason.
class GraphBuilder {
public:
    NodeId add(backend::OpCode op, std::vector<NodeId> inputs, const backend::OpAttributes& attributes = {},
               Shape shape = {}, DType dtype = DType::Invalid)
    {
        Node node;
        node.op = op;
        node.inputs = std::move(inputs);
        node.attributes = attributes;
        node.shape = std::move(shape);
        node.dtype = dtype;
        return take(std::move(node));
    }

    NodeId placeholder(const Shape& shape, DType dtype = DType::Float64)
    {
        return add(backend::OpCode::Placeholder, {}, {}, shape, dtype);
    }

    NodeId constant(Tensor value)
    {
        Node node;
        node.op = backend::OpCode::Const;
        node.dtype = value.dtype();
        node.shape = value.shape();
        node.constant = std::move(value);
        return take(std::move(node));
    }

    NodeId number(double value) { return constant(Tensor::scalar(value)); }

    Model& model() { return *m_model; }
    Graph& graph() { return m_model->graph; }
    std::shared_ptr<const Model> shared() const { return m_model; }
    const std::string& error() const { return m_error; }

private:
    NodeId take(Node node)
    {
        const Result<NodeId> added = m_model->graph.add(std::move(node));
        if (!added) {
            m_error = added.error().message();
            return 0;
        }
        return *added;
    }

    std::shared_ptr<Model> m_model = std::make_shared<Model>();
    std::string m_error;
};

} // namespace wr::graph
