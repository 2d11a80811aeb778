// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/gradients.h"

#include "engine/graph/gradient_nodes.h"
#include "engine/graph/op_rules.h"

#include <algorithm>

namespace wr::graph {
namespace {

using backend::OpCode;

class Differentiation : private GradientNodes {
public:
    explicit Differentiation(Graph& graph) : GradientNodes(graph) {}

    Result<std::vector<NodeId>> run(std::span<const NodeId> ys, std::span<const NodeId> seeds,
                                    std::span<const NodeId> targets)
    {
        m_loss = ys.empty() ? kNoNode : *std::max_element(ys.begin(), ys.end());
        const auto count = static_cast<std::size_t>(m_loss + 1);
        markDependents(targets, count);
        m_gradients.assign(count, kNoNode);
        for (std::size_t i = 0; i < ys.size(); ++i) {
            m_scope = "gradients/";
            const NodeId seed = seeds[i] == kNoNode ? ones(ys[i]) : seeds[i];
            NodeId& sum = m_gradients[static_cast<std::size_t>(ys[i])];
            sum = sum == kNoNode ? seed : add(OpCode::Add, {sum, seed});
        }
        for (NodeId id = m_loss; id >= 0 && m_status.isOk(); --id) {
            const NodeId dy = m_gradients[static_cast<std::size_t>(id)];
            if (dy == kNoNode || !m_depends[static_cast<std::size_t>(id)])
                continue;
            const Node node = m_graph.node(id); // a copy: adding nodes moves the others
            m_scope = "gradients/" + node.name + "_grad/";
            m_source = node.source;
            differentiate(id, node, dy);
        }
        if (!m_status.isOk())
            return fail(m_status);
        std::vector<NodeId> result;
        for (const NodeId target : targets)
            result.push_back(target <= m_loss ? m_gradients[static_cast<std::size_t>(target)] : kNoNode);
        return result;
    }

private:
    /// Which nodes depend on a target; the others need no gradient.
    void markDependents(std::span<const NodeId> targets, std::size_t count)
    {
        m_depends.assign(count, false);
        for (const NodeId target : targets) {
            if (target <= m_loss)
                m_depends[static_cast<std::size_t>(target)] = true;
        }
        for (std::size_t id = 0; id < count; ++id) {
            for (const NodeId input : m_graph.node(static_cast<NodeId>(id)).inputs) {
                if (m_depends[static_cast<std::size_t>(input)])
                    m_depends[id] = true;
            }
        }
    }

    void differentiate(NodeId id, const Node& node, NodeId dy)
    {
        switch (node.op) {
        case OpCode::Add:
            flow(node.inputs[0], dy);
            flow(node.inputs[1], dy);
            return;
        case OpCode::Sub:
            flow(node.inputs[0], dy);
            if (needs(node.inputs[1]))
                flow(node.inputs[1], neg(dy));
            return;
        case OpCode::Mul:
            if (needs(node.inputs[0]))
                flow(node.inputs[0], mul(dy, node.inputs[1]));
            if (needs(node.inputs[1]))
                flow(node.inputs[1], mul(dy, node.inputs[0]));
            return;
        case OpCode::Div:
            if (needs(node.inputs[0]))
                flow(node.inputs[0], add(OpCode::Div, {dy, node.inputs[1]}));
            if (needs(node.inputs[1]))
                flow(node.inputs[1], neg(add(OpCode::Div, {mul(dy, id), node.inputs[1]})));
            return;
        case OpCode::Pow:
            power(id, node, dy);
            return;
        case OpCode::Maximum:
            select(node, dy, OpCode::GreaterEqual, OpCode::Less);
            return;
        case OpCode::Minimum:
            select(node, dy, OpCode::LessEqual, OpCode::Greater);
            return;
        case OpCode::Identity:
            flow(node.inputs[0], dy);
            return;
        case OpCode::Cast:
            if (isFloating(typeOf(node.inputs[0])) && isFloating(node.dtype))
                flow(node.inputs[0], add(OpCode::Cast, {dy}, {}, {}, typeOf(node.inputs[0])));
            return;
        case OpCode::MatMul:
        case OpCode::BatchMatMul:
            matMul(node, dy);
            return;
        case OpCode::Reshape:
            // The input's own shape may hold the batch, which BroadcastTo's second input cannot give to a
            // Reshape; a plan resolves one unknown dimension from the number of elements.
            flow(node.inputs[0],
                 add(OpCode::Reshape, {dy}, {}, m_graph.node(node.inputs[0]).shape, node.dtype));
            return;
        case OpCode::BroadcastTo:
            flow(node.inputs[0], dy);
            return;
        case OpCode::Concat:
            concat(node, dy);
            return;
        case OpCode::Slice:
            slice(node, dy);
            return;
        case OpCode::Sum:
        case OpCode::Mean:
        case OpCode::Max:
        case OpCode::Min:
        case OpCode::Prod:
            reduction(id, node, dy);
            return;
        case OpCode::Softmax: {
            const NodeId product = mul(dy, id);
            const NodeId sum = add(OpCode::Sum, {product}, lastAxis(node.shape.rank() - 1));
            flow(node.inputs[0], mul(add(OpCode::Sub, {dy, sum}), id));
            return;
        }
        case OpCode::LogSoftmax: {
            const NodeId sum = add(OpCode::Sum, {dy}, lastAxis(node.shape.rank() - 1));
            flow(node.inputs[0], add(OpCode::Sub, {dy, mul(add(OpCode::Exp, {id}), sum)}));
            return;
        }
        case OpCode::SoftmaxCrossEntropyWithLogits:
            if (needs(node.inputs[0]))
                flow(node.inputs[0],
                     add(OpCode::SoftmaxCrossEntropyWithLogitsGrad, {dy, node.inputs[0], node.inputs[1]}));
            if (needs(node.inputs[1])) {
                // The loss is linear in the labels: −log softmax(logits) a row, times its dy.
                std::vector<std::int64_t> dims = m_graph.node(dy).shape.dims();
                dims.push_back(1);
                const NodeId column = add(OpCode::Reshape, {dy}, {}, Shape(std::move(dims)), node.dtype);
                flow(node.inputs[1], neg(mul(add(OpCode::LogSoftmax, {node.inputs[0]}), column)));
            }
            return;
        case OpCode::SparseSoftmaxCrossEntropyWithLogits:
            flow(node.inputs[0],
                 add(OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad, {dy, node.inputs[0], node.inputs[1]}));
            return;
        default:
            if (!addArrayGradient(*this, id, node, dy) && !addWindowGradient(*this, id, node, dy))
                unary(id, node, dy);
        }
    }

    static backend::OpAttributes lastAxis(int axis)
    {
        backend::OpAttributes attributes;
        attributes.axisCount = 1;
        attributes.axes[0] = axis;
        attributes.keepDims = true;
        return attributes;
    }

    void unary(NodeId id, const Node& node, NodeId dy)
    {
        if (node.inputs.size() != 1 || !needs(node.inputs[0]))
            return;
        const NodeId x = node.inputs[0];
        const DType dtype = node.dtype;
        switch (node.op) {
        case OpCode::Neg:
            return flow(x, neg(dy));
        case OpCode::Exp:
            return flow(x, mul(dy, id));
        case OpCode::Log:
            return flow(x, add(OpCode::Div, {dy, x}));
        case OpCode::Sqrt:
            return flow(x, add(OpCode::Div, {mul(dy, number(0.5, dtype)), id}));
        case OpCode::Rsqrt: // −½ y³
            return flow(x, mul(dy, mul(number(-0.5, dtype), mul(id, add(OpCode::Square, {id})))));
        case OpCode::Square:
            return flow(x, mul(dy, mul(number(2.0, dtype), x)));
        case OpCode::Abs:
            return flow(x, mul(dy, add(OpCode::Sign, {x})));
        case OpCode::Relu:
            return flow(x, add(OpCode::ReluGrad, {dy, id}));
        case OpCode::Sigmoid:
            return flow(x, add(OpCode::SigmoidGrad, {dy, id}));
        case OpCode::Tanh:
            return flow(x, add(OpCode::TanhGrad, {dy, id}));
        case OpCode::Softplus:
            return flow(x, mul(dy, add(OpCode::Sigmoid, {x})));
        case OpCode::Reciprocal:
            return flow(x, neg(mul(dy, add(OpCode::Square, {id}))));
        case OpCode::Sin:
            return flow(x, mul(dy, add(OpCode::Cos, {x})));
        case OpCode::Cos:
            return flow(x, neg(mul(dy, add(OpCode::Sin, {x}))));
        case OpCode::Log1p:
            return flow(x, add(OpCode::Div, {dy, add(OpCode::Add, {x, number(1.0, dtype)})}));
        case OpCode::Expm1:
            return flow(x, mul(dy, add(OpCode::Exp, {x})));
        case OpCode::Erf: // 2/√π · exp(−x²)
            return flow(x, mul(dy, mul(number(1.1283791670955126, dtype),
                                       add(OpCode::Exp, {neg(add(OpCode::Square, {x}))}))));
        case OpCode::Relu6:
            return flow(x, add(OpCode::Relu6Grad, {dy, id}));
        case OpCode::Elu:
            return flow(x, add(OpCode::EluGrad, {dy, id}));
        case OpCode::Selu:
            return flow(x, add(OpCode::SeluGrad, {dy, id}));
        case OpCode::LeakyRelu:
            return flow(x, add(OpCode::LeakyReluGrad, {dy, x}, node.attributes));
        case OpCode::Gelu:
            return flow(x, add(OpCode::GeluGrad, {dy, x}, node.attributes));
        default:
            return; // Sign, comparisons, ArgMax and the rest pass no gradient
        }
    }

    void power(NodeId id, const Node& node, NodeId dy)
    {
        const NodeId x = node.inputs[0];
        const NodeId y = node.inputs[1];
        if (needs(x))
            flow(x, mul(dy, mul(y, add(OpCode::Pow, {x, add(OpCode::Sub, {y, number(1.0, node.dtype)})}))));
        if (!needs(y))
            return;
        // The logarithm counts as 0 where x is not positive, so that 0 to a power gives 0 and not 0 · −∞.
        const double tiny = node.dtype == DType::Float64 ? 1e-300 : 1e-37;
        const NodeId log = add(OpCode::Log, {add(OpCode::Maximum, {x, number(tiny, node.dtype)})});
        const NodeId isPositive = add(OpCode::Greater, {x, number(0.0, node.dtype)});
        const NodeId mask = add(OpCode::Cast, {isPositive}, {}, {}, node.dtype);
        flow(y, mul(dy, mul(id, mul(log, mask))));
    }

    /// Maximum and Minimum hand the gradient to the operand that was chosen; the first one at a tie.
    void select(const Node& node, NodeId dy, OpCode first, OpCode second)
    {
        const NodeId a = node.inputs[0];
        const NodeId b = node.inputs[1];
        const auto masked = [&](OpCode compare) {
            return mul(dy, add(OpCode::Cast, {add(compare, {a, b})}, {}, {}, node.dtype));
        };
        if (needs(a))
            flow(a, masked(first));
        if (needs(b))
            flow(b, masked(second));
    }

    void matMul(const Node& node, NodeId dy)
    {
        const NodeId a = node.inputs[0];
        const NodeId b = node.inputs[1];
        const bool ta = node.attributes.transposeA;
        const bool tb = node.attributes.transposeB;
        const auto product = [&](NodeId left, NodeId right, bool transposeLeft, bool transposeRight) {
            backend::OpAttributes attributes;
            attributes.transposeA = transposeLeft;
            attributes.transposeB = transposeRight;
            return add(node.op, {left, right}, attributes);
        };
        if (needs(a))
            flow(a, ta ? product(b, dy, tb, true) : product(dy, b, false, !tb));
        if (needs(b))
            flow(b, tb ? product(dy, a, true, ta) : product(a, dy, !ta, false));
    }

    /// Each input's gradient is its part of dy.
    void concat(const Node& node, NodeId dy)
    {
        const int axis = node.attributes.axes[0];
        std::int64_t begin = 0; // negative: after an input whose length only a plan knows
        for (const NodeId input : node.inputs) {
            const Shape& own = m_graph.node(input).shape;
            const std::int64_t length = own.dim(axis);
            if (needs(input)) {
                if (node.inputs.size() > 1 && (length < 0 || begin < 0))
                    return refuse(node, "the lengths along the joined axis must be known");
                std::vector<std::int64_t> begins(static_cast<std::size_t>(own.rank()), 0);
                std::vector<std::int64_t> sizes(begins.size(), Shape::kUnknown);
                begins[static_cast<std::size_t>(axis)] = begin;
                sizes[static_cast<std::size_t>(axis)] = length;
                flow(input, part(dy, begins, std::move(sizes)));
            }
            begin = begin < 0 || length < 0 ? Shape::kUnknown : begin + length;
        }
    }

    /// dy between zeros: dimension after dimension is filled up to the input's length.
    void slice(const Node& node, NodeId dy)
    {
        const NodeId x = node.inputs[0];
        if (!needs(x))
            return;
        const Shape input = m_graph.node(x).shape;
        const auto rank = static_cast<std::size_t>(input.rank());
        std::vector<std::int64_t> begins(node.attributes.axes, node.attributes.axes + rank);
        std::vector<std::int64_t> sizes = node.shape.dims();
        for (std::size_t i = 0; i < rank; ++i) {
            const std::int64_t begin = begins[i];
            const std::int64_t size = sizes[i];
            const std::int64_t whole = input.dim(static_cast<int>(i));
            std::vector<NodeId> parts;
            if (begin > 0) {
                begins[i] = 0;
                sizes[i] = begin;
                parts.push_back(zeros(x, begins, sizes));
            }
            parts.push_back(dy);
            if (size >= 0 && whole != begin + size) {
                begins[i] = begin + size;
                sizes[i] = Shape::kUnknown;
                parts.push_back(zeros(x, begins, sizes));
            }
            begins[i] = 0;
            sizes[i] = Shape::kUnknown;
            backend::OpAttributes attributes;
            attributes.axes[0] = static_cast<std::int32_t>(i);
            if (parts.size() > 1)
                dy = add(OpCode::Concat, std::move(parts), attributes);
        }
        flow(x, dy);
    }

    void reduction(NodeId id, const Node& node, NodeId dy)
    {
        const NodeId x = node.inputs[0];
        if (!needs(x))
            return;
        const Shape input = m_graph.node(x).shape;
        const std::span<const std::int32_t> axes(node.attributes.axes,
                                                 static_cast<std::size_t>(node.attributes.axisCount));
        const Shape kept = reducedShape(input, axes, true);
        const auto expanded = [&](NodeId value) {
            return node.attributes.keepDims ? value : add(OpCode::Reshape, {value}, {}, kept, node.dtype);
        };
        NodeId spread = add(OpCode::BroadcastTo, {expanded(dy), x});
        if (node.op == OpCode::Mean) {
            // Elements of x for each of y, known when a plan is made: Sum of ones would do, but Mean of the
            // spread gradient divided by its Sum is not defined at 0; so divide by counting.
            spread = add(OpCode::Div, {spread, elementsPerOutput(x, node)});
        } else if (node.op == OpCode::Max || node.op == OpCode::Min) {
            const NodeId isMax =
                add(OpCode::Cast, {add(OpCode::Equal, {x, expanded(id)})}, {}, {}, node.dtype);
            backend::OpAttributes attributes = node.attributes;
            attributes.keepDims = true;
            const NodeId ties = add(OpCode::Sum, {isMax}, attributes);
            spread = add(OpCode::Div, {mul(spread, isMax), ties});
        } else if (node.op == OpCode::Prod) {
            spread = mul(spread, productOfOthers(x, node));
        }
        flow(x, spread);
    }

    /// For each element of x what the others of its product multiply to. Where one is zero it alone has any;
    /// where several are, none has.
    NodeId productOfOthers(NodeId x, const Node& node)
    {
        backend::OpAttributes attributes = node.attributes;
        attributes.keepDims = true;
        const NodeId isZero =
            add(OpCode::Cast, {add(OpCode::Equal, {x, number(0.0, node.dtype)})}, {}, {}, node.dtype);
        const NodeId safe = add(OpCode::Add, {x, isZero});
        const NodeId product = add(OpCode::Prod, {safe}, attributes);
        const NodeId zeros = add(OpCode::Sum, {isZero}, attributes);
        const NodeId counts = add(OpCode::Cast, {add(OpCode::Equal, {zeros, isZero})}, {}, {}, node.dtype);
        return mul(add(OpCode::Div, {product, safe}), counts);
    }

    NodeId elementsPerOutput(NodeId x, const Node& node)
    {
        const Shape input = m_graph.node(x).shape;
        double count = 1.0;
        bool known = true;
        for (int i = 0; i < node.attributes.axisCount; ++i) {
            const std::int64_t dim = input.dim(node.attributes.axes[i]);
            known = known && dim >= 0;
            count *= static_cast<double>(dim);
        }
        if (known)
            return number(count, node.dtype);
        backend::OpAttributes attributes = node.attributes;
        attributes.keepDims = true;
        return add(OpCode::Sum, {add(OpCode::BroadcastTo, {number(1.0, node.dtype), x})}, attributes);
    }

    NodeId m_loss = kNoNode; ///< the last of the ys
};

} // namespace

Result<std::vector<NodeId>> addGradients(Graph& graph, std::span<const NodeId> ys,
                                         std::span<const NodeId> seeds, std::span<const NodeId> targets)
{
    return Differentiation(graph).run(ys, seeds, targets);
}

} // namespace wr::graph
