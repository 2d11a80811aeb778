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
        m_marking.start();
    });
    connect(project, &app::Project::textEdited, this, &ScriptEditor::followProject);
    connect(project, &app::Project::textReset, this, [this] { reload(true); });
    connect(project, &app::Project::modelChanged, this, [this] {
        m_highlighter->setNames(m_project->pythonNames());
        m_marking.start();
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        m_marking.start();
        if (m_isFollowing) // nobody moved it
            return;
        if (m_hint->isVisible())
            updateHint(false);
        emit cursorMoved(textCursor().position());
    });
    // Never from within an edit: the document is then still at telling of the very cursors that marks
    // replace.
    m_marking.setSingleShot(true);
    m_marking.setInterval(0);
    connect(&m_marking, &QTimer::timeout, this, &ScriptEditor::updateMarks);
    connect(this, &QPlainTextEdit::blockCountChanged, this, &ScriptEditor::updateMargin);
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& rect, int dy) {
        if (dy != 0)
            m_lineNumbers->scroll(0, dy);
        else
            m_lineNumbers->update(0, rect.y(), m_lineNumbers->width(), rect.height());
    });
    connect(&Theme::instance(), &Theme::changed, this, &ScriptEditor::updateMarks);
    m_fill.setInterval(0);
    connect(&m_fill, &QTimer::timeout, this, &ScriptEditor::fillOn);
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
    if (isFilling() || removed > kSlice || inserted.size() > kSlice) {
        reload();
        return;
    }
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
    if (m_project->isLong()) {
        m_project->startFix(app::Problem(*problem));
        return true;
    }
    const app::Explanation explanation = m_project->applyFix(app::Problem(*problem));
    if (!explanation.isEmpty())
        emit refused(explanation);
    return explanation.isEmpty();
}

void ScriptEditor::showStatement(int begin, int end)
{
    m_statementBegin = begin;
    m_statementEnd = end;
    m_isDue = isFilling();
    if (m_isDue)
        return;
    m_marking.start();
    const QTextBlock block = document()->findBlock(begin);
    const int line = block.blockNumber();
    const int first = firstVisibleBlock().blockNumber();
    const int visible = viewport()->height() / std::max(1, fontMetrics().lineSpacing());
    if (begin >= 0 && block.isValid() && (line < first || line >= first + visible))
        verticalScrollBar()->setValue(std::max(0, line - visible / 3));
}

void ScriptEditor::jumpTo(int offset)
{
    if (isFilling()) {
        m_wanted = offset;
        setFocus();
        return;
    }
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
