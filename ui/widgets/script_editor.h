// SPDX-License-Identifier: GPL-3.0-or-later
// The text of the project, with line numbers, colours, and marks under problems. It shows Project::script()
// and hands every keystroke to it; undo and redo are the project's, so that they cover the table's edits too.
// UI thread.
#pragma once

#include "app/document/project.h"

#include <QPlainTextEdit>

namespace wr::ui {

class LineNumbers;

class ScriptEditor : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit ScriptEditor(app::Project* project, QWidget* parent = nullptr);

    /// Marks a statement and brings it into view without moving the cursor.
    void showStatement(int begin, int end);
    void jumpTo(int offset);
    /// Applies the fix on offer at the cursor's line; false when there is none.
    bool fixHere();

signals:
    void cursorMoved(int offset);
    void refused(const wr::app::Explanation& explanation);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    friend class LineNumbers;
    void followDocument();
    void followProject(int begin, int removed, const QString& inserted);
    void reload();
    void updateMarks();
    void updateMargin();
    void paintLineNumbers(QPaintEvent* event);
    int marginWidth() const;
    QString shownText() const;
    const app::Problem* problemAt(int offset) const;
    const app::Problem* fixAtCursor() const;

    app::Project* m_project;
    LineNumbers* m_lineNumbers;
    bool m_isFollowing = false;
    int m_statementBegin = -1;
    int m_statementEnd = -1;
};

} // namespace wr::ui
