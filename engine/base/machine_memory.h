// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory the machine has, so that a size from a file is refused before the system begins to end
// programs. Pure; any thread.
#pragma once

#include <cstdint>

namespace wr {

/// Bytes of physical memory; the largest number when the system does not tell.
std::uint64_t physicalMemoryBytes();

} // namespace wr
