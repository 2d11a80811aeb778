// SPDX-License-Identifier: GPL-3.0-or-later
// The text of the project, with line numbers, colours, marks under problems, and completion beside the
// cursor. It shows Project::script() and hands every keystroke to it; undo and redo are the project's, so
// that they cover the table's edits too. A long text comes in slices, and cannot be typed into until all of
// it is there. UI thread.
#pragma once

#include "app/document/project.h"

#include <QPlainTextEdit>
#include <QTimer>

namespace wr::ui {

class CallHintLabel;
class CompletionPopup;
class LineNumbers;
class ScriptHighlighter;

class ScriptEditor : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit ScriptEditor(app::Project* project, QWidget* parent = nullptr);

    /// Marks a statement and brings it into view without moving the cursor.
    void showStatement(int begin, int end);
    void jumpTo(int offset);
    /// Applies the fix on offer at the cursor's line; false when there is none.
    bool fixHere();
    /// Devices to offer inside tf.device("…"), beside those of the script.
    void setDevices(const QStringList& devices) { m_devices = devices; }
    /// Offers what may be written at the cursor; `isAsked` as for completeScript().
    void offerCompletion(bool isAsked);
    void toggleComment(); ///< of the lines of the selection
    CompletionPopup* popup() const { return m_popup; }
    CallHintLabel* hint() const { return m_hint; }
    ScriptHighlighter* highlighter() const { return m_highlighter; }
    bool isFilling() const { return m_fill.isActive(); } ///< the rest of the text is still to come

signals:
    void cursorMoved(int offset);
    void refused(const wr::app::Explanation& explanation);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    friend class LineNumbers;
    void followDocument(int position, int removed, int added);
    void followWholeDocument();
    void followProject(int begin, int removed, const QString& inserted);
    static constexpr int kSlice = 32 * 1024; ///< characters that go in at once
    void reload(bool isOther = false);
    void fillOn();
    void finishFilling();
    void updateMarks();
    void markBrackets(QList<QTextEdit::ExtraSelection>& marks) const;
    bool takePopupKey(const QKeyEvent* event);
    void acceptCompletion();
    void afterTyping(const QString& typed);
    void updateHint(bool isAsked);
    void breakLine();
    bool stepBack(); ///< Backspace within the indentation; false: nothing special
    void indentLines(bool isOut);
    QRect rectangleAt(int offset) const; ///< global
    void updateMargin();
    void paintLineNumbers(QPaintEvent* event);
    int marginWidth() const;
    QString shownText() const;
    const app::Problem* problemAt(int offset) const;
    const app::Problem* fixAtCursor() const;

    app::Project* m_project;
    LineNumbers* m_lineNumbers;
    ScriptHighlighter* m_highlighter;
    CompletionPopup* m_popup;
    CallHintLabel* m_hint;
    QStringList m_devices;
    QTextCursor m_closing; ///< before the ")" that a completion wrote; typing it again steps over
    bool m_isFollowing = false;
    QTimer m_fill;
    QTimer m_marking;     ///< of marks that are due
    int m_filled = 0;     ///< characters that are there
    int m_keptCursor = 0; ///< when the text is there
    int m_keptTop = 0;    ///< the first line in view
    int m_wanted = -1;    ///< a place to jump to then
    bool m_isDue = false; ///< the statement is to be brought into view then
    int m_statementBegin = -1;
    int m_statementEnd = -1;
};

} // namespace wr::ui
