// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/parser.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>

namespace wr::script {
namespace {

constexpr int kMaxDepth = 200;

struct Level {
    std::array<std::string_view, 8> operators;
};

/// Binary operators from the loosest to the tightest, as in Python.
constexpr std::array<Level, 8> kLevels{{
    {{"or"}},
    {{"and"}},
    {{"==", "!=", "<", ">", "<=", ">=", "in", "is"}},
    {{"|"}},
    {{"^", "&"}},
    {{"<<", ">>"}},
    {{"+", "-"}},
    {{"*", "/", "//", "%", "@"}},
}};

bool belongsTo(const Level& level, std::string_view spelling)
{
    for (const std::string_view candidate : level.operators) {
        if (!candidate.empty() && candidate == spelling)
            return true;
    }
    return false;
}

bool isKeyword(std::string_view word)
{
    static constexpr std::array<std::string_view, 9> kWords{"and", "or",   "not", "in",    "is",
                                                            "as",  "with", "for", "lambda"};
    for (const std::string_view candidate : kWords) {
        if (candidate == word)
            return true;
    }
    return false;
}

} // namespace

ExprPtr Parser::parseExpressionList()
{
    const std::uint32_t begin = token().range.begin;
    ExprPtr first = parseExpression();
    if (!atOperator(","))
        return first;
    ExprPtr tuple = make(ExprKind::Tuple, begin);
    tuple->children.push_back(std::move(first));
    while (!m_failed && acceptOperator(",")) {
        if (at(TokenKind::Newline) || at(TokenKind::End) || atOperator("=") || atOperator(";") ||
            atOperator(":"))
            break;
        tuple->children.push_back(parseExpression());
    }
    tuple->range.end = m_lastEnd;
    return tuple;
}

ExprPtr Parser::parseExpression()
{
    if (++m_depth > kMaxDepth) {
        --m_depth;
        return errorExpr(token().range, "this expression is nested too deeply");
    }
    ExprPtr expr = atWord("lambda") ? parseLambda() : parseBinary(0);
    --m_depth;
    return expr;
}

ExprPtr Parser::parseBinary(int level)
{
    if (level == static_cast<int>(kLevels.size()))
        return parseUnary();
    constexpr int kComparison = 2;
    const std::uint32_t begin = token().range.begin;
    if (level == kComparison && atWord("not")) {
        ExprPtr unary = make(ExprKind::Unary, begin);
        unary->text = "not";
        advance();
        if (++m_depth > kMaxDepth)
            unary->children.push_back(errorExpr(token().range, "this expression is nested too deeply"));
        else
            unary->children.push_back(parseBinary(kComparison));
        --m_depth;
        unary->range.end = m_lastEnd;
        return unary;
    }
    ExprPtr left = parseBinary(level + 1);
    while (!m_failed && (at(TokenKind::Operator) || at(TokenKind::Name)) &&
           belongsTo(kLevels[static_cast<std::size_t>(level)], text())) {
        ExprPtr binary = make(ExprKind::Binary, begin);
        binary->text = std::string(text());
        advance();
        if (binary->text == "is" && atWord("not")) {
            binary->text = "is not";
            advance();
        }
        binary->children.push_back(std::move(left));
        binary->children.push_back(parseBinary(level + 1));
        binary->range.end = std::max(begin, m_lastEnd);
        left = std::move(binary);
    }
    return left;
}

ExprPtr Parser::parseUnary()
{
    if (!(atOperator("-") || atOperator("+") || atOperator("~")))
        return parsePower();
    ExprPtr unary = make(ExprKind::Unary, token().range.begin);
    unary->text = std::string(text());
    advance();
    if (++m_depth > kMaxDepth)
        unary->children.push_back(errorExpr(token().range, "this expression is nested too deeply"));
    else
        unary->children.push_back(parseUnary());
    --m_depth;
    unary->range.end = m_lastEnd;
    return unary;
}

ExprPtr Parser::parsePower()
{
    const std::uint32_t begin = token().range.begin;
    ExprPtr base = parsePostfix();
    if (!atOperator("**"))
        return base;
    ExprPtr power = make(ExprKind::Binary, begin);
    power->text = "**";
    advance();
    power->children.push_back(std::move(base));
    if (++m_depth > kMaxDepth)
        power->children.push_back(errorExpr(token().range, "this expression is nested too deeply"));
    else
        power->children.push_back(parseUnary());
    --m_depth;
    power->range.end = m_lastEnd;
    return power;
}

ExprPtr Parser::parsePostfix()
{
    const std::uint32_t begin = token().range.begin;
    ExprPtr expr = parseAtom();
    // A chain of a.b(c)[d]… nests one node per link; its length is capped like all depth.
    for (int links = 0; !m_failed && links < kMaxDepth; ++links) {
        if (acceptOperator(".")) {
            ExprPtr attribute = make(ExprKind::Attribute, begin);
            attribute->children.push_back(std::move(expr));
            if (at(TokenKind::Name)) {
                attribute->text = std::string(text());
                advance();
            } else {
                error(token().range, "expected a name after \".\"");
            }
            attribute->range.end = m_lastEnd;
            expr = std::move(attribute);
        } else if (atOperator("(")) {
            ExprPtr call = make(ExprKind::Call, begin);
            call->children.push_back(std::move(expr));
            parseArguments(*call);
            call->range.end = m_lastEnd;
            expr = std::move(call);
        } else if (atOperator("[")) {
            const std::uint32_t open = token().range.begin;
            ExprPtr subscript = make(ExprKind::Subscript, begin);
            advance();
            subscript->children.push_back(std::move(expr));
            subscript->children.push_back(parseExpressionList());
            expectClose("]", open);
            subscript->range.end = m_lastEnd;
            expr = std::move(subscript);
        } else {
            break;
        }
    }
    return expr;
}

void Parser::parseArguments(Expr& call)
{
    const std::uint32_t open = token().range.begin;
    advance();
    while (!m_failed && !atOperator(")") && !at(TokenKind::End) && !at(TokenKind::Newline)) {
        Argument argument;
        const std::uint32_t begin = token().range.begin;
        if (atOperator("*") || atOperator("**"))
            error(token().range, "arguments with * are not part of Weightroom's script; write them out");
        const bool named = at(TokenKind::Name) && m_next + 1 < m_tokens.size() &&
                           m_tokens[m_next + 1].kind == TokenKind::Operator &&
                           textOf(m_tokens[m_next + 1]) == "=";
        if (named) {
            argument.keyword = std::string(text());
            advance();
            advance();
        }
        argument.value = parseExpression();
        argument.range = {begin, std::max(begin, m_lastEnd)};
        call.arguments.push_back(std::move(argument));
        if (!acceptOperator(","))
            break;
    }
    expectClose(")", open);
}

void Parser::expectClose(std::string_view close, std::uint32_t open)
{
    if (acceptOperator(close))
        return;
    const TextPosition position = m_tree->position(open);
    const std::string opened(1, m_tree->m_text[open]);
    error({open, open + 1}, "expected \"" + std::string(close) + "\" to close the \"" + opened +
                                "\" opened on line " + std::to_string(position.line) + ", column " +
                                std::to_string(position.column));
}

ExprPtr Parser::parseAtom()
{
    const Token first = token();
    const std::string_view word = text();
    switch (first.kind) {
    case TokenKind::Number:
        return parseNumber();
    case TokenKind::String:
        return parseStrings();
    case TokenKind::Name: {
        if (isKeyword(word))
            break;
        const bool isBool = word == "True" || word == "False";
        ExprPtr expr = make(isBool           ? ExprKind::Bool
                            : word == "None" ? ExprKind::None
                                             : ExprKind::Name,
                            first.range.begin);
        expr->text = std::string(word);
        expr->integer = word == "True" ? 1 : 0;
        advance();
        expr->range.end = m_lastEnd;
        return expr;
    }
    case TokenKind::Operator:
        if (word == "..." || word == "..") {
            ExprPtr expr = make(ExprKind::Ellipsis, first.range.begin);
            advance();
            expr->range.end = m_lastEnd;
            return expr;
        }
        if (word == "(")
            return parseBracketed();
        if (word == "[")
            return parseList("]", ExprKind::List);
        if (word == "{")
            return parseDict();
        break;
    case TokenKind::Error: {
        const bool quote = !word.empty() && word.find_first_of("\"'") != std::string_view::npos;
        ExprPtr expr = errorExpr(first.range, quote ? "this string is not closed on its line"
                                                    : "this character means nothing in a script");
        advance();
        return expr;
    }
    case TokenKind::Newline:
    case TokenKind::End:
    case TokenKind::Dedent:
    case TokenKind::Indent:
        return errorExpr({m_lastEnd, m_lastEnd}, "the line ends where a value was expected");
    case TokenKind::Comment:
        break;
    }
    return errorExpr(first.range, "expected a value here, found \"" + std::string(word) + "\"");
}

ExprPtr Parser::parseBracketed()
{
    const std::uint32_t open = token().range.begin;
    advance();
    if (atOperator(")")) {
        advance();
        ExprPtr empty = make(ExprKind::Tuple, open);
        empty->range.end = m_lastEnd;
        return empty;
    }
    ExprPtr inner = parseExpression();
    if (atOperator(",")) {
        ExprPtr tuple = make(ExprKind::Tuple, open);
        tuple->children.push_back(std::move(inner));
        while (!m_failed && acceptOperator(",")) {
            if (atOperator(")"))
                break;
            tuple->children.push_back(parseExpression());
        }
        expectClose(")", open);
        tuple->range.end = m_lastEnd;
        return tuple;
    }
    expectClose(")", open);
    return inner;
}

ExprPtr Parser::parseList(std::string_view close, ExprKind kind)
{
    const std::uint32_t open = token().range.begin;
    ExprPtr list = make(kind, open);
    advance();
    while (!m_failed && !atOperator(close) && !at(TokenKind::End) && !at(TokenKind::Newline)) {
        list->children.push_back(parseExpression());
        if (!acceptOperator(","))
            break;
    }
    expectClose(close, open);
    list->range.end = m_lastEnd;
    return list;
}

ExprPtr Parser::parseDict()
{
    const std::uint32_t open = token().range.begin;
    ExprPtr dict = make(ExprKind::Dict, open);
    advance();
    while (!m_failed && !atOperator("}") && !at(TokenKind::End) && !at(TokenKind::Newline)) {
        dict->children.push_back(parseExpression());
        if (!acceptOperator(":"))
            error(token().range, "expected \":\" between the key and its value");
        dict->children.push_back(m_failed ? errorExpr({m_lastEnd, m_lastEnd}, {}) : parseExpression());
        if (!acceptOperator(","))
            break;
    }
    expectClose("}", open);
    dict->range.end = m_lastEnd;
    return dict;
}

ExprPtr Parser::parseLambda()
{
    ExprPtr lambda = make(ExprKind::Lambda, token().range.begin);
    advance();
    const std::uint32_t begin = token().range.begin;
    std::uint32_t end = begin;
    while (!atOperator(":") && !at(TokenKind::Newline) && !at(TokenKind::End)) {
        end = token().range.end;
        advance();
    }
    lambda->text = std::string(m_tree->slice({begin, end}));
    if (!acceptOperator(":"))
        error(token().range, "expected \":\" after the parameters of lambda");
    lambda->children.push_back(m_failed ? errorExpr({m_lastEnd, m_lastEnd}, {}) : parseExpression());
    lambda->range.end = m_lastEnd;
    return lambda;
}

ExprPtr Parser::parseNumber()
{
    ExprPtr expr = make(ExprKind::Number, token().range.begin);
    expr->range = token().range;
    expr->text = std::string(text());
    std::string digits;
    for (const char c : expr->text) {
        if (c != '_')
            digits += c;
    }
    advance();
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0' &&
        std::string_view("xXoObB").find(digits[1]) != std::string_view::npos) {
        base = digits[1] == 'x' || digits[1] == 'X' ? 16 : digits[1] == 'o' || digits[1] == 'O' ? 8 : 2;
        digits.erase(0, 2);
    }
    const char* const begin = digits.data();
    const char* const end = begin + digits.size();
    const auto whole = std::from_chars(begin, end, expr->integer, base);
    if (whole.ec == std::errc{} && whole.ptr == end) {
        expr->isInteger = true;
        expr->number = static_cast<double>(expr->integer);
        return expr;
    }
    const auto real = std::from_chars(begin, end, expr->number);
    if (base != 10 || real.ptr != end || real.ec == std::errc::invalid_argument)
        error(expr->range, "\"" + expr->text + "\" is no number");
    else if (real.ec == std::errc::result_out_of_range)
        expr->number = digits.find('-') != std::string::npos ? 0.0 : HUGE_VAL;
    return expr;
}

ExprPtr Parser::parseStrings()
{
    ExprPtr expr = make(ExprKind::String, token().range.begin);
    for (; at(TokenKind::String); advance())
        decodeString(token().range, *expr);
    expr->range.end = m_lastEnd;
    return expr;
}

} // namespace wr::script
