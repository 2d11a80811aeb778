// SPDX-License-Identifier: GPL-3.0-or-later
// With how many threads a plan runs: found by measuring it, and again from time to time, because what else
// the machine does changes. The bits of a run do not depend on it. Owned by the plan; the session's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace wr::session {

class ThreadChoice {
public:
    /// Between one thread and `all`.
    explicit ThreadChoice(int all = 1);

    /// For the next run.
    int threads() const { return m_counts[m_trying]; }
    /// False while a run need not be timed, so that small ones do without a look at the clock.
    bool wantsTime() const { return !m_isSettled; }
    /// One run with threads() was done; it took so long, if wantsTime().
    void note(double seconds);

private:
    void beginTrial();
    void settle();

    std::vector<int> m_counts;   ///< all, half of them, …, one
    std::vector<double> m_means; ///< parallel to `m_counts`: seconds of a run, by the last trial
    std::size_t m_trying = 0;
    int m_runs = 0;         ///< taken with this count
    double m_seconds = 0.0; ///< of them
    bool m_isSettled = false;
    double m_trialSeconds = 0.0;
    double m_leftSeconds = 0.0; ///< of runs until the next trial
};

} // namespace wr::session
