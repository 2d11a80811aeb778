// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl-C while a command works: the first asks it to come to an end, a second one ends the program at once.
// One guard at a time, on the main thread.
#pragma once

#include <csignal>

namespace wr::app {

class InterruptGuard {
public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
    static bool isRaised();

private:
    struct sigaction m_before = {};
};

} // namespace wr::app
