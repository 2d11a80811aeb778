// SPDX-License-Identifier: GPL-3.0-or-later
// The undo history of a text: steps of edits that are applied and taken back together, each with a label.
// Knows nothing of where the text lives. Typing grows the last step until the word ends. One thread.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

namespace wr::app {

/// At `begin` (UTF-16), `removed` became `inserted`.
struct TextChange {
    int begin = 0;
    QString removed;
    QString inserted;

    TextChange inverted() const { return {begin, inserted, removed}; }
};

class TextHistory {
public:
    /// Remembers changes that have been made, in the order in which they were made. An empty label means
    /// typing: one character next to the last one joins its step, until a new word or line begins.
    void push(QVector<TextChange> changes, const QString& label);
    /// Forgets everything; the text as it is counts as saved.
    void clear();

    bool canUndo() const { return m_done > 0; }
    bool canRedo() const { return m_done < m_steps.size(); }
    QString undoLabel() const; ///< empty when there is nothing to undo
    QString redoLabel() const;
    /// The changes to make, in order, to undo or redo one step; the history counts them as made.
    QVector<TextChange> undo();
    QVector<TextChange> redo();

    bool isClean() const { return m_clean == m_done; }
    /// Of the steps that were made since the text was saved, oldest first; all, where that cannot be reached
    /// any more. Empty for typing.
    QStringList unsavedLabels() const;
    void setClean();
    /// The next change starts a step of its own.
    void seal() { m_sealed = true; }

private:
    struct Step {
        QVector<TextChange> changes;
        QString label;
    };
    bool joins(const TextChange& change) const;

    QVector<Step> m_steps;
    qsizetype m_done = 0;
    qsizetype m_clean = 0; ///< −1: the saved text cannot be reached any more
    bool m_sealed = true;
};

} // namespace wr::app
