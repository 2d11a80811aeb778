// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/link_strip.h"

#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QTableView>

namespace wr::ui {

LinkStrip::LinkStrip(QTableView* left, QTableView* right, std::function<QVector<Link>()> links,
                     QWidget* parent)
    : QWidget(parent), m_left(left), m_right(right), m_links(std::move(links))
{
    setFixedWidth(56);
    setAccessibleName(tr("Links between checkpoint and model"));
    for (const QTableView* view : {left, right})
        connect(view->verticalScrollBar(), &QScrollBar::valueChanged, this, qOverload<>(&QWidget::update));
}

void LinkStrip::paintEvent(QPaintEvent* /*event*/)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    // Lines end inside the rows' area, below the headers.
    const int top = mapFromGlobal(m_left->viewport()->mapToGlobal(QPoint())).y();
    painter.setClipRect(QRect(0, top, width(), m_left->viewport()->height()));
    const auto middle = [this](const QTableView* view, int row) {
        const int inside = view->rowViewportPosition(row) + view->rowHeight(row) / 2;
        return mapFromGlobal(view->viewport()->mapToGlobal(QPoint(0, inside))).y();
    };
    const auto isVisible = [](const QTableView* view, int row) {
        const int at = view->rowViewportPosition(row);
        return at + view->rowHeight(row) > 0 && at < view->viewport()->height();
    };
    const int current = m_right->currentIndex().row();
    const QVector<Link> links = m_links();
    for (const Link& link : links) {
        if (!isVisible(m_left, link.left) && !isVisible(m_right, link.right))
            continue;
        const QPointF from(4, middle(m_left, link.left));
        const QPointF to(width() - 4, middle(m_right, link.right));
        QPainterPath path(from);
        path.cubicTo(QPointF(width() / 2.0, from.y()), QPointF(width() / 2.0, to.y()), to);
        const bool isCurrent = link.right == current;
        painter.setPen(QPen(isCurrent ? colours.accent : colours.muted, isCurrent ? 2.5 : 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(path);
        painter.setBrush(isCurrent ? colours.accent : colours.muted);
        painter.drawEllipse(from, 2.5, 2.5);
        painter.drawEllipse(to, 2.5, 2.5);
    }
}

} // namespace wr::ui
