// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_words.h"

#include "app/document/quantity.h"

#include <QCoreApplication>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWords", text);
}

} // namespace

bool isShare(const QString& metricName)
{
    return metricName.contains(QLatin1String("accuracy")) || metricName.contains(QLatin1String("top"));
}

QString metricText(const QString& name, double value)
{
    return isShare(name) ? QStringLiteral("%1 %").arg(value * 100.0, 0, 'f', 2) : valueText(value);
}

MetricPoint pointOf(const train::StepRecord& record)
{
    static_assert(kMostMetrics == static_cast<int>(graph::kMostMetrics));
    MetricPoint point{record.step,     record.loss, record.metrics, record.learningRate, record.gradientNorm,
                      record.epochEnd, {}};
    if (record.test)
        point.test = std::make_shared<const TestLook>(
            TestLook{record.test->loss, record.test->metrics, record.isBest});
    return point;
}

QString endText(const TrainingRun& run)
{
    if (!run.canTrain())
        return {};
    const graph::RunRules& rules = run.model()->recipe->rules;
    switch (run.end()) {
    case train::RunEnd::Epochs:
        return run.epochs() == 1 ? tr("the one epoch of the recipe is done")
                                 : tr("all %1 epochs of the recipe are done").arg(countText(run.epochs()));
    case train::RunEnd::Steps:
        return tr("all %1 steps of the recipe are done").arg(countText(rules.steps));
    case train::RunEnd::Minutes:
        return tr("the %1 minutes of the recipe are over").arg(valueText(rules.minutes));
    case train::RunEnd::Patience:
        return tr("%1 looks at the test examples in a row were no better than that of step %2")
            .arg(countText(rules.patience), countText(run.bestStep()));
    case train::RunEnd::None:
        break;
    }
    return {};
}

} // namespace wr::app
