// SPDX-License-Identifier: GPL-3.0-or-later
// What this machine's processor and memory are, for descriptions and limits. Reads /proc and /sys once per
// call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wr::runtime {

std::string processorName(); ///< "AMD EPYC 9654", or "CPU" when the system does not say
std::uint64_t physicalMemoryBytes();

/// The extensions that a CPU module is compiled for and this processor lacks, by the kernel's names
/// ("avx512f avx512vl"); empty when the module runs here. `variant` is the module's: "avx2", "avx512".
std::string missingFeatures(std::string_view variant);

} // namespace wr::runtime
