// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/parser.h"

namespace wr::script {
namespace {

void appendUtf8(std::string& to, std::uint32_t code)
{
    if (code < 0x80) {
        to += static_cast<char>(code);
    } else if (code < 0x800) {
        to += static_cast<char>(0xC0U | (code >> 6U));
        to += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        to += static_cast<char>(0xE0U | (code >> 12U));
        to += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        to += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        to += static_cast<char>(0xF0U | ((code >> 18U) & 0x07U));
        to += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
        to += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        to += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// Decodes the escape whose backslash is at `at`; returns the offset behind it. Unknown escapes stay as
/// written.
std::size_t decodeEscape(std::string_view text, std::size_t at, std::string& to)
{
    const char c = at + 1 < text.size() ? text[at + 1] : '\0';
    static constexpr std::string_view kLetters = "ntrabfv0\\'\"";
    static constexpr std::string_view kValues("\n\t\r\a\b\f\v\0\\'\"", 11);
    if (const std::size_t index = kLetters.find(c); c != '\0' && index != std::string_view::npos) {
        to += kValues[index];
        return at + 2;
    }
    if (c == '\n')
        return at + 2;
    if (c == '\r')
        return at + (at + 2 < text.size() && text[at + 2] == '\n' ? 3U : 2U);
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = at + 2 + i < text.size() ? hexValue(text[at + 2 + i]) : -1;
        if (value < 0 || code > 0x10FFFF)
            return to += '\\', at + 1;
        code = code * 16 + static_cast<std::uint32_t>(value);
    }
    if (digits == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
        to += '\\';
        return at + 1;
    }
    appendUtf8(to, code);
    return at + 2 + digits;
}

/// Moves every range of a parsed fragment by `offset`.
void shift(Expr& expr, std::uint32_t offset)
{
    expr.range.begin += offset;
    expr.range.end += offset;
    for (const ExprPtr& child : expr.children)
        shift(*child, offset);
    for (const Argument& argument : expr.arguments)
        shift(*argument.value, offset);
    for (Argument& argument : expr.arguments) {
        argument.range.begin += offset;
        argument.range.end += offset;
    }
    for (const FormatPart& part : expr.parts) {
        if (part.value)
            shift(*part.value, offset);
    }
}

/// The expression in front of a layout such as ":.3f" or "!r", which changes nothing of what is meant.
std::string_view withoutLayout(std::string_view field)
{
    int depth = 0;
    char quote = 0;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const char c = field[i];
        if (quote != 0)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '(' || c == '[')
            ++depth;
        else if (c == ')' || c == ']')
            --depth;
        else if (depth == 0 && (c == ':' || (c == '!' && i + 1 < field.size() && field[i + 1] != '=')))
            return field.substr(0, i);
    }
    return field;
}

} // namespace

void Parser::decodeString(TextRange range, Expr& into)
{
    const std::string_view whole = m_tree->slice(range);
    std::size_t prefix = 0;
    bool raw = false;
    bool formatted = false;
    while (prefix < whole.size() && whole[prefix] != '"' && whole[prefix] != '\'') {
        raw = raw || whole[prefix] == 'r' || whole[prefix] == 'R';
        formatted = formatted || whole[prefix] == 'f' || whole[prefix] == 'F';
        ++prefix;
    }
    const std::string_view quoted = whole.substr(prefix);
    const std::size_t quotes = quoted.size() >= 6 && quoted[0] == quoted[1] && quoted[1] == quoted[2] ? 3 : 1;
    const std::string_view contents = quoted.substr(quotes, quoted.size() - 2 * quotes);
    const auto start = static_cast<std::uint32_t>(range.begin + prefix + quotes);

    std::string literal;
    const auto flush = [&] {
        if (!literal.empty())
            into.parts.push_back({literal, nullptr});
        literal.clear();
    };
    if (formatted && into.kind == ExprKind::String) {
        into.kind = ExprKind::FormattedString;
        literal = std::move(into.text);
        into.text.clear();
        flush();
    }
    std::string& target = into.kind == ExprKind::FormattedString ? literal : into.text;
    for (std::size_t at = 0; at < contents.size();) {
        const char c = contents[at];
        if (c == '\\' && !raw) {
            at = decodeEscape(contents, at, target);
        } else if (formatted && (c == '{' || c == '}') && at + 1 < contents.size() && contents[at + 1] == c) {
            target += c;
            at += 2;
        } else if (formatted && c == '{') {
            const std::size_t close = contents.find('}', at);
            if (close == std::string_view::npos) {
                error({start + static_cast<std::uint32_t>(at), start + static_cast<std::uint32_t>(at) + 1},
                      "this \"{\" is not closed inside the string");
                return;
            }
            flush();
            const auto offset = static_cast<std::uint32_t>(start + at + 1);
            Parser inner(std::string(withoutLayout(contents.substr(at + 1, close - at - 1))));
            inner.m_tokens = tokenize(inner.m_tree->m_text);
            inner.m_depth = m_depth + 1;
            ExprPtr value = inner.parseExpression();
            if (!inner.m_tree->m_diagnostics.empty() ||
                !(inner.at(TokenKind::Newline) || inner.at(TokenKind::End)))
                error({offset, static_cast<std::uint32_t>(start + close)},
                      "this is no expression that a name can be made of");
            shift(*value, offset);
            raise(into, *value);
            into.parts.push_back({{}, std::move(value)});
            at = close + 1;
        } else {
            target += c;
            ++at;
        }
    }
    if (into.kind == ExprKind::FormattedString)
        flush();
}

} // namespace wr::script
