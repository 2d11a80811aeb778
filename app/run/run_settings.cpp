// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_settings.h"

#include "app/document/quantity.h"

#include <QCoreApplication>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunSettings", text);
}

/// The script's own words for a range, on one line.
QString words(const graph::Model& model, script::TextRange range)
{
    const std::string text = model.tree->text().substr(range.begin, range.end - range.begin);
    return QString::fromStdString(text).simplified();
}

} // namespace

bool hasRecipe(const graph::Model* model)
{
    return model != nullptr && model->recipe.has_value();
}

QStringList metricNames(const graph::Model& model)
{
    QStringList names;
    if (model.recipe) {
        for (const graph::Metric& metric : model.recipe->metrics)
            names += QString::fromStdString(metric.name);
    }
    return names;
}

RunSettings runSettings(const graph::Model& model)
{
    RunSettings settings;
    if (!model.recipe)
        return settings;
    const graph::TrainingRecipe& recipe = *model.recipe;
    const graph::RunRules& rules = recipe.rules;
    const graph::TrainOp& op = model.trainOps[recipe.trainOp];
    const auto count = [&](const QString& name, std::int64_t value) {
        if (value > 0)
            settings.append({name, countText(value)});
    };
    settings.append({tr("Data"), words(model, recipe.data.source)});
    count(tr("Batch size"), recipe.batchSize);
    QString optimizer = QString::fromUtf8(backend::opName(op.optimizer).data(),
                                          static_cast<qsizetype>(backend::opName(op.optimizer).size()));
    optimizer.remove(QStringLiteral("Apply"));
    settings.append({tr("Optimizer"), optimizer});
    const graph::Node& rate = model.graph.node(op.learningRate);
    settings.append({tr("Learning rate"), rate.op == backend::OpCode::Const
                                              ? valueText(op.initialLearningRate)
                                              : words(model, rate.source)});
    settings.append({tr("Loss"), QString::fromStdString(model.graph.node(op.loss).name)});
    count(tr("Epochs"), recipe.epochs);
    count(tr("Steps"), rules.steps);
    if (rules.minutes > 0)
        settings.append({tr("Minutes"), valueText(rules.minutes)});
    count(tr("Validate every"), rules.validateEvery);
    count(tr("Patience"), rules.patience);
    for (const auto& [node, value] : recipe.trainFeeds)
        settings.append({QString::fromStdString(model.graph.node(node).name), valueText(value)});
    std::int64_t parameters = 0;
    std::int64_t variables = 0;
    for (const graph::Variable& variable : model.variables) {
        if (!variable.trainable || !variable.slotOf.empty())
            continue;
        ++variables;
        parameters += variable.shape.elementCount().value_or(0);
    }
    count(tr("Trainable variables"), variables);
    count(tr("Parameters"), parameters);
    settings.append({tr("Seed"), model.hasGraphSeed ? QString::number(model.graphSeed) : tr("none")});
    return settings;
}

} // namespace wr::app
