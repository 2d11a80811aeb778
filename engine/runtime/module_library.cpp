// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/module_library.h"

#include "engine/runtime/processor.h"

#include <array>
#include <climits>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <unistd.h>

extern "C" const wr::backend::BackendModule* weightroom_cpu_baseline();

namespace wr::runtime {
namespace {

struct Known {
    const char* file;
    const char* deviceType;
    const char* variant;
};
constexpr std::array<Known, 3> kKnown{{{"weightroom_cpu_avx2.so", "cpu", "avx2"},
                                       {"weightroom_cpu_avx512.so", "cpu", "avx512"},
                                       {"weightroom_cuda.so", "gpu", "cuda"}}};

std::string executableDirectory()
{
    std::array<char, PATH_MAX> path{};
    const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0)
        return ".";
    const std::string whole(path.data(), static_cast<std::size_t>(length));
    return whole.substr(0, whole.find_last_of('/'));
}

std::vector<std::string> searchPath(const std::string& directory)
{
    if (!directory.empty())
        return {directory};
    const std::string here = executableDirectory();
    return {here, here + "/../bin", here + "/../lib/weightroom"};
}

void judge(LoadedModule& loaded)
{
    const backend::BackendModule& module = *loaded.module;
    if (module.apiVersion != backend::kApiVersion || std::string(module.buildId) != WEIGHTROOM_BUILD_ID) {
        loaded.reason = "it belongs to another build of Weightroom";
        loaded.module = nullptr;
        return;
    }
    loaded.deviceType = module.deviceType;
    loaded.variant = module.variant;
    loaded.score = module.score();
    if (loaded.score <= 0)
        loaded.reason = module.unavailableReason();
}

LoadedModule loadFrom(const Known& known, const std::vector<std::string>& directories,
                      const MissingFeatures& missingFeatures)
{
    LoadedModule loaded;
    loaded.deviceType = known.deviceType;
    loaded.variant = known.variant;
    // Before anything of the module runs: all of it is compiled for that instruction set, its door and its
    // initialisers too.
    if (const std::string missing = missingFeatures(known.variant); !missing.empty()) {
        loaded.reason = "this processor lacks " + missing;
        return loaded;
    }
    for (const std::string& directory : directories) {
        const std::string path = directory + "/" + known.file;
        if (access(path.c_str(), F_OK) != 0)
            continue;
        loaded.path = path;
        void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            const char* const why = dlerror();
            loaded.reason = why != nullptr ? why : "it could not be loaded";
            return loaded;
        }
        const auto entry = reinterpret_cast<backend::ModuleEntryPoint>(dlsym(handle, backend::kModuleSymbol));
        if (entry == nullptr) {
            loaded.reason = "it exports no weightroom_backend_module";
            return loaded;
        }
        loaded.module = entry();
        judge(loaded);
        return loaded;
    }
    loaded.reason = std::string(known.file) + " is not installed";
    return loaded;
}

} // namespace

std::vector<LoadedModule> loadModules(const std::string& directory, const MissingFeatures& missing)
{
    std::vector<LoadedModule> modules(1);
    modules.front().module = weightroom_cpu_baseline();
    judge(modules.front());
    for (const Known& known : kKnown)
        modules.push_back(loadFrom(known, searchPath(directory), missing));
    return modules;
}

std::vector<LoadedModule> loadModules(const std::string& directory)
{
    static std::mutex mutex;
    static std::map<std::string, std::vector<LoadedModule>> loadedFrom;
    const std::lock_guard<std::mutex> lock(mutex);
    const auto found = loadedFrom.find(directory);
    if (found != loadedFrom.end())
        return found->second;
    return loadedFrom.emplace(directory, loadModules(directory, missingFeatures)).first->second;
}

} // namespace wr::runtime
