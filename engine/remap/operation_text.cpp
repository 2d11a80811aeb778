// SPDX-License-Identifier: GPL-3.0-or-later
// How operations are written and read.
#include "engine/remap/operation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace wr::remap {
namespace {

struct Spelling {
    OperationKind kind;
    std::string_view name;
    std::size_t fewest; ///< numbers that it takes
    std::size_t most;
};

constexpr std::size_t kMany = 64;

constexpr Spelling kSpellings[] = {
    {OperationKind::Transpose, "transpose", 0, 0}, {OperationKind::Permute, "permute", 1, kMany},
    {OperationKind::Reshape, "reshape", 0, kMany}, {OperationKind::Squeeze, "squeeze", 1, 1},
    {OperationKind::Unsqueeze, "unsqueeze", 1, 1}, {OperationKind::Merge, "merge", 1, 1},
    {OperationKind::Cast, "cast", 0, 0},           {OperationKind::Slice, "slice", 3, 3},
    {OperationKind::Take, "take", 2, 2},           {OperationKind::Pad, "pad", 3, 3},
    {OperationKind::Heads, "heads", 1, 1},         {OperationKind::Scale, "scale", 0, 0},
    {OperationKind::Concat, "concat", 1, 1},       {OperationKind::Stack, "stack", 1, 1},
    {OperationKind::Split, "split", 1, kMany},     {OperationKind::Unstack, "unstack", 1, 1},
};

constexpr std::string_view kFills[] = {"zeros", "mean", "repeat", "initializer"};
constexpr std::string_view kOrders[] = {"pairs", "halves"};

const Spelling& spellingOf(OperationKind kind)
{
    return *std::find_if(std::begin(kSpellings), std::end(kSpellings),
                         [kind](const Spelling& spelling) { return spelling.kind == kind; });
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

std::string numberText(double value)
{
    std::array<char, 40> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <typename T>
std::optional<T> numberOf(std::string_view text)
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return {};
    return value;
}

Status wrong(std::string_view word, const std::string& why)
{
    return invalidArgument("\"" + std::string(word.substr(0, 100)) + "\": " + why);
}

std::vector<std::string_view> arguments(std::string_view list)
{
    std::vector<std::string_view> found;
    while (!trimmed(list).empty() || !found.empty()) {
        const std::size_t comma = list.find(',');
        found.push_back(trimmed(list.substr(0, comma)));
        if (comma == std::string_view::npos)
            break;
        list.remove_prefix(comma + 1);
    }
    return found;
}

template <std::size_t N>
std::ptrdiff_t placeIn(const std::string_view (&words)[N], std::string_view word)
{
    const auto found = std::find(std::begin(words), std::end(words), word);
    return found == std::end(words) ? -1 : found - std::begin(words);
}

/// Takes the words off the end of `given` that are no whole numbers.
Status takeWords(Operation& operation, std::string_view word, std::vector<std::string_view>& given)
{
    switch (operation.kind) {
    case OperationKind::Cast: {
        const std::optional<DType> dtype = given.size() == 1 ? dtypeFromName(given[0]) : std::nullopt;
        if (!dtype)
            return wrong(word, "cast takes one type, such as cast(float16)");
        operation.dtype = *dtype;
        given.clear();
        return {};
    }
    case OperationKind::Pad: {
        const std::ptrdiff_t fill = given.empty() ? -1 : placeIn(kFills, given.back());
        if (fill < 0)
            return wrong(word, "pad takes axis, before, after and one of zeros, mean, repeat, initializer");
        operation.fill = static_cast<Fill>(fill);
        given.pop_back();
        return {};
    }
    case OperationKind::Heads: {
        const std::ptrdiff_t order = given.empty() ? -1 : placeIn(kOrders, given.back());
        if (order < 0)
            return wrong(word, "heads takes a number of heads and the new order, pairs or halves");
        operation.order = static_cast<HeadOrder>(order);
        given.pop_back();
        return {};
    }
    case OperationKind::Scale: {
        const auto factor = given.empty() ? std::nullopt : numberOf<double>(given[0]);
        const auto offset = given.size() < 2 ? std::optional<double>(0.0) : numberOf<double>(given[1]);
        if (!factor || !offset || given.size() > 2 || !std::isfinite(*factor) || !std::isfinite(*offset))
            return wrong(word, "scale takes a factor and, if wanted, an offset");
        operation.factor = *factor;
        operation.offset = *offset;
        given.clear();
        return {};
    }
    default:
        return {};
    }
}

Result<Operation> parseOne(std::string_view word)
{
    const std::size_t open = word.find('(');
    const std::string_view name = trimmed(word.substr(0, open));
    const auto spelling = std::find_if(std::begin(kSpellings), std::end(kSpellings),
                                       [name](const Spelling& known) { return known.name == name; });
    if (spelling == std::end(kSpellings))
        return fail(wrong(word, "there is no such operation"));
    Operation operation{spelling->kind, {}};
    std::vector<std::string_view> given;
    if (open != std::string_view::npos) {
        if (word.back() != ')')
            return fail(wrong(word, "the closing bracket is missing"));
        given = arguments(word.substr(open + 1, word.size() - open - 2));
    }
    WR_RETURN_IF_ERROR(takeWords(operation, word, given));
    if (given.size() < spelling->fewest || given.size() > spelling->most)
        return fail(wrong(word, spelling->fewest == spelling->most
                                    ? "it takes " + std::to_string(spelling->fewest) + " numbers"
                                    : "it takes at least " + std::to_string(spelling->fewest) + " numbers"));
    for (const std::string_view text : given) {
        const std::optional<std::int64_t> number = numberOf<std::int64_t>(text);
        if (!number)
            return fail(wrong(word, "\"" + std::string(text) + "\" is no whole number"));
        operation.numbers.push_back(*number);
    }
    return operation;
}

} // namespace

bool isJoint(OperationKind kind)
{
    return kind >= OperationKind::Concat;
}

std::string textOf(const Operation& operation)
{
    std::string inside;
    const auto add = [&inside](std::string_view word) {
        if (!inside.empty())
            inside += ", ";
        inside += word;
    };
    for (const std::int64_t number : operation.numbers)
        add(std::to_string(number));
    if (operation.kind == OperationKind::Cast)
        add(dtypeName(operation.dtype));
    if (operation.kind == OperationKind::Pad)
        add(kFills[static_cast<std::size_t>(operation.fill)]);
    if (operation.kind == OperationKind::Heads)
        add(kOrders[static_cast<std::size_t>(operation.order)]);
    if (operation.kind == OperationKind::Scale) {
        add(numberText(operation.factor));
        if (operation.offset != 0.0)
            add(numberText(operation.offset));
    }
    std::string text(spellingOf(operation.kind).name);
    if (!inside.empty() || operation.kind == OperationKind::Reshape)
        text += "(" + inside + ")";
    return text;
}

std::string textOf(const std::vector<Operation>& operations)
{
    std::string text;
    for (const Operation& operation : operations)
        text += (text.empty() ? "" : " ") + textOf(operation);
    return text;
}

Result<std::vector<Operation>> parseOperations(std::string_view text)
{
    std::vector<Operation> operations;
    text = trimmed(text);
    while (!text.empty()) {
        std::size_t end = 0;
        bool isInside = false;
        for (; end < text.size(); ++end) {
            if (text[end] == '(')
                isInside = true;
            else if (text[end] == ')')
                isInside = false;
            else if ((text[end] == ' ' || text[end] == '\t') && !isInside)
                break;
        }
        WR_ASSIGN_OR_RETURN(Operation operation, parseOne(text.substr(0, end)));
        operations.push_back(std::move(operation));
        text = trimmed(text.substr(end));
    }
    return operations;
}

} // namespace wr::remap
