// SPDX-License-Identifier: GPL-3.0-or-later
// Where the numbers of a tensor's name are, and which of them look like indices by themselves: "layers.7" and
// "block_12" do, "conv1" and "q_1x" do not. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

inline constexpr std::size_t kMostIndices = 12; ///< further numbers of a name are part of its role

enum class NumberKind : std::uint8_t {
    Index,     ///< a path segment of its own, or behind a word such as "layer"
    Undecided, ///< behind another word: an index if its siblings look alike
};

struct NameNumber {
    std::size_t begin = 0; ///< its digits are [begin, end) of the name
    std::size_t end = 0;
    std::int64_t value = 0;
    NumberKind kind = NumberKind::Index;
    bool isPadded = false; ///< begins with a zero that is not its only digit
};

/// Fills `numbers`, in the order of the name. Numbers inside a word ("q_1x"), of more than 15 digits, or
/// behind a name's 12th are left out; a name with control characters has none.
void findNumbers(std::string_view name, std::vector<NameNumber>& numbers);

/// Whether a word counts things when a number follows it: "layer", "block", "expert", "h".
bool isIndexWord(std::string_view word);

/// A number written with at least `width` digits.
void appendNumber(std::string& text, std::int64_t value, std::size_t width);

} // namespace wr::remap
