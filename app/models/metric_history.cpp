// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/metric_history.h"

#include <algorithm>
#include <cmath>
#include <limits>

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
        if (point.accuracy >= 0.0)
            at(Series::Accuracy).append(step, point.accuracy);
        if (point.epochEnd && !qIsNaN(point.testLoss))
            at(Series::TestLoss).append(step, point.testLoss);
        if (point.epochEnd && point.testAccuracy >= 0.0) {
            at(Series::TestAccuracy).append(step, point.testAccuracy);
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

QVector<QPointF> MetricHistory::reduced(Series series, double from, double to, int columns) const
{
    return column(series).reduced(from, to, columns);
}

QVector<QPointF> MetricHistory::smoothed(Series series, double smoothing, double from, double to,
                                         int columns) const
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
    return cache.column.reduced(from, to, columns);
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
    static constexpr Series kOrder[] = {Series::Loss, Series::Accuracy, Series::LearningRate,
                                        Series::TestLoss, Series::TestAccuracy};
    constexpr double kEnd = std::numeric_limits<double>::infinity();
    constexpr int kExactDigits = 17;
    QByteArray csv = "step,loss,accuracy,learning_rate,test_loss,test_accuracy\n";
    qsizetype next[std::size(kOrder)] = {};
    for (;;) {
        double step = kEnd;
        for (std::size_t i = 0; i < std::size(kOrder); ++i) {
            if (next[i] < column(kOrder[i]).size())
                step = std::min(step, column(kOrder[i]).step(next[i]));
        }
        if (step == kEnd)
            return csv;
        csv += QByteArray::number(static_cast<qint64>(step));
        for (std::size_t i = 0; i < std::size(kOrder); ++i) {
            csv += ',';
            const MetricColumn& curve = column(kOrder[i]);
            if (next[i] < curve.size() && curve.step(next[i]) == step)
                csv += QByteArray::number(curve.value(next[i]++), 'g', kExactDigits);
        }
        csv += '\n';
    }
}

} // namespace wr::app
