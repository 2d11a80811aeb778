// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/script_editor.h"

#include "ui/theme/theme.h"
#include "ui/widgets/completion_popup.h"
#include "ui/widgets/line_numbers.h"
#include "ui/widgets/script_highlighter.h"

#include <QContextMenuEvent>
#include <QFontDatabase>
#include <QHelpEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolTip>
#include <algorithm>

namespace wr::ui {

ScriptEditor::ScriptEditor(app::Project* project, QWidget* parent)
    : QPlainTextEdit(parent), m_project(project), m_lineNumbers(new LineNumbers(this)),
      m_highlighter(new ScriptHighlighter(document())), m_popup(new CompletionPopup(this)),
      m_hint(new CallHintLabel(this))
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setUndoRedoEnabled(false);
    setTabStopDistance(4 * fontMetrics().horizontalAdvance(u' '));
    setAccessibleName(tr("Model script"));
    setPlaceholderText(tr("Paste or type tf.Variable(…) statements here."));
    connect(document(), &QTextDocument::contentsChange, this, &ScriptEditor::followDocument);
    connect(m_popup, &CompletionPopup::chosen, this, &ScriptEditor::acceptCompletion);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this] {
        m_popup->hide();
        m_hint->hide();
        updateMarks();
    });
    connect(project, &app::Project::textEdited, this, &ScriptEditor::followProject);
    connect(project, &app::Project::textReset, this, &ScriptEditor::reload);
    connect(project, &app::Project::modelChanged, this, [this] {
        m_highlighter->setNames(m_project->pythonNames());
        updateMarks();
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        updateMarks();
        if (m_hint->isVisible())
            updateHint(false);
        emit cursorMoved(textCursor().position());
    });
    connect(this, &QPlainTextEdit::blockCountChanged, this, &ScriptEditor::updateMargin);
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& rect, int dy) {
        if (dy != 0)
            m_lineNumbers->scroll(0, dy);
        else
            m_lineNumbers->update(0, rect.y(), m_lineNumbers->width(), rect.height());
    });
    connect(&Theme::instance(), &Theme::changed, this, &ScriptEditor::updateMarks);
    updateMargin();
    reload();
}

QString ScriptEditor::shownText() const
{
    // Not toPlainText(), which turns no-break spaces into spaces.
    QString text = document()->toRawText();
    text.replace(QChar(QChar::ParagraphSeparator), u'\n');
    return text;
}

/// Hands over what changed at `position`, without looking at the rest of the text.
void ScriptEditor::followDocument(int position, int removed, int added)
{
    if (m_isFollowing || (removed == 0 && added == 0))
        return;
    // The document counts the end of its last line, which is not part of the text.
    const int length = document()->characterCount() - 1;
    const int surplus = std::max(0, position + added - length);
    added -= surplus;
    removed = std::max(0, removed - surplus);
    constexpr int kShort = 4096;
    QString now;
    if (added > kShort) {
        now = shownText().mid(position, added);
    } else {
        now.reserve(added);
        for (int i = position; i < position + added; ++i) {
            const QChar c = document()->characterAt(i);
            now += c == QChar::ParagraphSeparator ? QChar(u'\n') : c;
        }
    }
    QString then;
    {
        const QString script = m_project->script();
        if (script.size() - removed + added != length) {
            followWholeDocument();
            return;
        }
        then = script.mid(position, removed);
    }
    if (now == then)
        return;
    int head = 0;
    while (head < now.size() && head < then.size() && now[head] == then[head])
        ++head;
    int tail = 0;
    while (tail < now.size() - head && tail < then.size() - head &&
           now[now.size() - 1 - tail] == then[then.size() - 1 - tail])
        ++tail;
    m_isFollowing = true;
    m_project->editText(position + head, static_cast<int>(then.size()) - head - tail,
                        now.mid(head, now.size() - head - tail));
    m_isFollowing = false;
}

void ScriptEditor::followWholeDocument()
{
    const QString now = shownText();
    const QString then = m_project->script();
    const qsizetype shorter = std::min(now.size(), then.size());
    qsizetype head = 0;
    while (head < shorter && now[head] == then[head])
        ++head;
    qsizetype tail = 0;
    while (tail < shorter - head && now[now.size() - 1 - tail] == then[then.size() - 1 - tail])
        ++tail;
    const qsizetype removed = then.size() - head - tail;
    const qsizetype added = now.size() - head - tail;
    if (removed == 0 && added == 0)
        return;
    m_isFollowing = true;
    m_project->editText(static_cast<int>(head), static_cast<int>(removed), now.mid(head, added));
    m_isFollowing = false;
}

void ScriptEditor::followProject(int begin, int removed, const QString& inserted)
{
    if (m_isFollowing)
        return;
    m_isFollowing = true;
    const int length = document()->characterCount() - 1;
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    cursor.setPosition(std::clamp(begin, 0, length));
    cursor.setPosition(std::clamp(begin + removed, 0, length), QTextCursor::KeepAnchor);
    cursor.insertText(inserted);
    cursor.endEditBlock();
    m_isFollowing = false;
    if (hasFocus()) {
        setTextCursor(cursor);
        ensureCursorVisible();
    }
    if (document()->characterCount() - 1 != m_project->script().size())
        reload();
}

void ScriptEditor::reload()
{
    m_isFollowing = true;
    const int position = textCursor().position();
    setPlainText(m_project->script());
    QTextCursor cursor = textCursor();
    cursor.setPosition(std::clamp(position, 0, document()->characterCount() - 1));
    setTextCursor(cursor);
    m_isFollowing = false;
    updateMarks();
}

void ScriptEditor::keyPressEvent(QKeyEvent* event)
{
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

void ScriptEditor::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu* menu = createStandardContextMenu();
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (const app::Problem* problem = fixAtCursor()) {
        QAction* first = menu->actions().isEmpty() ? nullptr : menu->actions().first();
        auto* fix = new QAction(tr("Fix: %1").arg(problem->fixLabel), menu);
        fix->setShortcut(QKeySequence(QStringLiteral("Ctrl+.")));
        connect(fix, &QAction::triggered, this, &ScriptEditor::fixHere);
        menu->insertAction(first, fix);
        menu->insertSeparator(first);
    }
    menu->addSeparator();
    const auto add = [&](const QString& text, const char* keys, auto function) {
        QAction* action = menu->addAction(text, this, function);
        action->setShortcut(QKeySequence(QLatin1String(keys)));
    };
    add(tr("Complete"), "Ctrl+Space", [this] { offerCompletion(true); });
    add(tr("Show parameters"), "Ctrl+Shift+Space", [this] { updateHint(true); });
    add(tr("Comment or uncomment"), "Ctrl+/", [this] { toggleComment(); });
    menu->popup(event->globalPos());
}

bool ScriptEditor::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QPoint inViewport = viewport()->mapFrom(this, help->pos());
        const app::Problem* problem = problemAt(cursorForPosition(inViewport).position());
        if (problem != nullptr) {
            const QString fix =
                problem->fixLabel.isEmpty() ? QString() : tr("\nCtrl+. : %1").arg(problem->fixLabel);
            QToolTip::showText(help->globalPos(), problem->message + fix, this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QPlainTextEdit::event(event);
}

const app::Problem* ScriptEditor::problemAt(int offset) const
{
    for (const app::Problem& problem : m_project->problems()) {
        if (offset >= problem.begin && offset <= std::max(problem.end, problem.begin + 1))
            return &problem;
    }
    return nullptr;
}

const app::Problem* ScriptEditor::fixAtCursor() const
{
    const int line = textCursor().blockNumber() + 1;
    for (const app::Problem& problem : m_project->problems()) {
        if (problem.line == line && !problem.fixLabel.isEmpty())
            return &problem;
    }
    return nullptr;
}

bool ScriptEditor::fixHere()
{
    const app::Problem* problem = fixAtCursor();
    if (problem == nullptr)
        return false;
    const app::Explanation explanation = m_project->applyFix(app::Problem(*problem));
    if (!explanation.isEmpty())
        emit refused(explanation);
    return explanation.isEmpty();
}

void ScriptEditor::showStatement(int begin, int end)
{
    m_statementBegin = begin;
    m_statementEnd = end;
    updateMarks();
    const QTextBlock block = document()->findBlock(begin);
    const int line = block.blockNumber();
    const int first = firstVisibleBlock().blockNumber();
    const int visible = viewport()->height() / std::max(1, fontMetrics().lineSpacing());
    if (begin >= 0 && block.isValid() && (line < first || line >= first + visible))
        verticalScrollBar()->setValue(std::max(0, line - visible / 3));
}

void ScriptEditor::jumpTo(int offset)
{
    QTextCursor cursor = textCursor();
    cursor.setPosition(std::clamp(offset, 0, document()->characterCount() - 1));
    setTextCursor(cursor);
    centerCursor();
    setFocus();
}

void ScriptEditor::updateMarks()
{
    const Colours& colours = Theme::instance().colours();
    const int length = document()->characterCount() - 1;
    QList<QTextEdit::ExtraSelection> marks;
    const auto add = [&](int begin, int end) -> QTextCharFormat& {
        QTextEdit::ExtraSelection mark;
        mark.cursor = QTextCursor(document());
        mark.cursor.setPosition(std::clamp(begin, 0, length));
        mark.cursor.setPosition(std::clamp(end, 0, length), QTextCursor::KeepAnchor);
        marks.append(mark);
        return marks.last().format;
    };
    {
        QTextCharFormat& format = add(textCursor().position(), textCursor().position());
        format.setBackground(colours.currentLine);
        format.setProperty(QTextFormat::FullWidthSelection, true);
    }
    if (m_statementBegin >= 0)
        add(m_statementBegin, m_statementEnd).setBackground(colours.infoFill);
    markBrackets(marks);
    // Only what is in view: scripts can have thousands of problems.
    const QTextBlock top = firstVisibleBlock();
    const int first = top.position();
    const int lines = viewport()->height() / std::max(1, fontMetrics().lineSpacing()) + 2;
    const QTextBlock bottom =
        document()->findBlockByNumber(std::min(top.blockNumber() + lines, document()->blockCount() - 1));
    const int last = bottom.isValid() ? bottom.position() + bottom.length() : length;
    for (const app::Problem& problem : m_project->problems()) {
        if (problem.begin > last || std::max(problem.end, problem.begin + 1) < first)
            continue;
        QTextCharFormat& format = add(problem.begin, std::max(problem.end, problem.begin + 1));
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        const bool isError = problem.severity == app::Problem::Severity::Error;
        const bool isWarning = problem.severity == app::Problem::Severity::Warning;
        format.setUnderlineColor(isError ? colours.bad : isWarning ? colours.warning : colours.accent);
    }
    setExtraSelections(marks);
}

/// The bracket at the cursor and its partner; both in the colour of errors where there is none.
void ScriptEditor::markBrackets(QList<QTextEdit::ExtraSelection>& marks) const
{
    constexpr int kMostLines = 500;
    const QString openings = QStringLiteral("([{");
    const QString closings = QStringLiteral(")]}");
    const auto isQuiet = [](const QTextBlock& block, int column) {
        for (const QTextLayout::FormatRange& range : block.layout()->formats()) {
            if (column >= range.start && column < range.start + range.length)
                return range.format.hasProperty(ScriptHighlighter::kQuietProperty);
        }
        return false;
    };
    const QTextCursor cursor = textCursor();
    const QTextBlock home = cursor.block();
    const QString text = home.text();
    int column = cursor.positionInBlock() - 1;
    const auto isBracket = [&](int at) {
        return at >= 0 && at < text.size() && (openings.contains(text[at]) || closings.contains(text[at])) &&
               !isQuiet(home, at);
    };
    if (!isBracket(column))
        ++column;
    if (!isBracket(column))
        return;
    const bool isForward = openings.contains(text[column]);
    int depth = 0;
    int partner = -1;
    QTextBlock block = home;
    int at = column;
    for (int line = 0; block.isValid() && line < kMostLines && partner < 0; ++line) {
        const QString here = block.text();
        for (; at >= 0 && at < here.size(); at += isForward ? 1 : -1) {
            const bool opens = openings.contains(here[at]);
            if ((!opens && !closings.contains(here[at])) || isQuiet(block, at))
                continue;
            depth += opens == isForward ? 1 : -1;
            if (depth == 0) {
                partner = block.position() + at;
                break;
            }
        }
        block = isForward ? block.next() : block.previous();
        at = isForward || !block.isValid() ? 0 : static_cast<int>(block.text().size()) - 1;
    }
    const Colours& colours = Theme::instance().colours();
    for (const int place : {home.position() + column, partner}) {
        if (place < 0)
            continue;
        QTextEdit::ExtraSelection mark;
        mark.cursor = QTextCursor(document());
        mark.cursor.setPosition(place);
        mark.cursor.setPosition(place + 1, QTextCursor::KeepAnchor);
        mark.format.setBackground(partner < 0 ? colours.badFill : colours.selection);
        marks.append(mark);
    }
}

int ScriptEditor::marginWidth() const
{
    const auto digits = static_cast<int>(QString::number(std::max(99, blockCount())).size());
    return 16 + fontMetrics().horizontalAdvance(u'9') * digits;
}

void ScriptEditor::updateMargin()
{
    setViewportMargins(marginWidth() + 4, 0, 0, 0);
}

void ScriptEditor::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    const QRect inner = contentsRect();
    m_lineNumbers->setGeometry(inner.left(), inner.top(), marginWidth(), inner.height());
}

void ScriptEditor::paintLineNumbers(QPaintEvent* event)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(m_lineNumbers);
    painter.fillRect(event->rect(), colours.window);
    painter.setFont(font());
    QTextBlock block = firstVisibleBlock();
    qreal top = blockBoundingGeometry(block).translated(contentOffset()).top();
    while (block.isValid() && top <= event->rect().bottom()) {
        const qreal height = blockBoundingRect(block).height();
        const bool isCurrent = block == textCursor().block();
        painter.setPen(isCurrent ? colours.text : colours.muted);
        painter.drawText(QRectF(0, top, m_lineNumbers->width() - 8, height),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(block.blockNumber() + 1));
        top += height;
        block = block.next();
    }
}

} // namespace wr::ui
