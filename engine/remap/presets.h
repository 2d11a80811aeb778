// SPDX-License-Identifier: GPL-3.0-or-later
// How well-known programs call the tensors of well-known architectures. A naming is a column of a table; any
// two columns of one table give rules from the one to the other. The tables are data, in preset_*.cpp. Pure;
// any thread.
#pragma once

#include "engine/remap/mapping.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

struct Naming {
    std::string name;   ///< "llama-gguf"
    std::string family; ///< "llama"
};

/// All of them, families together.
const std::vector<Naming>& namings();

/// Patterns (NamePattern) of the names that a naming knows. `prefix` stands before each of them.
std::vector<std::string> patternsOf(std::string_view naming, std::string_view prefix = {});

struct PresetRule {
    Rule rule;
    bool needsHeads = false;    ///< an operation waits for the number of attention heads
    bool needsKeyHeads = false; ///< or of those of keys
};

struct HeadCounts {
    std::optional<std::int64_t> heads;    ///< of queries
    std::optional<std::int64_t> keyHeads; ///< of keys and values
};

/// Rules from one naming to another, "NAME" or "NAME@PREFIX". NotFound when there is no such naming,
/// InvalidArgument when they are of different families. Head counts that are not known are 0 in the
/// operations.
Result<std::vector<PresetRule>> presetPairs(std::string_view from, std::string_view to,
                                            const HeadCounts& counts);

/// The same for the rule "preset FROM -> TO heads=32 kv_heads=8"; InvalidArgument when counts are missing.
Result<std::vector<Rule>> presetRules(std::string_view from, std::string_view to,
                                      const std::map<std::string, std::int64_t>& parameters);

} // namespace wr::remap
