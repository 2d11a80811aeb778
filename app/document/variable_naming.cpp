// SPDX-License-Identifier: GPL-3.0-or-later
// Names of variables in the script: the name= literal, and the Python name beside it where the two agree.
#include "app/document/field_text.h"
#include "app/document/script_walk.h"
#include "app/document/variable_edit.h"
#include "engine/script/edit.h"

#include <cctype>
#include <set>

namespace wr::app {
namespace {

using script::Expr;
using script::ExprKind;

constexpr int kVariableNamePosition = 5;
constexpr int kGetVariableNamePosition = 0;

int namePosition(const Expr& call)
{
    return script::dottedName(*call.children[0]).ends_with("get_variable") ? kGetVariableNamePosition
                                                                           : kVariableNamePosition;
}

/// True when `parameters` of a lambda ("x, y=1") contain the word.
bool hasWord(const std::string& parameters, const std::string& word)
{
    for (std::size_t at = parameters.find(word); at != std::string::npos;
         at = parameters.find(word, at + 1)) {
        const auto isWord = [&](std::size_t i) {
            return i < parameters.size() &&
                   (std::isalnum(static_cast<unsigned char>(parameters[i])) != 0 || parameters[i] == '_');
        };
        if ((at == 0 || !isWord(at - 1)) && !isWord(at + word.size()))
            return true;
    }
    return false;
}

/// The plain name that the variable's statement assigns to; null when it assigns to something else.
const Expr* targetOf(const graph::Model& model, const graph::Variable& variable)
{
    const auto path = statementsAround(*model.tree, variable.source.statement);
    if (path.empty() || path.back()->kind != script::StatementKind::Assign || path.back()->op != "=" ||
        path.back()->targets.size() != 1 || path.back()->targets[0]->kind != ExprKind::Name)
        return nullptr;
    return path.back()->targets[0].get();
}

int bindingsOf(const graph::Model& model, const std::string& name)
{
    int count = 0;
    visitBindings(model.tree->statements(), [&](const Expr& expr) { count += expr.text == name ? 1 : 0; });
    return count;
}

/// The literal of one argument of wr.alias or wr.place; null when the statement is not written that way.
const Expr* literalOf(const graph::Model& model, script::TextRange statement, std::string_view keyword,
                      int position)
{
    const auto path = statementsAround(*model.tree, statement);
    if (path.empty() || !path.back()->value || path.back()->value->kind != ExprKind::Call)
        return nullptr;
    const script::Argument* argument = script::findArgument(*path.back()->value, keyword, position);
    return argument != nullptr && argument->value->kind == ExprKind::String ? argument->value.get() : nullptr;
}

/// What else calls the variable by its full name: aliases and rules. Writes the alias of the old name where
/// it is to be remembered; a name that comes back loses its alias.
void followName(const graph::Model& model, const std::string& before, const std::string& after,
                bool remembers, ScriptEdits& edits)
{
    const script::Tree& tree = *model.tree;
    for (const graph::Alias& alias : model.aliases) {
        remembers = remembers && alias.oldName != before;
        if (alias.name != before)
            continue;
        if (alias.oldName == after && standsAlone(tree, alias.source)) {
            edits.push_back({{lineBeginOf(tree, alias.source.begin), lineEndOf(tree, alias.source.end)}, ""});
            remembers = false;
        } else if (const Expr* literal = literalOf(model, alias.source, "name", 1)) {
            edits.push_back({literal->range, likeLiteral(tree, *literal, after)});
        }
    }
    for (const graph::PlacementRule& rule : model.rules) {
        const Expr* literal = literalOf(model, rule.source, "pattern", 0);
        if (rule.pattern == before && literal != nullptr)
            edits.push_back({literal->range, likeLiteral(tree, *literal, after)});
    }
    if (!remembers)
        return;
    const auto end = static_cast<std::uint32_t>(tree.text().size());
    edits.push_back({{end, end},
                     std::string(end > 0 && !tree.text().ends_with('\n') ? "\n" : "") + "wr.alias(" +
                         script::quoted(before) + ", " + script::quoted(after) + ")\n"});
}

} // namespace

Result<ScriptEdits> renameVariable(const graph::Model& model, const graph::Variable& variable,
                                   const std::string& name, bool remembers)
{
    const Expr& call = *variable.source.call;
    const script::Argument* argument = script::findArgument(call, "name", namePosition(call));
    if (argument != nullptr && argument->value->kind != ExprKind::String)
        return fail(failedPrecondition("the name of " + variable.name +
                                       " is written as an expression, not as plain text"));
    // "layer1/" of "layer1/weights": scopes are not the variable's own to change.
    const std::string oldLeaf = argument != nullptr
                                    ? argument->value->text
                                    : variable.name.substr(variable.name.find_last_of('/') + 1);
    const std::string prefix = variable.name.ends_with(oldLeaf)
                                   ? variable.name.substr(0, variable.name.size() - oldLeaf.size())
                                   : std::string();
    const std::string newLeaf =
        !prefix.empty() && name.starts_with(prefix) ? name.substr(prefix.size()) : name;
    if (newLeaf == oldLeaf)
        return ScriptEdits();
    if (newLeaf.empty())
        return fail(invalidArgument("the part of the name after " + prefix + " is missing"));
    if (model.findVariable(prefix + newLeaf) != nullptr)
        return fail(alreadyExists("there is a variable " + prefix + newLeaf + " already"));

    ScriptEdits edits;
    if (argument != nullptr)
        edits.push_back({argument->value->range, likeLiteral(*model.tree, *argument->value, newLeaf)});
    else
        edits.push_back(
            script::setArgument(*model.tree, call, "name", namePosition(call), script::quoted(newLeaf)));

    followName(model, variable.name, prefix + newLeaf, remembers, edits);

    // A Python name that is bound a second time stands for something else there, and stays.
    const Expr* target = targetOf(model, variable);
    if (target == nullptr || target->text != oldLeaf || !isIdentifier(newLeaf) ||
        bindingsOf(model, oldLeaf) > 1)
        return edits;
    bool isTaken = false;
    bool isParameter = false;
    bool isHidden = false;
    visitExpressions(model.tree->statements(), [&](const Expr& expr) {
        if (expr.kind == ExprKind::Name && expr.text == newLeaf)
            isTaken = true;
        if (expr.kind == ExprKind::Lambda && (hasWord(expr.text, oldLeaf) || hasWord(expr.text, newLeaf)))
            isParameter = true;
        if (expr.kind == ExprKind::Name && expr.text == oldLeaf) {
            isHidden = isHidden || model.tree->slice(expr.range) != oldLeaf;
            edits.push_back({expr.range, newLeaf});
        }
    });
    if (isTaken)
        return fail(alreadyExists("the script uses the name " + newLeaf + " for something else"));
    if (isParameter)
        return fail(failedPrecondition("a lambda of the script has a parameter of that name"));
    if (isHidden)
        return fail(failedPrecondition("the script uses " + oldLeaf + " inside a text"));
    return edits;
}

NewVariable newVariable(const graph::Model& model)
{
    std::set<std::string> taken;
    for (const graph::Variable& variable : model.variables)
        taken.insert(variable.name);
    visitExpressions(model.tree->statements(), [&](const Expr& expr) {
        if (expr.kind == ExprKind::Name || expr.kind == ExprKind::String)
            taken.insert(expr.text);
    });
    NewVariable result;
    result.name = "variable";
    for (int copy = 2; taken.count(result.name) > 0; ++copy)
        result.name = "variable_" + std::to_string(copy);

    const std::string& text = model.tree->text();
    auto at = static_cast<std::uint32_t>(text.size());
    for (auto variable = model.variables.rbegin(); variable != model.variables.rend(); ++variable) {
        if (variable->source.statement == script::TextRange{})
            continue;
        const auto path = statementsAround(*model.tree, variable->source.statement);
        if (!path.empty())
            at = lineEndOf(*model.tree, path.front()->range.end);
        break;
    }
    const bool needsFeed = at > 0 && text[at - 1] != '\n';
    result.edit = {{at, at},
                   (needsFeed ? "\n" : "") + result.name +
                       " = tf.Variable(tf.zeros([1]), name=" + script::quoted(result.name) + ")\n"};
    return result;
}

} // namespace wr::app
