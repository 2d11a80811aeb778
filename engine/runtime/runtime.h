// SPDX-License-Identifier: GPL-3.0-or-later
// What this machine can compute on: CPU features, the backend modules that were found with their scores or
// the reason why not, the devices, and the thread team that kernels run on. Created once per worker thread;
// not thread-safe.
#pragma once

#include "engine/backend/module.h"
#include "engine/base/status.h"
#include "engine/base/thread_team.h"

#include <memory>
#include <string>
#include <vector>

namespace wr::runtime {

struct RuntimeOptions {
    int cpuDevices = 1; ///< as TensorFlow's device_count
    int threads = 0;    ///< 0: as many as the process may use
    std::string cpuIsa; ///< "baseline", "avx2", "avx512"; empty: WEIGHTROOM_CPU_ISA, else the best score
    std::string moduleDirectory; ///< empty: beside the executable, then ../lib/weightroom
};

/// A module that was looked at, chosen or not.
struct ModuleReport {
    std::string path; ///< empty for the baseline that is linked in
    std::string deviceType;
    std::string variant;
    int score = 0;
    bool chosen = false;
    std::string reason; ///< why it cannot be used
};

struct Device {
    std::string name; ///< "/cpu:0"
    std::string type; ///< "CPU"
    int index = 0;
    std::string description; ///< "AMD EPYC, avx512, 2 threads"
    std::uint64_t memoryBytes = 0;
    const backend::BackendModule* module = nullptr;
};

class Runtime {
public:
    virtual ~Runtime() = default;
    /// InvalidArgument when a forced instruction set is unknown, Unavailable when this machine lacks it.
    static Result<std::unique_ptr<Runtime>> create(const RuntimeOptions& options = {});

    virtual const std::vector<Device>& devices() const = 0;
    virtual const std::vector<ModuleReport>& modules() const = 0;
    /// The kernel of a device, or null: unsupported, which is found out when planning.
    virtual const backend::Kernel* kernel(int device, backend::OpCode op, DType dtype) const = 0;
    virtual ThreadTeam& team() = 0;
};

/// The threads that the process may use: affinity and cgroup quota considered, at least 1.
int usableThreads();

} // namespace wr::runtime
