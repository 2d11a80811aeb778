// SPDX-License-Identifier: GPL-3.0-or-later
// What the script editor shows beside the cursor: the list of what may be written there, and the parameters
// of the call at hand. Neither takes the focus; the editor hands keys on. UI thread.
#pragma once

#include "app/document/script_completion.h"

#include <QFrame>

class QLabel;
class QListWidget;

namespace wr::ui {

class CompletionPopup : public QFrame {
    Q_OBJECT
public:
    explicit CompletionPopup(QWidget* editor);

    /// Shows the items under `word`, a rectangle in global coordinates, or above where there is no room.
    /// `selects`: the first one is taken by Enter; otherwise an arrow key has to choose first.
    void offer(const app::Completion& completion, const QRect& word, bool selects);
    /// Moves the choice by rows; wraps at both ends.
    void moveBy(int rows);
    bool hasChoice() const;
    app::CompletionItem choice() const;
    const app::Completion& completion() const { return m_completion; }
    QListWidget* list() const { return m_list; }

signals:
    void chosen(); ///< by a click

private:
    void showNote();
    void place();

    app::Completion m_completion;
    QRect m_word;
    QListWidget* m_list;
    QLabel* m_note;
};

class CallHintLabel : public QFrame {
    Q_OBJECT
public:
    explicit CallHintLabel(QWidget* editor);
    /// Shows the parameters above `place`, in global coordinates.
    void show(const app::CallHint& hint, const QRect& place);
    QString text() const;

private:
    QLabel* m_label;
};

} // namespace wr::ui
