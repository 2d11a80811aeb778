// SPDX-License-Identifier: GPL-3.0-or-later
// What this process takes of the machine. Any thread.
#pragma once

#include <QtGlobal>

namespace wr::app {

struct ProcessUsage {
    double processorSeconds = 0.0; ///< of all threads, since the process began
    quint64 residentBytes = 0;
    quint64 machineBytes = 0; ///< memory of the machine, or what this process may use of it
    int processors = 1;       ///< that this process may use
};

ProcessUsage processUsage();

} // namespace wr::app
