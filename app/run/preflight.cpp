// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/preflight.h"

#include "app/document/quantity.h"
#include "engine/base/machine_memory.h"
#include "engine/graph/model.h"

#include <QCoreApplication>
#include <algorithm>

namespace wr::app {
namespace {

using Level = PreflightItem::Level;
using Fix = PreflightItem::Fix;

QString tr(const char* text)
{
    return QCoreApplication::translate("Preflight", text);
}

void addMemory(QVector<PreflightItem>& items, const RunState& state)
{
    if (state.trainBytes == 0)
        return;
    const quint64 machine = physicalMemoryBytes();
    const QString need = byteText(static_cast<qint64>(state.trainBytes));
    const QString have = byteText(static_cast<qint64>(machine));
    if (state.trainBytes > machine)
        items.append({Level::Obstacle,
                      tr("The training needs %1 of memory; the machine has %2. Try a smaller batch_size.")
                          .arg(need, have),
                      Fix::ShowRecipe});
    else if (state.trainBytes > machine / 2)
        items.append({Level::Warning,
                      tr("The training needs %1 of the machine's %2 of memory.").arg(need, have), Fix::None});
    else
        items.append({Level::Good, tr("Memory: %1 of %2").arg(need, have), Fix::None});
}

void addRules(QVector<PreflightItem>& items, const graph::TrainingRecipe& recipe, const RunState& state)
{
    const graph::RunRules& rules = recipe.rules;
    const bool saves =
        rules.checkpointSteps > 0 || rules.checkpointMinutes > 0.0 || rules.keepsBest || rules.savesOnPause;
    if (!saves)
        items.append(
            {Level::Note,
             tr("Checkpoints are saved only by hand (Ctrl+Shift+S). A rule below saves them by itself."),
             Fix::None});
    if (!state.rateSource.isEmpty())
        items.append({Level::Note, tr("The learning rate follows the script, %1.").arg(state.rateSource),
                      Fix::ShowRecipe});
}

} // namespace

QVector<PreflightItem> preflight(const graph::Model* model, const RunState& state, qsizetype errors)
{
    QVector<PreflightItem> items;
    if (errors > 0)
        items.append({Level::Obstacle,
                      tr("The script has %1; what runs is the model from before.")
                          .arg(countOf(errors, tr("error"), tr("errors"))),
                      Fix::ShowProblems});
    if (model == nullptr || !model->recipe) {
        items.append({Level::Obstacle, tr("The script says nothing of a training: add wr.train(…)."),
                      Fix::ShowRecipe});
        return items;
    }
    if (!state.obstacle.isEmpty())
        items.append({Level::Obstacle, state.obstacle, Fix::ShowRecipe});
    if (state.uninitialized > 0)
        items.append(
            {Level::Obstacle,
             tr("%1 without a value.").arg(countOf(state.uninitialized, tr("variable"), tr("variables"))),
             Fix::Init});
    if (!state.ending.isEmpty())
        items.append({Level::Note, tr("This training has ended: %1.").arg(state.ending), Fix::ShowRecipe});
    if (state.canTrain)
        items.append({Level::Good, tr("Data, labels and shapes fit: %1").arg(state.dataset), Fix::None});
    addMemory(items, state);
    addRules(items, *model->recipe, state);
    std::stable_sort(items.begin(), items.end(),
                     [](const PreflightItem& a, const PreflightItem& b) { return a.level > b.level; });
    return items;
}

} // namespace wr::app
