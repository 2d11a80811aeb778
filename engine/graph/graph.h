// SPDX-License-Identifier: GPL-3.0-or-later
// The dataflow graph: nodes in creation order (which is a topological order), each with its op, inputs,
// attributes and inferred output. Shapes may hold an unknown batch; they become exact when a plan is made for
// given feeds. Built on one thread, read-only afterwards.
#pragma once

#include "engine/backend/kernel.h"
#include "engine/script/tree.h"
#include "engine/tensor/tensor.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace wr::graph {

using NodeId = std::int32_t;
inline constexpr NodeId kNoNode = -1;

struct Node {
    backend::OpCode op = backend::OpCode::NoOp;
    std::string name; ///< unique, with scopes: "layer1/MatMul_1"
    std::vector<NodeId> inputs;
    std::vector<NodeId> controlInputs;
    backend::OpAttributes attributes;
    DType dtype = DType::Invalid;    ///< of the output
    Shape shape;                     ///< of the output; kUnknown where the batch decides
    Tensor constant;                 ///< Const only
    std::string device;              ///< as requested by tf.device, merged; empty: anywhere
    NodeId colocateWith = kNoNode;   ///< the variable that this op mutates
    bool isInitializedValue = false; ///< an Identity that stands for input 0's initialized_value()
    script::TextRange source;
};

class Graph {
public:
    const std::vector<Node>& nodes() const { return m_nodes; }
    const Node& node(NodeId id) const { return m_nodes[static_cast<std::size_t>(id)]; }
    Node& node(NodeId id) { return m_nodes[static_cast<std::size_t>(id)]; }

    /// Adds a node after its inputs. Infers dtype and shape by the op's rule; makes the name unique by "_1",
    /// "_2", …. InvalidArgument with TensorFlow's reason when the inputs do not fit; ResourceExhausted past
    /// 2^21 nodes.
    Result<NodeId> add(Node node);

private:
    std::vector<Node> m_nodes;
    std::unordered_set<std::string> m_names;
    std::unordered_map<std::string, int> m_nextSuffix; ///< per base name, so that adding stays linear
};

} // namespace wr::graph
