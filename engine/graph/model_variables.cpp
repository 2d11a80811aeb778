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
    const std::size_t index = m_model->variables.size();
    variable.node = *added;
    variable.initialValue = initialValue;
    if (!variable.slotOf.empty() && variable.collections.empty())
        variable.collections = {"variables"};
    for (const std::string& key : variable.collections)
        m_collections[key].push_back(Value::ofIndex(Kind::Variable, index, *added));
    m_variableOf.emplace(*added, index);
    m_model->variableIndex.emplace(variable.name, index);
    m_model->variables.push_back(std::move(variable));
    return index;
}

void ModelBuilder::addVariableFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.push_back({"tf.Variable",
                     &B::callVariable,
                     {"initial_value", "trainable", "collections", "validate_shape", "caching_device", "name",
                      "variable_def", "dtype", "expected_shape", "import_scope", "constraint", "use_resource",
                      "synchronization", "aggregation"}});
    addGetVariableFunctions(table);
    addCollectionFunctions(table);
    addMutationFunctions(table);
}

bool ModelBuilder::isLegalVariableName(const std::string& name, const script::TextRange& range)
{
    if (isLegalName(name))
        return true;
    error(range,
          "\"" + name +
              "\" is no legal name: letters, digits and . _ - / only, beginning with a letter, a digit or a "
              "dot",
          "ValueError");
    return false;
}

void ModelBuilder::ignore(CallArguments& arguments, std::string_view parameter, const char* reason)
{
    if (!arguments.has(parameter))
        return;
    const Value given = arguments.value(parameter);
    if (given.kind != Kind::None && !given.isError())
        m_model->ignored.push_back({arguments.rangeOf(parameter), std::string(parameter) + "=", reason});
}

std::optional<std::vector<std::string>> ModelBuilder::collectionsOf(CallArguments& arguments, bool trainable)
{
    std::vector<std::string> keys{"variables"};
    const Value given = arguments.value("collections");
    if (given.isError())
        return std::nullopt;
    if (given.kind != Kind::None) {
        if (given.kind != Kind::List) {
            error(arguments.rangeOf("collections"),
                  "collections argument to Variable constructor must be a list, tuple, or set: write "
                  "[tf.GraphKeys.…]",
                  "ValueError");
            return std::nullopt;
        }
        keys.clear();
        for (const Value& item : given.items) {
            const std::optional<std::string> key = toText(item, arguments.rangeOf("collections"));
            if (!key)
                return std::nullopt;
            if (std::find(keys.begin(), keys.end(), *key) == keys.end())
                keys.push_back(*key);
        }
    }
    const char* const trained = "trainable_variables";
    if (trainable && std::find(keys.begin(), keys.end(), trained) == keys.end())
        keys.emplace_back(trained);
    return keys;
}

ModelBuilder::VariableRequest ModelBuilder::requestOf(CallArguments& arguments, const std::string& name)
{
    VariableRequest request;
    const script::Expr& call = arguments.call();
    Variable& variable = request.variable;
    variable.name = name;
    variable.source.call = &call;
    variable.source.device = m_devices.empty() ? nullptr : m_devices.back().literal;
    variable.source.statement = m_statement != nullptr ? m_statement->range : call.range;
    variable.source.editable = m_loopDepth == 0;
    request.initialRange = call.range;
    request.name = arguments.find("name");
    return request;
}

/// A name that is taken: the variable is kept under a free one, so that the rest of the model stays usable.
void ModelBuilder::claimName(VariableRequest& request)
{
    Variable& variable = request.variable;
    const auto holder = [this](const std::string& name) {
        const Variable* const own = m_model->findVariable(name);
        return own != nullptr ? own : m_model->findVariable(name + "/part_0"); // the first slice of a whole
    };
    const Variable* const other = holder(variable.name);
    if (other == nullptr)
        return;
    const script::Expr& call = *variable.source.call;
    const int line = m_model->tree->position(other->source.statement.begin).line;
    const std::string prefix = variable.name.substr(0, variable.name.size() - request.given.size());
    std::string fresh;
    int& number = m_clashes[variable.name];
    do {
        fresh = request.given + "_" + std::to_string(std::max(2, ++number + 1));
    } while (holder(prefix + fresh) != nullptr);
    script::Diagnostic diagnostic;
    diagnostic.range = request.name != nullptr ? request.name->range : call.range;
    diagnostic.message = request.clashMessage.empty() ? "there is a variable \"" + variable.name +
                                                            "\" already, on line " + std::to_string(line)
                                                      : request.clashMessage;
    diagnostic.errorClass = request.clashClass;
    if (m_loopDepth == 0) {
        diagnostic.fixLabel = "Call this one \"" + fresh + "\"";
        if (request.name != nullptr)
            diagnostic.fix.push_back({request.name->range, "\"" + fresh + "\""});
        else
            diagnostic.fix.push_back({{call.range.end - 1, call.range.end - 1}, ", name=\"" + fresh + "\""});
    }
    report(std::move(diagnostic));
    variable.name = prefix + fresh;
    variable.isClashing = true;
}

/// tf.Variable(...): it is there, on its device, and waits for a value. Its shape is a scalar's: a tensor
/// without elements would count as initialised.
Value ModelBuilder::makeIncomplete(VariableRequest& request)
{
    Variable& variable = request.variable;
    variable.dtype = request.dtype == DType::Invalid ? DType::Float32 : request.dtype;
    variable.shape = request.shape && request.shape->isFullyDefined() ? *request.shape : Shape{};
    variable.isIncomplete = true;
    variable.initializer = "...";
    script::Diagnostic diagnostic;
    diagnostic.severity = script::Severity::Warning;
    diagnostic.range = request.initialRange;
    diagnostic.message = "the initial value of \"" + variable.name + "\" is missing";
    if (variable.source.initializer != nullptr) {
        diagnostic.fixLabel = "Start with zeros";
        diagnostic.fix.push_back({variable.source.initializer->range, "tf.zeros([1])"});
    }
    report(std::move(diagnostic));
    doubtCount("an initial value that is missing");
    const std::size_t index = addVariable(std::move(variable), kNoNode, request.variable.source.call->range);
    if (index >= m_model->variables.size())
        return Value::error();
    return Value::ofIndex(Kind::Variable, index, m_model->variables[index].node);
}

Value ModelBuilder::makeVariable(VariableRequest request)
{
    Variable& variable = request.variable;
    const script::TextRange range = variable.source.call->range;
    if (!isLegalVariableName(variable.name, request.name != nullptr ? request.name->range : range))
        return Value::error();
    if (request.initial.isError())
        return Value::error();
    if (request.initial.kind == Kind::Hole) {
        claimName(request);
        return makeIncomplete(request);
    }
    ++m_initialDepth;
    NodeId value = toNode(request.initial, request.initialRange, request.dtype);
    if (value != kNoNode && m_model->options.version == TensorFlowVersion::V1)
        value = withInitializedReads(value, request.initialRange);
    --m_initialDepth;
    if (value == kNoNode)
        return Value::error();
    const Node& node = m_model->graph.node(value);
    if (request.dtype != DType::Invalid && node.dtype != request.dtype)
        return error(request.initialRange,
                     "the initial value is " + std::string(dtypeName(node.dtype)) + ", not " +
                         std::string(dtypeName(request.dtype)),
                     "ValueError");
    if (!node.shape.isFullyDefined())
        return variable.validateShape
                   ? error(request.initialRange,
                           "initial_value must have a shape specified, and fully so, but it is " +
                               node.shape.toString(),
                           "ValueError")
                   : error(request.initialRange,
                           "validate_shape=False leaves later shapes open; the first one "
                           "must be known, but it is " +
                               node.shape.toString());
    if (request.shape && !request.shape->isCompatibleWith(node.shape))
        return error(request.initialRange,
                     "Shapes " + node.shape.toString() + " and " + request.shape->toString() +
                         " are not compatible: the initial value does not have the shape that is expected",
                     "ValueError");
    claimName(request);
    variable.dtype = node.dtype;
    variable.shape = node.shape;
    seedInitialValue(value, variable.name);
    const std::size_t index = addVariable(std::move(variable), value, range);
    if (index >= m_model->variables.size())
        return Value::error();
    countOps(3); // the variable, the op that initialises it, its read
    return Value::ofIndex(Kind::Variable, index, m_model->variables[index].node);
}

Value ModelBuilder::callVariable(CallArguments& arguments)
{
    const script::Expr& call = arguments.call();
    const Value definition = arguments.value("variable_def");
    if (definition.kind != Kind::None)
        return definition.isError() ? definition
               : arguments.has("initial_value")
                   ? error(arguments.rangeOf("variable_def"),
                           "variable_def and initial_value are mutually exclusive: one of them says what the "
                           "variable is",
                           "ValueError")
                   : error(arguments.rangeOf("variable_def"), "a variable_def cannot be read from a script");
    const script::Expr* const given = arguments.find("initial_value");
    if (given == nullptr || given->kind == ExprKind::None)
        return error(call.range,
                     "initial_value must be specified: write tf.Variable(tf.zeros([…]), name=\"…\")",
                     "ValueError");
    const std::optional<DType> dtype = arguments.type("dtype", DType::Invalid);
    if (given->kind == ExprKind::Lambda && dtype == DType::Invalid &&
        m_model->options.version == TensorFlowVersion::V011)
        return error(given->range,
                     "initial_value is a function, so dtype must be specified too, says TensorFlow 0.11",
                     "ValueError");
    ++m_initialDepth;
    Value initial = arguments.value("initial_value");
    --m_initialDepth;
    const std::optional<bool> trainable = arguments.boolean("trainable", true);
    const std::optional<bool> validate = arguments.boolean("validate_shape", true);
    if (initial.isError() || !trainable || !dtype || !validate)
        return Value::error();
    if (initial.kind == Kind::Initializer)
        return error(given->range,
                     "this initializer misses its required argument 'shape': write " +
                         std::string(m_model->tree->slice(given->range)) + "([…])",
                     "TypeError");
    const std::optional<std::vector<std::string>> collections = collectionsOf(arguments, *trainable);
    const bool named = arguments.has("name") && arguments.value("name").kind != Kind::None;
    const std::optional<std::string> name =
        named ? toText(arguments.value("name"), arguments.rangeOf("name"))
              : std::optional<std::string>(m_target.empty() ? "Variable" : m_target);
    if (!collections || !name)
        return Value::error();

    VariableRequest request = requestOf(arguments, scoped(*name));
    if (const Value shape = arguments.value("expected_shape"); shape.kind != Kind::None) {
        request.shape = toShape(shape, arguments.rangeOf("expected_shape"), true);
        if (!request.shape)
            return Value::error();
    }
    ignore(arguments, "caching_device", "values are read where they are needed");
    ignore(arguments, "constraint", "a script is read and never executed");
    request.initial = std::move(initial);
    request.initialRange = given->range;
    request.dtype = *dtype;
    request.given = *name;
    request.variable.trainable = *trainable;
    request.variable.validateShape = *validate;
    request.variable.collections = *collections;
    request.variable.source.initializer = given;
    request.variable.source.shape = shapeLiteral(*given);
    request.variable.initializer = std::string(m_model->tree->slice(given->range));
    return makeVariable(std::move(request));
}

} // namespace wr::graph
