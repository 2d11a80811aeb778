// SPDX-License-Identifier: GPL-3.0-or-later
// Variables.
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using script::ExprKind;
using Kind = Value::Kind;

namespace {

/// The shape literal inside an initial value such as tf.zeros([200]), or null.
const script::Expr* shapeLiteral(const script::Expr& initializer)
{
    if (initializer.kind != ExprKind::Call)
        return nullptr;
    const std::string name = script::dottedName(*initializer.children.front());
    const char* const keyword = name == "tf.fill" ? "dims" : "shape";
    const int place = name == "tf.constant" ? 2 : 0;
    if (name.rfind("tf.", 0) != 0 || name.find("_like") != std::string::npos)
        return nullptr;
    const script::Argument* const argument = script::findArgument(initializer, keyword, place);
    if (argument == nullptr)
        return nullptr;
    const ExprKind kind = argument->value->kind;
    return kind == ExprKind::List || kind == ExprKind::Tuple ? argument->value.get() : nullptr;
}

bool isLegalName(std::string_view name)
{
    const auto isLetterOrDigit = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (name.empty() || !(isLetterOrDigit(static_cast<unsigned char>(name.front())) || name.front() == '.'))
        return false;
    return std::all_of(name.begin(), name.end(), [&](unsigned char c) {
        return isLetterOrDigit(c) || c == '_' || c == '.' || c == '-' || c == '/' || c == '\\';
    });
}

} // namespace

std::size_t ModelBuilder::addVariable(Variable variable, NodeId initialValue, const script::TextRange& range)
{
    if (variable.slotOf.empty())
        variable.device = currentDeviceText(&variable);
    Node node;
    node.op = OpCode::Variable;
    node.name = variable.name;
    node.dtype = variable.dtype;
    node.shape = variable.shape;
    node.device = variable.device;
    node.source = range;
    const Result<NodeId> added = m_model->graph.add(std::move(node));
    if (!added) {
        error(range, added.error().message());
        return m_model->variables.size();
    }
    variable.node = *added;
    variable.initialValue = initialValue;
    m_model->variables.push_back(std::move(variable));
    return m_model->variables.size() - 1;
}

void ModelBuilder::addVariableFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(table.end(), {{"tf.Variable",
                                &B::callVariable,
                                {"initial_value", "trainable", "collections", "validate_shape",
                                 "caching_device", "name", "variable_def", "dtype"}}});
}

Value ModelBuilder::callVariable(CallArguments& arguments)
{
    const script::Expr& call = arguments.call();
    if (!arguments.has("initial_value"))
        return error(call.range,
                     "initial_value must be specified: write tf.Variable(tf.zeros([…]), name=\"…\")");
    const Value initial = arguments.value("initial_value");
    const std::optional<bool> trainable = arguments.boolean("trainable", true);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Invalid);
    if (initial.isError() || !trainable || !dtype)
        return Value::error();

    Variable variable;
    const bool named = arguments.has("name") && arguments.value("name").kind != Kind::None;
    const std::optional<std::string> given =
        named ? toText(arguments.value("name"), arguments.rangeOf("name")) : std::string();
    if (!given)
        return Value::error();
    variable.name = scoped(named ? *given : m_target.empty() ? "Variable" : m_target);
    if (!isLegalName(variable.name))
        return error(arguments.rangeOf("name"),
                     "\"" + variable.name +
                         "\" is no legal name: letters, digits and . _ - / only, beginning "
                         "with a letter, a digit or a dot");
    variable.trainable = *trainable;
    variable.source.call = &call;
    variable.source.initializer = arguments.find("initial_value");
    variable.source.shape = shapeLiteral(*variable.source.initializer);
    variable.source.device = m_devices.empty() ? nullptr : m_devices.back().literal;
    variable.source.statement = m_statement != nullptr ? m_statement->range : call.range;
    variable.source.editable = m_loopDepth == 0;
    variable.initializer = std::string(m_model->tree->slice(variable.source.initializer->range));

    if (const Variable* const other = m_model->findVariable(variable.name)) {
        script::Diagnostic diagnostic;
        const int line = m_model->tree->position(other->source.statement.begin).line;
        diagnostic.range = arguments.rangeOf("name");
        diagnostic.message =
            "there is a variable \"" + variable.name + "\" already, on line " + std::to_string(line);
        std::string fresh = named ? *given : variable.name;
        for (int number = 2; m_model->findVariable(scoped(fresh)) != nullptr; ++number)
            fresh = (named ? *given : variable.name) + "_" + std::to_string(number);
        if (m_loopDepth == 0) {
            diagnostic.fixLabel = "Call this one \"" + fresh + "\"";
            if (arguments.has("name"))
                diagnostic.fix.push_back({arguments.rangeOf("name"), "\"" + fresh + "\""});
            else
                diagnostic.fix.push_back(
                    {{call.range.end - 1, call.range.end - 1}, ", name=\"" + fresh + "\""});
        }
        m_model->diagnostics.push_back(std::move(diagnostic));
        return Value::error();
    }

    NodeId value = kNoNode;
    if (initial.kind == Kind::Hole) {
        variable.dtype = *dtype == DType::Invalid ? DType::Float32 : *dtype;
        variable.shape = Shape{0};
        variable.initializer = "...";
        m_model->diagnostics.push_back({script::Severity::Error,
                                        variable.source.initializer->range,
                                        "the initial value of \"" + variable.name + "\" is missing",
                                        "Start with zeros",
                                        {{variable.source.initializer->range, "tf.zeros([1])"}},
                                        {}});
    } else {
        value = toNode(initial, arguments.rangeOf("initial_value"), *dtype);
        if (value == kNoNode)
            return Value::error();
        const Node& node = m_model->graph.node(value);
        if (*dtype != DType::Invalid && node.dtype != *dtype)
            return error(arguments.rangeOf("dtype"), "the initial value is " +
                                                         std::string(dtypeName(node.dtype)) + ", not " +
                                                         std::string(dtypeName(*dtype)));
        if (!node.shape.isFullyDefined())
            return error(arguments.rangeOf("initial_value"),
                         "initial_value must have a shape that is fully known, but it is " +
                             node.shape.toString());
        variable.dtype = node.dtype;
        variable.shape = node.shape;
        seedInitialValue(value, variable.name);
    }
    const std::size_t index = addVariable(std::move(variable), value, call.range);
    if (index >= m_model->variables.size())
        return Value::error();
    return Value::ofIndex(Kind::Variable, index, m_model->variables[index].node);
}

} // namespace wr::graph
