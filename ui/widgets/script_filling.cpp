// SPDX-License-Identifier: GPL-3.0-or-later
// How another text comes into the editor: at once when it is short, else in slices between which the window
// paints and listens.
#include "ui/widgets/script_editor.h"

#include <QElapsedTimer>
#include <QScrollBar>
#include <algorithm>
#include <utility>

namespace wr::ui {

void ScriptEditor::reload(bool isOther)
{
    if (isOther) {
        m_keptCursor = 0;
        m_keptTop = 0;
    } else if (!isFilling()) {
        m_keptCursor = textCursor().position();
        m_keptTop = verticalScrollBar()->value();
    }
    const QString text = m_project->script();
    const bool isLong = text.size() > kSlice || document()->characterCount() > kSlice;
    m_isFollowing = true;
    m_filled = 0;
    if (isLong) { // even emptying takes a while, so that comes later, too
        setReadOnly(true);
        m_isFollowing = false;
        m_fill.start();
        return;
    }
    setPlainText(text);
    m_filled = static_cast<int>(text.size());
    m_isFollowing = false;
    finishFilling();
}

void ScriptEditor::fillOn()
{
    constexpr qint64 kMilliseconds = 8;
    constexpr int kPart = 4 * 1024;
    QElapsedTimer timer;
    timer.start();
    const QString text = m_project->script();
    const auto size = static_cast<int>(text.size());
    m_isFollowing = true;
    if (m_filled == 0)
        setPlainText({});
    while (m_filled < size && timer.elapsed() < kMilliseconds) {
        // Whole lines, so that each is coloured once.
        const auto end = static_cast<int>(text.indexOf(u'\n', std::min(m_filled + kPart, size)));
        const int next = end < 0 ? size : end + 1;
        QTextCursor cursor(document());
        cursor.movePosition(QTextCursor::End);
        cursor.insertText(text.mid(m_filled, next - m_filled));
        m_filled = next;
    }
    m_isFollowing = false;
    if (m_filled >= size)
        finishFilling();
}

void ScriptEditor::finishFilling()
{
    m_fill.stop();
    setReadOnly(false);
    QTextCursor cursor = textCursor();
    cursor.setPosition(std::clamp(m_keptCursor, 0, document()->characterCount() - 1));
    setTextCursor(cursor);
    verticalScrollBar()->setValue(m_keptTop);
    m_marking.start();
    if (m_wanted >= 0)
        jumpTo(std::exchange(m_wanted, -1));
    if (std::exchange(m_isDue, false))
        showStatement(m_statementBegin, m_statementEnd);
}

} // namespace wr::ui
