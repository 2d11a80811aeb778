// SPDX-License-Identifier: GPL-3.0-or-later
// Sets the team to the threads that a plan chose for itself, and back; the session's thread.
#pragma once

#include "engine/session/plan.h"

namespace wr::session {

/// A part of a run: with the threads that its plan chose, and timed where the plan wants to know.
class PlanThreads {
public:
    PlanThreads(ThreadTeam& team, Plan& plan) : m_team(team), m_plan(plan)
    {
        m_team.setActive(plan.threads.threads());
        if (plan.threads.wantsTime())
            m_begin = std::chrono::steady_clock::now();
    }
    ~PlanThreads()
    {
        m_team.setActive(m_team.threads());
        if (m_plan.threads.wantsTime())
            m_plan.seconds +=
                std::chrono::duration<double>(std::chrono::steady_clock::now() - m_begin).count();
    }
    PlanThreads(const PlanThreads&) = delete;
    PlanThreads& operator=(const PlanThreads&) = delete;

private:
    ThreadTeam& m_team;
    Plan& m_plan;
    std::chrono::steady_clock::time_point m_begin;
};

} // namespace wr::session
