// SPDX-License-Identifier: GPL-3.0-or-later
// Regular expressions with groups for the rules of a mapping. All alternatives are followed at once, so that
// no pattern takes more than (its length) × (the name's length) steps. Values; any thread.
#pragma once

#include "engine/base/status.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

class CaptureRegex {
public:
    /// Literals, ".", classes, \w \d \s, groups "(…)" and "(?:…)", "|", "*", "+", "?" and these with a "?"
    /// behind them, "^", "$". InvalidArgument for what is malformed, longer than 500 characters, has more
    /// than 9 groups, or is not understood.
    static Result<CaptureRegex> compile(std::string_view pattern);

    /// The groups of the first place where it matches, the whole match first; a group that took no part is
    /// empty.
    std::optional<std::vector<std::string_view>> search(std::string_view text) const;
    /// `text` with the first match replaced: "$1" is a group, "$$" a dollar. None when nothing matches.
    std::optional<std::string> replaced(std::string_view text, std::string_view replacement) const;
    std::size_t groups() const { return m_groups; } ///< without the whole match

private:
    friend class RegexParser;
    enum class Step : std::uint8_t { Class, Split, Jump, Begin, End, Save, Match };
    struct Instruction {
        Step step = Step::Match;
        std::bitset<256> characters;
        std::size_t first = 0; ///< Split: tried before second
        std::size_t second = 0;
    };
    using Places = std::vector<std::size_t>;
    struct Thread {
        std::size_t at;
        Places places;
    };
    void follow(std::vector<Thread>& threads, std::vector<bool>& seen, std::size_t at, Places places,
                std::size_t position, std::size_t size) const;

    std::vector<Instruction> m_program;
    std::size_t m_groups = 0;
};

} // namespace wr::remap
