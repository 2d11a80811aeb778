// SPDX-License-Identifier: GPL-3.0-or-later
// What keys do in the script editor: completion, parameters, indentation, comments.
#include "ui/widgets/completion_popup.h"
#include "ui/widgets/script_editor.h"

#include <QKeyEvent>
#include <QTextBlock>
#include <algorithm>

namespace wr::ui {

void ScriptEditor::keyPressEvent(QKeyEvent* event)
{
    if (isReadOnly()) {
        QPlainTextEdit::keyPressEvent(event);
        return;
    }
    if (m_popup->isVisible() && takePopupKey(event))
        return;
    const bool isPlain = (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == 0;
    const bool isReturn = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::ControlModifier) {
        offerCompletion(true);
    } else if (event->key() == Qt::Key_Space &&
               event->modifiers() == (Qt::ControlModifier | Qt::ShiftModifier)) {
        updateHint(true);
    } else if (event->key() == Qt::Key_Slash && event->modifiers() == Qt::ControlModifier) {
        toggleComment();
    } else if (event->key() == Qt::Key_Escape && m_hint->isVisible()) {
        m_hint->hide();
    } else if (event->matches(QKeySequence::Undo)) {
        m_project->undo();
    } else if (event->matches(QKeySequence::Redo) ||
               (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_Y)) {
        m_project->redo();
    } else if (event->key() == Qt::Key_Tab && event->modifiers() == Qt::NoModifier) {
        if (textCursor().hasSelection())
            indentLines(false);
        else
            insertPlainText(QStringLiteral("    "));
    } else if (event->key() == Qt::Key_Backtab) {
        if (textCursor().hasSelection())
            indentLines(true);
        else
            focusNextPrevChild(false);
    } else if (isReturn && isPlain) {
        breakLine();
    } else if (event->key() == Qt::Key_Backspace && event->modifiers() == Qt::NoModifier && stepBack()) {
        return;
    } else if (event->text() == QLatin1String(")") && !m_closing.isNull() &&
               m_closing.position() == textCursor().position() &&
               document()->characterAt(m_closing.position()) == u')') {
        moveCursor(QTextCursor::Right);
        m_closing = {};
        updateHint(false);
    } else {
        QPlainTextEdit::keyPressEvent(event);
        afterTyping(isPlain ? event->text() : QString());
        if (event->key() == Qt::Key_Backspace && m_popup->isVisible())
            offerCompletion(false);
    }
}

bool ScriptEditor::takePopupKey(const QKeyEvent* event)
{
    constexpr int kPage = 8;
    switch (event->key()) {
    case Qt::Key_Down:
        m_popup->moveBy(1);
        return true;
    case Qt::Key_Up:
        m_popup->moveBy(-1);
        return true;
    case Qt::Key_PageDown:
        m_popup->moveBy(kPage);
        return true;
    case Qt::Key_PageUp:
        m_popup->moveBy(-kPage);
        return true;
    case Qt::Key_Escape:
        m_popup->hide();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Tab:
        if (event->modifiers() == Qt::NoModifier && m_popup->hasChoice()) {
            acceptCompletion();
            return true;
        }
        m_popup->hide();
        return false;
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
    case Qt::Key_Space:
        m_popup->hide();
        return false;
    default:
        return false;
    }
}

/// Opens, narrows or closes the list after a character, and shows the parameters after "(" and ",".
void ScriptEditor::afterTyping(const QString& typed)
{
    if (typed.size() != 1 || !typed[0].isPrint())
        return;
    const QChar c = typed[0];
    const bool isWord = c.isLetterOrNumber() || c == u'_';
    const QString line = textCursor().block().text().left(textCursor().positionInBlock());
    qsizetype begin = line.size();
    while (begin > 0 &&
           (line[begin - 1].isLetterOrNumber() || line[begin - 1] == u'_' || line[begin - 1] == u'.'))
        --begin;
    const QStringView word = QStringView(line).mid(begin);
    const bool isModule = word.startsWith(QLatin1String("tf.")) || word.startsWith(QLatin1String("wr."));
    const bool opens =
        c == u'.' || c == u'(' || c == u'"' || c == u'\'' || (isWord && isModule) ||
        (c == u'=' && (line.endsWith(QLatin1String("name=")) || line.endsWith(QLatin1String("dtype=")))) ||
        (c == u'/' && word.isEmpty());
    if (!isWord)
        m_popup->hide(); // a new word begins
    if (opens || (m_popup->isVisible() && isWord))
        offerCompletion(false);
    else
        m_popup->hide();
    if (c == u'(' || c == u',' || m_hint->isVisible())
        updateHint(c == u'(' || c == u',');
}

QRect ScriptEditor::rectangleAt(int offset) const
{
    QTextCursor cursor(document());
    cursor.setPosition(std::clamp(offset, 0, document()->characterCount() - 1));
    const QRect rectangle = cursorRect(cursor);
    return {viewport()->mapToGlobal(rectangle.topLeft()), rectangle.size()};
}

void ScriptEditor::offerCompletion(bool isAsked)
{
    const int cursor = textCursor().position();
    const app::Completion completion =
        app::completeScript(m_project->script(), cursor, m_devices, isAsked || m_popup->isVisible());
    if (completion.items.isEmpty() || isReadOnly()) {
        m_popup->hide();
        return;
    }
    // Enter after a bare "(" means a new line, unless an arrow key chose something.
    m_popup->offer(completion, rectangleAt(completion.begin), isAsked || completion.begin < cursor);
}

void ScriptEditor::acceptCompletion()
{
    const app::CompletionItem item = m_popup->choice();
    const app::Completion& completion = m_popup->completion();
    m_popup->hide();
    QTextCursor cursor = textCursor();
    cursor.setPosition(completion.begin);
    cursor.setPosition(std::max(completion.end, textCursor().position()), QTextCursor::KeepAnchor);
    QString text = item.insert;
    int back = item.cursorBack;
    // "tf.zeros" before a "(" that is there already.
    const int end = cursor.selectionEnd();
    if (text.endsWith(QLatin1String("()")) && document()->characterAt(end) == u'(') {
        text.chop(2);
        back = 0;
    }
    cursor.insertText(text);
    cursor.movePosition(QTextCursor::Left, QTextCursor::MoveAnchor, back);
    setTextCursor(cursor);
    m_closing = back == 1 && text.endsWith(u')') ? textCursor() : QTextCursor();
    if (back > 0)
        updateHint(true);
}

void ScriptEditor::updateHint(bool isAsked)
{
    const app::CallHint hint = app::callAt(m_project->script(), textCursor().position());
    if (hint.function.isEmpty() || hint.parameters.isEmpty() || (!isAsked && !m_hint->isVisible())) {
        m_hint->hide();
        return;
    }
    // Above the line of the cursor, where the list below does not cover it.
    QRect place = rectangleAt(textCursor().position());
    const QRect call = rectangleAt(hint.begin);
    if (call.top() == place.top())
        place.moveLeft(call.left());
    m_hint->show(hint, place);
}

void ScriptEditor::focusOutEvent(QFocusEvent* event)
{
    m_popup->hide();
    m_hint->hide();
    QPlainTextEdit::focusOutEvent(event);
}

/// A new line begins where this one does, and further in after a colon.
void ScriptEditor::breakLine()
{
    m_popup->hide();
    QTextCursor cursor = textCursor();
    const QString before = cursor.block().text().left(cursor.positionInBlock());
    qsizetype indent = 0;
    while (indent < before.size() && (before[indent] == u' ' || before[indent] == u'\t'))
        ++indent;
    QString fresh = before.left(indent);
    const QString code =
        before.left(before.indexOf(u'#') < 0 ? before.size() : before.indexOf(u'#')).trimmed();
    if (code.endsWith(u':'))
        fresh += fresh.contains(u'\t') ? QStringLiteral("\t") : QStringLiteral("    ");
    cursor.insertText(u'\n' + fresh);
    setTextCursor(cursor);
    ensureCursorVisible();
}

bool ScriptEditor::stepBack()
{
    QTextCursor cursor = textCursor();
    const int column = cursor.positionInBlock();
    const QString before = cursor.block().text().left(column);
    if (cursor.hasSelection() || column < 2 || before.count(u' ') != before.size())
        return false;
    const int step = column % 4 == 0 ? 4 : column % 4;
    cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor, step);
    cursor.removeSelectedText();
    return true;
}

void ScriptEditor::indentLines(bool isOut)
{
    QTextCursor cursor = textCursor();
    const int first = document()->findBlock(cursor.selectionStart()).blockNumber();
    const int end = std::max(cursor.selectionStart(), cursor.selectionEnd() - 1);
    const int last = document()->findBlock(end).blockNumber();
    cursor.beginEditBlock();
    for (int line = first; line <= last; ++line) {
        const QTextBlock block = document()->findBlockByNumber(line);
        QTextCursor edit(block);
        if (isOut) {
            int spaces = 0;
            while (spaces < 4 && spaces < block.text().size() && block.text()[spaces] == u' ')
                ++spaces;
            edit.movePosition(QTextCursor::Right, QTextCursor::KeepAnchor, spaces);
            edit.removeSelectedText();
        } else if (!block.text().isEmpty()) {
            edit.insertText(QStringLiteral("    "));
        }
    }
    cursor.endEditBlock();
}

void ScriptEditor::toggleComment()
{
    if (isReadOnly())
        return;
    QTextCursor cursor = textCursor();
    const int first = document()->findBlock(cursor.selectionStart()).blockNumber();
    const int end =
        std::max(cursor.selectionStart(), cursor.selectionEnd() - (cursor.hasSelection() ? 1 : 0));
    const int last = document()->findBlock(end).blockNumber();
    const auto indentOf = [](const QString& text) {
        int indent = 0;
        while (indent < text.size() && (text[indent] == u' ' || text[indent] == u'\t'))
            ++indent;
        return indent;
    };
    bool isComment = true;
    int least = -1;
    for (int line = first; line <= last; ++line) {
        const QString text = document()->findBlockByNumber(line).text();
        const int indent = indentOf(text);
        if (indent == text.size())
            continue;
        isComment = isComment && text[indent] == u'#';
        least = least < 0 ? indent : std::min(least, indent);
    }
    if (least < 0)
        return;
    cursor.beginEditBlock();
    for (int line = first; line <= last; ++line) {
        const QTextBlock block = document()->findBlockByNumber(line);
        const QString text = block.text();
        const int indent = indentOf(text);
        if (indent == text.size())
            continue;
        QTextCursor edit(block);
        if (isComment) {
            edit.setPosition(block.position() + indent);
            const bool hasSpace = indent + 1 < text.size() && text[indent + 1] == u' ';
            edit.movePosition(QTextCursor::Right, QTextCursor::KeepAnchor, hasSpace ? 2 : 1);
            edit.removeSelectedText();
        } else {
            edit.setPosition(block.position() + least);
            edit.insertText(QStringLiteral("# "));
        }
    }
    cursor.endEditBlock();
}

} // namespace wr::ui
