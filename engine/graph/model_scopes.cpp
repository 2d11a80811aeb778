// SPDX-License-Identifier: GPL-3.0-or-later
// Name scopes and variable scopes. A name scope goes before the names of ops and of tf.Variable, and is
// numbered when it is opened again; a variable scope goes before those of get_variable as well, and is not.
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {
namespace {

using Kind = Value::Kind;

struct Scope {
    std::string_view function;
    std::vector<std::string_view> parameters;
};

const std::vector<Scope>& scopes()
{
    static const std::vector<Scope> kScopes{
        {"tf.name_scope", {"name", "default_name", "values"}},
        {"tf.op_scope", {"values", "name", "default_name"}},
        {"tf.variable_scope",
         {"name_or_scope", "default_name", "values", "initializer", "regularizer", "caching_device",
          "partitioner", "custom_getter", "reuse", "dtype", "use_resource", "constraint",
          "auxiliary_name_scope"}},
        {"tf.variable_op_scope",
         {"values", "name_or_scope", "default_name", "initializer", "regularizer", "caching_device",
          "partitioner", "custom_getter", "reuse", "dtype"}}};
    return kScopes;
}

std::string lastPart(const std::string& name)
{
    return name.substr(name.rfind('/') + 1);
}

} // namespace

void ModelBuilder::addScopeFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    for (const Scope& scope : scopes())
        table.push_back({scope.function, &B::callInitializer, scope.parameters});
    table.push_back({"tf.get_variable_scope", &B::callGetScope, {}});
}

bool ModelBuilder::isScope(std::string_view function)
{
    return function == "tf.name_scope" || function == "tf.variable_scope" || function == "tf.op_scope" ||
           function == "tf.variable_op_scope";
}

std::string ModelBuilder::uniqueScope(const std::string& name)
{
    std::string unique = m_nameScope + name;
    int& next = m_scopeNames[unique];
    const bool isTaken = next > 0 || m_model->findVariable(unique) != nullptr;
    if (!isTaken) {
        next = 1;
        return unique + "/";
    }
    const std::string base = unique;
    int number = std::max(next, 1);
    do {
        unique = base + "_" + std::to_string(number++);
    } while (m_scopeNames.count(unique) != 0 || m_model->findVariable(unique) != nullptr);
    m_scopeNames[base] = number;
    m_scopeNames[unique] = 1;
    return unique + "/";
}

Value ModelBuilder::enterScope(const Expr& context, const std::string& function)
{
    const Scope* known = nullptr;
    for (const Scope& scope : scopes()) {
        if (scope.function == function)
            known = &scope;
    }
    if (known == nullptr)
        return Value::error();
    CallArguments arguments(*this, context, known->parameters, function, backend::OpCode::NoOp);
    if (!arguments.isValid())
        return Value::error();
    const bool isVariableScope = function.find("variable") != std::string::npos;
    const char* const parameter = isVariableScope ? "name_or_scope" : "name";
    const Value given = arguments.value(parameter);
    const Value fallback = arguments.value("default_name");
    if (given.isError() || fallback.isError())
        return Value::error();
    if (isVariableScope) {
        if (given.kind == Kind::None && fallback.kind == Kind::None)
            return error(context.range,
                         "If default_name is None then name_or_scope is required: the scope needs a name",
                         "ValueError");
        if (given.kind != Kind::VariableScope && given.kind != Kind::String && given.kind != Kind::None)
            return error(arguments.rangeOf(parameter),
                         "a variable scope takes a name in quotes or another scope", "TypeError");
        const std::size_t before = m_variableScopes.size();
        enterVariableScope(arguments, given);
        return before == m_variableScopes.size() ? Value::error()
                                                 : Value::ofIndex(Kind::VariableScope, m_variableScope);
    }
    if (!arguments.has(parameter) && fallback.kind == Kind::None)
        return error(context.range, function + " needs a name");
    const Value& chosen = given.kind == Kind::None ? fallback : given;
    const std::optional<std::string> text = chosen.kind == Kind::None
                                                ? std::optional<std::string>(std::string())
                                                : toText(chosen, arguments.rangeOf(parameter));
    if (!text)
        return Value::error();
    if (text->empty())
        m_nameScope.clear(); // back to the root
    else if (text->back() == '/')
        m_nameScope = *text; // a scope that is entered again as it is
    else
        m_nameScope = uniqueScope(*text);
    return Value::ofString(m_nameScope);
}

void ModelBuilder::enterVariableScope(CallArguments& arguments, const Value& given)
{
    VariableScope scope = m_variableScopes[m_variableScope];
    const std::string outer = scope.name.empty() ? std::string() : scope.name + "/";
    std::string opScope;
    if (given.kind == Kind::VariableScope) {
        const VariableScope& other = m_variableScopes[given.index];
        scope.name = other.name;
        scope.initializer = other.initializer;
        scope.partitioner = other.partitioner;
        scope.dtype = other.dtype;
        scope.reuse = other.reuse == Reuse::No ? scope.reuse : other.reuse;
        opScope = lastPart(other.name);
    } else if (given.kind == Kind::String) {
        scope.name = given.text.empty() ? scope.name : outer + given.text;
        opScope = given.text;
    } else {
        const std::optional<std::string> fallback =
            toText(arguments.value("default_name"), arguments.rangeOf("default_name"));
        if (!fallback)
            return;
        opScope = *fallback;
        for (int number = 1; m_variableScopeNames[outer + opScope] > 0; ++number)
            opScope = *fallback + "_" + std::to_string(number);
        scope.name = outer + opScope;
    }
    if (arguments.has("initializer") && arguments.value("initializer").kind != Kind::None)
        scope.initializer = arguments.value("initializer");
    if (arguments.has("partitioner") && arguments.value("partitioner").kind != Kind::None)
        scope.partitioner = arguments.value("partitioner");
    if (scope.partitioner.kind != Kind::None && scope.partitioner.kind != Kind::Partitioner) {
        if (!scope.partitioner.isError())
            error(arguments.rangeOf("partitioner"),
                  "Partitioner must be callable, as tf.fixed_size_partitioner(…) is", "TypeError");
        return;
    }
    const std::optional<DType> dtype = arguments.type("dtype", scope.dtype);
    if (!dtype || scope.initializer.isError())
        return;
    scope.dtype = *dtype;
    const Value reuse = arguments.value("reuse");
    if (reuse.kind == Kind::Bool)
        scope.reuse =
            reuse.integer != 0 ? Reuse::Yes : scope.reuse; // reuse is inherited and cannot be undone
    else if (reuse.kind == Kind::Opaque && reuse.text == "AUTO_REUSE")
        scope.reuse = scope.reuse == Reuse::Yes ? Reuse::Yes : Reuse::Auto;
    else if (reuse.kind != Kind::None) {
        if (!reuse.isError())
            error(arguments.rangeOf("reuse"),
                  "The reuse parameter must be True or False or None, or tf.AUTO_REUSE", "ValueError");
        return;
    }
    ignore(arguments, "regularizer", "Weightroom adds no losses by itself");
    ignore(arguments, "caching_device", "values are read where they are needed");
    ignore(arguments, "custom_getter", "a script is read and never executed");

    // What was counted inside an earlier visit begins anew.
    const std::string inside = scope.name + "/";
    for (auto it = m_variableScopeNames.lower_bound(inside);
         it != m_variableScopeNames.end() && it->first.rfind(inside, 0) == 0;)
        it = m_variableScopeNames.erase(it);
    ++m_variableScopeNames[scope.name];
    if (!opScope.empty())
        m_nameScope = uniqueScope(opScope);
    scope.nameScope = m_nameScope;
    m_variableScopes.push_back(std::move(scope));
    m_variableScope = m_variableScopes.size() - 1;
}

Value ModelBuilder::callGetScope(CallArguments& /*arguments*/)
{
    return Value::ofIndex(Kind::VariableScope, m_variableScope);
}

std::string ModelBuilder::scoped(const std::string& name) const
{
    return m_nameScope + name;
}

std::string ModelBuilder::variableScoped(const std::string& name) const
{
    const std::string& scope = m_variableScopes[m_variableScope].name;
    return scope.empty() ? name : scope + "/" + name;
}

} // namespace wr::graph
