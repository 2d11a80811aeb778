// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_axes.h"

#include "ui/charts/tick_scale.h"
#include "ui/theme/theme.h"

#include <QChart>
#include <QFont>
#include <QLogValueAxis>
#include <QValueAxis>
#include <QXYSeries>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

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

ChartAxes::ChartAxes(QChart* chart, QObject* parent)
    : QObject(parent), m_chart(chart), m_steps(new QValueAxis(this)), m_logSteps(new QLogValueAxis(this)),
      m_values(new QValueAxis(this)), m_logValues(new QLogValueAxis(this))
{
    chart->addAxis(m_steps, Qt::AlignBottom);
    chart->addAxis(m_values, Qt::AlignLeft);
    m_steps->setLabelFormat(QStringLiteral("%.6g"));
    m_values->setLabelFormat(QStringLiteral("%.4g"));
    m_logSteps->setLabelFormat(QStringLiteral("%.0f"));
    m_logValues->setLabelFormat(QStringLiteral("%.1g"));
    for (QLogValueAxis* axis : {m_logSteps, m_logValues})
        axis->setBase(10.0);
    for (QValueAxis* axis : {m_steps, m_values}) {
        axis->setTickType(QValueAxis::TicksDynamic);
        axis->setTickAnchor(0.0);
    }
}

void ChartAxes::attach(QXYSeries* series)
{
    series->attachAxis(m_hasLogSteps ? static_cast<QAbstractAxis*>(m_logSteps) : m_steps);
    series->attachAxis(m_hasLogValues ? static_cast<QAbstractAxis*>(m_logValues) : m_values);
}

void ChartAxes::swap(QAbstractAxis* old, QAbstractAxis* next, Qt::Alignment side)
{
    // A single zero would empty a logarithmic chart, so no point meets the new axis yet.
    const QList<QAbstractSeries*> all = m_chart->series();
    for (QAbstractSeries* series : all) {
        if (auto* curve = qobject_cast<QXYSeries*>(series))
            curve->replace(QList<QPointF>());
        series->detachAxis(old);
    }
    m_chart->removeAxis(old);
    old->setParent(this);
    m_chart->addAxis(next, side);
    for (QAbstractSeries* series : all)
        series->attachAxis(next);
}

void ChartAxes::setLogSteps(bool isLog)
{
    if (isLog == m_hasLogSteps)
        return;
    m_hasLogSteps = isLog;
    if (isLog)
        swap(m_steps, m_logSteps, Qt::AlignBottom);
    else
        swap(m_logSteps, m_steps, Qt::AlignBottom);
}

void ChartAxes::setLogValues(bool isLog)
{
    if (isLog == m_hasLogValues)
        return;
    m_hasLogValues = isLog;
    if (isLog)
        swap(m_values, m_logValues, Qt::AlignLeft);
    else
        swap(m_logValues, m_values, Qt::AlignLeft);
}

void ChartAxes::setSteps(double from, double to)
{
    constexpr int kMarks = 8;
    if (m_hasLogSteps) {
        const double low = std::max(1.0, from);
        m_logSteps->setRange(low, std::max(to, low * 1.5));
    } else {
        setAxis(m_steps, from, to, std::max(1.0, tickInterval(to - from, kMarks)));
    }
}

void ChartAxes::fitValues(double low, double high, double smallestPositive)
{
    constexpr int kMarks = 5;
    constexpr double kSpan = 1e-12;
    if (!std::isfinite(low) || !std::isfinite(high)) {
        low = 0.0;
        high = 1.0;
        smallestPositive = 0.1;
    }
    if (m_hasLogValues) {
        const double top = high > 0 ? high : 1.0;
        const double floor = std::isfinite(smallestPositive) ? std::max(smallestPositive, top * kSpan) : top;
        const double least = std::pow(10.0, std::floor(std::log10(floor)));
        m_logValues->setRange(least, std::max(std::pow(10.0, std::ceil(std::log10(top))), least * 10.0));
        return;
    }
    const double span = high > low ? high - low : std::max(std::abs(high), 1e-6);
    const double interval = tickInterval(span, kMarks);
    double from = std::floor(low / interval) * interval;
    double to = std::ceil(high / interval) * interval;
    if (to <= from) {
        from -= interval;
        to += interval;
    }
    setAxis(m_values, from, to, interval);
}

double ChartAxes::bottom() const
{
    return m_hasLogValues ? m_logValues->min() : m_values->min();
}

double ChartAxes::stepAt(double x, const QRectF& area) const
{
    const double share = (x - area.left()) / area.width();
    if (m_hasLogSteps)
        return m_logSteps->min() * std::pow(m_logSteps->max() / m_logSteps->min(), share);
    return m_steps->min() + share * (m_steps->max() - m_steps->min());
}

double ChartAxes::positionOf(double step, const QRectF& area) const
{
    double share = 0.0;
    if (m_hasLogSteps)
        share = std::log(std::max(step, 1e-9) / m_logSteps->min()) /
                std::log(m_logSteps->max() / m_logSteps->min());
    else if (m_steps->max() > m_steps->min())
        share = (step - m_steps->min()) / (m_steps->max() - m_steps->min());
    return area.left() + share * area.width();
}

void ChartAxes::paint(const QFont& font)
{
    const Colours& colours = Theme::instance().colours();
    for (QAbstractAxis* axis :
         {static_cast<QAbstractAxis*>(m_steps), static_cast<QAbstractAxis*>(m_logSteps),
          static_cast<QAbstractAxis*>(m_values), static_cast<QAbstractAxis*>(m_logValues)}) {
        axis->setLabelsFont(font);
        axis->setLabelsColor(colours.muted);
        axis->setGridLineColor(colours.line);
        axis->setLinePenColor(colours.line);
    }
}

} // namespace wr::ui
