// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_worker.h"

#include "app/document/quantity.h"
#include "app/run/probe_reports.h"
#include "app/run/run_words.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <limits>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWorker", text);
}

} // namespace

void RunWorker::start()
{
    Result<std::unique_ptr<TrainingRun>> run = TrainingRun::create();
    if (run) {
        m_run = std::move(*run);
        m_run->setStopFlag(&m_around.stopFlag);
        publishDevices();
    } else {
        m_phase = RunPhase::Failed;
        fail(tr("No device of this machine can be used."), run.error());
    }
    publishState();
}

bool RunWorker::hasRun(const QString& what)
{
    if (m_run && m_run->hasSession() && m_broken.isOk())
        return true;
    if (!m_run)
        fail(what, unavailable("no device of this machine can be used"));
    else
        fail(what, m_broken.isOk() ? m_run->trainingObstacle() : m_broken);
    return false;
}

bool RunWorker::slice()
{
    if (!m_isRunning || m_around.ending.load(std::memory_order_relaxed))
        return false;
    constexpr double kSliceSeconds = 0.010;
    constexpr auto kPublishInterval = std::chrono::milliseconds(50); // 20 Hz
    if (!saveWhatIsDue())
        return false; // the file thread calls back
    keepGood();
    m_records.clear();
    qint64 limit = m_stepsLeft < 0 ? std::numeric_limits<qint64>::max() : m_stepsLeft;
    // A look is at the change by one step.
    const bool isLooking = areProbesDue();
    const std::vector<Tensor> before =
        isLooking && m_probes.weights ? trainableValues(*m_run) : std::vector<Tensor>();
    if (!before.empty())
        limit = 1;
    const Status status = m_run->advance(limit, kSliceSeconds, m_records);
    for (const train::StepRecord& record : m_records) {
        m_around.metrics.post(pointOf(record));
    }
    const auto done = static_cast<qint64>(m_records.size());
    m_timedSteps += done;
    for (const train::StepRecord& record : m_records)
        m_timedSeconds += record.seconds;
    if (isLooking && status.isOk())
        probe(before);
    if (m_stepsLeft >= 0)
        m_stepsLeft -= done;
    if (status.code() == StatusCode::Cancelled) {
        pause();
        return false;
    }
    if (!status.isOk()) {
        stopOn(status);
        return false;
    }
    if (m_livesChange && done > 0) {
        m_livesChange = false;
        publishVariables();
    }
    if (m_run->isFinished() || m_stepsLeft == 0) {
        m_isRunning = false;
        m_phase = restingPhase();
        saveWhatIsDue();
        publishState();
        if (!isLooking)
            probe({});
    } else if (Clock::now() - m_published >= kPublishInterval) {
        publishState();
    }
    return m_isRunning;
}

void RunWorker::stopOn(const Status& status)
{
    m_isRunning = false;
    m_phase = restingPhase();
    if (status.code() == StatusCode::DataLoss) {
        stopOnNonFinite(status);
    } else if (status.code() == StatusCode::FailedPrecondition) {
        fail(tr("Training cannot go on."), status,
             tr("Initialise the variables, or restore them from a checkpoint."));
    } else {
        fail(tr("Training stopped at step %1.").arg(countText(m_run->step() + 1)), status);
    }
    publishVariables();
    publishState();
}

void RunWorker::setModel(const Assignment& assignment)
{
    m_checkpointDirectory = assignment.checkpointDirectory;
    if (!m_run) {
        publishState();
        return;
    }
    const bool isElsewhere =
        !m_source.projectDirectory.empty() && assignment.source.projectDirectory != m_source.projectDirectory;
    const bool isOther = assignment.model != m_run->model();
    m_source = assignment.source;
    if (!assignment.model || (isElsewhere && isOther)) {
        // Another document: what its variables happen to be called means nothing.
        m_run->clear();
        m_undo.reset();
        resetCurves();
    }
    if (isOther)
        m_undo.reset();
    if (!assignment.model) {
        m_broken = {};
        m_isRunning = false;
        m_phase = RunPhase::Empty;
        publishVariables();
        publishState();
        return;
    }

    m_phase = RunPhase::Building;
    m_task = QT_TRANSLATE_NOOP("RunWorker", "Building the model…");
    publishState();
    bool isLoading = false;
    const qint64 stepBefore = m_run->step();
    const Result<TrainingRun::BuildReport> report =
        m_run->build(assignment.model, m_source, [&](std::uint64_t, std::uint64_t) {
            if (!std::exchange(isLoading, true)) {
                m_task = QT_TRANSLATE_NOOP("RunWorker", "Loading data…");
                publishState();
            }
            return m_around.newestModel.load(std::memory_order_relaxed) <= assignment.number &&
                   !m_around.ending.load(std::memory_order_relaxed);
        });
    m_task = nullptr;
    m_good.reset();
    m_newerGood.reset();
    const bool goesOn = report && report->continues;
    if (!goesOn) {
        m_isRunning = false;
        if (stepBefore > 0)
            resetCurves();
    }
    m_broken = report ? Status() : report.error();
    m_phase = restingPhase();
    if (!report) {
        fail(tr("The model could not be set up."), report.error());
    } else if (!m_run->canTrain() && assignment.model->recipe &&
               m_run->trainingObstacle().code() != StatusCode::Cancelled) {
        fail(tr("The model cannot be trained with its data."), m_run->trainingObstacle());
    }
    m_livesChange = true;
    m_speed.clear();
    if (m_run->hasSession())
        m_run->session().setTimed(m_probes.timing);
    publishVariables();
    publishState();
    m_around.outbox.post(makeDataReport(*m_run));
    probe({});
}

void RunWorker::keepForUndo()
{
    m_undo.reset();
    // Without memory for the copy the command itself still stands.
    if (Result<TrainingRun::Backup> backup = m_run->backup(); backup && !backup->values.empty())
        m_undo = std::move(*backup);
}

void RunWorker::initializeAll()
{
    const QString what = tr("The variables were not initialised.");
    if (!hasRun(what))
        return;
    keepForUndo();
    if (const Status status = m_run->initializeAll(); !status.isOk()) {
        fail(what, status);
    } else {
        resetCurves();
        noteEvent(RunEvent::Kind::Initialized, tr("all variables"));
    }
    m_livesChange = true;
    m_phase = restingPhase();
    publishVariables();
    publishState();
    probe({});
}

void RunWorker::initialize(const std::vector<std::string>& variables)
{
    const QString what = tr("The variables were not initialised.");
    if (variables.empty() || !hasRun(what))
        return;
    keepForUndo();
    if (const Status status = m_run->initialize(variables); !status.isOk())
        fail(what, status);
    else
        noteEvent(RunEvent::Kind::Initialized, variables.size() == 1
                                                   ? QString::fromStdString(variables.front())
                                                   : tr("%1 variables").arg(variables.size()));
    m_livesChange = true;
    publishVariables();
    publishState();
}

void RunWorker::run(qint64 steps)
{
    const QString what = tr("Training did not start.");
    if (steps == 0 || !hasRun(what))
        return;
    if (!m_run->canTrain()) {
        fail(what, m_run->trainingObstacle());
        return;
    }
    if (m_run->isFinished()) {
        fail(what, failedPrecondition(endText(*m_run).toStdString()),
             tr("Raise that limit in wr.train, or go back to step 0 with “Back to step 0” or “Init”."));
        return;
    }
    m_stepsLeft = steps < 0 ? -1 : steps;
    m_isRunning = true;
    m_livesChange = true;
    m_speed.clear();
    m_phase = restingPhase();
    publishState();
}

void RunWorker::pause()
{
    const bool wasRunning = std::exchange(m_isRunning, false);
    m_phase = restingPhase();
    const graph::TrainingRecipe* const recipe =
        m_run && m_run->canTrain() ? &*m_run->model()->recipe : nullptr;
    if (wasRunning && recipe != nullptr && recipe->rules.savesOnPause && m_savedStep != m_run->step())
        write({}, true, "pause");
    publishState();
}

void RunWorker::stopAndSave()
{
    m_isRunning = false;
    m_phase = restingPhase();
    save(true, {}); // whatever the rules say of a pause, one checkpoint
    publishState();
}

void RunWorker::rewind()
{
    m_isRunning = false;
    if (m_run) {
        m_run->rewind();
        resetCurves();
    }
    m_phase = restingPhase();
    publishState();
}

void RunWorker::setLearningRate(double rate)
{
    const QString what = tr("The learning rate was not changed.");
    if (!hasRun(what))
        return;
    if (!m_run->canTrain()) {
        fail(what, m_run->trainingObstacle());
        return;
    }
    if (!(rate >= 0.0 && rate <= std::numeric_limits<float>::max())) {
        fail(what, outOfRange(QStringLiteral("%1 is no learning rate").arg(valueText(rate)).toStdString()),
             tr("Give a number from 0 up, for example 0.1."));
        return;
    }
    const double before = m_run->learningRate();
    if (rate == before)
        return;
    if (const Status status = m_run->setLearningRate(rate); !status.isOk()) {
        fail(what, status);
        publishState(); // so that the field shows the rate that counts
        return;
    }
    noteEvent(RunEvent::Kind::RateChanged, QStringLiteral("%1 → %2").arg(valueText(before), valueText(rate)));
    publishState();
}

} // namespace wr::app
