// SPDX-License-Identifier: GPL-3.0-or-later
// When the worker looks into the model for the window: while somebody watches, about twice a second, and
// never for more than a twentieth of the time.
#include "app/run/probe_reports.h"
#include "app/run/run_worker.h"

namespace wr::app {
namespace {

constexpr std::chrono::milliseconds kInterval(500);
constexpr int kTimesLonger = 20;

} // namespace

void RunWorker::setProbes(const Probes& probes)
{
    const bool beginsTiming = probes.timing && !m_probes.timing;
    m_probes = probes;
    if (!m_run || !m_run->hasSession())
        return;
    m_run->session().setTimed(probes.timing);
    if (beginsTiming) {
        m_timedSteps = 0;
        m_timedSeconds = 0.0;
        m_run->takeTimes();
    }
    if (!m_isRunning)
        probe({});
}

bool RunWorker::areProbesDue() const
{
    return (m_probes.weights || m_probes.surface || m_probes.timing) &&
           Clock::now() - m_probedAt >= m_probeInterval;
}

void RunWorker::probe(const std::vector<Tensor>& before)
{
    if (!m_run || !m_run->hasSession() || !m_broken.isOk())
        return;
    const Clock::time_point begin = Clock::now();
    if (m_probes.weights)
        m_around.outbox.post(makeWeightReport(*m_run, before));
    if (m_probes.surface)
        m_around.outbox.post(makeSurfaceReport(*m_run));
    if (m_probes.timing)
        probeTiming();
    m_probedAt = Clock::now();
    m_probeInterval = std::max<Clock::duration>(kInterval, (m_probedAt - begin) * kTimesLonger);
}

void RunWorker::probeTiming()
{
    auto report = std::make_shared<TimingReport>();
    report->trainBytes = m_run->memoryBytes();
    report->steps = std::exchange(m_timedSteps, 0);
    const auto steps = static_cast<double>(std::max<qint64>(report->steps, 1));
    report->secondsPerStep = std::exchange(m_timedSeconds, 0.0) / steps;
    for (const session::OpTime& time : m_run->takeTimes())
        report->shares.append({QString::fromStdString(time.op), time.nodes, time.seconds / steps});
    m_around.outbox.post(TimingReportPtr(std::move(report)));
}

} // namespace wr::app
