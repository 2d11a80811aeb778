// SPDX-License-Identifier: GPL-3.0-or-later
// Finding text in an editor: a bar in its upper right corner that Ctrl+F opens and Escape closes. Enter and
// F3 go to the next match, with Shift to the one before; the search wraps around. UI thread.
#pragma once

#include <QFrame>

class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace wr::ui {

class FindBar : public QFrame {
    Q_OBJECT
public:
    explicit FindBar(QPlainTextEdit* editor); ///< which owns it

    /// Shows the bar; what is selected, if it is part of one line, is looked for.
    void open();
    QLineEdit* field() const { return m_field; }
    QString matchText() const; ///< "2 of 9", or that there is none

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void close();
    /// From the cursor on; `isTyping` keeps a match that still is one.
    void find(bool isBack, bool isTyping = false);
    void count();
    void place();

    QPlainTextEdit* m_editor;
    QLineEdit* m_field;
    QLabel* m_matches;
};

} // namespace wr::ui
