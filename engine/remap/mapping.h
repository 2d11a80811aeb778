// SPDX-License-Identifier: GPL-3.0-or-later
// How names of one checkpoint become names of another: an ordered list of rules, kept in *.wrmap files, which
// are lines of text. MAPPING.md describes them. Values; any thread.
#pragma once

#include "engine/remap/operation.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

enum class RuleKind : std::uint8_t {
    Exact,    ///< these names
    Template, ///< names that match a NamePattern
    Prefix,   ///< names that begin so; the longest prefix of all rules counts
    Regex,    ///< names in which a CaptureRegex finds something
    Preset,   ///< from one naming to another, as presets.h knows them
    Drop,     ///< names that match a NamePattern are left out
};

struct Rule {
    RuleKind kind = RuleKind::Exact;
    std::vector<std::string> from;
    std::vector<std::string> to;
    std::vector<Operation> operations;              ///< in the order in which they happen
    std::map<std::string, std::int64_t> parameters; ///< Preset: "heads", "kv_heads"
    bool isOn = true;
    std::string comment; ///< the lines before it, without "#"
    int line = 0;        ///< in the file, from 1; 0 for a rule that comes from none

    friend bool operator==(const Rule&, const Rule&) = default;
};

struct Mapping {
    std::vector<Rule> rules;
    bool keepsOthers = true; ///< tensors that no rule takes keep their names; else they are left out

    /// The text of a *.wrmap file. InvalidArgument names line and cause: "line 3: …".
    static Result<Mapping> parse(std::string_view text);
    std::string text() const;
};

/// One line, without comment: "exact a -> b | transpose".
std::string textOf(const Rule& rule);

/// Why a rule cannot work, whatever the names are: counts of names, operations out of place, patterns.
Status checkRule(const Rule& rule);

/// "line 3", or "rule 2" of one that comes from no file.
std::string placeOf(const Mapping& mapping, std::size_t rule);

} // namespace wr::remap
