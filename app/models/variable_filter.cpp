// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_filter.h"

#include "app/models/filter_lexer.h"
#include "app/models/filter_terms.h"

#include <QCoreApplication>
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace wr::app {
namespace {

using Token = FilterToken;

QString say(const char* text)
{
    return QCoreApplication::translate("VariableFilter", text);
}

} // namespace

struct VariableFilter::Node {
    enum class Kind { Test, Not, And, Or };
    Kind kind = Kind::Test;
    std::function<bool(const VariableRow&, VariableLife)> test;
    std::vector<std::shared_ptr<const Node>> children;

    bool accepts(const VariableRow& row, VariableLife life) const
    {
        switch (kind) {
        case Kind::Test:
            return test(row, life);
        case Kind::Not:
            return !children.front()->accepts(row, life);
        case Kind::And:
            return std::all_of(children.begin(), children.end(),
                               [&](const auto& child) { return child->accepts(row, life); });
        case Kind::Or:
            return std::any_of(children.begin(), children.end(),
                               [&](const auto& child) { return child->accepts(row, life); });
        }
        return true;
    }
};

namespace {

using Node = VariableFilter::Node;
using NodePtr = std::shared_ptr<const Node>;

class FilterParser {
public:
    explicit FilterParser(const QString& text) : m_text(text) { advance(); }

    NodePtr parse()
    {
        NodePtr node = parseOr(0);
        if (m_token.kind == Token::Kind::Close)
            fail(m_token, say("there is no “(” for this “)”"));
        return node;
    }
    const VariableFilter::Problem& problem() const { return m_problem; }
    bool asksForState() const { return m_asksForState; }

private:
    void advance() { m_token = nextFilterToken(m_text, m_token.begin + m_token.length); }
    bool isWord(const char* word) const
    {
        return m_token.kind == Token::Kind::Word &&
               m_token.text.compare(QLatin1String(word), Qt::CaseInsensitive) == 0;
    }
    /// The first problem is told; what is wrong accepts everything.
    NodePtr fail(const Token& token, const QString& message)
    {
        if (m_problem.message.isEmpty())
            m_problem = {token.begin, token.length, message};
        return test([](const VariableRow&, VariableLife) { return true; });
    }
    static NodePtr test(std::function<bool(const VariableRow&, VariableLife)> test)
    {
        auto node = std::make_shared<Node>();
        node->test = std::move(test);
        return node;
    }
    static NodePtr join(Node::Kind kind, std::vector<NodePtr> children)
    {
        if (children.size() == 1)
            return children.front();
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->children = std::move(children);
        return node;
    }

    NodePtr parseOr(int depth)
    {
        std::vector<NodePtr> parts{parseAnd(depth)};
        while (isWord("or")) {
            advance();
            parts.push_back(parseAnd(depth));
        }
        return join(Node::Kind::Or, std::move(parts));
    }

    NodePtr parseAnd(int depth)
    {
        std::vector<NodePtr> parts{parseNot(depth)};
        while (m_token.kind != Token::Kind::End && m_token.kind != Token::Kind::Close && !isWord("or")) {
            if (isWord("and"))
                advance();
            parts.push_back(parseNot(depth));
        }
        return join(Node::Kind::And, std::move(parts));
    }

    NodePtr parseNot(int depth)
    {
        constexpr int kDeepest = 60;
        if (depth > kDeepest) {
            NodePtr node = fail(m_token, say("this is nested too deeply"));
            m_token = {Token::Kind::End, static_cast<int>(m_text.size()), 0, {}};
            return node;
        }
        if (isWord("not")) {
            advance();
            auto node = std::make_shared<Node>();
            node->kind = Node::Kind::Not;
            node->children.push_back(parseNot(depth + 1));
            return node;
        }
        if (m_token.kind == Token::Kind::Open) {
            const Token open = m_token;
            advance();
            NodePtr node = parseOr(depth + 1);
            if (m_token.kind == Token::Kind::Close)
                advance();
            else
                fail(open, say("this “(” is not closed"));
            return node;
        }
        if (m_token.kind == Token::Kind::End || m_token.kind == Token::Kind::Close || isWord("and") ||
            isWord("or")) {
            const Token token = m_token;
            if (isWord("and") || isWord("or"))
                advance();
            return fail(token, token.kind == Token::Kind::End ? say("something is missing at the end")
                                                              : say("something is missing before this"));
        }
        const Token token = m_token;
        advance();
        return take(token);
    }

    NodePtr take(const Token& token)
    {
        FilterTerm term = token.kind == Token::Kind::Text ? plainTerm(token.text) : readTerm(token.text);
        m_asksForState = m_asksForState || term.asksForState;
        if (!term.problem.isEmpty()) {
            Token place = token;
            place.begin += term.begin;
            place.length = term.length < 0 ? token.length : term.length;
            return fail(place, term.problem);
        }
        return test(std::move(term.test));
    }

    const QString& m_text;
    Token m_token;
    VariableFilter::Problem m_problem;
    bool m_asksForState = false;
};

} // namespace

VariableFilter::VariableFilter() = default;
VariableFilter::~VariableFilter() = default;

VariableFilter::VariableFilter(const QString& text)
{
    constexpr qsizetype kLongest = 4096;
    if (text.size() > kLongest) {
        m_problem = {0, static_cast<int>(kLongest), say("this filter is too long")};
        return;
    }
    if (text.trimmed().isEmpty())
        return;
    FilterParser parser(text);
    m_node = parser.parse();
    m_problem = parser.problem();
    m_asksForState = parser.asksForState();
}

bool VariableFilter::accepts(const VariableRow& row, VariableLife life) const
{
    return m_node == nullptr || m_node->accepts(row, life);
}

} // namespace wr::app
