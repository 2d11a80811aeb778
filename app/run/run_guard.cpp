// SPDX-License-Identifier: GPL-3.0-or-later
// The way back from a training that went wrong: while it goes well its state is kept now and then.
#include "app/document/quantity.h"
#include "app/run/run_worker.h"

#include <QCoreApplication>

namespace wr::app {
namespace {

constexpr std::chrono::seconds kShortestInterval(3);
constexpr int kTimesLonger = 100; // than a copy takes, so that copies cost at most one percent
constexpr double kLower = 0.1;

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWorker", text);
}

} // namespace

void RunWorker::keepGood()
{
    const Clock::time_point now = Clock::now();
    if (m_good && now - m_goodAt < m_goodInterval)
        return;
    Result<TrainingRun::Backup> backup = m_run->backup();
    if (!backup)
        return; // without memory for it the training goes on
    if (!m_good) {
        m_good = std::move(*backup);
    } else {
        if (m_newerGood)
            m_good = std::move(m_newerGood);
        m_newerGood = std::move(*backup);
    }
    m_goodAt = Clock::now();
    m_goodInterval = std::max<Clock::duration>(kShortestInterval, (m_goodAt - now) * kTimesLonger);
}

void RunWorker::stopOnNonFinite(const Status& status)
{
    noteEvent(RunEvent::Kind::NonFinite, QString::fromStdString(status.message()));
    NonFiniteStep stop;
    stop.explanation = explain(tr("Training was paused: step %1 gave a value that is no finite number.")
                                   .arg(countText(m_run->step() + 1)),
                               status);
    stop.explanation.wayOut = tr(
        "Lower the learning rate, restore the last checkpoint, or initialise again. The variables hold the "
        "values from before that step.");
    if (m_good && m_good->trainer)
        stop.goodStep = m_good->trainer->step;
    if (m_run->rateSource().empty())
        stop.lowerRate = m_run->learningRate() * kLower;
    m_around.outbox.post(stop);
}

void RunWorker::goBack(bool lowersRate)
{
    const QString what = tr("The values from before could not be put back.");
    if (!hasRun(what))
        return;
    if (!m_good) {
        fail(what, failedPrecondition("no state from before is kept"),
             tr("Restore a checkpoint, or initialise again."));
        return;
    }
    const double rate = m_run->learningRate() * kLower;
    keepForUndo();
    m_isRunning = false;
    if (const Status status = m_run->rollBack(*m_good); !status.isOk()) {
        fail(what, status);
        publishState();
        return;
    }
    m_newerGood.reset();
    noteEvent(RunEvent::Kind::Restored, tr("back to step %1").arg(countText(m_run->step())));
    m_livesChange = true;
    m_speed.clear();
    m_phase = restingPhase();
    publishVariables();
    if (!lowersRate) {
        publishState();
        return;
    }
    setLearningRate(rate);
    run(-1);
}

} // namespace wr::app
