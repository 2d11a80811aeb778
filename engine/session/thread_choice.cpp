// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/thread_choice.h"

#include <algorithm>

namespace wr::session {
namespace {

// Long enough to be disturbed as often as usual, for a program beside this one disturbs two threads more than
// one. The first run of a count finds the caches as another count left them, and is not taken.
constexpr int kLeastRuns = 4;
constexpr double kLeastSeconds = 0.01;
// A longer run has enough to do for all threads, and a trial of it would be felt.
constexpr double kLongRun = 0.02;
// Trials take at most a hundredth of the time.
constexpr double kRunsPerTrial = 100.0;
// Fewer threads must be quicker by this much: chance makes as much of a difference.
constexpr double kGain = 0.97;

} // namespace

ThreadChoice::ThreadChoice(int all)
{
    for (int count = std::max(all, 1); count > 1; count /= 2)
        m_counts.push_back(count);
    m_counts.push_back(1);
    m_isSettled = m_counts.size() == 1;
    beginTrial();
}

void ThreadChoice::beginTrial()
{
    m_means.assign(m_counts.size(), 0.0);
    m_trying = 0;
    m_runs = -1;
    m_seconds = 0.0;
    m_trialSeconds = 0.0;
}

void ThreadChoice::note(double seconds)
{
    if (m_counts.size() == 1)
        return;
    if (m_isSettled) {
        m_leftSeconds -= m_means[m_trying];
        if (m_leftSeconds <= 0.0) {
            m_isSettled = false;
            beginTrial();
        }
        return;
    }
    m_trialSeconds += seconds;
    if (++m_runs == 0)
        return;
    m_seconds += seconds;
    m_means[m_trying] = m_seconds / m_runs;
    if (m_trying == 0 && seconds > kLongRun) {
        settle(); // with all
        return;
    }
    if (m_runs < kLeastRuns || m_seconds < kLeastSeconds)
        return;
    m_runs = -1;
    m_seconds = 0.0;
    if (++m_trying == m_counts.size())
        settle();
}

void ThreadChoice::settle()
{
    m_trying = 0;
    for (std::size_t i = 1; i < m_counts.size(); ++i) {
        if (m_means[i] > 0.0 && m_means[i] < m_means[m_trying] * kGain)
            m_trying = i;
    }
    m_isSettled = true;
    m_leftSeconds = kRunsPerTrial * m_trialSeconds;
}

} // namespace wr::session
