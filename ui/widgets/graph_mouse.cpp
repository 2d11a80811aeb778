// SPDX-License-Identifier: GPL-3.0-or-later
// The mouse of the graph view: clicks choose, drags move, the wheel zooms.
#include "ui/widgets/graph_view.h"

#include <QApplication>
#include <QMouseEvent>
#include <QWheelEvent>
#include <cmath>

namespace wr::ui {
namespace {

constexpr double kStep = 1.25; ///< of a notch of the wheel
constexpr double kHeader = 30.0;

std::size_t index(int i)
{
    return static_cast<std::size_t>(i);
}

} // namespace

bool GraphView::isOnChevron(int place, const QPointF& position) const
{
    constexpr double kWide = 32.0;
    const app::PlacedBox& placed = m_picture.layout->boxes[index(place)];
    const app::GraphBox* const what = box(placed.box);
    if (what == nullptr || !what->isGroup() || m_scale < GraphPainter::kDetailScale)
        return false;
    const QPointF inside = toGraph(position) - placed.rect.topLeft();
    return inside.x() < kWide && (!placed.isOpen || inside.y() < kHeader);
}

void GraphView::mousePressEvent(QMouseEvent* event)
{
    endRename(true);
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return;
    m_pressed = event->position();
    m_originPressed = m_origin;
    m_isPressed = true;
    m_isDragging = false;
}

void GraphView::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_isPressed) {
        const int hovered = placeAt(event->position());
        if (hovered != m_hovered) {
            m_hovered = hovered;
            update();
        }
        return;
    }
    const QPointF way = event->position() - m_pressed;
    if (!m_isDragging && way.manhattanLength() < QApplication::startDragDistance())
        return;
    if (!m_isDragging)
        setCursor(Qt::ClosedHandCursor);
    m_isDragging = true;
    m_origin = m_originPressed - way / m_scale;
    keepInSight();
    update();
}

void GraphView::mouseReleaseEvent(QMouseEvent* event)
{
    const bool isClick = m_isPressed && !m_isDragging && event->button() == Qt::LeftButton;
    m_isPressed = false;
    m_isDragging = false;
    unsetCursor();
    if (!isClick)
        return;
    const int place = placeAt(event->position());
    if (place >= 0) {
        choose(place);
        if (isOnChevron(place, event->position()))
            activate(place);
    } else if (m_current >= 0) {
        setCurrent(-1, false);
        emit currentChanged(-1);
    }
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int place = event->button() == Qt::LeftButton ? placeAt(event->position()) : -1;
    if (place < 0)
        return;
    if (!isOnChevron(place, event->position())) // the first click has toggled it already
        activate(place);
}

void GraphView::wheelEvent(QWheelEvent* event)
{
    constexpr double kNotch = 120.0;
    if ((event->modifiers() & Qt::ShiftModifier) != 0) {
        m_origin -= QPointF(event->angleDelta().y() + event->angleDelta().x(), 0) / m_scale;
        keepInSight();
        update();
    } else if (event->angleDelta().y() != 0) {
        zoomBy(std::pow(kStep, event->angleDelta().y() / kNotch), event->position());
    }
    event->accept();
}

void GraphView::leaveEvent(QEvent* event)
{
    m_hovered = -1;
    update();
    QWidget::leaveEvent(event);
}

} // namespace wr::ui
