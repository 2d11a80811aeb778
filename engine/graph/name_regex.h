// SPDX-License-Identifier: GPL-3.0-or-later
// Regular expressions as scripts use them to pick names: matched at the start, as Python's re.match.
// Literals,
// ".", classes, "\\w" "\\d" "\\s", groups, "|", "*", "+", "?", "^", "$". All alternatives are followed at
// once, so no pattern takes more than (its length) × (the name's length) steps. A value; any thread.
#pragma once

#include "engine/base/status.h"

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace wr::graph {

class NameRegex {
public:
    /// InvalidArgument for what is malformed, longer than 500 characters, or not understood (look-ahead,
    /// back-references, counts in braces).
    static Result<NameRegex> compile(std::string_view pattern);

    bool matchesStart(std::string_view text) const;

private:
    friend class NameRegexParser;
    enum class Step : std::uint8_t { Class, Split, Jump, Begin, End, Match };
    struct Instruction {
        Step step = Step::Match;
        std::bitset<256> characters; ///< Class
        std::size_t first = 0;       ///< Split, Jump
        std::size_t second = 0;      ///< Split
    };
    std::vector<Instruction> m_program;
};

} // namespace wr::graph
