// SPDX-License-Identifier: GPL-3.0-or-later
// The grammar of the filter language: terms joined by "and", "or", "not" and parentheses. What a term means
// is the reader's affair, who numbers them. Values; any thread.
#pragma once

#include "app/models/filter_lexer.h"

#include <QString>
#include <QStringList>
#include <functional>
#include <map>
#include <vector>

namespace wr::app {

class FilterTree {
public:
    struct Problem {
        int begin = 0; ///< place in the text
        int length = 0;
        QString message; ///< empty: none
    };
    /// What is wrong with one term; places count from its beginning, length −1 means all of it.
    struct TermProblem {
        QString message;
        int begin = 0;
        int length = -1;
    };
    /// Called for the terms from left to right: the first one is number 0.
    using ReadTerm = std::function<TermProblem(const FilterToken& token)>;

    FilterTree() = default; ///< accepts everything
    /// Any text gives a tree. The first problem is told, and what is wrong accepts everything, so that
    /// nothing is hidden by a typing error.
    FilterTree(const QString& text, const ReadTerm& read);

    const Problem& problem() const { return m_problem; }
    bool isEmpty() const { return m_nodes.empty(); }
    /// The number of the term, where the filter is just one; −1 otherwise.
    int onlyTerm() const { return m_nodes.size() == 1 ? m_nodes.front().term : -1; }

    /// `term(number)` says whether a term holds.
    template <typename Term>
    bool accepts(const Term& term) const
    {
        return m_nodes.empty() || accepts(term, m_root);
    }

private:
    friend class FilterGrammar;
    enum class Kind { Always, Term, Not, And, Or };
    struct Node {
        Kind kind = Kind::Always;
        int term = -1;
        std::vector<int> children;
    };
    template <typename Term>
    bool accepts(const Term& term, int at) const
    {
        const Node& node = m_nodes[static_cast<std::size_t>(at)];
        switch (node.kind) {
        case Kind::Always:
            return true;
        case Kind::Term:
            return term(node.term);
        case Kind::Not:
            return !accepts(term, node.children.front());
        case Kind::And:
            for (const int child : node.children)
                if (!accepts(term, child))
                    return false;
            return true;
        case Kind::Or:
            for (const int child : node.children)
                if (accepts(term, child))
                    return true;
            return false;
        }
        return true;
    }

    std::vector<Node> m_nodes;
    int m_root = 0;
    Problem m_problem;
};

/// What may be written in a filter: keys with their sign ("shape:", "ndim>="), and the values of some of
/// them.
struct FilterWords {
    QStringList keys;
    std::map<QString, QStringList> values; ///< by key without sign
};

/// What may follow at `cursor`; the words replace the text from `begin` on.
struct FilterCompletion {
    int begin = 0;
    QStringList words;
};
FilterCompletion completeFilter(const FilterWords& words, const QString& text, int cursor);

} // namespace wr::app
