// SPDX-License-Identifier: GPL-3.0-or-later
// The keys of the graph view: along what flows, and what can be done to a box.
#include "ui/widgets/graph_view.h"

#include <QKeyEvent>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace wr::ui {
namespace {

constexpr double kStep = 1.25;

std::size_t index(int i)
{
    return static_cast<std::size_t>(i);
}

} // namespace

void GraphView::keyPressEvent(QKeyEvent* event)
{
    const int place = placeOf(m_current);
    const app::GraphBox* const what = box(m_current);
    const bool isVariable = what != nullptr && what->kind == app::GraphBox::Kind::Variable;
    const Qt::KeyboardModifiers modifiers = event->modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier);
    if (modifiers == Qt::ControlModifier && event->key() == Qt::Key_0) {
        fit();
        return;
    }
    const bool isZoom =
        event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal || event->key() == Qt::Key_Minus;
    if (isZoom && (modifiers & ~Qt::ControlModifier) == 0) {
        const double factor = event->key() == Qt::Key_Minus ? 1 / kStep : kStep;
        const QRectF rect = windowRectOf(m_current);
        const bool isSeen = !rect.isEmpty() && QRectF(this->rect()).contains(rect.center());
        zoomBy(factor, isSeen ? rect.center() : QRectF(this->rect()).center());
        return;
    }
    if (modifiers != Qt::NoModifier) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up:
        moveCurrent(Way::Up);
        return;
    case Qt::Key_Down:
        moveCurrent(Way::Down);
        return;
    case Qt::Key_Left:
        moveCurrent(Way::Left);
        return;
    case Qt::Key_Right:
        moveCurrent(Way::Right);
        return;
    case Qt::Key_Home:
    case Qt::Key_End:
        chooseEnd(event->key() == Qt::Key_Home);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        activate(place);
        return;
    case Qt::Key_Space:
        showInfo(!isInfoShown());
        return;
    case Qt::Key_Escape:
        if (isInfoShown()) {
            showInfo(false);
            return;
        }
        break;
    case Qt::Key_F2:
        beginRename();
        return;
    case Qt::Key_Delete:
        if (isVariable)
            emit removeRequested(what->name);
        return;
    case Qt::Key_Slash:
        emit searchRequested();
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void GraphView::chooseEnd(bool isFirst)
{
    if (!m_picture.layout || m_picture.layout->boxes.empty())
        return;
    const std::vector<app::PlacedBox>& boxes = m_picture.layout->boxes;
    const auto isBefore = [](const app::PlacedBox& a, const app::PlacedBox& b) {
        return std::pair(a.rect.center().y(), a.rect.left()) < std::pair(b.rect.center().y(), b.rect.left());
    };
    const auto found = isFirst ? std::min_element(boxes.begin(), boxes.end(), isBefore)
                               : std::max_element(boxes.begin(), boxes.end(), isBefore);
    choose(static_cast<int>(found - boxes.begin()));
}

void GraphView::moveCurrent(Way way)
{
    if (!m_picture.layout || m_picture.layout->boxes.empty())
        return;
    if (placeOf(m_current) < 0) {
        chooseEnd(true);
        return;
    }
    int next = way == Way::Up || way == Way::Down ? alongEdges(way) : -1;
    if (next < 0)
        next = nearest(way);
    choose(next);
}

/// What the chosen box gives to (Down) or takes from (Up), the straightest line first.
int GraphView::alongEdges(Way way) const
{
    const int place = placeOf(m_current);
    const std::vector<app::PlacedBox>& boxes = m_picture.layout->boxes;
    const app::PlacedBox& from = boxes[index(place)];
    const auto isInside = [&](int other) { return other >= place && other < from.next; };
    int best = -1;
    double least = std::numeric_limits<double>::max();
    for (const app::PlacedEdge& edge : m_picture.layout->edges) {
        const int here = way == Way::Down ? edge.from : edge.to;
        const int there = way == Way::Down ? edge.to : edge.from;
        if (edge.isQuiet || !isInside(here) || isInside(there))
            continue;
        const double away = std::abs(boxes[index(there)].rect.center().x() - from.rect.center().x());
        if (away < least) {
            least = away;
            best = there;
        }
    }
    return best;
}

int GraphView::nearest(Way way) const
{
    const int place = placeOf(m_current);
    const std::vector<app::PlacedBox>& boxes = m_picture.layout->boxes;
    const QPointF from = boxes[index(place)].rect.center();
    const bool isLevel = way == Way::Left || way == Way::Right;
    const double sign = way == Way::Left || way == Way::Up ? -1.0 : 1.0;
    int best = -1;
    double least = std::numeric_limits<double>::max();
    for (int other = 0; other < static_cast<int>(boxes.size()); ++other) {
        const QPointF way_ = boxes[index(other)].rect.center() - from;
        const double along = sign * (isLevel ? way_.x() : way_.y());
        const double aside = std::abs(isLevel ? way_.y() : way_.x());
        constexpr double kAside = 3.0;
        if (other == place || along < 1.0 || along + kAside * aside >= least)
            continue;
        least = along + kAside * aside;
        best = other;
    }
    return best;
}

} // namespace wr::ui
