// SPDX-License-Identifier: GPL-3.0-or-later
// What this machine's processor and memory are, for descriptions and limits. Reads /proc and /sys once per
// call.
#pragma once

#include <cstdint>
#include <string>

namespace wr::runtime {

std::string processorName(); ///< "AMD EPYC 9654", or "CPU" when the system does not say
std::uint64_t physicalMemoryBytes();

} // namespace wr::runtime
