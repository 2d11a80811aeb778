// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/life_ring.h"

#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace wr::ui {

void paintLifeRing(QPainter* painter, const QPointF& centre, app::VariableLife life)
{
    const Colours& colours = Theme::instance().colours();
    constexpr double kRadius = 5.0;
    const QRectF ring(centre.x() - kRadius, centre.y() - kRadius, 2 * kRadius, 2 * kRadius);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool isEmpty = life == app::VariableLife::Uninitialized;
    const QColor ink = isEmpty ? colours.warning : colours.accent;
    painter->setPen(QPen(ink, 1.6));
    painter->setBrush(Qt::NoBrush);
    painter->drawEllipse(ring);
    painter->setBrush(ink);
    if (life == app::VariableLife::Initialized) {
        constexpr int kQuarter = 90 * 16;
        painter->drawPie(ring, kQuarter, 2 * kQuarter);
    } else if (life == app::VariableLife::Trained) {
        painter->drawEllipse(ring);
    } else if (life == app::VariableLife::Restored) {
        QPainterPath arrow;
        arrow.moveTo(centre.x(), centre.y() + 3.5);
        arrow.lineTo(centre.x() - 3, centre.y() - 0.5);
        arrow.lineTo(centre.x() + 3, centre.y() - 0.5);
        arrow.closeSubpath();
        painter->setPen(Qt::NoPen);
        painter->drawPath(arrow);
        painter->drawRect(QRectF(centre.x() - 1, centre.y() - 4, 2, 4));
    }
    painter->restore();
}

} // namespace wr::ui
