// SPDX-License-Identifier: GPL-3.0-or-later
// Single terms of the filter language: what "shape:[*,200]", "bytes>1M" or plain text asks of a row. Values;
// any thread. A term that is wrong has a problem and accepts every row.
#pragma once

#include "app/document/variable_row.h"

#include <QString>
#include <functional>

namespace wr::app {

struct FilterTerm {
    std::function<bool(const VariableRow&, VariableLife)> test; ///< never empty
    QString problem;                                            ///< empty: none
    int begin = 0;                                              ///< of what is wrong, within the word
    int length = -1;                                            ///< −1: all of it
    bool asksForState = false;
};

/// Whether any column that can be read contains the text.
FilterTerm plainTerm(const QString& text);
FilterTerm readTerm(const QString& word);

} // namespace wr::app
