// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/training_builder.h"

#include <algorithm>

namespace wr::graph {

using script::ExprKind;
using script::Statement;
using script::StatementKind;

ModelBuilder::ModelBuilder(std::shared_ptr<const script::Tree> tree) : m_model(std::make_shared<Model>())
{
    m_model->tree = std::move(tree);
    m_model->diagnostics = m_model->tree->diagnostics();
    m_variableScopes.emplace_back();
}

std::shared_ptr<const Model> ModelBuilder::run()
{
    build(m_model->tree->statements());
    finishSeeds();
    finishRecipes();
    applyRules();
    checkAliases();
    std::stable_partition(m_model->variables.begin(), m_model->variables.end(),
                          [](const Variable& variable) { return variable.slotOf.empty(); });
    m_model->variableIndex.clear();
    for (std::size_t i = 0; i < m_model->variables.size(); ++i)
        m_model->variableIndex.emplace(m_model->variables[i].name, i);
    std::stable_sort(m_model->diagnostics.begin(), m_model->diagnostics.end(),
                     [](const script::Diagnostic& a, const script::Diagnostic& b) {
                         return a.range.begin < b.range.begin;
                     });
    return m_model;
}

Value ModelBuilder::error(const script::TextRange& range, std::string message, std::string errorClass)
{
    return report({script::Severity::Error, range, std::move(message), {}, {}, std::move(errorClass)});
}

Value ModelBuilder::misuse(const script::TextRange& range, const char* errorClass, std::string message)
{
    return error(range, std::move(message), errorClass);
}

Value ModelBuilder::report(script::Diagnostic diagnostic)
{
    // The turns of a loop would all say the same.
    if (m_loopDepth > 0 && diagnostic.severity != script::Severity::Error &&
        !m_said.insert(std::uint64_t{diagnostic.range.begin} << 32U | diagnostic.range.end).second)
        return Value::error();
    m_model->diagnostics.push_back(std::move(diagnostic));
    return Value::error();
}

void ModelBuilder::warn(const script::TextRange& range, std::string message)
{
    report({script::Severity::Warning, range, std::move(message), {}, {}, {}});
}

void ModelBuilder::build(const std::vector<Statement>& statements)
{
    for (const Statement& statement : statements) {
        if (m_loopDepth > 0 && !mayGoOn(statement))
            return;
        const Statement* const outer = std::exchange(m_statement, &statement);
        switch (statement.kind) {
        case StatementKind::Assign:
            buildAssign(statement);
            break;
        case StatementKind::Expression:
            if (statement.value)
                evaluate(*statement.value);
            break;
        case StatementKind::With:
            buildWith(statement);
            break;
        case StatementKind::For:
            buildFor(statement);
            break;
        case StatementKind::Ellipsis:
            addHole();
            break;
        case StatementKind::Import:
            bindImports(statement);
            break;
        case StatementKind::Error:
            bindForeign(statement);
            break;
        case StatementKind::Pass:
            break;
        }
        m_statement = outer;
    }
}

void ModelBuilder::buildAssign(const Statement& statement)
{
    if (!statement.value)
        return;
    if (statement.op != "=") {
        const Value sum = evaluate(*statement.value);
        if (!sum.isError())
            error(statement.range,
                  "\"" + statement.op +
                      "\" is not part of Weightroom's script; write x = x + …, or v.assign_add(…)");
        return;
    }
    const Value value = evaluateFor(*statement.targets.front(), *statement.value);
    for (const script::ExprPtr& target : statement.targets)
        bind(*target, value);
}

/// The value of an assignment; variables in it that have no name take the one on the left.
Value ModelBuilder::evaluateFor(const Expr& target, const Expr& value)
{
    const auto isRow = [](const Expr& expr) {
        return expr.kind == ExprKind::Tuple || expr.kind == ExprKind::List;
    };
    if (isRow(target) && isRow(value) && target.children.size() == value.children.size()) {
        Value row = Value::of(Value::Kind::List);
        for (std::size_t i = 0; i < target.children.size(); ++i)
            row.items.push_back(evaluateFor(*target.children[i], *value.children[i]));
        return weighed(std::move(row), value.range);
    }
    std::string outer = std::exchange(m_target, target.kind == ExprKind::Name ? target.text : std::string());
    Value result = evaluate(value);
    m_target = std::move(outer);
    return result;
}

void ModelBuilder::bind(const Expr& target, const Value& value)
{
    if (target.kind == ExprKind::Name) {
        m_names[target.text] = value;
        return;
    }
    if (target.kind != ExprKind::Tuple && target.kind != ExprKind::List) {
        if (target.kind != ExprKind::Error)
            error(target.range, "only names can be assigned to in Weightroom's script");
        return;
    }
    if (value.kind == Value::Kind::Opaque || value.kind == Value::Kind::Module) {
        for (const script::ExprPtr& child : target.children)
            bind(*child, Value::of(Value::Kind::Opaque));
        return;
    }
    if (!value.isError() && (value.kind != Value::Kind::List || value.items.size() != target.children.size()))
        error(target.range, std::to_string(target.children.size()) +
                                " names stand before \"=\", but not as many values after it");
    for (std::size_t i = 0; i < target.children.size(); ++i) {
        const bool fits = value.kind == Value::Kind::List && i < value.items.size();
        bind(*target.children[i], fits ? value.items[i] : Value::error());
    }
}

void ModelBuilder::buildWith(const Statement& statement)
{
    const std::size_t devices = m_devices.size();
    const std::size_t sessions = m_sessions.size();
    const std::string nameScope = m_nameScope;
    const std::size_t variableScope = m_variableScope;
    const std::vector<std::vector<NodeId>> controls = m_controls;
    for (const script::WithItem& item : statement.items) {
        const Expr& context = *item.context;
        const std::string name =
            context.kind == ExprKind::Call ? script::dottedName(*context.children.front()) : "";
        Value value = Value::of(Value::Kind::Opaque);
        if (name == "tf.device")
            enterDevice(context);
        else if (isScope(name))
            value = enterScope(context, name);
        else
            value = evaluate(context);
        if (value.kind == Value::Kind::Session)
            enterSession(statement, item, value);
        if (item.alias)
            bind(*item.alias, value);
    }
    build(statement.body);
    m_devices.resize(devices);
    m_nameScope = nameScope;
    m_variableScope = variableScope;
    m_controls = controls;
    leaveSessions(statement, sessions);
}

/// Counts the turns of loops and the statements in them; false, with one diagnostic, when there are too many.
bool ModelBuilder::mayGoOn(const Statement& statement)
{
    constexpr std::size_t kMaxSteps = 200000;
    if (++m_loopSteps == kMaxSteps + 1)
        error(statement.range,
              "the loops of this script take more than 200,000 steps in all; they are read no further");
    return m_loopSteps <= kMaxSteps;
}

void ModelBuilder::buildFor(const Statement& statement)
{
    if (!statement.value)
        return;
    const Value range = evaluate(*statement.value);
    if (range.isError())
        return;
    if (range.kind != Value::Kind::List) {
        error(statement.value->range, "a loop runs over range(n) or a list",
              range.kind == Value::Kind::Variable ? "TypeError" : "");
        return;
    }
    ++m_loopDepth;
    for (const Value& item : range.items) {
        if (!mayGoOn(statement))
            break;
        bind(*statement.targets.front(), item);
        const auto before = static_cast<std::ptrdiff_t>(m_model->diagnostics.size());
        build(statement.body);
        if (std::any_of(
                m_model->diagnostics.begin() + before, m_model->diagnostics.end(),
                [](const script::Diagnostic& added) { return added.severity == script::Severity::Error; }))
            break; // the next turn would only say the same
    }
    --m_loopDepth;
}

bool Model::hasErrors() const
{
    return std::any_of(diagnostics.begin(), diagnostics.end(), [](const script::Diagnostic& diagnostic) {
        return diagnostic.severity == script::Severity::Error;
    });
}

const Variable* Model::findVariable(std::string_view name) const
{
    const auto found = variableIndex.find(std::string(name));
    if (found != variableIndex.end() && found->second < variables.size() &&
        variables[found->second].name == name)
        return &variables[found->second];
    if (variableIndex.size() == variables.size())
        return nullptr;
    // A model that was put together by hand.
    for (const Variable& variable : variables) {
        if (variable.name == name)
            return &variable;
    }
    return nullptr;
}

std::shared_ptr<const Model> buildModel(std::shared_ptr<const script::Tree> tree)
{
    return TrainingBuilder(std::move(tree)).run();
}

} // namespace wr::graph
