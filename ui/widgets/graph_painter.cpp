// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/graph_painter.h"

#include "ui/theme/theme.h"
#include "ui/widgets/life_ring.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

using app::GraphBox;
using Kind = GraphBox::Kind;

constexpr double kRound = 7.0;
constexpr double kBand = 9.0;
constexpr double kHeader = 30.0;

std::size_t index(int i)
{
    return static_cast<std::size_t>(i);
}

const Colours& colours()
{
    return Theme::instance().colours();
}

QColor deviceColour(int device)
{
    if (device == GraphBox::kAnywhere)
        return colours().line;
    if (device == GraphBox::kMixed)
        return colours().muted;
    return colours().categories[index(device) % colours().categories.size()];
}

QColor outlineOf(const GraphBox& box)
{
    switch (box.kind) {
    case Kind::Variable:
        return colours().accent;
    case Kind::Placeholder:
        return colours().good;
    case Kind::Gradients:
    case Kind::Optimizer:
        return colours().warning;
    default:
        return colours().muted;
    }
}

QColor fillOf(const GraphBox& box)
{
    switch (box.kind) {
    case Kind::Variable:
        return colours().infoFill;
    case Kind::Placeholder:
        return colours().goodFill;
    case Kind::Gradients:
    case Kind::Optimizer:
        return colours().warningFill;
    case Kind::Scope:
    case Kind::Repeat:
    case Kind::Part:
        return colours().hover;
    default:
        return colours().base;
    }
}

void paintChevron(QPainter* painter, QPointF centre, bool isOpen)
{
    const QPointF points[] = {isOpen ? QPointF(-4, -2) : QPointF(-2, -4),
                              isOpen ? QPointF(0, 2) : QPointF(2, 0),
                              isOpen ? QPointF(4, -2) : QPointF(-2, 4)};
    QPolygonF line;
    for (const QPointF& point : points)
        line << centre + point;
    painter->setPen(QPen(colours().text, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(line);
}

} // namespace

QBrush deviceBrush(int device)
{
    constexpr Qt::BrushStyle kPatterns[] = {Qt::SolidPattern, Qt::BDiagPattern, Qt::HorPattern,
                                            Qt::FDiagPattern, Qt::CrossPattern, Qt::VerPattern,
                                            Qt::Dense4Pattern};
    if (device < 0)
        return QBrush(deviceColour(device),
                      device == GraphBox::kMixed ? Qt::DiagCrossPattern : Qt::SolidPattern);
    return QBrush(deviceColour(device), kPatterns[index(device) % std::size(kPatterns)]);
}

void GraphPainter::setPicture(const app::GraphPicture& picture, const QFont& font)
{
    m_picture = picture;
    m_font = font;
    m_smallFont = font;
    m_smallFont.setPointSizeF(font.pointSizeF() * 0.85);
    const std::size_t boxes = picture.layout ? picture.layout->boxes.size() : 0;
    m_curves.assign(picture.layout ? picture.layout->edges.size() : 0, QPainterPath());
    m_labels.assign(boxes, QString());
    m_seconds.assign(boxes, QString());
}

const GraphBox& GraphPainter::boxOf(int place) const
{
    return m_picture.graph->boxes[index(m_picture.layout->boxes[index(place)].box)];
}

bool GraphPainter::isInsideOf(int place, int outer) const
{
    return outer >= 0 && place >= outer && place < m_picture.layout->boxes[index(outer)].next;
}

void GraphPainter::paint(QPainter* painter, const QRectF& visible, double scale, int current, int hovered,
                         bool hasFocus)
{
    if (!m_picture.layout)
        return;
    m_scale = scale;
    const std::vector<app::PlacedBox>& boxes = m_picture.layout->boxes;
    const auto count = static_cast<int>(boxes.size());
    const bool isDetailed = scale >= kDetailScale;
    const auto visit = [&](auto function) {
        for (int place = 0; place < count;) {
            const app::PlacedBox& box = boxes[index(place)];
            const bool isSeen = box.rect.adjusted(-8, -8, 8, 8).intersects(visible);
            if (isSeen)
                function(place);
            place = isSeen ? place + 1 : box.next;
        }
    };
    painter->setRenderHint(QPainter::Antialiasing, isDetailed);
    visit([&](int place) {
        if (boxes[index(place)].isOpen)
            paintFrame(painter, place);
    });
    paintEdges(painter, visible, current);
    painter->setRenderHint(QPainter::Antialiasing, isDetailed);
    visit([&](int place) {
        if (!boxes[index(place)].isOpen) {
            if (isDetailed)
                paintBox(painter, place);
            else
                paintSmallBox(painter, place);
        }
    });
    if (!isDetailed)
        paintFrameLabels(painter, visible);
    painter->setRenderHint(QPainter::Antialiasing);
    if (hovered >= 0 && hovered < count && hovered != current)
        paintMark(painter, hovered, false, false);
    if (current >= 0 && current < count)
        paintMark(painter, current, true, hasFocus);
}

void GraphPainter::paintFrame(QPainter* painter, int place)
{
    const app::PlacedBox& placed = m_picture.layout->boxes[index(place)];
    const GraphBox& box = boxOf(place);
    painter->setPen(QPen(outlineOf(box), 1.0));
    painter->setBrush(placed.depth % 2 == 0 ? colours().window : colours().base);
    if (m_scale < kDetailScale) {
        painter->drawRect(placed.rect);
        return;
    }
    painter->drawRoundedRect(placed.rect, kRound, kRound);
    const QRectF header(placed.rect.left(), placed.rect.top(), placed.rect.width(), kHeader);
    paintChevron(painter, QPointF(header.left() + 18, header.center().y()), true);
    painter->setPen(colours().text);
    painter->setFont(m_font);
    QString& label = m_labels[index(place)];
    if (label.isNull()) {
        const QString count = QStringLiteral("  ×%1").arg(box.copies);
        label = QFontMetricsF(m_font).elidedText(box.label + (box.copies > 0 ? count : QString()),
                                                 Qt::ElideMiddle, header.width() - 48);
    }
    painter->drawText(header.adjusted(32, 0, -8, 0), Qt::AlignLeft | Qt::AlignVCenter, label);
    painter->setPen(QPen(colours().line, 1.0));
    painter->drawLine(QPointF(header.left() + 1, header.bottom()),
                      QPointF(header.right() - 1, header.bottom()));
}

/// From afar, the names of what is large stay readable.
void GraphPainter::paintFrameLabels(QPainter* painter, const QRectF& visible)
{
    constexpr double kWidest = 260.0;
    const QFontMetricsF metrics(m_font);
    const QTransform toWindow = painter->worldTransform();
    painter->save();
    painter->resetTransform();
    painter->setFont(m_font);
    QVector<QRectF> taken;
    const std::vector<app::PlacedBox>& boxes = m_picture.layout->boxes;
    for (std::size_t place = 0; place < boxes.size();) {
        const app::PlacedBox& box = boxes[place];
        const QRectF rect = toWindow.mapRect(box.rect);
        if (!box.rect.intersects(visible) || rect.width() < 72) {
            place = index(box.next);
            continue;
        }
        ++place;
        if (!box.isOpen && rect.height() < metrics.height())
            continue;
        const GraphBox& what = boxOf(static_cast<int>(place) - 1);
        const QString text =
            metrics.elidedText(what.label, Qt::ElideMiddle, std::min(kWidest, rect.width() - 8));
        const QRectF words(rect.left() + 2, rect.top() + 1, metrics.horizontalAdvance(text) + 6,
                           metrics.height() + 1);
        if (std::any_of(taken.begin(), taken.end(),
                        [&](const QRectF& other) { return other.intersects(words); }))
            continue;
        taken.append(words);
        QColor behind = colours().base;
        behind.setAlphaF(0.85F);
        painter->fillRect(words, behind);
        painter->setPen(colours().text);
        painter->drawText(words.adjusted(3, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, text);
    }
    painter->restore();
}

void GraphPainter::paintSmallBox(QPainter* painter, int place)
{
    const QRectF& rect = m_picture.layout->boxes[index(place)].rect;
    const GraphBox& box = boxOf(place);
    painter->fillRect(rect, outlineOf(box));
    const double pixel = 1.0 / m_scale;
    if (rect.height() > 4 * pixel)
        painter->fillRect(rect.adjusted(pixel, pixel, -pixel, -pixel), fillOf(box));
    painter->fillRect(QRectF(rect.left(), rect.top(), rect.width() / 5, rect.height()),
                      deviceColour(box.device));
}

void GraphPainter::paintOutline(QPainter* painter, const GraphBox& box, const QRectF& rect)
{
    const double round = box.kind == Kind::Placeholder ? rect.height() / 2 : kRound;
    QPen pen(outlineOf(box), 1.2);
    if (box.kind == Kind::Constant || box.kind == Kind::Part)
        pen.setStyle(Qt::DashLine);
    painter->setPen(pen);
    painter->setBrush(fillOf(box));
    if (box.kind == Kind::Repeat) {
        painter->drawRoundedRect(rect.translated(6, 6), round, round);
        painter->drawRoundedRect(rect.translated(3, 3), round, round);
    }
    painter->drawRoundedRect(rect, round, round);
    QPainterPath inside;
    inside.addRoundedRect(rect.adjusted(1, 1, -1, -1), round, round);
    painter->save();
    painter->setClipPath(inside, Qt::IntersectClip);
    const QRectF band(rect.left(), rect.top(), kBand + (box.kind == Kind::Placeholder ? 4.0 : 0.0),
                      rect.height());
    painter->fillRect(band, colours().base);
    painter->fillRect(band, deviceBrush(box.device));
    painter->restore();
    if (box.kind == Kind::Variable && m_life)
        paintLifeRing(painter, QPointF(rect.right() - 14, rect.center().y()), m_life(box.name));
    if (box.isGroup())
        paintChevron(painter, QPointF(rect.left() + kBand + 11, rect.center().y()), false);
}

void GraphPainter::paintBox(QPainter* painter, int place)
{
    paintOutline(painter, boxOf(place), m_picture.layout->boxes[index(place)].rect);
    paintLabel(painter, place);
}

void GraphPainter::paintLabel(QPainter* painter, int place)
{
    const GraphBox& box = boxOf(place);
    const QRectF& rect = m_picture.layout->boxes[index(place)].rect;
    const double left = kBand + (box.isGroup() ? 22.0 : 8.0);
    const double right = box.kind == Kind::Variable ? 26.0 : 6.0;
    const QRectF inner = rect.adjusted(left, 3, -right, -3);
    QString& label = m_labels[index(place)];
    QString& second = m_seconds[index(place)];
    if (label.isNull()) {
        const QString count = box.copies > 0 ? QStringLiteral(" ×%1").arg(box.copies) : QString();
        const QFontMetricsF metrics(m_font);
        label =
            metrics.elidedText(box.label, Qt::ElideMiddle, inner.width() - metrics.horizontalAdvance(count)) +
            count;
        second = QFontMetricsF(m_smallFont).elidedText(graphSecondLine(box), Qt::ElideRight, inner.width());
    }
    const double half = inner.height() / 2;
    painter->setFont(m_font);
    painter->setPen(colours().text);
    painter->drawText(QRectF(inner.left(), inner.top(), inner.width(), half),
                      Qt::AlignLeft | Qt::AlignVCenter, label);
    constexpr double kSecondScale = 0.6;
    if (m_scale < kSecondScale)
        return;
    painter->setFont(m_smallFont);
    painter->setPen(colours().muted);
    painter->drawText(QRectF(inner.left(), inner.top() + half, inner.width(), half),
                      Qt::AlignLeft | Qt::AlignVCenter, second);
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
    std::vector<std::size_t> chosen;
    QVector<QLineF> lines;
    for (std::size_t number = 0; number < edges.size(); ++number) {
        const app::PlacedEdge& edge = edges[number];
        const bool isChosen = isInsideOf(edge.from, current) != isInsideOf(edge.to, current);
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
        QColor faint = colours().muted;
        faint.setAlphaF(0.7F);
        QPen pen(faint, 1.0);
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

void GraphPainter::paintMark(QPainter* painter, int place, bool isCurrent, bool hasFocus)
{
    const double pixel = 1.0 / std::min(1.0, m_scale);
    const double width = (isCurrent ? (hasFocus ? 3.0 : 2.0) : 1.0) * pixel;
    const double out = isCurrent ? 3.0 * pixel : 1.0 * pixel;
    painter->setPen(QPen(isCurrent ? colours().accent : colours().text, width));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(m_picture.layout->boxes[index(place)].rect.adjusted(-out, -out, out, out),
                             kRound + out, kRound + out);
}

} // namespace wr::ui
