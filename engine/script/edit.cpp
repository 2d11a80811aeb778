// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/edit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace wr::script {
namespace {

void sortByPlace(std::vector<TextEdit>& edits)
{
    std::stable_sort(edits.begin(), edits.end(), [](const TextEdit& a, const TextEdit& b) {
        return a.range.begin != b.range.begin ? a.range.begin < b.range.begin : a.range.end < b.range.end;
    });
}

/// The place of the next word inside brackets: behind spaces, line ends and comments.
std::uint32_t skipSpaces(std::string_view text, std::uint32_t at)
{
    bool comment = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n' || c == '\r')
            comment = false;
        else if (c == '#')
            comment = true;
        else if (!comment && c != ' ' && c != '\t' && c != '\f' && c != '\\')
            break;
    }
    return at;
}

} // namespace

Result<std::string> applyEdits(std::string_view text, std::vector<TextEdit> edits)
{
    sortByPlace(edits);
    std::string edited;
    std::uint32_t at = 0;
    for (const TextEdit& edit : edits) {
        if (edit.range.begin < at || edit.range.end < edit.range.begin || edit.range.end > text.size())
            return fail(StatusCode::InvalidArgument, "edits overlap or leave the text");
        edited += text.substr(at, edit.range.begin - at);
        edited += edit.replacement;
        at = edit.range.end;
    }
    edited += text.substr(at);
    return edited;
}

std::vector<TextEdit> invertEdits(std::string_view text, std::vector<TextEdit> edits)
{
    sortByPlace(edits);
    std::vector<TextEdit> inverse;
    std::int64_t shift = 0;
    for (const TextEdit& edit : edits) {
        const auto begin = static_cast<std::uint32_t>(edit.range.begin + shift);
        const auto length = static_cast<std::uint32_t>(edit.replacement.size());
        inverse.push_back({{begin, begin + length},
                           std::string(text.substr(edit.range.begin, edit.range.end - edit.range.begin))});
        shift += static_cast<std::int64_t>(length) - (edit.range.end - edit.range.begin);
    }
    return inverse;
}

TextEdit setArgument(const Tree& tree, const Expr& call, std::string_view keyword, int position,
                     std::string_view value)
{
    if (const Argument* argument = findArgument(call, keyword, position))
        return {argument->value->range, std::string(value)};
    const std::string written = std::string(keyword) + "=" + std::string(value);
    if (!call.arguments.empty()) {
        const std::uint32_t end = call.arguments.back().range.end;
        return {{end, end}, ", " + written};
    }
    const std::uint32_t close = call.range.end > 0 ? call.range.end - 1 : 0;
    const std::uint32_t at = tree.slice({close, close + 1}) == ")" ? close : call.range.end;
    return {{at, at}, written};
}

TextEdit removeArgument(const Tree& tree, const Expr& call, std::string_view keyword, int position)
{
    const Argument* argument = findArgument(call, keyword, position);
    if (argument == nullptr)
        return {};
    TextRange range = argument->range;
    const auto index = static_cast<std::size_t>(argument - call.arguments.data());
    if (index > 0) {
        range.begin = call.arguments[index - 1].range.end; // with the comma before it
    } else {
        const std::uint32_t after = skipSpaces(tree.text(), range.end);
        if (tree.slice({after, after + 1}) == ",")
            range.end = index + 1 < call.arguments.size() ? call.arguments[index + 1].range.begin : after + 1;
    }
    return {range, {}};
}

std::string quoted(std::string_view contents)
{
    std::string literal = "\"";
    for (const char c : contents) {
        switch (c) {
        case '"':
            literal += "\\\"";
            break;
        case '\\':
            literal += "\\\\";
            break;
        case '\n':
            literal += "\\n";
            break;
        case '\r':
            literal += "\\r";
            break;
        case '\t':
            literal += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                static constexpr std::string_view kHex = "0123456789abcdef";
                literal += "\\x";
                literal += kHex[static_cast<unsigned char>(c) >> 4U];
                literal += kHex[static_cast<unsigned char>(c) & 15U];
            } else {
                literal += c;
            }
        }
    }
    return literal + '"';
}

std::string spelled(double value)
{
    if (std::isnan(value))
        return "float(\"nan\")";
    if (std::isinf(value))
        return value > 0 ? "float(\"inf\")" : "-float(\"inf\")";
    std::array<char, 64> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    std::string text(digits.data(), written.ptr);
    if (text.find_first_of(".e") == std::string::npos)
        text += ".0";
    return text;
}

} // namespace wr::script
