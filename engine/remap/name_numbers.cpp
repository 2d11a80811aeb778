// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/name_numbers.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace wr::remap {
namespace {

constexpr std::size_t kMostDigits = 15;

constexpr std::string_view kWords[] = {"layer",  "layers",  "block",    "blocks", "blk",      "unit",
                                       "units",  "stage",   "stages",   "expert", "experts",  "group",
                                       "groups", "level",   "levels",   "part",   "resblock", "cell",
                                       "tower",  "replica", "resblocks"};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isSeparator(char c)
{
    return c == '.' || c == '/' || c == '[' || c == ']';
}

bool isJoint(char c)
{
    return c == '_' || c == '-';
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The letters right before `end`, in lower case, at most 15 of them.
std::string_view wordBefore(std::string_view name, std::size_t segment, std::size_t end,
                            std::array<char, 16>& into)
{
    std::size_t begin = end;
    while (begin > segment && !isJoint(name[begin - 1]) && !isDigit(name[begin - 1]))
        --begin;
    if (end - begin >= into.size())
        begin = end - (into.size() - 1);
    std::transform(name.begin() + static_cast<std::ptrdiff_t>(begin),
                   name.begin() + static_cast<std::ptrdiff_t>(end), into.begin(), lower);
    return {into.data(), end - begin};
}

} // namespace

bool isIndexWord(std::string_view word)
{
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords) ||
           word.ends_with("block") || word.ends_with("layer");
}

void findNumbers(std::string_view name, std::vector<NameNumber>& numbers)
{
    numbers.clear();
    if (std::any_of(name.begin(), name.end(), [](char c) { return c >= 0 && c < ' '; }))
        return;
    std::size_t segment = 0;
    for (std::size_t at = 0; at < name.size() && numbers.size() < kMostIndices;) {
        if (isSeparator(name[at])) {
            segment = ++at;
            continue;
        }
        if (!isDigit(name[at])) {
            ++at;
            continue;
        }
        NameNumber number;
        number.begin = at;
        while (at < name.size() && isDigit(name[at]))
            ++at;
        number.end = at;
        const bool endsWord =
            at == name.size() || isSeparator(name[at]) || isJoint(name[at]) || name[at] == ':';
        if (!endsWord || number.end - number.begin > kMostDigits)
            continue;
        const bool endsSegment = at == name.size() || isSeparator(name[at]);
        if (number.begin == segment) {
            if (!endsSegment)
                continue; // "0_conv", "1x1": part of a role
        } else {
            std::size_t stem = number.begin;
            if (isJoint(name[stem - 1]))
                --stem;
            std::array<char, 16> letters{};
            const std::string_view word = wordBefore(name, segment, stem, letters);
            if (word.empty())
                continue; // "conv2_block1_1_conv", ":0"
            const bool isWholeStem = stem - segment == word.size();
            if (!isIndexWord(word) && !(isWholeStem && word == "h"))
                number.kind = NumberKind::Undecided;
        }
        std::from_chars(name.data() + number.begin, name.data() + number.end, number.value);
        number.isPadded = name[number.begin] == '0' && number.end - number.begin > 1;
        numbers.push_back(number);
    }
}

void appendNumber(std::string& text, std::int64_t value, std::size_t width)
{
    std::array<char, 24> digits{};
    const std::string_view written(
        digits.data(),
        static_cast<std::size_t>(std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr -
                                 digits.data()));
    if (written.size() < width)
        text.append(width - written.size(), '0');
    text += written;
}

} // namespace wr::remap
