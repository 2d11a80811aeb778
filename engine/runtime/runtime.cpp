// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/runtime.h"

#include "engine/runtime/module_library.h"
#include "engine/runtime/processor.h"

#include <array>
#include <cstdlib>

namespace wr::runtime {
namespace {

/// A module's kernels by op and type, so that planning looks them up at once.
class KernelTable {
public:
    explicit KernelTable(const backend::BackendModule& module)
    {
        for (std::size_t i = 0; i < module.kernelCount; ++i) {
            const backend::KernelEntry& entry = module.kernels[i];
            if (entry.op < backend::OpCode::Count)
                m_kernels[static_cast<std::size_t>(entry.op)][static_cast<std::size_t>(entry.dtype)] =
                    &entry.kernel;
        }
    }
    const backend::Kernel* find(backend::OpCode op, DType dtype) const
    {
        return op < backend::OpCode::Count
                   ? m_kernels[static_cast<std::size_t>(op)][static_cast<std::size_t>(dtype)]
                   : nullptr;
    }

private:
    static constexpr std::size_t kTypes = static_cast<std::size_t>(DType::Bool) + 1;
    std::array<std::array<const backend::Kernel*, kTypes>, static_cast<std::size_t>(backend::OpCode::Count)>
        m_kernels{};
};

class LocalRuntime : public Runtime {
public:
    LocalRuntime(const backend::BackendModule& cpu, std::vector<ModuleReport> modules, int cpuDevices,
                 int threads)
        : m_modules(std::move(modules)), m_kernels(cpu), m_team(threads)
    {
        for (int i = 0; i < cpuDevices; ++i) {
            Device device;
            device.name = "/cpu:" + std::to_string(i);
            device.type = "CPU";
            device.index = i;
            device.description = processorName() + ", " + cpu.variant + ", " + std::to_string(threads) +
                                 (threads == 1 ? " thread" : " threads");
            device.memoryBytes = physicalMemoryBytes();
            device.module = &cpu;
            m_devices.push_back(std::move(device));
        }
    }

    const std::vector<Device>& devices() const override { return m_devices; }
    const std::vector<ModuleReport>& modules() const override { return m_modules; }
    const backend::Kernel* kernel(int device, backend::OpCode op, DType dtype) const override
    {
        return device >= 0 && device < static_cast<int>(m_devices.size()) ? m_kernels.find(op, dtype)
                                                                          : nullptr;
    }
    ThreadTeam& team() override { return m_team; }

private:
    std::vector<Device> m_devices;
    std::vector<ModuleReport> m_modules;
    KernelTable m_kernels;
    ThreadTeam m_team;
};

std::string wantedIsa(const RuntimeOptions& options)
{
    if (!options.cpuIsa.empty())
        return options.cpuIsa;
    const char* const forced = std::getenv("WEIGHTROOM_CPU_ISA");
    return forced != nullptr ? forced : "";
}

} // namespace

Result<std::unique_ptr<Runtime>> Runtime::create(const RuntimeOptions& options)
{
    const std::vector<LoadedModule> loaded = loadModules(options.moduleDirectory);
    const std::string wanted = wantedIsa(options);
    const LoadedModule* best = nullptr;
    const LoadedModule* named = nullptr;
    std::string names;
    for (const LoadedModule& candidate : loaded) {
        if (candidate.deviceType != "cpu")
            continue;
        names += (names.empty() ? "" : ", ") + candidate.variant;
        if (candidate.variant == wanted)
            named = &candidate;
        if (candidate.module != nullptr && candidate.score > 0 &&
            (best == nullptr || candidate.score > best->score))
            best = &candidate;
    }
    if (!wanted.empty()) {
        if (named == nullptr)
            return fail(StatusCode::InvalidArgument,
                        "there is no instruction set \"" + wanted + "\"; the names are: " + names);
        if (named->module == nullptr || named->score <= 0)
            return fail(StatusCode::Unavailable,
                        "the instruction set \"" + wanted + "\" cannot be used: " + named->reason);
        best = named;
    }
    if (options.cpuDevices < 1 || options.cpuDevices > 64)
        return fail(StatusCode::InvalidArgument, "the number of CPU devices must be from 1 to 64");

    std::vector<ModuleReport> reports;
    for (const LoadedModule& candidate : loaded)
        reports.push_back({candidate.path, candidate.deviceType, candidate.variant, candidate.score,
                           &candidate == best, candidate.reason});
    const int threads = options.threads > 0 ? options.threads : usableThreads();
    return std::unique_ptr<Runtime>(
        std::make_unique<LocalRuntime>(*best->module, std::move(reports), options.cpuDevices, threads));
}

} // namespace wr::runtime
