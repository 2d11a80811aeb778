// SPDX-License-Identifier: GPL-3.0-or-later
// The filter language of the variable table: plain text, re:, shape:[*,200], ndim>=2, bytes>1M, dtype:, dev:,
// state:, trainable:, scope:, is:, with "and", "or", "not" and parentheses. Parsed once, asked for every row.
// Values; any thread.
#pragma once

#include "app/document/variable_row.h"

#include <QString>
#include <QStringList>
#include <memory>

namespace wr::app {

class VariableFilter {
public:
    VariableFilter(); ///< accepts everything
    /// Any text gives a filter; one that is wrong has a problem() and accepts what the text accepted that was
    /// right of it: nothing is hidden by a typing error.
    explicit VariableFilter(const QString& text);
    ~VariableFilter();
    VariableFilter(const VariableFilter&) = default;
    VariableFilter& operator=(const VariableFilter&) = default;

    struct Problem {
        int begin = 0; ///< place in the text
        int length = 0;
        QString message; ///< empty: none
    };
    const Problem& problem() const { return m_problem; }
    bool isValid() const { return m_problem.message.isEmpty(); }
    bool isEmpty() const { return m_node == nullptr; } ///< accepts everything
    /// Whether the answer depends on the run, so that it has to be asked again when values come and go.
    bool asksForState() const { return m_asksForState; }
    bool accepts(const VariableRow& row, VariableLife life) const;

    /// What may follow at `cursor`: keys of the language, or values of the key at hand; they replace the text
    /// from `begin` on.
    struct Completion {
        int begin = 0;
        QStringList words;
    };
    static Completion complete(const QString& text, int cursor);
    /// `text` as one term that means just this text, quoted where needed.
    static QString quoted(const QString& text);

    struct Node; ///< of the parsed expression

private:
    std::shared_ptr<const Node> m_node;
    Problem m_problem;
    bool m_asksForState = false;
};

} // namespace wr::app
