// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/histogram_view.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <algorithm>

namespace wr::ui {

HistogramView::HistogramView(QWidget* parent) : QWidget(parent)
{
    setMinimumHeight(110);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void HistogramView::setBins(const QVector<double>& bins, double low, double high)
{
    m_bins = bins;
    m_low = low;
    m_high = high;
    setAccessibleName(tr("Histogram from %1 to %2").arg(app::valueText(low), app::valueText(high)));
    update();
}

void HistogramView::paintEvent(QPaintEvent* /*event*/)
{
    if (m_bins.isEmpty())
        return;
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    const double highest = *std::max_element(m_bins.begin(), m_bins.end());
    const int textHeight = fontMetrics().height();
    const QRectF area(0, 4, width(), height() - textHeight - 8);
    const double barWidth = area.width() / static_cast<double>(m_bins.size());
    painter.setPen(Qt::NoPen);
    for (qsizetype i = 0; i < m_bins.size() && highest > 0; ++i) {
        const double barHeight = m_bins[i] / highest * area.height();
        // What occurs at all stays visible.
        const double shown = m_bins[i] > 0 ? std::max(1.0, barHeight) : 0.0;
        painter.fillRect(QRectF(area.left() + static_cast<double>(i) * barWidth, area.bottom() - shown,
                                std::max(1.0, barWidth - 1), shown),
                         colours.categories[0]);
    }
    painter.setPen(colours.line);
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    painter.setPen(colours.muted);
    const QRect labels(0, height() - textHeight - 2, width(), textHeight);
    painter.drawText(labels, Qt::AlignLeft, app::valueText(m_low));
    painter.drawText(labels, Qt::AlignRight, app::valueText(m_high));
    if (m_low < 0 && m_high > 0) {
        const double zero = -m_low / (m_high - m_low) * area.width();
        painter.drawLine(QPointF(zero, area.bottom()), QPointF(zero, area.bottom() + 4));
        const QRectF label(zero - 20, labels.top(), 40, textHeight);
        if (label.left() > 80 && label.right() < width() - 80)
            painter.drawText(label, Qt::AlignCenter, QStringLiteral("0"));
    }
}

} // namespace wr::ui
