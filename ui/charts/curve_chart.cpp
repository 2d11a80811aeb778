// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curve_chart.h"

#include "app/document/quantity.h"
#include "ui/charts/curve_view.h"
#include "ui/charts/tick_scale.h"
#include "ui/theme/theme.h"

#include <QChart>
#include <QHBoxLayout>
#include <QLabel>
#include <QLegend>
#include <QLineSeries>
#include <QLogValueAxis>
#include <QVBoxLayout>
#include <QValueAxis>
#include <algorithm>
#include <cmath>
#include <limits>

namespace wr::ui {
namespace {
constexpr int kFrameMilliseconds = 100;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// A label is an item of its own, so there must never be many, not even between the two calls.
void setAxis(QValueAxis* axis, double from, double to, double interval)
{
    if (interval > axis->tickInterval()) {
        axis->setTickInterval(interval);
        axis->setRange(from, to);
    } else {
        axis->setRange(from, to);
        axis->setTickInterval(interval);
    }
}

} // namespace

CurveChart::CurveChart(app::MetricHistory* history, const QString& title, const QVector<Curve>& curves,
                       QWidget* parent)
    : QWidget(parent), m_history(history), m_curves(curves), m_legend(new QLabel(this)),
      m_note(new QLabel(this)), m_steps(new QValueAxis(this)), m_values(new QValueAxis(this)),
      m_logValues(new QLogValueAxis(this))
{
    auto* chart = new QChart;
    chart->setAnimationOptions(QChart::NoAnimation);
    chart->legend()->hide();
    chart->setMargins(QMargins());
    chart->setBackgroundRoundness(0);
    chart->setBackgroundVisible(false);
    m_view = new CurveView(chart, this);
    m_view->setAccessibleName(title);
    chart->addAxis(m_steps, Qt::AlignBottom);
    chart->addAxis(m_values, Qt::AlignLeft);
    m_logValues->setBase(10.0);
    m_steps->setLabelFormat(QStringLiteral("%.6g"));
    m_values->setLabelFormat(QStringLiteral("%.4g"));
    m_logValues->setLabelFormat(QStringLiteral("%.1g"));
    for (QValueAxis* axis : {m_steps, m_values}) {
        axis->setTickType(QValueAxis::TicksDynamic);
        axis->setTickAnchor(0.0);
    }
    for (const Curve& curve : m_curves) {
        auto* raw = new QLineSeries(chart);
        auto* smooth = curve.isSmooth ? new QLineSeries(chart) : nullptr;
        for (QLineSeries* series : {raw, smooth}) {
            if (series == nullptr)
                continue;
            chart->addSeries(series);
            series->attachAxis(m_steps);
            series->attachAxis(m_values);
        }
        m_raw.append(raw);
        m_smooth.append(smooth);
    }
    auto* heading = new QLabel(title, this);
    heading->setProperty("role", QStringLiteral("title"));
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setObjectName(QStringLiteral("readout"));
    m_note->setProperty("role", QStringLiteral("muted"));
    auto* top = new QHBoxLayout;
    top->setContentsMargins(12, 8, 12, 0);
    top->setSpacing(16);
    top->addWidget(heading);
    top->addWidget(m_legend);
    top->addStretch();
    top->addWidget(m_note);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(top);
    layout->addWidget(m_view, 1);

    m_frame.setInterval(kFrameMilliseconds);
    connect(&m_frame, &QTimer::timeout, this, [this] {
        if (m_isDirty && isVisible())
            refresh();
    });
    m_frame.start();
    connect(history, &app::MetricHistory::changed, this, &CurveChart::markDirty);
    connect(&Theme::instance(), &Theme::changed, this, &CurveChart::paintColours);
    paintColours();
    refresh();
}

void CurveChart::markDirty()
{
    m_isDirty = true;
}

void CurveChart::paintColours()
{
    const Colours& colours = Theme::instance().colours();
    for (qsizetype i = 0; i < m_curves.size(); ++i) {
        const auto slot = static_cast<std::size_t>(m_curves[i].colour);
        QColor ink = colours.categories[slot % colours.categories.size()];
        const bool isBehind = m_smooth[i] != nullptr && m_smoothing > 0.0;
        if (m_smooth[i] != nullptr)
            m_smooth[i]->setPen(QPen(ink, 2.0));
        if (isBehind)
            ink.setAlphaF(0.3F);
        // Thin lines of many points are painted ten times as fast.
        m_raw[i]->setPen(QPen(ink, isBehind || m_curves[i].isSmooth ? 1.0 : 1.8));
    }
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1.0));
    for (QAbstractAxis* axis : {static_cast<QAbstractAxis*>(m_steps), static_cast<QAbstractAxis*>(m_values),
                                static_cast<QAbstractAxis*>(m_logValues)}) {
        axis->setLabelsFont(small);
        axis->setLabelsColor(colours.muted);
        axis->setGridLineColor(colours.line);
        axis->setLinePenColor(colours.line);
    }
    m_isDirty = true;
    readOut(m_pointer, m_pointer >= 0);
}

void CurveChart::setLogScale(bool isLog)
{
    if (isLog == m_isLog)
        return;
    QChart* chart = m_view->chart();
    QAbstractAxis* old = m_isLog ? static_cast<QAbstractAxis*>(m_logValues) : m_values;
    QAbstractAxis* next = isLog ? static_cast<QAbstractAxis*>(m_logValues) : m_values;
    m_isLog = isLog;
    // The points must fit the axis before they meet it: a single zero would empty a logarithmic chart.
    const auto eachSeries = [this](auto&& visit) {
        for (const QVector<QLineSeries*>* all : {&m_raw, &m_smooth}) {
            for (QLineSeries* series : *all) {
                if (series != nullptr)
                    visit(series);
            }
        }
    };
    eachSeries([&](QLineSeries* series) {
        series->replace(QList<QPointF>());
        series->detachAxis(old);
    });
    chart->removeAxis(old);
    old->setParent(this);
    chart->addAxis(next, Qt::AlignLeft);
    eachSeries([&](QLineSeries* series) { series->attachAxis(next); });
    refresh();
}

void CurveChart::setSmoothing(double weight)
{
    m_smoothing = weight;
    paintColours();
}

void CurveChart::zoomTo(double from, double to)
{
    m_from = std::max(0.0, from);
    m_to = std::min(to, static_cast<double>(m_history->lastStep()));
    refresh();
}

void CurveChart::resetZoom()
{
    m_from = m_to = 0.0;
    refresh();
}

QVector<QPointF> CurveChart::pointsOf(const Curve& curve, bool isSmoothed)
{
    constexpr int kMostColumns = 500;
    const int columns = std::clamp(m_view->width() / 2, 50, kMostColumns);
    const double from = m_to > m_from ? m_from : 0.0;
    const double to = m_to > m_from ? m_to : static_cast<double>(m_history->lastStep());
    QVector<QPointF> points = isSmoothed ? m_history->smoothed(curve.series, m_smoothing, from, to, columns)
                                         : m_history->reduced(curve.series, from, to, columns);
    if (curve.isPercent) {
        for (QPointF& point : points)
            point.setY(point.y() * 100.0);
    }
    return points;
}

void CurveChart::refresh()
{
    m_isDirty = false;
    const double last = static_cast<double>(m_history->lastStep());
    const double from = m_to > m_from ? m_from : 0.0;
    const double to = m_to > m_from ? m_to : std::max(1.0, last);
    QVector<QVector<QPointF>> raw;
    QVector<QVector<QPointF>> smooth;
    double low = kInfinity;
    double high = -kInfinity;
    double positive = kInfinity;
    qint64 total = 0;
    qint64 drawn = 0;
    for (const Curve& curve : std::as_const(m_curves)) {
        raw.append(pointsOf(curve, false));
        smooth.append(curve.isSmooth && m_smoothing > 0.0 ? pointsOf(curve, true) : QVector<QPointF>());
        total = std::max(total, m_history->pointCount(curve.series));
        drawn = std::max(drawn, static_cast<qint64>(raw.last().size()));
        for (const QPointF& point : std::as_const(raw.last())) {
            low = std::min(low, point.y());
            high = std::max(high, point.y());
            if (point.y() > 0)
                positive = std::min(positive, point.y());
        }
    }
    constexpr int kStepMarks = 8;
    setAxis(m_steps, from, to, std::max(1.0, tickInterval(to - from, kStepMarks)));
    fitValues(low, high, positive);
    m_clamped = 0;
    for (qsizetype i = 0; i < m_curves.size(); ++i) {
        if (m_isLog) {
            const double bottom = m_logValues->min();
            for (QVector<QPointF>* points : {&raw[i], &smooth[i]}) {
                for (QPointF& point : *points) {
                    if (point.y() >= bottom)
                        continue;
                    point.setY(bottom);
                    ++m_clamped;
                }
            }
        }
        m_raw[i]->replace(raw[i]);
        if (m_smooth[i] != nullptr)
            m_smooth[i]->replace(smooth[i]);
    }
    QStringList notes;
    if (total > drawn)
        notes += tr("drawn as min/max of %1 points").arg(app::countText(total));
    if (m_clamped > 0)
        notes += tr("%1 of 0 or less at the bottom").arg(app::countOf(m_clamped, tr("value"), tr("values")));
    if (m_to > m_from)
        notes += tr("zoomed; double click shows all");
    m_note->setText(notes.join(QStringLiteral(" · ")));
    m_view->setEvents(m_history->events());
    readOut(m_pointer, m_pointer >= 0);
}

void CurveChart::fitValues(double low, double high, double smallestPositive)
{
    constexpr int kValueMarks = 5;
    if (!std::isfinite(low) || !std::isfinite(high)) {
        low = 0.0;
        high = 1.0;
        smallestPositive = 0.1;
    }
    if (m_isLog) {
        // At most twelve decades below the top, and at least one in all.
        const double top = high > 0 ? high : 1.0;
        const double floor = std::isfinite(smallestPositive) ? std::max(smallestPositive, top * 1e-12) : top;
        const double decades = std::floor(std::log10(floor));
        const double bottom = std::pow(10.0, decades);
        m_logValues->setRange(bottom, std::max(std::pow(10.0, std::ceil(std::log10(top))), bottom * 10.0));
        return;
    }
    const double span = high > low ? high - low : std::max(std::abs(high), 1e-6);
    const double interval = tickInterval(span, kValueMarks);
    double bottom = std::floor(low / interval) * interval;
    double top = std::ceil(high / interval) * interval;
    if (top <= bottom) {
        bottom -= interval;
        top += interval;
    }
    setAxis(m_values, bottom, top, interval);
}

void CurveChart::readOut(double step, bool isInside)
{
    m_pointer = isInside ? step : -1.0;
    const Colours& colours = Theme::instance().colours();
    QStringList parts;
    if (isInside)
        parts += tr("step %1").arg(app::countText(static_cast<qint64>(std::llround(std::max(0.0, step)))));
    for (const Curve& curve : std::as_const(m_curves)) {
        const double value =
            isInside ? m_history->valueAt(curve.series, step) : m_history->last(curve.series);
        const QString number = std::isnan(value) ? QStringLiteral("–")
                               : curve.isPercent
                                   ? QString::number(value * 100.0, 'f', 2) + QStringLiteral(" %")
                                   : app::valueText(value);
        const auto slot = static_cast<std::size_t>(curve.colour) % colours.categories.size();
        parts += QStringLiteral("<span style='color:%1'>●</span> %2 <b>%3</b>")
                     .arg(colours.categories[slot].name(), curve.name.toHtmlEscaped(), number);
    }
    m_legend->setText(parts.join(QStringLiteral("&nbsp;&nbsp; ")));
}

int CurveChart::drawnPoints(int curve) const
{
    return m_raw[curve]->count();
}

QPointF CurveChart::drawnPoint(int curve, int point) const
{
    return m_raw[curve]->at(point);
}

} // namespace wr::ui
