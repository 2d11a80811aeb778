// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/parser.h"

#include <algorithm>
#include <array>

namespace wr::script {
namespace {

constexpr int kMaxDepth = 200;
/// Chains such as a + b + c + … nest to the left without recursion here, but all that walk the tree recurse.
constexpr std::uint32_t kMaxHeight = 1000;
constexpr const char* kTooDeep = "this expression is nested too deeply";

struct Level {
    std::array<std::string_view, 8> operators;
};

/// Binary operators from the loosest to the tightest, as in Python.
constexpr std::array<Level, 9> kLevels{{
    {{"or"}},
    {{"and"}},
    {{"==", "!=", "<", ">", "<=", ">=", "in", "is"}},
    {{"|"}},
    {{"^"}},
    {{"&"}},
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

void Parser::raise(Expr& parent, const Expr& child)
{
    parent.height = std::max(parent.height, child.height + 1);
    if (parent.height > kMaxHeight)
        error({parent.range.begin, std::max(parent.range.begin, m_lastEnd)}, kTooDeep);
}

void Parser::adopt(Expr& parent, ExprPtr child)
{
    raise(parent, *child);
    parent.children.push_back(std::move(child));
}

ExprPtr Parser::parseExpressionList()
{
    const std::uint32_t begin = token().range.begin;
    ExprPtr first = parseExpression();
    if (m_failed || !atOperator(","))
        return first;
    ExprPtr tuple = make(ExprKind::Tuple, begin);
    adopt(*tuple, std::move(first));
    while (!m_failed && acceptOperator(",")) {
        if (at(TokenKind::Newline) || at(TokenKind::End) || atOperator("=") || atOperator(";") ||
            atOperator(":"))
            break;
        adopt(*tuple, parseExpression());
    }
    tuple->range.end = m_lastEnd;
    return tuple;
}

ExprPtr Parser::parseExpression()
{
    if (++m_depth > kMaxDepth) {
        --m_depth;
        return errorExpr(token().range, kTooDeep);
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
            adopt(*unary, errorExpr(token().range, kTooDeep));
        else
            adopt(*unary, parseBinary(kComparison));
        --m_depth;
        unary->range.end = m_lastEnd;
        return unary;
    }
    ExprPtr left = parseBinary(level + 1);
    const auto atNotIn = [&] {
        return level == kComparison && atWord("not") && m_next + 1 < m_tokens.size() &&
               textOf(m_tokens[m_next + 1]) == "in";
    };
    while (!m_failed && (at(TokenKind::Operator) || at(TokenKind::Name)) &&
           (belongsTo(kLevels[static_cast<std::size_t>(level)], text()) || atNotIn())) {
        ExprPtr binary = make(ExprKind::Binary, begin);
        binary->text = std::string(text());
        advance();
        if (binary->text == "not" || (binary->text == "is" && atWord("not"))) {
            binary->text = binary->text == "not" ? "not in" : "is not";
            advance();
        }
        adopt(*binary, std::move(left));
        adopt(*binary, parseBinary(level + 1));
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
        adopt(*unary, errorExpr(token().range, kTooDeep));
    else
        adopt(*unary, parseUnary());
    --m_depth;
    unary->range.end = m_lastEnd;
    return unary;
}

ExprPtr Parser::parsePower()
{
    const std::uint32_t begin = token().range.begin;
    ExprPtr base = parsePostfix();
    if (m_failed || !atOperator("**"))
        return base;
    ExprPtr power = make(ExprKind::Binary, begin);
    power->text = "**";
    advance();
    adopt(*power, std::move(base));
    if (++m_depth > kMaxDepth)
        adopt(*power, errorExpr(token().range, kTooDeep));
    else
        adopt(*power, parseUnary());
    --m_depth;
    power->range.end = m_lastEnd;
    return power;
}

ExprPtr Parser::parsePostfix()
{
    const std::uint32_t begin = token().range.begin;
    ExprPtr expr = parseAtom();
    while (!m_failed) {
        if (acceptOperator(".")) {
            ExprPtr attribute = make(ExprKind::Attribute, begin);
            adopt(*attribute, std::move(expr));
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
            adopt(*call, std::move(expr));
            parseArguments(*call);
            call->range.end = m_lastEnd;
            expr = std::move(call);
        } else if (atOperator("[")) {
            const std::uint32_t open = token().range.begin;
            ExprPtr subscript = make(ExprKind::Subscript, begin);
            advance();
            adopt(*subscript, std::move(expr));
            adopt(*subscript, parseExpressionList());
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
        if (atOperator("**"))
            error(token().range, "arguments with ** are not part of Weightroom's script; write them out");
        argument.isSpread = acceptOperator("*");
        const bool named = at(TokenKind::Name) && m_next + 1 < m_tokens.size() &&
                           m_tokens[m_next + 1].kind == TokenKind::Operator &&
                           textOf(m_tokens[m_next + 1]) == "=";
        if (named) {
            argument.keyword = std::string(text());
            advance();
            advance();
        }
        argument.value = parseExpression();
        argument.range.begin = std::min(begin, argument.value->range.begin);
        argument.range.end = std::max(argument.range.begin, m_lastEnd);
        raise(call, *argument.value);
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
        expr->range = first.range;
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
        adopt(*tuple, std::move(inner));
        while (!m_failed && acceptOperator(",")) {
            if (atOperator(")"))
                break;
            adopt(*tuple, parseExpression());
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
        adopt(*list, parseExpression());
        if (list->children.size() == 1 && atWord("for")) {
            parseComprehension(*list);
            break;
        }
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
        adopt(*dict, parseExpression());
        if (!acceptOperator(":"))
            error(token().range, "expected \":\" between the key and its value");
        adopt(*dict, m_failed ? errorExpr({m_lastEnd, m_lastEnd}, {}) : parseExpression());
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
    adopt(*lambda, m_failed ? errorExpr({m_lastEnd, m_lastEnd}, {}) : parseExpression());
    lambda->range.end = m_lastEnd;
    return lambda;
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
