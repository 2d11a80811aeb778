// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/cell_bubble.h"

#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {

CellBubble::CellBubble(QAbstractItemView* view)
    : QFrame(view->viewport()), m_view(view), m_label(new QLabel(this))
{
    setFocusPolicy(Qt::NoFocus);
    m_label->setContentsMargins(8, 3, 8, 4);
    m_label->setWordWrap(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->addWidget(m_label);
    connect(&Theme::instance(), &Theme::changed, this, &CellBubble::paintAnew);
    hide();
}

void CellBubble::paintAnew()
{
    const Colours& colours = Theme::instance().colours();
    const bool isProblem = m_tone == Tone::Problem;
    setStyleSheet(
        QStringLiteral("wr--ui--CellBubble { background: %1; border: 1px solid %2; border-radius: 4px; "
                       "} QLabel { color: %3; background: transparent; }")
            .arg((isProblem ? colours.badFill : colours.infoFill).name(),
                 (isProblem ? colours.bad : colours.accent).name(), colours.text.name()));
}

void CellBubble::say(const QString& text, Tone tone, QWidget* editor)
{
    if (m_editor != editor) {
        if (m_editor)
            m_editor->removeEventFilter(this);
        m_editor = editor;
        editor->installEventFilter(this);
        connect(editor, &QObject::destroyed, this, &QWidget::hide);
    }
    m_tone = tone;
    m_label->setText(text);
    setAccessibleDescription(text);
    editor->setAccessibleDescription(text);
    paintAnew();
    constexpr int kWidest = 420;
    const QRect room = m_view->viewport()->rect();
    const int width = std::min({kWidest, room.width(), m_label->fontMetrics().horizontalAdvance(text) + 28});
    setFixedWidth(width);
    setFixedHeight(m_label->heightForWidth(width - 2) + 2);
    const QRect cell = editor->geometry();
    QPoint at(cell.left(), cell.bottom() + 3);
    if (at.y() + height() > room.bottom())
        at.setY(cell.top() - 3 - height());
    at.setX(std::clamp(at.x(), 0, std::max(0, room.width() - width)));
    move(at);
    raise();
    show();
}

QString CellBubble::text() const
{
    return isHidden() ? QString() : m_label->text();
}

bool CellBubble::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Hide)
        hide();
    else if (event->type() == QEvent::Move && isVisible() && m_editor)
        say(m_label->text(), m_tone, m_editor);
    return QFrame::eventFilter(watched, event);
}

} // namespace wr::ui
