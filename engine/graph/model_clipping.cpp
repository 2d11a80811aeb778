// SPDX-License-Identifier: GPL-3.0-or-later
// Limits for gradients and other tensors: by value, by their own norm, by the norm of a whole list.
#include "engine/graph/node_writer.h"
#include "engine/graph/training_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void TrainingBuilder::addClippingFunctions(std::vector<Known>& table)
{
    using B = TrainingBuilder;
    table.insert(
        table.end(),
        {{"tf.clip_by_value", row(&B::callClipByValue), {"t", "clip_value_min", "clip_value_max", "name"}},
         {"tf.clip_by_norm", row(&B::callClipByNorm), {"t", "clip_norm", "axes", "name"}},
         {"tf.global_norm", row(&B::callGlobalNorm), {"t_list", "name"}},
         {"tf.clip_by_global_norm",
          row(&B::callClipByGlobalNorm),
          {"t_list", "clip_norm", "use_norm", "name"}}});
}

namespace {

std::string scopeOr(CallArguments& arguments, const char* fallback)
{
    const std::string given = arguments.text("name");
    return given.empty() ? fallback : given;
}

} // namespace

Value TrainingBuilder::callClipByValue(CallArguments& arguments)
{
    const NodeId t = toNode(arguments.required("t"), arguments.rangeOf("t"));
    if (t == kNoNode)
        return Value::error();
    const DType dtype = m_model->graph.node(t).dtype;
    const auto limit = [&](const char* parameter) {
        return toNode(arguments.required(parameter), arguments.rangeOf(parameter), dtype);
    };
    const NodeId low = limit("clip_value_min");
    const NodeId high = limit("clip_value_max");
    if (low == kNoNode || high == kNoNode)
        return Value::error();
    const std::string scope = scopeOr(arguments, "clip_by_value");
    NodeWriter write(*this, arguments.range(), scope, dtype);
    const NodeId below = write.add(OpCode::Minimum, {t, high});
    const NodeId clipped = write.add(OpCode::Maximum, {below, low}, scope);
    if (!write.failed() && m_model->graph.node(clipped).shape.rank() != m_model->graph.node(t).shape.rank())
        return error(arguments.range(),
                     "the limits must fit the shape " + m_model->graph.node(t).shape.toString() +
                         " of what is clipped",
                     "ValueError");
    return write.result(clipped);
}

Value TrainingBuilder::callClipByNorm(CallArguments& arguments)
{
    const NodeId t = toNode(arguments.required("t"), arguments.rangeOf("t"));
    const Value axes = arguments.value("axes");
    if (t == kNoNode || axes.isError())
        return Value::error();
    const Node& own = m_model->graph.node(t);
    const NodeId norm = toNode(arguments.required("clip_norm"), arguments.rangeOf("clip_norm"), own.dtype);
    if (norm == kNoNode)
        return Value::error();
    const int rank = m_model->graph.node(t).shape.rank();
    std::vector<std::int32_t> summed;
    for (std::int32_t axis = 0; axes.kind == Kind::None && axis < rank; ++axis)
        summed.push_back(axis);
    if (axes.kind != Kind::None) {
        for (const Value& item : axes.kind == Kind::List ? axes.items : std::vector<Value>{axes}) {
            const std::optional<std::int64_t> axis = toInteger(item, arguments.rangeOf("axes"));
            if (!axis)
                return Value::error();
            const std::int64_t place = *axis < 0 ? *axis + rank : *axis;
            if (place < 0 || place >= rank)
                return error(arguments.rangeOf("axes"), "there is no axis " + std::to_string(*axis) +
                                                            " in shape " +
                                                            m_model->graph.node(t).shape.toString());
            if (std::find(summed.begin(), summed.end(), place) == summed.end())
                summed.push_back(static_cast<std::int32_t>(place));
        }
    }
    const std::string scope = scopeOr(arguments, "clip_by_norm");
    NodeWriter write(*this, arguments.range(), scope, m_model->graph.node(t).dtype);
    // A sum of 0 counts as 1 under the root, so that its gradient is 0 and not NaN.
    const NodeId sum = write.sum(write.times(t, t), &summed);
    const NodeId isPositive = write.mask(OpCode::Greater, sum, write.number(0.0));
    const NodeId safe = write.plus(sum, write.minus(write.number(1.0), isPositive));
    const NodeId length = write.times(write.add(OpCode::Sqrt, {safe}), isPositive);
    const NodeId clipped =
        write.add(OpCode::Div, {write.times(t, norm), write.add(OpCode::Maximum, {length, norm})}, scope);
    return write.result(clipped);
}

/// The list of tensors in `parameter`, None among them; nothing, with a diagnostic, for anything else.
std::optional<std::vector<NodeId>> TrainingBuilder::tensorList(CallArguments& arguments)
{
    const Value list = arguments.required("t_list");
    if (list.isError())
        return std::nullopt;
    if (list.kind != Kind::List) {
        error(arguments.rangeOf("t_list"), "t_list should be a sequence", "TypeError");
        return std::nullopt;
    }
    std::vector<NodeId> nodes;
    bool hasTensor = false;
    for (const Value& item : list.items) {
        nodes.push_back(item.kind == Kind::None ? kNoNode : toNode(item, arguments.rangeOf("t_list")));
        if (nodes.back() == kNoNode && item.kind != Kind::None)
            return std::nullopt;
        hasTensor = hasTensor || nodes.back() != kNoNode;
    }
    if (hasTensor)
        return nodes;
    error(arguments.rangeOf("t_list"), "there is no tensor in this list", "ValueError");
    return std::nullopt;
}

NodeId TrainingBuilder::addGlobalNorm(NodeWriter& write, const std::vector<NodeId>& nodes)
{
    NodeId total = kNoNode;
    for (const NodeId node : nodes) {
        if (node == kNoNode)
            continue;
        const NodeId squares = write.inType(write.sum(write.times(node, node)));
        total = total == kNoNode ? squares : write.plus(total, squares);
    }
    return write.add(OpCode::Sqrt, {total});
}

namespace {

DType typeOfFirst(const Graph& graph, const std::vector<NodeId>& nodes)
{
    for (const NodeId node : nodes) {
        if (node != kNoNode)
            return graph.node(node).dtype;
    }
    return DType::Float32;
}

} // namespace

Value TrainingBuilder::callGlobalNorm(CallArguments& arguments)
{
    const std::optional<std::vector<NodeId>> nodes = tensorList(arguments);
    if (!nodes)
        return Value::error();
    NodeWriter write(*this, arguments.range(), scopeOr(arguments, "global_norm"),
                     typeOfFirst(m_model->graph, *nodes));
    return write.result(addGlobalNorm(write, *nodes));
}

/// All of a list times clip_norm / norm where the norm is larger. A norm that is no number makes NaN of all,
/// so that the step stops.
Value TrainingBuilder::callClipByGlobalNorm(CallArguments& arguments)
{
    const std::optional<std::vector<NodeId>> nodes = tensorList(arguments);
    if (!nodes)
        return Value::error();
    const DType dtype = typeOfFirst(m_model->graph, *nodes);
    const NodeId limit = toNode(arguments.required("clip_norm"), arguments.rangeOf("clip_norm"), dtype);
    const Value given = arguments.value("use_norm");
    if (limit == kNoNode || given.isError())
        return Value::error();
    const std::string scope = scopeOr(arguments, "clip_by_global_norm");
    NodeWriter write(*this, arguments.range(), scope, dtype);
    const NodeId norm = given.kind == Kind::None ? addGlobalNorm(write, *nodes)
                                                 : toNode(given, arguments.rangeOf("use_norm"), dtype);
    if (norm == kNoNode)
        return Value::error();
    const NodeId one = write.number(1.0);
    const NodeId least = write.add(OpCode::Minimum, {write.over(one, norm), write.over(one, limit)});
    const NodeId scale = write.plus(write.times(limit, least), write.minus(norm, norm));
    Value list = Value::of(Kind::List);
    for (const NodeId node : *nodes) {
        if (write.failed())
            return Value::error();
        list.items.push_back(
            node == kNoNode
                ? Value::of(Kind::None)
                : Value::ofNode(write.times(node, write.cast(scale, m_model->graph.node(node).dtype))));
    }
    if (write.failed())
        return Value::error();
    Value pair = Value::of(Kind::List);
    pair.items = {std::move(list), Value::ofNode(norm)};
    return pair;
}

} // namespace wr::graph
