// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of the graph: curves near by, straight pieces from afar; those of the chosen box stand out.
#include "ui/theme/theme.h"
#include "ui/widgets/graph_painter.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

const Colours& colours()
{
    return Theme::instance().colours();
}

} // namespace

bool GraphPainter::isInsideOf(int place, int outer) const
{
    return outer >= 0 && place >= outer &&
           place < m_picture.layout->boxes[static_cast<std::size_t>(outer)].next;
}

const QPainterPath& GraphPainter::curve(std::size_t number)
{
    QPainterPath& path = m_curves[number];
    const app::PlacedEdge& edge = m_picture.layout->edges[number];
    if (!path.isEmpty() || edge.points < 2)
        return path;
    const QPointF* const points = m_picture.layout->points.data() + edge.first;
    path.moveTo(points[0]);
    for (int i = 1; i < edge.points; ++i) {
        const QPointF& from = points[i - 1];
        const QPointF& to = points[i];
        const double middle = (from.y() + to.y()) / 2;
        if (std::abs(from.x() - to.x()) < 0.5)
            path.lineTo(to);
        else
            path.cubicTo(from.x(), middle, to.x(), middle, to.x(), to.y());
    }
    return path;
}

void GraphPainter::paintEdges(QPainter* painter, const QRectF& visible, int current)
{
    const std::vector<app::PlacedEdge>& edges = m_picture.layout->edges;
    const bool isDetailed = m_scale >= kDetailScale;
    const double shortest = isDetailed ? 0.0 : 5.0; // pixels
    std::vector<std::size_t> chosen;
    QVector<QLineF> lines;
    for (std::size_t number = 0; number < edges.size(); ++number) {
        const app::PlacedEdge& edge = edges[number];
        const bool isChosen = isInsideOf(edge.from, current) != isInsideOf(edge.to, current);
        if (!isChosen && std::max(edge.bounds.width(), edge.bounds.height()) * m_scale < shortest)
            continue;
        if ((edge.isQuiet && !isChosen) || !edge.bounds.adjusted(-4, -4, 4, 4).intersects(visible))
            continue;
        if (isChosen) {
            chosen.push_back(number);
        } else if (isDetailed) {
            paintEdge(painter, number, false);
        } else {
            const QPointF* const points = m_picture.layout->points.data() + edge.first;
            for (int i = 1; i < edge.points; ++i)
                lines.append(QLineF(points[i - 1], points[i]));
        }
    }
    if (!lines.isEmpty()) {
        QPen pen(colours().muted, 1.0);
        pen.setCosmetic(true);
        painter->setPen(pen);
        painter->drawLines(lines);
    }
    painter->setRenderHint(QPainter::Antialiasing);
    for (const std::size_t number : chosen)
        paintEdge(painter, number, true);
}

void GraphPainter::paintEdge(QPainter* painter, std::size_t number, bool isChosen)
{
    const app::PlacedEdge& edge = m_picture.layout->edges[number];
    if (edge.points < 2)
        return;
    QColor ink = edge.isBack                           ? colours().bad
                 : edge.kind == app::EdgeKind::Initial ? colours().good
                 : edge.kind == app::EdgeKind::Update  ? colours().warning
                                                       : colours().muted;
    if (isChosen && !edge.isBack && edge.kind == app::EdgeKind::Data)
        ink = colours().accent;
    const double width =
        (isChosen ? 2.0 : 1.2) + std::min(2.0, std::log2(static_cast<double>(edge.count)) * 0.4);
    QPen pen(ink, m_scale < kDetailScale ? width / m_scale : width);
    constexpr double kMostDashed = 20000.0; // pixels; dashing what is longer takes for ever
    if (std::max(edge.bounds.width(), edge.bounds.height()) * m_scale < kMostDashed) {
        if (edge.kind == app::EdgeKind::Initial)
            pen.setStyle(Qt::DashLine);
        else if (edge.kind == app::EdgeKind::Control)
            pen.setStyle(Qt::DotLine);
        else if (edge.kind == app::EdgeKind::Update)
            pen.setStyle(Qt::DashDotLine);
    }
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawPath(curve(number));
    if (m_scale < kDetailScale)
        return;
    const QPointF* const points = m_picture.layout->points.data() + edge.first;
    const QPointF tip = points[edge.points - 1];
    const double back = edge.isBack && points[edge.points - 2].y() > tip.y() ? 1.0 : -1.0;
    const QPointF head[] = {tip, tip + QPointF(-3.6, 7.0 * back), tip + QPointF(3.6, 7.0 * back)};
    painter->setPen(Qt::NoPen);
    painter->setBrush(ink);
    painter->drawPolygon(head, 3);
}

} // namespace wr::ui
