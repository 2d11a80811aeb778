// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/filter_tree.h"

#include <QCoreApplication>
#include <utility>

namespace wr::app {
namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("FilterTree", text);
}

} // namespace

class FilterGrammar {
public:
    using Kind = FilterTree::Kind;
    using Token = FilterToken;

    FilterGrammar(const QString& text, const FilterTree::ReadTerm& read, FilterTree& tree)
        : m_text(text), m_read(read), m_tree(tree)
    {
        advance();
        m_tree.m_root = parseOr(0);
        if (m_token.kind == Token::Kind::Close)
            fail(m_token, say("there is no “(” for this “)”"));
    }

private:
    void advance() { m_token = nextFilterToken(m_text, m_token.begin + m_token.length); }
    bool isWord(const char* word) const
    {
        return m_token.kind == Token::Kind::Word &&
               m_token.text.compare(QLatin1String(word), Qt::CaseInsensitive) == 0;
    }
    int add(Kind kind, std::vector<int> children = {}, int term = -1)
    {
        m_tree.m_nodes.push_back({kind, term, std::move(children)});
        return static_cast<int>(m_tree.m_nodes.size()) - 1;
    }
    int fail(const Token& token, const QString& message)
    {
        if (m_tree.m_problem.message.isEmpty())
            m_tree.m_problem = {token.begin, token.length, message};
        return add(Kind::Always);
    }
    int join(Kind kind, std::vector<int> children)
    {
        return children.size() == 1 ? children.front() : add(kind, std::move(children));
    }

    int parseOr(int depth)
    {
        std::vector<int> parts{parseAnd(depth)};
        while (isWord("or")) {
            advance();
            parts.push_back(parseAnd(depth));
        }
        return join(Kind::Or, std::move(parts));
    }

    int parseAnd(int depth)
    {
        std::vector<int> parts{parseNot(depth)};
        while (m_token.kind != Token::Kind::End && m_token.kind != Token::Kind::Close && !isWord("or")) {
            if (isWord("and"))
                advance();
            parts.push_back(parseNot(depth));
        }
        return join(Kind::And, std::move(parts));
    }

    int parseNot(int depth)
    {
        constexpr int kDeepest = 60;
        if (depth > kDeepest) {
            const int node = fail(m_token, say("this is nested too deeply"));
            m_token = {Token::Kind::End, static_cast<int>(m_text.size()), 0, {}};
            return node;
        }
        if (isWord("not")) {
            advance();
            const int inner = parseNot(depth + 1);
            return add(Kind::Not, {inner});
        }
        if (m_token.kind == Token::Kind::Open) {
            const Token open = m_token;
            advance();
            const int node = parseOr(depth + 1);
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

    int take(const Token& token)
    {
        const int term = m_terms++;
        const FilterTree::TermProblem problem = m_read(token);
        if (problem.message.isEmpty())
            return add(Kind::Term, {}, term);
        Token place = token;
        place.begin += problem.begin;
        place.length = problem.length < 0 ? token.length : problem.length;
        return fail(place, problem.message);
    }

    const QString& m_text;
    const FilterTree::ReadTerm& m_read;
    FilterTree& m_tree;
    Token m_token;
    int m_terms = 0;
};

FilterTree::FilterTree(const QString& text, const ReadTerm& read)
{
    constexpr qsizetype kLongest = 4096;
    if (text.size() > kLongest) {
        m_problem = {0, static_cast<int>(kLongest), say("this filter is too long")};
        return;
    }
    if (!text.trimmed().isEmpty())
        FilterGrammar(text, read, *this);
}

FilterCompletion completeFilter(const FilterWords& words, const QString& text, int cursor)
{
    FilterToken token;
    for (int at = 0;;) {
        token = nextFilterToken(text, at);
        at = token.begin + token.length;
        if (token.kind == FilterToken::Kind::End || at >= cursor)
            break;
    }
    if (token.kind != FilterToken::Kind::Word || token.begin >= cursor)
        return {cursor, {}};
    const QString typed = text.mid(token.begin, cursor - token.begin);
    QStringList all;
    int begin = token.begin;
    const qsizetype colon = typed.indexOf(u':');
    if (colon < 0) {
        all = words.keys;
    } else {
        begin += static_cast<int>(colon) + 1;
        if (const auto values = words.values.find(typed.left(colon).toLower()); values != words.values.end())
            all = values->second;
    }
    FilterCompletion completion;
    completion.begin = begin;
    const QString prefix = text.mid(begin, cursor - begin);
    for (const QString& word : std::as_const(all)) {
        if (word.startsWith(prefix, Qt::CaseInsensitive) && word.size() > prefix.size())
            completion.words += word;
    }
    return completion;
}

} // namespace wr::app
