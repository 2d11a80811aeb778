// SPDX-License-Identifier: GPL-3.0-or-later
// The door: what a backend module (a shared library beside the program, or the baseline that is linked in)
// exports through one C symbol. engine/runtime loads modules, refuses those of another apiVersion or buildId
// with a reason, and keeps the best by score. Tables live as long as the module.
#pragma once

#include "engine/backend/kernel.h"

#include <cstddef>
#include <cstdint>

namespace wr::backend {

inline constexpr std::uint32_t kApiVersion = 1;

/// Calls of a device with memory of its own; all null for the CPU, whose memory is the host's.
struct DeviceCalls {
    std::int32_t (*deviceCount)() = nullptr;
    /// Writes a one-line description; returns total memory in bytes.
    std::uint64_t (*describe)(std::int32_t device, char* text, std::size_t textSize) = nullptr;
    void* (*allocate)(std::int32_t device, std::size_t bytes) = nullptr; ///< null when out of memory
    void (*release)(std::int32_t device, void* memory) = nullptr;
    /// 0 on success; otherwise a code that errorText explains.
    std::int32_t (*copyToDevice)(std::int32_t device, void* to, const void* from,
                                 std::size_t bytes) = nullptr;
    std::int32_t (*copyToHost)(std::int32_t device, void* to, const void* from, std::size_t bytes) = nullptr;
    std::int32_t (*launch)(std::int32_t device, const Kernel* kernel, const KernelArgs* args) = nullptr;
    std::int32_t (*synchronize)(std::int32_t device) = nullptr;
    const char* (*errorText)(std::int32_t code) = nullptr;
};

struct BackendModule {
    std::uint32_t apiVersion = kApiVersion;
    const char* buildId = "";    ///< equal for all modules of one build
    const char* deviceType = ""; ///< "cpu" or "gpu"
    const char* variant = "";    ///< "baseline", "avx2", "avx512", "cuda"
    /// Preference among the modules of one device type on this machine; 0 means: cannot run here.
    std::int32_t (*score)() = nullptr;
    /// Why score() is 0, for people; empty otherwise.
    const char* (*unavailableReason)() = nullptr;
    const KernelEntry* kernels = nullptr;
    std::size_t kernelCount = 0;
    DeviceCalls device;
};

/// The one symbol that a module exports.
using ModuleEntryPoint = const BackendModule* (*)();
inline constexpr const char* kModuleSymbol = "weightroom_backend_module";

} // namespace wr::backend
