// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/graph_painter.h"

#include "ui/theme/theme.h"
#include "ui/widgets/device_look.h"
#include "ui/widgets/life_ring.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>

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

int GraphPainter::laneOf(const GraphBox& box) const
{
    if (box.device < 0)
        return box.device == GraphBox::kMixed ? kSeveralDevices : kAnyDevice;
    return m_picture.graph->lanes[box.device];
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
    constexpr double kSpeck = 40.0; // pixels; what is inside of a smaller frame is not told apart
    const auto isSpeck = [scale](const app::PlacedBox& box) {
        return std::max(box.rect.width(), box.rect.height()) * scale < kSpeck;
    };
    const auto visit = [&](auto function) {
        for (int place = 0; place < count;) {
            const app::PlacedBox& box = boxes[index(place)];
            const bool isSeen = box.rect.adjusted(-8, -8, 8, 8).intersects(visible);
            if (isSeen)
                function(place);
            place = isSeen && !isSpeck(box) ? place + 1 : box.next;
        }
    };
    painter->setRenderHint(QPainter::Antialiasing, isDetailed);
    visit([&](int place) {
        if (boxes[index(place)].isOpen)
            paintFrame(painter, place, visible);
    });
    paintEdges(painter, visible, current);
    painter->setRenderHint(QPainter::Antialiasing, isDetailed);
    visit([&](int place) {
        const app::PlacedBox& box = boxes[index(place)];
        if (!box.isOpen || isSpeck(box)) {
            if (isDetailed && !box.isOpen)
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

void GraphPainter::paintFrame(QPainter* painter, int place, const QRectF& visible)
{
    const app::PlacedBox& placed = m_picture.layout->boxes[index(place)];
    const GraphBox& box = boxOf(place);
    painter->setPen(QPen(outlineOf(box), 1.0));
    painter->setBrush(placed.depth % 2 == 0 ? colours().window : colours().base);
    // Of a large frame only what is seen, and a little more, is drawn.
    constexpr double kMore = 40.0;
    const QRectF shown = placed.rect.intersected(visible.adjusted(-kMore, -kMore, kMore, kMore));
    if (m_scale < kDetailScale) {
        painter->drawRect(shown);
        return;
    }
    if (shown == placed.rect)
        painter->drawRoundedRect(placed.rect, kRound, kRound);
    else
        painter->drawRect(shown);
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
        constexpr qsizetype kMostLabels = 60;
        if ((!box.isOpen && rect.height() < metrics.height()) || taken.size() >= kMostLabels)
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
    if (rect.height() < 3 * pixel)
        return;
    if (rect.height() > 4 * pixel)
        painter->fillRect(rect.adjusted(pixel, pixel, -pixel, -pixel), fillOf(box));
    painter->fillRect(QRectF(rect.left(), rect.top(), rect.width() / 5, rect.height()),
                      deviceColour(laneOf(box)));
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
    const double inset = box.kind == Kind::Placeholder ? 10.0 : 4.0;
    const QRectF bar(rect.left() + inset, rect.top() + 6.0, kBand - 3.0, rect.height() - 12.0);
    painter->fillRect(bar, colours().base);
    painter->fillRect(bar, deviceBrush(laneOf(box)));
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
    const double left = kBand + (box.isGroup() ? 22.0 : box.kind == Kind::Placeholder ? 13.0 : 7.0);
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
