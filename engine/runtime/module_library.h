// SPDX-License-Identifier: GPL-3.0-or-later
// The backend modules of this machine: the baseline that is linked in and those found beside the program,
// each with its score or the reason why it cannot be used. Loaded once per process and never unloaded, since
// tables and code of a module are pointed at from everywhere. Thread-safe.
#pragma once

#include "engine/backend/module.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wr::runtime {

struct LoadedModule {
    std::string path; ///< empty for the baseline
    std::string deviceType;
    std::string variant;
    int score = 0;
    std::string reason;                             ///< why it cannot be used
    const backend::BackendModule* module = nullptr; ///< null when it could not be loaded
};

/// Looks for the known modules in `directory`, or, when that is empty, beside the executable, in ../bin and
/// in ../lib/weightroom of it. A module whose instructions this processor lacks is not even loaded.
std::vector<LoadedModule> loadModules(const std::string& directory);

/// What a processor lacks for the named variant; empty: nothing. See missingFeatures().
using MissingFeatures = std::function<std::string(std::string_view variant)>;
/// As above for a processor that lacks other things, and not remembered.
std::vector<LoadedModule> loadModules(const std::string& directory, const MissingFeatures& missing);

} // namespace wr::runtime
