// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/memory_bar.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <array>

namespace wr::ui {
namespace {

constexpr int kBarHeight = 14;
constexpr int kGap = 4;

struct Part {
    qint64 bytes;
    std::size_t category; ///< of the theme's colours
    Qt::BrushStyle pattern;
    QString name;
};

std::array<Part, 4> partsOf(const app::LaneBytes& bytes)
{
    return {{{bytes.values, 0, Qt::SolidPattern, MemoryBar::tr("values")},
             {bytes.gradients, 1, Qt::BDiagPattern, MemoryBar::tr("gradients")},
             {bytes.optimizer, 2, Qt::Dense4Pattern, MemoryBar::tr("optimizer slots")},
             {bytes.workspace, 3, Qt::DiagCrossPattern, MemoryBar::tr("workspace")}}};
}

void paintSegment(QPainter& painter, const QRectF& box, const Part& part)
{
    const QColor colour = Theme::instance().colours().categories[part.category];
    QColor ground = colour;
    ground.setAlphaF(0.35F);
    painter.fillRect(box, ground);
    painter.fillRect(box, QBrush(colour, part.pattern));
}

constexpr int kSwatch = 14;
constexpr int kSpace = 6;

} // namespace

MemoryBar::MemoryBar(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void MemoryBar::show(const app::LaneBytes& bytes, qint64 limit)
{
    m_bytes = bytes;
    m_limit = limit;
    m_future.reset();
    setAccessibleName(tr("Memory"));
    setAccessibleDescription(text());
    update();
}

void MemoryBar::setFuture(const std::optional<app::LaneBytes>& bytes)
{
    if (m_future == bytes)
        return;
    m_future = bytes;
    setAccessibleDescription(text());
    update();
}

bool MemoryBar::isOver() const
{
    return m_limit > 0 && m_future.value_or(m_bytes).total() > m_limit;
}

QString MemoryBar::text() const
{
    using app::byteText;
    const qint64 now = m_bytes.total();
    if (m_future && isOver())
        return tr("needs %1, %2 free")
            .arg(byteText(m_future->total() - now), byteText(std::max<qint64>(m_limit - now, 0)));
    if (m_future && m_future->total() != now)
        return m_limit > 0
                   ? tr("%1 → %2 of %3").arg(byteText(now), byteText(m_future->total()), byteText(m_limit))
                   : tr("%1 → %2").arg(byteText(now), byteText(m_future->total()));
    if (m_future && !isOver()) // it runs here already, whatever lane it lies in
        return m_limit > 0 ? tr("%1 of %2, as now").arg(byteText(now), byteText(m_limit))
                           : tr("%1, as now").arg(byteText(now));
    if (isOver())
        return tr("%1 of %2: %3 too much").arg(byteText(now), byteText(m_limit), byteText(now - m_limit));
    return m_limit > 0 ? tr("%1 of %2").arg(byteText(now), byteText(m_limit)) : byteText(now);
}

QString MemoryBar::legend() const
{
    QStringList lines;
    for (const Part& part : partsOf(m_future.value_or(m_bytes)))
        lines += tr("%1: %2").arg(part.name, app::byteText(part.bytes));
    return lines.join(QLatin1Char('\n'));
}

QSize MemoryBar::sizeHint() const
{
    return {200, kBarHeight + kGap + fontMetrics().height()};
}

bool MemoryBar::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), legend(), this);
        return true;
    }
    return QWidget::event(event);
}

void MemoryBar::paintEvent(QPaintEvent* /*event*/)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF bar(0.5, 0.5, width() - 1.0, kBarHeight - 1.0);
    QPainterPath outline;
    outline.addRoundedRect(bar, 3, 3);
    painter.fillPath(outline, colours.hover);

    const app::LaneBytes shown = m_future.value_or(m_bytes);
    const auto whole =
        static_cast<double>(std::max<qint64>({m_limit, shown.total(), m_bytes.total(), qint64(1)}));
    painter.save();
    painter.setClipPath(outline);
    double x = bar.left();
    const auto paintParts = [&](const app::LaneBytes& bytes) {
        for (const Part& part : partsOf(bytes)) {
            if (part.bytes <= 0)
                continue;
            // Never so thin that it cannot be seen.
            const double width = std::max(2.0, bar.width() * static_cast<double>(part.bytes) / whole);
            paintSegment(painter, QRectF(x, bar.top(), width, bar.height()), part);
            x += width;
        }
    };
    paintParts(m_bytes);
    if (m_future) { // what would come, behind a mark
        constexpr double kMark = 2.0;
        const app::LaneBytes added{m_future->values - m_bytes.values, m_future->gradients - m_bytes.gradients,
                                   m_future->optimizer - m_bytes.optimizer,
                                   m_future->workspace - m_bytes.workspace};
        if (added.total() > 0) {
            x = std::min(x, bar.right() - 4 * kMark);
            painter.fillRect(QRectF(x, bar.top(), bar.right() - x, bar.height()), colours.hover);
            painter.fillRect(QRectF(x, bar.top(), kMark, bar.height()), colours.text);
            x += kMark;
            paintParts(added);
        }
    }
    if (m_limit > 0 && static_cast<double>(m_limit) < whole) {
        const double edge = bar.left() + bar.width() * static_cast<double>(m_limit) / whole;
        QColor red = colours.bad;
        painter.fillRect(QRectF(edge, bar.top(), bar.right() - edge, bar.height()), colours.badFill);
        painter.fillRect(QRectF(edge, bar.top(), bar.right() - edge, bar.height()),
                         QBrush(red, Qt::FDiagPattern));
        painter.setPen(QPen(red, 2));
        painter.drawLine(QPointF(edge, bar.top()), QPointF(edge, bar.bottom()));
    }
    painter.restore();
    painter.setPen(isOver() ? colours.bad : colours.line);
    painter.drawPath(outline);

    QFont font = painter.font();
    font.setBold(isOver());
    painter.setFont(font);
    painter.setPen(isOver() ? colours.bad : (m_future ? colours.text : colours.muted));
    const QRect words(0, kBarHeight + kGap, width(), height() - kBarHeight - kGap);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(font).elidedText(text(), Qt::ElideRight, width()));
}

MemoryLegend::MemoryLegend(QWidget* parent) : QWidget(parent)
{
    QStringList names;
    for (const Part& part : partsOf({}))
        names += part.name;
    setAccessibleName(tr("Memory bars, from the left: %1").arg(names.join(QStringLiteral(", "))));
    setToolTip(accessibleName());
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize MemoryLegend::sizeHint() const
{
    int width = 0;
    for (const Part& part : partsOf({}))
        width += kSwatch + kSpace + fontMetrics().horizontalAdvance(part.name) + 2 * kSpace;
    return {width, fontMetrics().height() + 4};
}

void MemoryLegend::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setPen(Theme::instance().colours().muted);
    int x = 0;
    for (const Part& part : partsOf({})) {
        paintSegment(painter, QRectF(x, (height() - kSwatch) / 2.0, kSwatch, kSwatch), part);
        x += kSwatch + kSpace;
        const int width = fontMetrics().horizontalAdvance(part.name);
        painter.drawText(QRect(x, 0, width + 1, height()), Qt::AlignLeft | Qt::AlignVCenter, part.name);
        x += width + 2 * kSpace;
    }
}

} // namespace wr::ui
