// SPDX-License-Identifier: GPL-3.0-or-later
// The filter language of the variable table: plain text, re:, shape:[*,200], ndim>=2, bytes>1M, dtype:, dev:,
// state:, trainable:, scope:, is:, with "and", "or", "not" and parentheses. Parsed once, asked for every row.
// Values; any thread.
#pragma once

#include "app/document/variable_row.h"
#include "app/models/filter_tree.h"

#include <functional>
#include <vector>

namespace wr::app {

class VariableFilter {
public:
    VariableFilter() = default; ///< accepts everything
    /// As FilterTree: what is wrong accepts everything.
    explicit VariableFilter(const QString& text);

    const FilterTree::Problem& problem() const { return m_tree.problem(); }
    bool isValid() const { return problem().message.isEmpty(); }
    bool isEmpty() const { return m_tree.isEmpty(); } ///< accepts everything
    /// Whether the answer depends on the run, so that it has to be asked again when values come and go.
    bool asksForState() const { return m_asksForState; }
    bool accepts(const VariableRow& row, VariableLife life) const;

    /// What may be written.
    static const FilterWords& words();
    /// `text` as one term that means just this text, quoted where needed.
    static QString quoted(const QString& text);

private:
    std::vector<std::function<bool(const VariableRow&, VariableLife)>> m_terms;
    bool m_asksForState = false;
    FilterTree m_tree;
};

} // namespace wr::app
