// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/machine_memory.h"

#include <limits>
#include <unistd.h>

namespace wr {

std::uint64_t physicalMemoryBytes()
{
    static const std::uint64_t kBytes = [] {
        const long pages = ::sysconf(_SC_PHYS_PAGES);
        const long size = ::sysconf(_SC_PAGESIZE);
        if (pages <= 0 || size <= 0)
            return std::numeric_limits<std::uint64_t>::max();
        return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
    }();
    return kBytes;
}

} // namespace wr
