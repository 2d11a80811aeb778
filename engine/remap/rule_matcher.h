// SPDX-License-Identifier: GPL-3.0-or-later
// A rule ready to be used: its patterns read, its operations put before, at and behind the joint. Values; any
// thread.
#pragma once

#include "engine/remap/capture_regex.h"
#include "engine/remap/mapping.h"
#include "engine/remap/name_pattern.h"

namespace wr::remap {

struct ReadyRule {
    std::size_t number = 0; ///< in the mapping
    RuleKind kind = RuleKind::Exact;
    std::vector<NamePattern> from;
    std::vector<NamePattern> to;
    std::optional<CaptureRegex> regex;
    std::string replacement;
    std::vector<Operation> before;
    std::optional<Operation> joint;
    std::vector<Operation> after;
    std::string collected; ///< variable over which tensors are stacked, concatenated, unstacked or split
};

/// InvalidArgument says why the rule cannot work. Not for presets.
Result<ReadyRule> readyRule(const Rule& rule, std::size_t number);

} // namespace wr::remap
