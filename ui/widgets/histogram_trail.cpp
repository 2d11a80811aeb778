// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/histogram_trail.h"

#include "app/document/quantity.h"
#include "ui/charts/tick_scale.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace wr::ui {
namespace {

constexpr qsizetype kMostShown = 24;
constexpr double kBottom = 22.0;
constexpr double kRight = 56.0;

} // namespace

HistogramTrail::HistogramTrail(QWidget* parent) : QWidget(parent)
{
    setMinimumHeight(120);
    setAccessibleName(tr("Histograms of the selected variable over time"));
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void HistogramTrail::show(const QVector<app::WeightProbe>& probes, const QVector<qint64>& steps)
{
    m_probes = probes;
    m_steps = steps;
    update();
}

void HistogramTrail::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    const Colours& colours = Theme::instance().colours();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colours.muted);
    if (m_probes.isEmpty()) {
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap,
                         tr("Histograms appear here once the variables hold values."));
        return;
    }
    double low = m_probes.first().least;
    double high = m_probes.first().greatest;
    for (const app::WeightProbe& probe : std::as_const(m_probes)) {
        low = std::min(low, probe.least);
        high = std::max(high, probe.greatest);
    }
    if (!(high > low)) {
        low -= 0.5;
        high += 0.5;
    }
    const QRectF area = QRectF(rect()).adjusted(8, 8, -kRight, -kBottom);
    const qsizetype shown = std::min(m_probes.size(), kMostShown);
    const double peak = area.height() * (shown > 1 ? 0.35 : 0.9);
    const double depth = area.height() - peak;
    const auto across = [&](double value) {
        return area.left() + (value - low) / (high - low) * area.width();
    };
    for (qsizetype i = 0; i < shown; ++i) {
        // Spread over the whole time, the newest one always among them.
        const qsizetype place = shown > 1 ? i * (m_probes.size() - 1) / (shown - 1) : m_probes.size() - 1;
        const app::WeightProbe& probe = m_probes[place];
        const double age = shown > 1 ? static_cast<double>(i) / static_cast<double>(shown - 1) : 1.0;
        const double base = area.top() + peak + depth * age;
        QPainterPath path;
        const double width =
            (probe.greatest - probe.least) / std::max<double>(1.0, static_cast<double>(probe.counts.size()));
        path.moveTo(across(probe.least), base);
        for (qsizetype bin = 0; bin < probe.counts.size(); ++bin)
            path.lineTo(across(probe.least + width * (static_cast<double>(bin) + 0.5)),
                        base - static_cast<double>(probe.counts[bin]) * peak);
        path.lineTo(across(probe.greatest), base);
        QColor fill = colours.categories[0];
        fill.setAlphaF(static_cast<float>(0.25 + 0.45 * age));
        painter.setBrush(colours.base);
        painter.setPen(Qt::NoPen);
        painter.drawPath(path);
        painter.setBrush(fill);
        painter.setPen(QPen(colours.base, 0.8));
        painter.drawPath(path);
        if (i == 0 || i == shown - 1) {
            painter.setPen(colours.muted);
            painter.drawText(QRectF(area.right() + 4, base - 16, kRight - 4, 18),
                             Qt::AlignLeft | Qt::AlignVCenter, app::countText(m_steps.value(place)));
        }
    }
    painter.setPen(QPen(colours.line, 1));
    painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right(), area.bottom()));
    painter.setPen(colours.muted);
    const double interval = tickInterval(high - low, 4);
    for (double value = std::ceil(low / interval) * interval; value <= high; value += interval)
        painter.drawText(QRectF(across(value) - 30, area.bottom() + 3, 60, 18), Qt::AlignCenter,
                         tickText(value));
}

} // namespace wr::ui
