// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/parser.h"

#include <algorithm>

namespace wr::script {
namespace {

constexpr std::size_t kTextLimit = std::size_t{16} << 20U;

} // namespace

Parser::Parser(std::string text) : m_tree(std::make_shared<Tree>())
{
    m_tree->m_text = std::move(text);
    m_tree->m_lineStarts.push_back(0);
    const std::string& whole = m_tree->m_text;
    for (std::size_t i = 0; i < whole.size() && i < UINT32_MAX; ++i) {
        if (whole[i] == '\n' || (whole[i] == '\r' && (i + 1 == whole.size() || whole[i + 1] != '\n')))
            m_tree->m_lineStarts.push_back(static_cast<std::uint32_t>(i + 1));
    }
}

std::shared_ptr<const Tree> Parser::run()
{
    if (m_tree->m_text.size() > kTextLimit) {
        error({0, 0}, "the script is larger than 16 MiB; it is not read");
        return m_tree;
    }
    for (const Token& candidate : tokenize(m_tree->m_text)) {
        if (candidate.kind != TokenKind::Comment)
            m_tokens.push_back(candidate);
    }
    while (!at(TokenKind::End)) {
        if (at(TokenKind::Indent)) {
            m_failed = false;
            error(token().range, "this line is indented, but no block begins above it");
            advance();
            continue;
        }
        if (at(TokenKind::Dedent) || at(TokenKind::Newline)) {
            advance();
            continue;
        }
        parseLine(m_tree->m_statements);
    }
    return m_tree;
}

std::string_view Parser::textOf(const Token& token) const
{
    return m_tree->slice(token.range);
}

bool Parser::acceptOperator(std::string_view spelling)
{
    if (!atOperator(spelling))
        return false;
    advance();
    return true;
}

void Parser::advance()
{
    if (at(TokenKind::End))
        return;
    if (!at(TokenKind::Newline) && !at(TokenKind::Indent) && !at(TokenKind::Dedent))
        m_lastEnd = token().range.end;
    ++m_next;
}

void Parser::error(TextRange range, std::string message)
{
    if (m_failed)
        return;
    m_failed = true;
    m_tree->m_diagnostics.push_back({Severity::Error, range, std::move(message), {}, {}, {}});
}

ExprPtr Parser::make(ExprKind kind, std::uint32_t begin) const
{
    auto expr = std::make_unique<Expr>();
    expr->kind = kind;
    expr->range = {begin, begin};
    return expr;
}

ExprPtr Parser::errorExpr(TextRange range, std::string message)
{
    // Empty, behind the last word that was taken: an edit puts a value there and replaces nothing.
    ExprPtr expr = make(ExprKind::Error, std::max(m_lastEnd, m_statementBegin));
    error(range, std::move(message));
    return expr;
}

std::shared_ptr<const Tree> parse(std::string text)
{
    return Parser(std::move(text)).run();
}

std::string_view Tree::slice(TextRange range) const
{
    const std::size_t begin = std::min<std::size_t>(range.begin, m_text.size());
    const std::size_t end = std::clamp<std::size_t>(range.end, begin, m_text.size());
    return std::string_view(m_text).substr(begin, end - begin);
}

TextPosition Tree::position(std::uint32_t offset) const
{
    const auto clamped = static_cast<std::uint32_t>(std::min<std::size_t>(offset, m_text.size()));
    const auto after = std::upper_bound(m_lineStarts.begin(), m_lineStarts.end(), clamped);
    const auto line = static_cast<int>(after - m_lineStarts.begin());
    int column = 1;
    for (std::uint32_t at = *std::prev(after); at < clamped; ++at) {
        // Bytes 10xxxxxx continue a code point.
        if ((static_cast<unsigned char>(m_text[at]) & 0xC0U) != 0x80U)
            ++column;
    }
    return {line, column};
}

std::uint32_t Tree::lineStart(int line) const
{
    if (line < 1)
        return 0;
    const auto index = static_cast<std::size_t>(line) - 1;
    return index < m_lineStarts.size() ? m_lineStarts[index] : static_cast<std::uint32_t>(m_text.size());
}

std::string dottedName(const Expr& expr)
{
    if (expr.kind == ExprKind::Name)
        return expr.text;
    if (expr.kind != ExprKind::Attribute)
        return {};
    std::string object = dottedName(*expr.children.front());
    return object.empty() ? object : object + "." + expr.text;
}

const Argument* findArgument(const Expr& call, std::string_view keyword, int position)
{
    int place = 0;
    const Argument* byPlace = nullptr;
    for (const Argument& argument : call.arguments) {
        if (argument.keyword.empty()) {
            if (place++ == position)
                byPlace = &argument;
        } else if (!keyword.empty() && argument.keyword == keyword) {
            return &argument;
        }
    }
    return byPlace;
}

} // namespace wr::script
