// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/recipe_actions.h"

#include "app/document/quantity.h"
#include "engine/backend/update_form.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

namespace wr::app {
namespace {

using Action = graph::RecipeAction::Kind;
using backend::OpCode;

QString tr(const char* text)
{
    return QCoreApplication::translate("Recipe", text);
}

QString text(const std::string& bytes)
{
    return QString::fromStdString(bytes);
}

/// "a, b, c and 4 more".
QString someNames(const std::vector<std::string>& names)
{
    constexpr std::size_t kMost = 3;
    QStringList shown;
    for (std::size_t i = 0; i < names.size() && i < kMost; ++i)
        shown += text(names[i]);
    const QString list = shown.join(QStringLiteral(", "));
    return names.size() > kMost ? tr("%1 and %2 more").arg(list).arg(names.size() - kMost) : list;
}

std::vector<std::string> nodeNames(const graph::Model& model, const std::vector<graph::NodeId>& nodes)
{
    std::vector<std::string> names;
    for (const graph::NodeId id : nodes)
        names.push_back(model.graph.node(id).name);
    return names;
}

/// tf.group and its kin: what they wait for runs, and there is no value to show.
bool isGroup(const graph::Node& node)
{
    return node.op == OpCode::NoOp && node.inputs.empty();
}

/// A question about its inputs, asked of the session: see tf.is_variable_initialized.
bool isQuestion(const graph::Node& node)
{
    return node.op == OpCode::NoOp && !node.inputs.empty();
}

QString valueOf(const Tensor& tensor)
{
    constexpr std::int64_t kMost = 6;
    const auto number = [&](std::int64_t i) {
        const double value = tensor.valueAt(i);
        if (tensor.dtype() == DType::Bool)
            return value != 0.0 ? QStringLiteral("True") : QStringLiteral("False");
        constexpr int kDigits = 8;
        return QString::number(value, 'g', kDigits);
    };
    if (tensor.shape().rank() == 0)
        return number(0);
    QStringList numbers;
    for (std::int64_t i = 0; i < std::min(tensor.elementCount(), kMost); ++i)
        numbers += number(i);
    if (tensor.elementCount() > kMost)
        numbers += QStringLiteral("…");
    const QString list = QLatin1Char('[') + numbers.join(QStringLiteral(", ")) + QLatin1Char(']');
    const bool isWhole = tensor.shape().rank() == 1 && tensor.elementCount() <= kMost;
    return isWhole ? list : tr("%1 (%2)").arg(list, shapeText(tensor.shape()));
}

QString listText(const std::vector<std::string>& names)
{
    QStringList quoted;
    for (const std::string& name : names)
        quoted += text(name);
    return QLatin1Char('[') + quoted.join(QStringLiteral(", ")) + QLatin1Char(']');
}

/// Puts `values` in turn where `format` has "%s"; "%%" is a percent sign.
QString filled(const QString& format, const QStringList& values)
{
    QString result;
    qsizetype next = 0;
    for (qsizetype i = 0; i < format.size(); ++i) {
        const bool isMark = format[i] == QLatin1Char('%') && i + 1 < format.size();
        if (isMark && format[i + 1] == QLatin1Char('s'))
            result += values.value(next++);
        else
            result += format[i];
        if (isMark)
            ++i;
    }
    return result;
}

std::string variableOf(const graph::Model& model, graph::NodeId node)
{
    return model.graph.node(node).name;
}

QString answer(const session::Session& session, const graph::Model& model, const graph::Node& question)
{
    std::vector<std::string> missing;
    const std::vector<std::string> all = session.uninitializedVariables();
    for (const graph::NodeId input : question.inputs) {
        const std::string name = variableOf(model, input);
        if (std::find(all.begin(), all.end(), name) != all.end())
            missing.push_back(name);
    }
    if (question.dtype == DType::Bool)
        return missing.empty() ? QStringLiteral("True") : QStringLiteral("False");
    return listText(missing);
}

} // namespace

std::vector<RecipeProgram> recipePrograms(const graph::Model& model)
{
    std::vector<RecipeProgram> programs;
    for (const graph::SessionRecipe& recipe : model.recipes) {
        if (!recipe.actions.empty())
            programs.push_back(
                {text(recipe.name), false, model.tree->position(recipe.source.begin).line, recipe.actions});
    }
    for (std::size_t i = 0; i < model.initGroups.size(); ++i) {
        const graph::InitGroup& group = model.initGroups[i];
        if (group.name.find('.') != std::string::npos)
            continue; // "v.initializer", in passing
        graph::RecipeAction init;
        init.kind = Action::Init;
        init.group = i;
        init.source = group.source;
        programs.push_back(
            {text(group.name), true, model.tree->position(group.source.begin).line, {std::move(init)}});
    }
    return programs;
}

QString actionText(const graph::Model& model, const graph::RecipeAction& action)
{
    const auto saverText = [&]() -> QString {
        const graph::SaverInfo& saver = model.savers[action.saver];
        if (saver.all)
            return tr("all variables");
        std::vector<std::string> names;
        for (const auto& [stored, variable] : saver.entries)
            names.push_back(stored == variable ? variable : variable + " as " + stored);
        return names.empty() ? tr("nothing") : someNames(names);
    };
    switch (action.kind) {
    case Action::Init: {
        const graph::InitGroup& group = model.initGroups[action.group];
        return group.all ? tr("Initialise all variables (%1)").arg(text(group.name))
                         : tr("Initialise %1")
                               .arg(group.variables.empty() ? tr("nothing") : someNames(group.variables));
    }
    case Action::Run:
        return tr("Run %1").arg(someNames(nodeNames(model, action.nodes)));
    case Action::Report:
        return action.nodes.empty() ? tr("Tell which variables have no value")
                                    : tr("Print %1").arg(someNames(nodeNames(model, action.nodes)));
    case Action::Save: {
        QString path = text(action.path);
        if (action.step >= 0)
            path += QStringLiteral("-%1").arg(action.step);
        else if (!action.nodes.empty())
            path += QStringLiteral("-<%1>").arg(text(model.graph.node(action.nodes.front()).name));
        return tr("Save %1 to %2").arg(saverText(), path);
    }
    case Action::Restore:
        return tr("Restore %1 from %2").arg(saverText(), text(action.path));
    case Action::Log:
        return tr("Print “%1”").arg(text(action.text).simplified().left(120));
    case Action::Hole:
        return tr("… the script leaves this open");
    }
    return {};
}

QString actionWord(const graph::RecipeAction& action)
{
    switch (action.kind) {
    case Action::Init:
        return QStringLiteral("init");
    case Action::Run:
        return QStringLiteral("run");
    case Action::Report:
        return QStringLiteral("report");
    case Action::Save:
        return QStringLiteral("save");
    case Action::Restore:
        return QStringLiteral("restore");
    case Action::Log:
        return QStringLiteral("print");
    case Action::Hole:
        break;
    }
    return QStringLiteral("hole");
}

Result<QString> runInitAction(TrainingRun& run, const graph::RecipeAction& action)
{
    if (!run.hasSession())
        return fail(run.trainingObstacle());
    const graph::Model& model = *run.model();
    const graph::InitGroup& group = model.initGroups[action.group];
    std::vector<std::string> incomplete;
    for (const std::string& name : group.variables) {
        const graph::Variable* variable = model.findVariable(name);
        if (variable != nullptr && (variable->isIncomplete || variable->initialValue == graph::kNoNode) &&
            variable->slotOf.empty())
            incomplete.push_back(name);
    }
    if (!incomplete.empty())
        return fail(failedPrecondition(someNames(incomplete).toStdString() +
                                       (incomplete.size() == 1 ? " has" : " have") +
                                       " no initial value yet: the script leaves it open with \"...\""));
    WR_RETURN_IF_ERROR(group.variables.size() == model.variables.size() ? run.initializeAll()
                                                                        : run.initialize(group.variables));
    return tr("%1 initialised")
        .arg(countOf(static_cast<qint64>(group.variables.size()), tr("variable"), tr("variables")));
}

Result<QString> runValuesAction(TrainingRun& run, const graph::RecipeAction& action)
{
    if (!run.hasSession())
        return fail(run.trainingObstacle());
    session::Session& session = run.session();
    const graph::Model& model = *run.model();
    const bool isReport = action.kind == Action::Report;
    const QString format = action.text.empty() ? QString() : text(action.text);
    if (action.nodes.empty()) {
        const QString names = listText(session.uninitializedVariables());
        return format.isEmpty() ? names : filled(format, {names});
    }
    std::vector<graph::NodeId> fetches;
    std::vector<graph::NodeId> updates;
    for (const graph::NodeId id : action.nodes) {
        const graph::Node& node = model.graph.node(id);
        std::vector<graph::NodeId>& into =
            backend::changesVariable(node.op) || isGroup(node) ? updates : fetches;
        if (!isQuestion(node) && std::find(into.begin(), into.end(), id) == into.end())
            into.push_back(id);
    }
    // A variable that is fetched as it is goes through no op that would ask for its value.
    std::vector<std::string> missing;
    const std::vector<std::string> empty = session.uninitializedVariables();
    for (const graph::NodeId id : fetches) {
        const graph::Node& node = model.graph.node(id);
        if (node.op == OpCode::Variable && std::find(empty.begin(), empty.end(), node.name) != empty.end())
            missing.push_back(node.name);
    }
    if (!missing.empty())
        return fail(
            failedPrecondition("Attempting to use uninitialized value " + someNames(missing).toStdString()));
    std::map<graph::NodeId, Tensor> values;
    if (!fetches.empty() || !updates.empty()) {
        WR_ASSIGN_OR_RETURN(const session::PlanId plan, session.plan(fetches, updates, {}, {}));
        const Status status = session.run(plan);
        for (std::size_t i = 0; i < fetches.size() && status.isOk(); ++i) {
            if (Result<Tensor> copy = session.fetched(plan, i).clone())
                values[fetches[i]] = std::move(*copy);
        }
        session.dropPlan(plan);
        WR_RETURN_IF_ERROR(status);
    }
    QStringList shown;
    for (const graph::NodeId id : action.nodes) {
        const graph::Node& node = model.graph.node(id);
        QString value;
        if (isGroup(node))
            continue;
        if (isQuestion(node)) {
            value = answer(session, model, node);
        } else if (backend::changesVariable(node.op)) {
            if (!isReport)
                continue;
            WR_ASSIGN_OR_RETURN(const Tensor now, session.value(variableOf(model, node.inputs.front())));
            value = valueOf(now);
        } else {
            value = valueOf(values[id]);
        }
        shown += isReport ? value : QStringLiteral("%1 = %2").arg(text(node.name), value);
    }
    if (isReport && !format.isEmpty())
        return filled(format, shown);
    if (!updates.empty() && !isReport)
        shown.prepend(countOf(static_cast<qint64>(updates.size()), tr("update"), tr("updates")));
    constexpr qsizetype kMost = 4;
    const bool isLong = shown.size() > kMost;
    QString list = shown.mid(0, kMost).join(QStringLiteral(", "));
    return isLong ? list + QStringLiteral(", …") : list;
}

QString logText(const graph::RecipeAction& action, const QString& savedPath)
{
    if (action.path.empty())
        return text(action.text);
    const QString path = savedPath.isEmpty() ? text(action.path) : savedPath;
    return filled(text(action.text), {path, path, path, path});
}

} // namespace wr::app
