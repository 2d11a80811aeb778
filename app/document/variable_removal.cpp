// SPDX-License-Identifier: GPL-3.0-or-later
// Taking variables out of the script: whole statements, with the blocks that would be empty without them.
#include "app/document/script_walk.h"
#include "app/document/variable_edit.h"

#include <algorithm>
#include <map>
#include <set>

namespace wr::app {
namespace {

using script::Expr;
using script::ExprKind;
using script::Statement;

/// Marks the statements that go, and blocks of which nothing stays. True when the statement itself goes.
bool marks(const Statement& statement, const std::set<const Statement*>& leaving,
           std::set<const Statement*>& marked)
{
    bool goes = leaving.count(&statement) > 0;
    if (!goes && !statement.body.empty()) {
        std::size_t count = 0;
        for (const Statement& inner : statement.body)
            count += marks(inner, leaving, marked) ? 1U : 0U;
        goes = count == statement.body.size();
    }
    if (goes)
        marked.insert(&statement);
    return goes;
}

/// Calls back for the outermost marked statements.
template <typename Visit>
void visitMarked(const std::vector<Statement>& statements, const std::set<const Statement*>& marked,
                 const Visit& visit)
{
    for (const Statement& statement : statements) {
        if (marked.count(&statement) > 0)
            visit(statement);
        else
            visitMarked(statement.body, marked, visit);
    }
}

/// How often each name is read or written in what is visited.
using NameCounts = std::map<std::string, int>;

void countNames(const Statement& statement, NameCounts& counts)
{
    visitExpressions(statement, [&](const Expr& expr) {
        if (expr.kind == ExprKind::Name)
            ++counts[expr.text];
    });
}

std::string sentence(std::initializer_list<std::string_view> words)
{
    std::string text;
    for (const std::string_view word : words)
        text.append(text.empty() ? "" : " ").append(word);
    return text;
}

} // namespace

Result<ScriptEdits> removeVariableStatements(const graph::Model& model, const std::vector<std::string>& names)
{
    const script::Tree& tree = *model.tree;
    std::set<const Statement*> leaving;
    std::map<std::string, std::string> targets; // Python name -> variable
    for (const std::string& name : names) {
        const graph::Variable* variable = model.findVariable(name);
        if (variable == nullptr)
            return fail(notFound("there is no variable " + name));
        if (const std::string reason = readOnlyReason(model, *variable); !reason.empty())
            return fail(failedPrecondition(sentence({name, "is", reason})));
        const auto path = statementsAround(tree, variable->source.statement);
        if (path.empty())
            return fail(internalError(name + " has no statement"));
        leaving.insert(path.back());
        for (const script::ExprPtr& target : path.back()->targets) {
            if (target->kind == ExprKind::Name)
                targets[target->text] = name;
        }
    }
    // A statement may make several variables; all of them must be meant.
    for (const graph::Variable& variable : model.variables) {
        const bool isMeant = std::find(names.begin(), names.end(), variable.name) != names.end();
        if (isMeant || variable.source.statement == script::TextRange{})
            continue;
        const auto path = statementsAround(tree, variable.source.statement);
        if (!path.empty() && leaving.count(path.back()) > 0)
            return fail(failedPrecondition("the statement on " + lineText(tree, path.back()->range.begin) +
                                           " makes " + variable.name + " too"));
    }

    NameCounts everywhere;
    visitExpressions(tree.statements(), [&](const Expr& expr) {
        if (expr.kind == ExprKind::Name)
            ++everywhere[expr.text];
    });
    NameCounts going;
    for (const Statement* statement : leaving)
        countNames(*statement, going);
    for (const auto& entry : targets) {
        const std::string& target = entry.first;
        const std::string& name = entry.second;
        if (everywhere[target] == going[target])
            continue;
        std::string place;
        visitExpressions(tree.statements(), [&](const Expr& expr) {
            const bool isGoing = std::any_of(leaving.begin(), leaving.end(), [&](const Statement* statement) {
                return statement->range.begin <= expr.range.begin && expr.range.end <= statement->range.end;
            });
            if (place.empty() && expr.kind == ExprKind::Name && expr.text == target && !isGoing)
                place = lineText(tree, expr.range.begin);
        });
        return fail(failedPrecondition(sentence({name, "is used on", place})));
    }

    std::set<const Statement*> marked;
    for (const Statement& statement : tree.statements())
        marks(statement, leaving, marked);
    ScriptEdits edits;
    Status problem;
    visitMarked(tree.statements(), marked, [&](const Statement& statement) {
        if (!standsAlone(tree, statement.range))
            problem =
                failedPrecondition(lineText(tree, statement.range.begin) + " holds other statements too");
        edits.push_back(
            {{lineBeginOf(tree, statement.range.begin), lineEndOf(tree, statement.range.end)}, ""});
    });
    if (!problem.isOk())
        return fail(problem);
    return edits;
}

} // namespace wr::app
