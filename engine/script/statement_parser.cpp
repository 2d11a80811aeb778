// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/parser.h"

#include <algorithm>
#include <array>

namespace wr::script {
namespace {

constexpr int kMaxDepth = 200;

constexpr std::array<std::string_view, 18> kForeign{
    "def",    "class", "if",     "elif", "else",   "while", "try",   "except",   "finally",
    "return", "raise", "assert", "del",  "global", "yield", "break", "continue", "async"};

bool isForeign(std::string_view word)
{
    return std::find(kForeign.begin(), kForeign.end(), word) != kForeign.end();
}

bool isAssignment(std::string_view spelling)
{
    static constexpr std::array<std::string_view, 8> kSpellings{
        "=", "+=", "-=", "*=", "/=", "//=", "**=", "%="};
    return std::find(kSpellings.begin(), kSpellings.end(), spelling) != kSpellings.end();
}

} // namespace

std::vector<Statement> Parser::parseBlock()
{
    std::vector<Statement> body;
    while (!at(TokenKind::Dedent) && !at(TokenKind::End)) {
        if (at(TokenKind::Newline)) {
            advance();
            continue;
        }
        if (at(TokenKind::Indent)) {
            m_failed = false;
            error(token().range, "this line is indented more than the block it stands in");
            advance();
            std::vector<Statement> inner = parseBlock();
            std::move(inner.begin(), inner.end(), std::back_inserter(body));
            continue;
        }
        parseLine(body);
    }
    if (at(TokenKind::Dedent))
        advance();
    return body;
}

void Parser::parseLine(std::vector<Statement>& into)
{
    m_failed = false;
    const std::uint32_t begin = token().range.begin;
    if (atWord("with")) {
        into.push_back(parseWith());
        return;
    }
    if (atWord("for")) {
        into.push_back(parseFor());
        return;
    }
    if (at(TokenKind::Name) && isForeign(text())) {
        into.push_back(parseForeign(begin));
        return;
    }
    do {
        if (at(TokenKind::Newline) || at(TokenKind::End))
            break;
        into.push_back(parseSimple());
    } while (!m_failed && acceptOperator(";"));
    if (!m_failed && !at(TokenKind::Newline) && !at(TokenKind::End) && !at(TokenKind::Dedent))
        error(token().range, "expected the end of the line here, found \"" + std::string(text()) + "\"");
    if (m_failed && !into.empty() && into.back().range.begin >= begin) {
        Statement& last = into.back();
        skipLine();
        last.range.end = std::max(last.range.end, m_lastEnd);
    }
    if (at(TokenKind::Newline))
        advance();
}

Statement Parser::parseSimple()
{
    Statement statement;
    const std::uint32_t begin = token().range.begin;
    m_statementBegin = begin;
    statement.range = {begin, begin};
    const auto finish = [&](StatementKind kind) {
        statement.kind = kind;
        statement.range.end = std::max(begin, m_lastEnd);
        return std::move(statement);
    };
    if (atWord("import") || atWord("from")) {
        skipLine();
        return finish(StatementKind::Import);
    }
    if (atWord("pass")) {
        advance();
        return finish(StatementKind::Pass);
    }
    if (atOperator("...") || atOperator("..")) {
        advance();
        return finish(StatementKind::Ellipsis);
    }
    if (atWord("print"))
        return parsePrint(begin);

    ExprPtr first = parseExpressionList();
    if (!(at(TokenKind::Operator) && isAssignment(text()))) {
        statement.value = std::move(first);
        return finish(m_failed ? StatementKind::Error : StatementKind::Expression);
    }
    statement.op = std::string(text());
    statement.targets.push_back(std::move(first));
    while (at(TokenKind::Operator) && isAssignment(text())) {
        if (statement.value)
            statement.targets.push_back(std::move(statement.value));
        advance();
        statement.value = parseExpressionList();
    }
    for (const ExprPtr& target : statement.targets) {
        const ExprKind kind = target->kind;
        if (kind != ExprKind::Name && kind != ExprKind::Tuple && kind != ExprKind::List &&
            kind != ExprKind::Attribute && kind != ExprKind::Subscript && kind != ExprKind::Error)
            error(target->range, "nothing can be assigned to this; a name is expected before \"=\"");
    }
    return finish(StatementKind::Assign);
}

Statement Parser::parsePrint(std::uint32_t begin)
{
    Statement statement;
    statement.kind = StatementKind::Expression;
    // Python 2's statement and Python 3's call read alike: the arguments are kept as one expression.
    ExprPtr name = make(ExprKind::Name, begin);
    name->text = "print";
    name->range = token().range;
    if (m_next + 1 < m_tokens.size() && textOf(m_tokens[m_next + 1]) == "(") {
        statement.value = parseExpressionList();
    } else {
        advance();
        ExprPtr call = make(ExprKind::Call, begin);
        adopt(*call, std::move(name));
        if (!at(TokenKind::Newline) && !at(TokenKind::End)) {
            ExprPtr value = parseExpressionList();
            raise(*call, *value);
            call->arguments.push_back({{}, value->range, std::move(value)});
        }
        call->range.end = m_lastEnd;
        statement.value = std::move(call);
    }
    statement.range = {begin, std::max(begin, m_lastEnd)};
    return statement;
}

Statement Parser::parseWith()
{
    Statement statement;
    statement.kind = StatementKind::With;
    statement.range = token().range;
    advance();
    do {
        WithItem item;
        item.context = parseExpression();
        if (atWord("as")) {
            advance();
            item.alias = parsePostfix();
        }
        statement.items.push_back(std::move(item));
    } while (!m_failed && acceptOperator(","));
    parseBody(statement);
    return statement;
}

Statement Parser::parseFor()
{
    Statement statement;
    statement.kind = StatementKind::For;
    statement.range = token().range;
    advance();
    statement.targets.push_back(parseTargets());
    if (atWord("in"))
        advance();
    else
        error(token().range, "expected \"in\" after the loop's name, as in: for i in range(6):");
    statement.value = parseExpressionList();
    parseBody(statement);
    return statement;
}

void Parser::parseBody(Statement& statement)
{
    if (!acceptOperator(":")) {
        error(token().range, "expected \":\" at the end of this line, before the block that follows");
        skipLine();
    }
    statement.range.end = std::max(statement.range.end, m_lastEnd);
    if (at(TokenKind::Newline)) {
        advance();
        if (!at(TokenKind::Indent)) {
            error({statement.range.begin, statement.range.end},
                  "an indented block is expected below this line");
            return;
        }
        advance();
        if (++m_depth > kMaxDepth) {
            error(token().range, "blocks are nested too deeply");
            skipForeignBlock();
        } else {
            statement.body = parseBlock();
        }
        --m_depth;
    } else if (!at(TokenKind::End)) {
        // "with a: with b: …" in one line nests as blocks do.
        if (++m_depth > kMaxDepth) {
            error(token().range, "blocks are nested too deeply");
            skipLine();
        } else {
            parseLine(statement.body);
        }
        --m_depth;
    }
    statement.range.end = std::max(statement.range.end, m_lastEnd);
}

Statement Parser::parseForeign(std::uint32_t begin)
{
    Statement statement;
    const Token keyword = token();
    error(keyword.range, "\"" + std::string(text()) +
                             "\" is not part of Weightroom's script, which is read and never executed; this "
                             "statement is left out" +
                             (text() == "def" ? ": write its lines where it is called" : ""));
    skipLine();
    if (at(TokenKind::Newline))
        advance();
    if (at(TokenKind::Indent)) {
        advance();
        skipForeignBlock();
    }
    statement.range = {begin, std::max(keyword.range.end, m_lastEnd)};
    return statement;
}

void Parser::skipLine()
{
    while (!at(TokenKind::Newline) && !at(TokenKind::End) && !at(TokenKind::Indent) && !at(TokenKind::Dedent))
        advance();
}

void Parser::skipForeignBlock()
{
    for (int depth = 1; depth > 0 && !at(TokenKind::End); advance()) {
        if (at(TokenKind::Indent))
            ++depth;
        else if (at(TokenKind::Dedent))
            --depth;
    }
}

} // namespace wr::script
