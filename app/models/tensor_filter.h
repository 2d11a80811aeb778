// SPDX-License-Identifier: GPL-3.0-or-later
// The filter language of a checkpoint's tensors: plain text, re:, shape:[*,200], ndim>=2, bytes>1M,
// params>=1k, dtype:, scope:, is:nonfinite, and numbers of the stored statistics: nan>0, zero>0.5,
// absmax<1e-3. Values; any thread.
#pragma once

#include "app/models/filter_tree.h"

#include <QVector>
#include <functional>
#include <string>
#include <vector>

namespace wr::app {

class CheckpointFile;

class TensorFilter {
public:
    TensorFilter() = default; ///< accepts everything
    /// As FilterTree: what is wrong accepts everything.
    explicit TensorFilter(const QString& text);

    const FilterTree::Problem& problem() const { return m_tree.problem(); }
    bool isEmpty() const { return m_tree.isEmpty(); }
    bool accepts(const CheckpointFile& file, int tensor) const;
    /// The tensors that it accepts, in order; `goesOn` is asked now and then, false gives an empty list.
    QVector<int> apply(const CheckpointFile& file, const std::function<bool()>& goesOn) const;

    static const FilterWords& words();

private:
    using Test = std::function<bool(const CheckpointFile&, int)>;
    FilterTree::TermProblem read(const FilterToken& token);
    Test plain(const QString& text);

    std::vector<Test> m_terms;
    std::string m_onlyName; ///< folded; not empty where the first term is just a part of a name
    FilterTree m_tree;
};

} // namespace wr::app
