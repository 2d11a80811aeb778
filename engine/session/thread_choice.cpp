// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/thread_choice.h"

#include <algorithm>

namespace wr::session {
namespace {

constexpr int kRunsEach = 4; // the first of them finds the caches as another count left them
// A longer run has enough to do for all threads, and a trial of it would be felt.
constexpr double kLongRun = 0.02;
// Trials take at most a hundredth of the time.
constexpr double kRunsPerTrial = 100.0;
constexpr double kLeastSeconds = 0.5;
// Fewer threads must be quicker by this much: they are, too, when another program was in the way for a
// moment.
constexpr double kGain = 0.97;

} // namespace

ThreadChoice::ThreadChoice(int all)
{
    for (int count = std::max(all, 1); count > 1; count /= 2)
        m_counts.push_back(count);
    m_counts.push_back(1);
    m_isSettled = m_counts.size() == 1;
    m_leftSeconds = kLeastSeconds;
    beginTrial();
}

void ThreadChoice::beginTrial()
{
    m_least.assign(m_counts.size(), 0.0);
    m_trying = 0;
    m_runs = 0;
    m_trialSeconds = 0.0;
}

void ThreadChoice::note(double seconds)
{
    if (m_counts.size() == 1)
        return;
    if (m_isSettled) {
        m_leftSeconds -= m_least[m_trying];
        if (m_leftSeconds <= 0.0) {
            m_isSettled = false;
            beginTrial();
        }
        return;
    }
    m_trialSeconds += seconds;
    double& least = m_least[m_trying];
    if (m_runs > 0)
        least = least == 0.0 ? seconds : std::min(least, seconds);
    if (m_trying == 0 && m_runs > 0 && seconds > kLongRun) {
        settle(); // with all
        return;
    }
    if (++m_runs < kRunsEach)
        return;
    m_runs = 0;
    if (++m_trying == m_counts.size())
        settle();
}

void ThreadChoice::settle()
{
    m_trying = 0;
    for (std::size_t i = 1; i < m_counts.size(); ++i) {
        if (m_least[i] > 0.0 && m_least[i] < m_least[m_trying] * kGain)
            m_trying = i;
    }
    m_isSettled = true;
    m_runs = 0;
    m_leftSeconds = std::max(kLeastSeconds, kRunsPerTrial * m_trialSeconds);
}

} // namespace wr::session
