// SPDX-License-Identifier: GPL-3.0-or-later
// What changes a variable besides an optimizer: assign and its kin, scattered updates. Such an op runs where
// the variable lives.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addMutationFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kUpdate{"ref", "value", "use_locking", "name"};
    static const std::vector<std::string_view> kScatter{"ref", "indices", "updates", "use_locking", "name"};
    table.insert(table.end(),
                 {{"tf.assign",
                   &B::callAssignFunction,
                   {"ref", "value", "validate_shape", "use_locking", "name"},
                   OpCode::Assign},
                  {"tf.assign_add", &B::callAssignFunction, kUpdate, OpCode::AssignAdd},
                  {"tf.assign_sub", &B::callAssignFunction, kUpdate, OpCode::AssignSub},
                  {"tf.scatter_update", &B::callScatterFunction, kScatter, OpCode::ScatterUpdate},
                  {"tf.scatter_add", &B::callScatterFunction, kScatter, OpCode::ScatterAdd},
                  {"tf.scatter_sub", &B::callScatterFunction, kScatter, OpCode::ScatterSub},
                  {"tf.scatter_mul", &B::callScatterFunction, kScatter, OpCode::ScatterMul},
                  {"tf.scatter_div", &B::callScatterFunction, kScatter, OpCode::ScatterDiv},
                  {"tf.IndexedSlices", &B::callIndexedSlices, {"values", "indices", "dense_shape"}}});
}

bool ModelBuilder::isMutable(const Value& variable, const script::TextRange& range, const char* op)
{
    if (variable.isError())
        return false;
    if (variable.kind == Kind::Partitioned) {
        error(range,
              std::string(op) +
                  "() has not been implemented for PartitionedVariable: change its slices one by one",
              "NotImplementedError");
        return false;
    }
    if (variable.kind != Kind::Variable) {
        error(range,
              std::string("Input 'ref' of ") + op +
                  " requires l-value input: only a variable can be "
                  "changed",
              "TypeError");
        return false;
    }
    return !isIncomplete(variable, range);
}

/// Adds a node that changes `variable`, on its device; another that the script asks for is noted as ignored.
Value ModelBuilder::addMutation(Node node, const Value& variable, CallArguments& arguments)
{
    const std::string requested = currentDeviceText();
    const Variable& own = m_model->variables[variable.index];
    node.colocateWith = variable.node;
    const Value added = addNode(std::move(node), arguments.range(), arguments.text("name"));
    if (added.isError() || requested.empty() || requested == own.device)
        return added;
    m_model->ignored.push_back({arguments.range(), "device " + requested + " for an update of " + own.name,
                                "an op that changes a variable runs where the variable lives" +
                                    (own.device.empty() ? std::string() : ", on " + own.device)});
    m_model->graph.node(added.node).device = own.device;
    return added;
}

Value ModelBuilder::callAssign(CallArguments& arguments, const Value& variable, OpCode op)
{
    if (!isMutable(variable, arguments.has("ref") ? arguments.rangeOf("ref") : arguments.range(), "assign"))
        return Value::error();
    const Node& target = m_model->graph.node(variable.node);
    const Shape shape = target.shape;
    const NodeId value = toNode(arguments.required("value"), arguments.rangeOf("value"), target.dtype);
    const std::optional<bool> validate = arguments.boolean("validate_shape", true);
    if (value == kNoNode || !validate)
        return Value::error();
    const Shape given = m_model->graph.node(value).shape;
    if (!*validate && !given.isCompatibleWith(shape))
        return error(arguments.rangeOf("value"),
                     "this value has the shape " + given.toString() + " and the variable " +
                         shape.toString() +
                         "; a variable takes another shape only from a checkpoint or by resizing it");
    Node node;
    node.op = op;
    node.inputs = {variable.node, value};
    return addMutation(std::move(node), variable, arguments);
}

Value ModelBuilder::callAssignFunction(CallArguments& arguments)
{
    return callAssign(arguments, arguments.required("ref"), arguments.op());
}

Value ModelBuilder::scatter(const Value& variable, const Value& indices, const Value& updates, OpCode op,
                            CallArguments& arguments)
{
    const DType dtype = m_model->graph.node(variable.node).dtype;
    Node node;
    node.op = op;
    const NodeId rows = toNode(indices, arguments.range(), DType::Invalid);
    const NodeId values = toNode(updates, arguments.range(), dtype);
    node.inputs = {variable.node, rows, values};
    return addMutation(std::move(node), variable, arguments);
}

Value ModelBuilder::callScatterFunction(CallArguments& arguments)
{
    const Value variable = arguments.required("ref");
    const Value indices = arguments.required("indices");
    const Value updates = arguments.required("updates");
    if (indices.isError() || updates.isError() ||
        !isMutable(variable, arguments.rangeOf("ref"), "scatter_update"))
        return Value::error();
    return scatter(variable, indices, updates, arguments.op(), arguments);
}

/// v.scatter_sub(delta): TensorFlow takes rows with their numbers, and no whole tensor.
Value ModelBuilder::callScatterMethod(CallArguments& arguments, const Value& variable, OpCode op)
{
    const Value delta = arguments.required("sparse_delta");
    if (delta.isError() || !isMutable(variable, arguments.range(), "scatter_update"))
        return Value::error();
    if (delta.kind != Kind::IndexedSlices)
        return error(arguments.rangeOf("sparse_delta"),
                     "sparse_delta is not IndexedSlices: write tf.IndexedSlices(values, indices), or "
                     "tf.scatter_…(variable, indices, updates)",
                     m_model->options.version == TensorFlowVersion::V1 ? "TypeError" : "ValueError");
    return scatter(variable, delta.items[1], delta.items[0], op, arguments);
}

Value ModelBuilder::callIndexedSlices(CallArguments& arguments)
{
    const Value values = arguments.required("values");
    const Value indices = arguments.required("indices");
    if (values.isError() || indices.isError())
        return Value::error();
    Value slices = Value::of(Kind::IndexedSlices);
    slices.items = {values, indices};
    return slices;
}

} // namespace wr::graph
