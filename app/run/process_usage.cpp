// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/process_usage.h"

#include "engine/base/machine_memory.h"
#include "engine/runtime/runtime.h"

#include <QFile>
#include <sys/resource.h>
#include <unistd.h>

namespace wr::app {

ProcessUsage processUsage()
{
    ProcessUsage usage;
    rusage times = {};
    if (getrusage(RUSAGE_SELF, &times) == 0) {
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
        };
        usage.processorSeconds = seconds(times.ru_utime) + seconds(times.ru_stime);
    }
    QFile file(QStringLiteral("/proc/self/statm"));
    if (file.open(QIODevice::ReadOnly)) {
        const QList<QByteArray> pages = file.readAll().split(' ');
        usage.residentBytes = pages.value(1).toULongLong() * static_cast<quint64>(sysconf(_SC_PAGESIZE));
    }
    usage.machineBytes = physicalMemoryBytes();
    usage.processors = runtime::usableThreads();
    return usage;
}

} // namespace wr::app
