// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/optimizer_edit.h"

#include "app/document/project_state.h"
#include "app/document/script_walk.h"
#include "engine/graph/optimizer_settings.h"
#include "engine/script/edit.h"

#include <algorithm>

namespace wr::app {
namespace {

const graph::OptimizerForm* formOf(const script::Expr& call)
{
    return call.kind == script::ExprKind::Call ? graph::optimizerForm(script::dottedName(*call.children[0]))
                                               : nullptr;
}

/// The call that makes the only optimizer; null when there is none, or more than one.
const script::Expr* optimizerCall(const graph::Model& model)
{
    const script::Expr* found = nullptr;
    int count = 0;
    visitExpressions(model.tree->statements(), [&](const script::Expr& expr) {
        if (formOf(expr) != nullptr) {
            found = &expr;
            ++count;
        }
    });
    return count == 1 ? found : nullptr;
}

int ratePosition(const graph::OptimizerForm& form)
{
    const auto found = std::find(form.parameters.begin(), form.parameters.end(), "learning_rate");
    return found == form.parameters.end() ? -1 : static_cast<int>(found - form.parameters.begin());
}

std::string rateOf(const graph::Model& model, const script::Expr& call)
{
    const script::Argument* const rate =
        script::findArgument(call, "learning_rate", ratePosition(*formOf(call)));
    return rate == nullptr ? std::string() : std::string(model.tree->slice(rate->value->range));
}

/// What somebody who has not thought about it yet would give.
double usualValue(std::string_view number)
{
    return number == "momentum" ? 0.9 : number == "weight_decay" ? 1e-4 : 0.0;
}

Result<const script::Expr*> onlyOptimizer(const graph::Model& model)
{
    const script::Expr* const call = optimizerCall(model);
    if (call == nullptr)
        return fail(failedPrecondition("the script has no optimizer, or more than one"));
    return call;
}

} // namespace

OptimizerText optimizerText(const graph::Model& model)
{
    const script::Expr* const call = optimizerCall(model);
    if (call == nullptr)
        return {};
    return {QString::fromStdString(std::string(formOf(*call)->function)),
            QString::fromStdString(rateOf(model, *call))};
}

QStringList optimizerFunctions()
{
    QStringList names;
    for (const graph::OptimizerForm& form : graph::optimizerForms())
        names += QString::fromStdString(std::string(form.function));
    return names;
}

Result<ScriptEdits> setOptimizer(const graph::Model& model, const std::string& function)
{
    WR_ASSIGN_OR_RETURN(const script::Expr* const call, onlyOptimizer(model));
    const graph::OptimizerForm* const form = graph::optimizerForm(function);
    if (form == nullptr)
        return fail(notFound("there is no optimizer " + function));
    if (formOf(*call) == form)
        return ScriptEdits();
    std::string rate = rateOf(model, *call);
    if (rate.empty() && form->learningRate < 0.0)
        rate = script::spelled(formOf(*call)->learningRate);
    std::string arguments;
    const auto add = [&](const std::string& argument) {
        arguments += (arguments.empty() ? "" : ", ") + argument;
    };
    if (!rate.empty())
        add(ratePosition(*form) == 0 ? rate : "learning_rate=" + rate);
    for (const graph::HyperParameter& number : form->hyper) {
        if (number.isRequired)
            add(std::string(number.name) + "=" + script::spelled(usualValue(number.name)));
    }
    return ScriptEdits{{call->range, function + "(" + arguments + ")"}};
}

Result<ScriptEdits> setOptimizerRate(const graph::Model& model, const std::string& rate)
{
    WR_ASSIGN_OR_RETURN(const script::Expr* const call, onlyOptimizer(model));
    if (rate.empty())
        return fail(invalidArgument("the learning rate is a number or an expression"));
    if (rateOf(model, *call) == rate)
        return ScriptEdits();
    return ScriptEdits{
        script::setArgument(*model.tree, *call, "learning_rate", ratePosition(*formOf(*call)), rate)};
}

Explanation Project::setOptimizer(const QString& function)
{
    Private::Edit edit;
    edit.what = tr("The optimizer was not changed.");
    edit.label = tr("Change the optimizer to %1").arg(function);
    edit.makeEdits = [name = function.toStdString()](const graph::Model& model) {
        return app::setOptimizer(model, name);
    };
    edit.check = [](const graph::Model& after) {
        return after.recipe ? Status() : invalidArgument("wr.train could not be read any more");
    };
    return d->carryOut(edit);
}

Explanation Project::setOptimizerRate(const QString& rate)
{
    Private::Edit edit;
    edit.what = tr("The learning rate of the script was not changed.");
    edit.label = tr("Change the learning rate to %1").arg(rate.trimmed());
    edit.makeEdits = [text = rate.trimmed().toStdString()](const graph::Model& model) {
        return app::setOptimizerRate(model, text);
    };
    edit.check = [](const graph::Model& after) {
        return after.recipe ? Status() : invalidArgument("wr.train could not be read any more");
    };
    return d->carryOut(edit);
}

} // namespace wr::app
