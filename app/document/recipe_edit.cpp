// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/recipe_edit.h"

#include "app/document/project_state.h"
#include "app/document/script_walk.h"
#include "engine/graph/known_functions.h"
#include "engine/script/edit.h"

#include <algorithm>

namespace wr::app {
namespace {

/// Its place among the arguments of wr.train; -1 when there is none.
int positionOf(std::string_view keyword)
{
    for (const graph::KnownFunction& function : graph::knownFunctions()) {
        if (function.name != "wr.train")
            continue;
        const auto found = std::find(function.parameters.begin(), function.parameters.end(), keyword);
        return found == function.parameters.end() ? -1
                                                  : static_cast<int>(found - function.parameters.begin());
    }
    return -1;
}

const script::Expr* recipeCall(const graph::Model& model)
{
    if (!model.recipe)
        return nullptr;
    const script::Expr* found = nullptr;
    visitExpressions(model.tree->statements(), [&](const script::Expr& expr) {
        if (expr.kind == script::ExprKind::Call && expr.range.begin == model.recipe->source.begin &&
            expr.range.end == model.recipe->source.end)
            found = &expr;
    });
    return found;
}

} // namespace

QString recipeArgument(const graph::Model& model, const QString& keyword)
{
    const script::Expr* const call = recipeCall(model);
    if (call == nullptr)
        return {};
    const std::string name = keyword.toStdString();
    const script::Argument* const argument = script::findArgument(*call, name, positionOf(name));
    if (argument == nullptr)
        return {};
    const std::string_view text = model.tree->slice(argument->value->range);
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

Result<ScriptEdits> setRecipeArgument(const graph::Model& model, const std::string& keyword,
                                      const std::string& value)
{
    const script::Expr* const call = recipeCall(model);
    if (call == nullptr)
        return fail(notFound("the script has no wr.train(…)"));
    const int position = positionOf(keyword);
    const script::Argument* const old = script::findArgument(*call, keyword, position);
    if (old == nullptr && value.empty())
        return ScriptEdits();
    if (old != nullptr && model.tree->slice(old->value->range) == value)
        return ScriptEdits();
    return ScriptEdits{value.empty() ? script::removeArgument(*model.tree, *call, keyword, position)
                                     : script::setArgument(*model.tree, *call, keyword, position, value)};
}

std::pair<int, int> Project::recipePlace() const
{
    if (!d->parsed || !d->parsed->model->recipe)
        return {0, 0};
    const script::TextRange source = d->parsed->model->recipe->source;
    return {d->parsed->map.utf16At(source.begin), d->parsed->map.utf16At(source.end)};
}

Explanation Project::setRecipeArgument(const QString& keyword, const QString& value)
{
    const QString text = value.trimmed();
    const std::string name = keyword.toStdString();
    Private::Edit edit;
    edit.what = tr("%1 was not changed.").arg(keyword);
    edit.label = text.isEmpty() ? tr("Remove %1").arg(keyword) : tr("Change %1 to %2").arg(keyword, text);
    edit.makeEdits = [name, text](const graph::Model& model) {
        return app::setRecipeArgument(model, name, text.toStdString());
    };
    edit.check = [](const graph::Model& after) {
        return after.recipe ? Status() : invalidArgument("wr.train could not be read any more");
    };
    return d->carryOut(edit);
}

} // namespace wr::app
