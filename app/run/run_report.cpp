// SPDX-License-Identifier: GPL-3.0-or-later
// What the worker tells the window of itself.
#include "app/document/quantity.h"
#include "app/run/run_words.h"
#include "app/run/run_worker.h"

#include <QCoreApplication>
#include <QStringList>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWorker", text);
}

VariableLife lifeOf(session::VariableState state)
{
    switch (state) {
    case session::VariableState::Uninitialized:
        return VariableLife::Uninitialized;
    case session::VariableState::Initialized:
        return VariableLife::Initialized;
    case session::VariableState::Restored:
        return VariableLife::Restored;
    case session::VariableState::Trained:
        return VariableLife::Trained;
    }
    return VariableLife::Uninitialized;
}

/// "cpu:0 avx512, 2 threads".
QString deviceText(runtime::Runtime& runtime)
{
    QStringList words;
    for (const runtime::Device& device : runtime.devices()) {
        QString name = QString::fromStdString(device.name);
        if (name.startsWith(u'/'))
            name.remove(0, 1);
        for (const runtime::ModuleReport& module : runtime.modules()) {
            const bool isOfDevice =
                QString::fromStdString(module.deviceType)
                    .compare(QString::fromStdString(device.type), Qt::CaseInsensitive) == 0;
            if (module.chosen && isOfDevice && !module.variant.empty())
                name += QLatin1Char(' ') + QString::fromStdString(module.variant);
        }
        words += name;
    }
    const int threads = runtime.team().threads();
    words += threads == 1 ? tr("1 thread") : tr("%1 threads").arg(threads);
    return words.join(QStringLiteral(", "));
}

QString datasetText(const train::Dataset& dataset)
{
    return tr("%1, %2 train, %3 test")
        .arg(QString::fromStdString(dataset.name), countText(dataset.train.count()),
             countText(dataset.test.count()));
}

} // namespace

void RunWorker::fail(const QString& what, const Status& status, const QString& wayOut)
{
    Explanation explanation = explain(what, status);
    if (!wayOut.isEmpty())
        explanation.wayOut = wayOut;
    m_around.outbox.post(explanation);
}

void RunWorker::resetCurves()
{
    // Another course: what was saved and kept is of the one before.
    m_savedStep = -1;
    m_good.reset();
    m_newerGood.reset();
    // First the word, then the points that come after it: see RunController::takeMetrics().
    m_around.outbox.post(CurvesReset{});
    m_around.metrics.startAnew();
}

void RunWorker::noteEvent(RunEvent::Kind kind, const QString& text)
{
    RunEvent event;
    event.kind = kind;
    event.step = m_run->step();
    event.text = text;
    m_around.outbox.post(event);
}

RunPhase RunWorker::restingPhase() const
{
    if (!m_run || !m_broken.isOk())
        return RunPhase::Failed;
    if (!m_run->hasSession())
        return RunPhase::Empty;
    if (m_isRunning)
        return RunPhase::Running;
    return m_run->isFinished() ? RunPhase::Finished : RunPhase::Ready;
}

QString RunWorker::activity() const
{
    if (m_task != nullptr)
        return tr(m_task);
    if (m_filesSaving > 0)
        return tr("Saving checkpoint…");
    return m_filesReading > 0 ? tr("Reading checkpoint…") : QString();
}

double RunWorker::measuredSpeed()
{
    constexpr auto kWindow = std::chrono::seconds(1);
    const Clock::time_point now = Clock::now();
    m_speed.push_back({now, m_run->step()});
    while (m_speed.size() > 2 && now - m_speed[1].at > kWindow)
        m_speed.pop_front();
    const std::chrono::duration<double> elapsed = now - m_speed.front().at;
    const qint64 steps = m_speed.back().step - m_speed.front().step;
    return elapsed.count() > 0.0 ? static_cast<double>(steps) / elapsed.count() : 0.0;
}

void RunWorker::publishState()
{
    RunState state;
    state.phase = m_phase;
    state.activity = activity();
    state.uninitialized = m_uninitialized;
    if (m_run) {
        state.step = m_run->step();
        state.totalSteps = m_run->totalSteps();
        state.epoch = m_run->epoch();
        state.epochs = m_run->epochs();
        state.learningRate = m_run->learningRate();
        state.loss = m_run->lastRecord().loss;
        state.testAccuracy = m_run->testAccuracy();
        if (m_run->lastTest())
            state.testLoss = m_run->lastTest()->loss;
        state.ending = endText(*m_run);
        if (m_run->hasSession())
            state.trainBytes = m_run->memoryBytes();
        if (!m_run->canTrain() && m_run->model() && m_run->model()->recipe)
            state.obstacle = QString::fromStdString(m_run->trainingObstacle().message());
        state.rateSource = QString::fromStdString(m_run->rateSource());
        if (m_run->canTrain()) {
            const graph::TrainingRecipe& recipe = *m_run->model()->recipe;
            for (const graph::Metric& metric : recipe.metrics)
                state.metrics += QString::fromStdString(metric.name);
            constexpr double kSecondsPerMinute = 60.0;
            if (recipe.rules.minutes > 0.0)
                state.secondsLeft =
                    std::max(0.0, recipe.rules.minutes * kSecondsPerMinute - m_run->trainedSeconds());
        }
        state.canTrain = m_run->canTrain();
        state.device = deviceText(m_run->runtime());
        if (m_run->dataset())
            state.dataset = datasetText(*m_run->dataset());
        state.stepsPerSecond = m_isRunning ? measuredSpeed() : 0.0;
    }
    m_published = Clock::now();
    m_around.outbox.post(state);
}

void RunWorker::publishVariables()
{
    VariableReport report;
    m_uninitialized = 0;
    report.canUndo = m_undo.has_value();
    if (m_run && m_run->hasSession()) {
        for (const graph::Variable& variable : m_run->model()->variables) {
            const VariableLife life = lifeOf(m_run->session().variableState(variable.name));
            report.lives.insert(QString::fromStdString(variable.name), life);
            if (life == VariableLife::Uninitialized)
                ++m_uninitialized;
        }
    }
    m_around.outbox.post(std::move(report));
}

void RunWorker::publishDevices()
{
    QVector<DeviceInfo> devices;
    for (const runtime::Device& device : m_run->runtime().devices())
        devices.append({QString::fromStdString(device.name),
                        QString::fromStdString(device.description),
                        true,
                        {},
                        QString::fromStdString(device.type),
                        device.index,
                        device.memoryBytes});
    for (const runtime::ModuleReport& module : m_run->runtime().modules()) {
        // Another instruction set of a device that is there is no missing device.
        const QString name = QLatin1Char('/') + QString::fromStdString(module.deviceType).toLower();
        const bool isThere = std::any_of(devices.begin(), devices.end(), [&](const DeviceInfo& device) {
            return device.name == name || device.name.startsWith(name + QLatin1Char(':'));
        });
        if (!isThere)
            devices.append({name, QString::fromStdString(module.variant), false,
                            QString::fromStdString(module.reason), QString::fromStdString(module.deviceType),
                            0, 0});
    }
    m_around.outbox.post(devices);
}

} // namespace wr::app
