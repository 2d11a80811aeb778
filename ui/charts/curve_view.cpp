// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curve_view.h"

#include "app/document/quantity.h"
#include "ui/charts/chart_axes.h"
#include "ui/charts/curve_chart.h"
#include "ui/theme/theme.h"

#include <QChart>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

// Fixed margins, so that the curves stand still when a label grows.
constexpr double kLeft = 60.0;
constexpr double kRight = 16.0;
constexpr double kTop = 16.0;
constexpr double kBottom = 32.0;

QColor markColour(app::RunEvent::Kind kind)
{
    const Colours& colours = Theme::instance().colours();
    switch (kind) {
    case app::RunEvent::Kind::Saved:
        return colours.good;
    case app::RunEvent::Kind::Restored:
        return colours.accent;
    case app::RunEvent::Kind::RateChanged:
        return colours.warning;
    case app::RunEvent::Kind::NonFinite:
        return colours.bad;
    case app::RunEvent::Kind::Initialized:
        break;
    }
    return colours.muted;
}

} // namespace

CurveView::CurveView(QChart* chart, CurveChart* owner) : QChartView(chart, owner), m_owner(owner)
{
    setRenderHint(QPainter::Antialiasing);
    setViewportUpdateMode(QGraphicsView::MinimalViewportUpdate);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setBackgroundBrush(Qt::NoBrush);
    viewport()->setAutoFillBackground(false);
    setMinimumHeight(120);
}

void CurveView::paintEvent(QPaintEvent* event)
{
    QElapsedTimer clock;
    clock.start();
    QChartView::paintEvent(event);
    m_owner->m_pace.add(clock.nsecsElapsed());
}

void CurveView::setEvents(const QVector<app::RunEvent>& events)
{
    m_events = events;
    viewport()->update();
}

void CurveView::resizeEvent(QResizeEvent* event)
{
    // The chart lays out its axes while it is resized, so the plot area must be the new one by then.
    const QSizeF size = event->size();
    chart()->setPlotArea(QRectF(kLeft, kTop, std::max(10.0, size.width() - kLeft - kRight),
                                std::max(10.0, size.height() - kTop - kBottom)));
    QChartView::resizeEvent(event);
}

double CurveView::stepAt(double x) const
{
    return m_owner->m_axes->stepAt(x, chart()->plotArea());
}

double CurveView::positionOf(double step) const
{
    return m_owner->m_axes->positionOf(step, chart()->plotArea());
}

void CurveView::setPointer(double step)
{
    m_pointer = step >= 0.0 ? positionOf(step) : -1.0;
    viewport()->update();
}

void CurveView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && chart()->plotArea().contains(event->position()))
        m_pressed = event->position().x();
}

void CurveView::mouseMoveEvent(QMouseEvent* event)
{
    const QRectF area = chart()->plotArea();
    const bool isInside = area.contains(event->position());
    m_pointer = isInside ? event->position().x() : -1.0;
    emit m_owner->pointed(isInside ? std::max(0.0, stepAt(m_pointer)) : -1.0);
    QString words;
    constexpr double kNear = 5.0;
    for (const app::RunEvent& mark : m_events) {
        if (isInside && std::abs(positionOf(static_cast<double>(mark.step)) - m_pointer) < kNear)
            words += (words.isEmpty() ? QString() : QStringLiteral("\n")) +
                     tr("step %1: %2").arg(app::countText(mark.step), mark.text);
    }
    QToolTip::showText(event->globalPosition().toPoint(), words, this);
    viewport()->update();
}

void CurveView::mouseReleaseEvent(QMouseEvent* event)
{
    constexpr double kSmallest = 8.0;
    const double released = event->position().x();
    if (m_pressed >= 0 && std::abs(released - m_pressed) >= kSmallest)
        m_owner->zoomTo(stepAt(std::min(released, m_pressed)), stepAt(std::max(released, m_pressed)));
    else if (m_pressed >= 0)
        m_owner->clickAt(event->position());
    m_pressed = -1.0;
    viewport()->update();
}

void CurveView::mouseDoubleClickEvent(QMouseEvent* /*event*/)
{
    m_owner->zoomTo(0.0, 0.0);
}

void CurveView::leaveEvent(QEvent* event)
{
    emit m_owner->pointed(-1.0);
    QChartView::leaveEvent(event);
}

void CurveView::drawForeground(QPainter* painter, const QRectF& /*rect*/)
{
    const Colours& colours = Theme::instance().colours();
    const QRectF area = chart()->plotArea();
    painter->save();
    painter->resetTransform();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setClipRect(area.adjusted(-6, 0, 6, 8));
    for (const app::RunEvent& mark : m_events) {
        const double x = positionOf(static_cast<double>(mark.step));
        if (x < area.left() - 1 || x > area.right() + 1)
            continue;
        const QPointF tip[] = {{x, area.bottom() - 7}, {x - 4, area.bottom()}, {x + 4, area.bottom()}};
        painter->setPen(Qt::NoPen);
        painter->setBrush(markColour(mark.kind));
        painter->drawPolygon(tip, 3);
    }
    if (m_pointer >= 0) {
        painter->setPen(QPen(colours.muted, 1));
        painter->drawLine(QPointF(m_pointer, area.top()), QPointF(m_pointer, area.bottom()));
    }
    if (m_pressed >= 0 && m_pointer >= 0) {
        QColor band = colours.accent;
        band.setAlphaF(0.18F);
        painter->fillRect(
            QRectF(QPointF(m_pressed, area.top()), QPointF(m_pointer, area.bottom())).normalized(), band);
    }
    painter->restore();
}

} // namespace wr::ui
