// SPDX-License-Identifier: GPL-3.0-or-later
// Colours the words of a script: comments, strings, numbers, keywords, calls of tf and wr. By simple rules of
// its own, line by line; the parser's findings are shown apart. UI thread.
#pragma once

#include <QSyntaxHighlighter>

namespace wr::ui {

class ScriptHighlighter : public QSyntaxHighlighter {
    Q_OBJECT
public:
    explicit ScriptHighlighter(QTextDocument* document);

protected:
    void highlightBlock(const QString& text) override;
};

} // namespace wr::ui
