// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/script_editor.h"

#include "ui/theme/theme.h"
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
    : QPlainTextEdit(parent), m_project(project), m_lineNumbers(new LineNumbers(this))
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setUndoRedoEnabled(false);
    setTabStopDistance(4 * fontMetrics().horizontalAdvance(u' '));
    setAccessibleName(tr("Model script"));
    setPlaceholderText(tr("Paste or type tf.Variable(…) statements here."));
    new ScriptHighlighter(document());

    connect(document(), &QTextDocument::contentsChange, this, [this](int, int removed, int added) {
        if (removed != 0 || added != 0)
            followDocument();
    });
    connect(project, &app::Project::textEdited, this, &ScriptEditor::followProject);
    connect(project, &app::Project::textReset, this, &ScriptEditor::reload);
    connect(project, &app::Project::modelChanged, this, &ScriptEditor::updateMarks);
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        updateMarks();
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

void ScriptEditor::followDocument()
{
    if (m_isFollowing)
        return;
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
    if (shownText() != m_project->script())
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
    if (event->matches(QKeySequence::Undo)) {
        m_project->undo();
    } else if (event->matches(QKeySequence::Redo) ||
               (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_Y)) {
        m_project->redo();
    } else if (event->key() == Qt::Key_Tab && event->modifiers() == Qt::NoModifier) {
        insertPlainText(QStringLiteral("    "));
    } else if (event->key() == Qt::Key_Backtab) {
        focusNextPrevChild(false);
    } else {
        QPlainTextEdit::keyPressEvent(event);
    }
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
    for (const app::Problem& problem : m_project->problems()) {
        QTextCharFormat& format = add(problem.begin, std::max(problem.end, problem.begin + 1));
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        const bool isError = problem.severity == app::Problem::Severity::Error;
        const bool isWarning = problem.severity == app::Problem::Severity::Warning;
        format.setUnderlineColor(isError ? colours.bad : isWarning ? colours.warning : colours.accent);
    }
    setExtraSelections(marks);
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
