// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/metric_history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace wr::app {

MetricHistory::MetricHistory(QObject* parent) : QObject(parent) {}

const MetricColumn& MetricHistory::column(Series series) const
{
    return m_columns[static_cast<int>(series)];
}

void MetricHistory::append(const QVector<MetricPoint>& points)
{
    if (points.isEmpty())
        return;
    const auto at = [this](Series series) -> MetricColumn& { return m_columns[static_cast<int>(series)]; };
    for (const MetricPoint& point : points) {
        const auto step = static_cast<double>(point.step);
        if (point.step <= m_lastStep)
            goBackTo(point.step);
        m_lastStep = point.step;
        at(Series::Loss).append(step, point.loss);
        at(Series::LearningRate).append(step, point.learningRate);
        at(Series::GradientNorm).append(step, point.gradientNorm);
        if (point.test)
            at(Series::TestLoss).append(step, point.test->loss);
        for (int i = 0; i < static_cast<int>(m_metrics.size()); ++i) {
            const auto index = static_cast<std::size_t>(i);
            at(metric(i)).append(step, static_cast<double>(point.metrics[index]));
            if (point.test)
                at(testMetric(i)).append(step, point.test->metrics[index]);
        }
    }
    emit changed();
}

void MetricHistory::goBackTo(qint64 step)
{
    for (int i = 0; i < kSeriesCount; ++i) {
        // A value that is not finite takes away what lies at its step and after it, and leaves nothing.
        m_columns[i].append(static_cast<double>(step), std::numeric_limits<double>::quiet_NaN());
        m_smoothed[i] = {};
    }
    const auto isLater = [step](const RunEvent& event) { return event.step > step; };
    m_events.erase(std::remove_if(m_events.begin(), m_events.end(), isLater), m_events.end());
}

void MetricHistory::setMetrics(const QStringList& names)
{
    const QStringList known = names.mid(0, kMostMetrics);
    if (known == m_metrics)
        return;
    m_metrics = known;
    for (int i = static_cast<int>(Series::FirstMetric); i < kSeriesCount; ++i) {
        m_columns[i].clear();
        m_smoothed[i] = {};
    }
    emit metricsChanged();
    emit changed();
}

void MetricHistory::addEvent(const RunEvent& event)
{
    m_events.append(event);
    emit changed();
}

void MetricHistory::reset()
{
    for (int i = 0; i < kSeriesCount; ++i) {
        m_columns[i].clear();
        m_smoothed[i] = {};
    }
    m_events.clear();
    m_lastStep = 0;
    emit changed();
}

qint64 MetricHistory::pointCount(Series series) const
{
    return column(series).size();
}

qint64 MetricHistory::lastStep() const
{
    return m_lastStep;
}

double MetricHistory::last(Series series) const
{
    const MetricColumn& curve = column(series);
    return curve.isEmpty() ? std::numeric_limits<double>::quiet_NaN() : curve.value(curve.size() - 1);
}

QVector<QPointF> MetricHistory::reduced(Series series, double from, double to, int columns, bool isLog) const
{
    return column(series).reduced(from, to, columns, isLog);
}

std::unique_ptr<MetricHistory> MetricHistory::copy() const
{
    auto copy = std::make_unique<MetricHistory>();
    std::copy(std::begin(m_columns), std::end(m_columns), std::begin(copy->m_columns));
    copy->m_events = m_events;
    copy->m_metrics = m_metrics;
    copy->m_lastStep = m_lastStep;
    return copy;
}

qint64 MetricHistory::points() const
{
    return std::accumulate(std::begin(m_columns), std::end(m_columns), qint64{0},
                           [](qint64 sum, const MetricColumn& column) { return sum + column.size(); });
}

QVector<QPointF> MetricHistory::smoothed(Series series, double smoothing, double from, double to, int columns,
                                         bool isLog) const
{
    const double weight = std::isfinite(smoothing) ? std::clamp(smoothing, 0.0, 0.9999) : 0.0;
    const MetricColumn& curve = column(series);
    Smoothed& cache = m_smoothed[static_cast<int>(series)];
    if (cache.weight != weight) {
        cache = {};
        cache.weight = weight;
    }
    for (; cache.used < curve.size(); ++cache.used) {
        const double value = curve.value(cache.used);
        cache.average = cache.used == 0 ? value : weight * cache.average + (1.0 - weight) * value;
        cache.column.append(curve.step(cache.used), cache.average);
    }
    return cache.column.reduced(from, to, columns, isLog);
}

double MetricHistory::valueAt(Series series, double step) const
{
    const MetricColumn& curve = column(series);
    const qsizetype index = curve.nearest(step);
    return index < 0 ? std::numeric_limits<double>::quiet_NaN() : curve.value(index);
}

const QVector<RunEvent>& MetricHistory::events() const
{
    return m_events;
}

QByteArray MetricHistory::toCsv() const
{
    constexpr double kEnd = std::numeric_limits<double>::infinity();
    constexpr int kExactDigits = 17;
    QVector<Series> order{Series::Loss};
    QStringList heads{QStringLiteral("step"), QStringLiteral("loss")};
    const auto add = [&](Series series, QString head) {
        order += series;
        if (head.contains(u',') || head.contains(u'"') || head.contains(u'\n'))
            head = u'"' + head.replace(u'"', QStringLiteral("\"\"")) + u'"';
        heads += head;
    };
    for (int i = 0; i < static_cast<int>(m_metrics.size()); ++i)
        add(metric(i), m_metrics[i]);
    add(Series::LearningRate, QStringLiteral("learning_rate"));
    add(Series::TestLoss, QStringLiteral("test_loss"));
    for (int i = 0; i < static_cast<int>(m_metrics.size()); ++i)
        add(testMetric(i), QStringLiteral("test_") + m_metrics[i]);
    add(Series::GradientNorm, QStringLiteral("gradient_norm"));
    QByteArray csv = heads.join(u',').toUtf8() + '\n';
    QVector<qsizetype> next(order.size(), 0);
    for (;;) {
        double step = kEnd;
        for (qsizetype i = 0; i < order.size(); ++i) {
            if (next[i] < column(order[i]).size())
                step = std::min(step, column(order[i]).step(next[i]));
        }
        if (step == kEnd)
            return csv;
        csv += QByteArray::number(static_cast<qint64>(step));
        for (qsizetype i = 0; i < order.size(); ++i) {
            csv += ',';
            const MetricColumn& curve = column(order[i]);
            if (next[i] < curve.size() && curve.step(next[i]) == step)
                csv += QByteArray::number(curve.value(next[i]++), 'g', kExactDigits);
        }
        csv += '\n';
    }
}

} // namespace wr::app
