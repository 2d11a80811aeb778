// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts ask of variables, tensors and scopes: v.name, v.op.name, v.get_shape(),
// scope.reuse_variables(), tf.GraphKeys.…
#include "engine/graph/model_builder.h"

#include <array>
#include <utility>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

namespace {

Value shapeValue(const Shape& shape)
{
    Value list = Value::of(Kind::List);
    for (const std::int64_t dim : shape.dims())
        list.items.push_back(dim < 0 ? Value::of(Kind::None) : Value::ofInteger(dim));
    return list;
}

Value typeValue(DType dtype)
{
    Value value = Value::of(Kind::Type);
    value.dtype = dtype;
    return value;
}

} // namespace

std::optional<std::string> collectionKey(std::string_view constant)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 31> kKeys{
        {{"VARIABLES", "variables"},
         {"GLOBAL_VARIABLES", "variables"},
         {"LOCAL_VARIABLES", "local_variables"},
         {"METRIC_VARIABLES", "metric_variables"},
         {"MODEL_VARIABLES", "model_variables"},
         {"TRAINABLE_VARIABLES", "trainable_variables"},
         {"TRAINABLE_RESOURCE_VARIABLES", "trainable_resource_variables"},
         {"MOVING_AVERAGE_VARIABLES", "moving_average_variables"},
         {"SAVEABLE_OBJECTS", "saveable_objects"},
         {"SAVERS", "savers"},
         {"CONCATENATED_VARIABLES", "concatenated_variables"},
         {"INIT_OP", "init_op"},
         {"LOCAL_INIT_OP", "local_init_op"},
         {"READY_OP", "ready_op"},
         {"READY_FOR_LOCAL_INIT_OP", "ready_for_local_init_op"},
         {"GLOBAL_STEP", "global_step"},
         {"UPDATE_OPS", "update_ops"},
         {"TRAIN_OP", "train_op"},
         {"EVAL_STEP", "eval_step"},
         {"SUMMARIES", "summaries"},
         {"SUMMARY_OP", "summary_op"},
         {"LOSSES", "losses"},
         {"REGULARIZATION_LOSSES", "regularization_losses"},
         {"QUEUE_RUNNERS", "queue_runners"},
         {"TABLE_INITIALIZERS", "table_initializer"},
         {"ASSET_FILEPATHS", "asset_filepaths"},
         {"WEIGHTS", "weights"},
         {"BIASES", "biases"},
         {"ACTIVATIONS", "activations"},
         {"COND_CONTEXT", "cond_context"},
         {"WHILE_CONTEXT", "while_context"}}};
    for (const auto& [name, key] : kKeys) {
        if (name == constant)
            return std::string(key);
    }
    return std::nullopt;
}

std::optional<Value> ModelBuilder::memberOf(const Value& object, const std::string& member,
                                            const script::TextRange& range)
{
    const bool isVariable = object.kind == Kind::Variable;
    if (object.kind == Kind::Module) {
        Value inner = object;
        inner.text += "." + member;
        const std::string package = object.text.substr(0, object.text.find('.'));
        if (package == "numpy") {
            if (const std::optional<DType> dtype = dtypeFromName(member))
                return typeValue(*dtype);
        }
        constexpr double kPi = 3.14159265358979323846;
        if ((object.text == "numpy" || object.text == "math") && member == "pi")
            return Value::ofNumber(kPi);
        return inner;
    }
    if (object.kind == Kind::Opaque)
        return Value::of(Kind::Opaque);
    if (object.kind == Kind::Op && member == "name")
        return Value::ofString(object.text);
    if (object.kind == Kind::List && member == "ndims")
        return Value::ofInteger(static_cast<std::int64_t>(object.items.size()));
    if (object.kind == Kind::VariableScope) {
        const VariableScope& scope = m_variableScopes[object.index];
        if (member == "name")
            return Value::ofString(scope.name);
        if (member == "original_name_scope")
            return Value::ofString(scope.nameScope);
        if (member == "reuse")
            return Value::ofBool(scope.reuse == Reuse::Yes);
        return std::nullopt;
    }
    if (!object.isTensor())
        return std::nullopt;
    const Node& node = m_model->graph.node(object.node);
    const std::string name = isVariable                         ? m_model->variables[object.index].name
                             : object.kind == Kind::Partitioned ? object.text
                                                                : node.name;
    if (member == "name")
        return Value::ofString(object.kind == Kind::Partitioned ? name : name + ":0");
    if (member == "op") {
        Value op = Value::of(Kind::Op);
        op.text = name;
        return op;
    }
    if (member == "dtype")
        return typeValue(node.dtype);
    if (member == "device")
        return Value::ofString(isVariable ? m_model->variables[object.index].device : node.device);
    if (member == "graph")
        return Value::of(Kind::Opaque);
    if (member == "shape")
        return isVariable && isIncomplete(object, range) ? Value::error() : shapeValue(node.shape);
    return std::nullopt;
}

std::optional<Value> ModelBuilder::methodOf(const Value& object, const Expr& call)
{
    const Expr& callee = *call.children.front();
    const std::string& method = callee.text;
    if (method == "get_shape" && object.isTensor())
        return memberOf(object, "shape", call.range);
    if (object.kind == Kind::List && method == "as_list")
        return object;
    if (object.kind == Kind::VariableScope && method == "reuse_variables") {
        m_variableScopes[object.index].reuse = Reuse::Yes;
        return Value::of(Kind::None);
    }
    if (object.kind == Kind::TrainOp && method == "run")
        return Value::of(Kind::Opaque);
    if (object.kind == Kind::Partitioned && method == "as_tensor")
        return Value::ofNode(object.node);
    if (object.kind == Kind::Partitioned && method.rfind("assign", 0) == 0)
        return isMutable(object, call.range, method.c_str()) ? object : Value::error();
    if (object.kind != Kind::Variable)
        return std::nullopt;
    if (method == "initialized_value")
        return initializedValue(object, call.range);
    if (method == "read_value" || method == "value") {
        const NodeId node = readOf(object, call.range);
        return node == kNoNode ? Value::error() : Value::ofNode(node);
    }
    const OpCode op = method == "scatter_update" ? OpCode::ScatterUpdate
                      : method == "scatter_add"  ? OpCode::ScatterAdd
                      : method == "scatter_sub"  ? OpCode::ScatterSub
                      : method == "scatter_mul"  ? OpCode::ScatterMul
                      : method == "scatter_div"  ? OpCode::ScatterDiv
                                                 : OpCode::NoOp;
    if (op == OpCode::NoOp)
        return std::nullopt;
    const std::vector<std::string_view> parameters{"sparse_delta", "use_locking", "name"};
    CallArguments arguments(*this, call, parameters, method, op);
    return arguments.isValid() ? callScatterMethod(arguments, object, op) : Value::error();
}

} // namespace wr::graph
