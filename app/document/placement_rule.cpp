// SPDX-License-Identifier: GPL-3.0-or-later
// Rules that place variables by name, as statements of the script.
#include "app/document/script_walk.h"
#include "app/document/variable_edit.h"
#include "engine/graph/device_name.h"
#include "engine/script/edit.h"

#include <algorithm>

namespace wr::app {
namespace {

using script::Statement;

const Statement* statementAt(const script::Tree& tree, script::TextRange range)
{
    const auto path = statementsAround(tree, range);
    return path.empty() ? nullptr : path.back();
}

bool makesSession(const script::Expr* expr)
{
    if (expr == nullptr || expr->kind != script::ExprKind::Call)
        return false;
    const std::string name = script::dottedName(*expr->children[0]);
    return name == "tf.Session" || name == "tf.InteractiveSession";
}

bool opensSession(const Statement& statement)
{
    return makesSession(statement.value.get()) ||
           std::any_of(statement.items.begin(), statement.items.end(),
                       [](const script::WithItem& item) { return makesSession(item.context.get()); });
}

/// Where a statement may be put before, at the outermost level; the text's end where nothing follows.
std::uint32_t placeForRule(const graph::Model& model)
{
    const script::Tree& tree = *model.tree;
    const auto end = static_cast<std::uint32_t>(tree.text().size());
    if (!model.rules.empty()) {
        const auto path = statementsAround(tree, model.rules.front().source);
        return path.empty() ? end : lineBeginOf(tree, path.front()->range.begin);
    }
    const auto session = std::find_if(tree.statements().begin(), tree.statements().end(), opensSession);
    return session == tree.statements().end() ? end : lineBeginOf(tree, session->range.begin);
}

} // namespace

Result<ScriptEdits> addRule(const graph::Model& model, const std::string& pattern, const std::string& device)
{
    if (pattern.empty())
        return fail(invalidArgument("a rule needs a pattern of names, such as \"*biases*\""));
    if (device.empty())
        return fail(invalidArgument("a rule needs a device"));
    WR_ASSIGN_OR_RETURN(const graph::DeviceName name, graph::DeviceName::parse(device));
    const script::Tree& tree = *model.tree;
    for (const graph::PlacementRule& rule : model.rules) {
        if (rule.pattern != pattern)
            continue;
        if (rule.device == name.toString())
            return ScriptEdits();
        const Statement* statement = statementAt(tree, rule.source);
        const script::Argument* argument =
            statement != nullptr && statement->value && statement->value->kind == script::ExprKind::Call
                ? script::findArgument(*statement->value, "device", 1)
                : nullptr;
        if (argument == nullptr || argument->value->kind != script::ExprKind::String)
            return fail(failedPrecondition("the rule \"" + pattern + "\" on " +
                                           lineText(tree, rule.source.begin) +
                                           " is not written as one statement with a text"));
        return ScriptEdits{{argument->value->range, likeLiteral(tree, *argument->value, device)}};
    }
    const std::uint32_t place = placeForRule(model);
    const std::string line = "wr.place(" + script::quoted(pattern) + ", " + script::quoted(device) + ")";
    const bool isAfterLine = place == 0 || tree.text()[place - 1] == '\n';
    return ScriptEdits{{{place, place}, isAfterLine ? line + "\n" : "\n" + line}};
}

Result<ScriptEdits> removeRule(const graph::Model& model, std::size_t index)
{
    if (index >= model.rules.size())
        return fail(notFound("there is no such rule any more"));
    const script::Tree& tree = *model.tree;
    const script::TextRange source = model.rules[index].source;
    const Statement* statement = statementAt(tree, source);
    if (statement == nullptr || statement->range != source || !standsAlone(tree, source))
        return fail(failedPrecondition("the rule \"" + model.rules[index].pattern + "\" shares " +
                                       lineText(tree, source.begin) + " with something else"));
    const auto path = statementsAround(tree, source);
    if (path.size() > 1 && path[path.size() - 2]->body.size() == 1)
        return fail(failedPrecondition("the block on " + lineText(tree, path[path.size() - 2]->range.begin) +
                                       " would be empty without the rule"));
    std::uint32_t begin = lineBeginOf(tree, source.begin);
    const std::uint32_t end = lineEndOf(tree, source.end);
    if (begin > 0 && tree.text()[end - 1] != '\n')
        --begin; // the last line takes its line feed with it
    return ScriptEdits{{{begin, end}, ""}};
}

} // namespace wr::app
