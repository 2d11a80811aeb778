// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/find_bar.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextCursor>
#include <QTextDocument>
#include <QToolButton>
#include <algorithm>

namespace wr::ui {
namespace {

bool isFindKey(const QKeyEvent* key)
{
    return key->matches(QKeySequence::Find) ||
           (key->key() == Qt::Key_F3 && key->modifiers() != Qt::ControlModifier);
}

} // namespace

FindBar::FindBar(QPlainTextEdit* editor)
    : QFrame(editor), m_editor(editor), m_field(new QLineEdit(this)), m_matches(new QLabel(this))
{
    setProperty("role", QStringLiteral("card"));
    setAutoFillBackground(true);
    m_field->setPlaceholderText(tr("Find in the script"));
    m_field->setAccessibleName(tr("Find in the script"));
    m_field->setMinimumWidth(180);
    m_matches->setProperty("role", QStringLiteral("muted"));
    m_matches->setMinimumWidth(fontMetrics().horizontalAdvance(tr("000 of 000")));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(4);
    layout->addWidget(m_field, 1);
    layout->addWidget(m_matches);
    const auto add = [&](const QString& text, const QString& icon, const QString& tip, auto function) {
        auto* button = new QToolButton(this);
        button->setText(text);
        if (!icon.isEmpty())
            Theme::instance().bindIcon(button, icon);
        button->setToolTip(tip);
        button->setAccessibleName(tip);
        connect(button, &QToolButton::clicked, this, function);
        layout->addWidget(button);
    };
    add(QStringLiteral("↑"), {}, tr("The match before (Shift+Enter, Shift+F3)"), [this] { find(true); });
    add(QStringLiteral("↓"), {}, tr("The next match (Enter, F3)"), [this] { find(false); });
    add({}, QStringLiteral("close"), tr("Close (Esc)"), [this] { close(); });
    hide();
    editor->installEventFilter(this);
    m_field->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, [this] { find(false, true); });
    connect(editor, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        if (isVisible())
            count();
    });
}

void FindBar::open()
{
    const QString chosen = m_editor->textCursor().selectedText();
    if (!chosen.isEmpty() && !chosen.contains(QChar::ParagraphSeparator))
        m_field->setText(chosen);
    show();
    raise();
    place();
    m_field->setFocus();
    m_field->selectAll();
    count();
}

void FindBar::close()
{
    hide();
    m_editor->setFocus();
}

QString FindBar::matchText() const
{
    return m_matches->text();
}

bool FindBar::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_editor && event->type() == QEvent::Resize)
        place();
    if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride)
        return QFrame::eventFilter(watched, event);
    auto* key = static_cast<QKeyEvent*>(event);
    const bool isEscape = key->key() == Qt::Key_Escape && key->modifiers() == Qt::NoModifier;
    const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    const bool isInside = watched == m_field;
    if (!isFindKey(key) && !(isInside && (isEscape || isEnter)))
        return QFrame::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) { // the window's own Ctrl+F filters variables
        event->accept();
        return true;
    }
    if (isEscape)
        close();
    else if (key->matches(QKeySequence::Find) || !isVisible())
        open();
    else
        find((key->modifiers() & Qt::ShiftModifier) != 0);
    return true;
}

void FindBar::find(bool isBack, bool isTyping)
{
    const QString wanted = m_field->text();
    QTextCursor cursor = m_editor->textCursor();
    if (isTyping)
        cursor.setPosition(cursor.selectionStart());
    const QTextDocument::FindFlags direction =
        isBack ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    QTextCursor found = m_editor->document()->find(wanted, cursor, direction);
    if (found.isNull()) {
        QTextCursor edge(m_editor->document());
        if (isBack)
            edge.movePosition(QTextCursor::End);
        found = m_editor->document()->find(wanted, edge, direction);
    }
    if (!found.isNull())
        m_editor->setTextCursor(found);
    count();
}

void FindBar::count()
{
    const QString wanted = m_field->text();
    if (wanted.isEmpty()) {
        m_matches->clear();
        return;
    }
    const QString text = m_editor->toPlainText();
    const qsizetype here = m_editor->textCursor().selectionStart();
    constexpr int kMost = 10000;
    int matches = 0;
    int current = 0;
    for (qsizetype at = text.indexOf(wanted, 0, Qt::CaseInsensitive); at >= 0 && matches < kMost;
         at = text.indexOf(wanted, at + wanted.size(), Qt::CaseInsensitive)) {
        ++matches;
        if (at == here && m_editor->textCursor().hasSelection())
            current = matches;
    }
    if (matches == 0)
        m_matches->setText(tr("No match"));
    else if (current > 0)
        m_matches->setText(tr("%1 of %2").arg(current).arg(matches));
    else
        m_matches->setText(matches == 1 ? tr("1 match") : tr("%1 matches").arg(matches));
}

void FindBar::place()
{
    if (!isVisible())
        return;
    const QRect area = m_editor->viewport()->geometry();
    constexpr int kMargin = 8;
    const int width = std::min(sizeHint().width(), area.width() - 2 * kMargin);
    setGeometry(area.right() - width - kMargin, area.top() + kMargin, width, sizeHint().height());
}

} // namespace wr::ui
