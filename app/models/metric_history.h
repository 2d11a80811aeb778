// SPDX-License-Identifier: GPL-3.0-or-later
// The full-resolution curves of a run and their reduction for drawing: first, minimum, maximum and last per
// pixel column, so that no extreme is lost. Append-only until reset, except that a run which goes back to an
// earlier step replaces what came after it. UI thread.
#pragma once

#include "app/models/metric_column.h"
#include "app/run/run_state.h"

#include <QObject>
#include <QPointF>
#include <QVector>
#include <memory>

namespace wr::app {

class MetricHistory : public QObject {
    Q_OBJECT
public:
    /// The metrics of the recipe follow, two for each: see metric() and testMetric().
    enum class Series : int { Loss, TestLoss, LearningRate, GradientNorm, FirstMetric };
    static Series metric(int index)
    {
        return static_cast<Series>(static_cast<int>(Series::FirstMetric) + 2 * index);
    }
    static Series testMetric(int index)
    {
        return static_cast<Series>(static_cast<int>(Series::FirstMetric) + 2 * index + 1);
    }

    explicit MetricHistory(QObject* parent = nullptr);
    void append(const QVector<MetricPoint>& points);
    void addEvent(const RunEvent& event);
    /// The names of the recipe's metrics, in its order.
    void setMetrics(const QStringList& names);
    const QStringList& metrics() const { return m_metrics; }
    void reset();

    qint64 pointCount(Series series) const;
    qint64 lastStep() const;
    double last(Series series) const; ///< NaN when empty
    const MetricColumn& column(Series series) const;
    /// Points of steps [from, to] reduced to at most 4 per column, see MetricColumn; non-finite values are
    /// left out.
    QVector<QPointF> reduced(Series series, double from, double to, int columns, bool isLog = false) const;
    /// Exponential moving average with weight `smoothing` in [0, 1) of the past, from the first point on,
    /// reduced likewise.
    QVector<QPointF> smoothed(Series series, double smoothing, double from, double to, int columns,
                              bool isLog = false) const;
    /// Value at the step nearest to `step`; NaN when empty.
    double valueAt(Series series, double step) const;
    const QVector<RunEvent>& events() const;
    /// All curves and events as they are now.
    std::unique_ptr<MetricHistory> copy() const;
    qint64 points() const; ///< of all curves
    /// "step,loss,METRIC…,learning_rate,test_loss,test_METRIC…,gradient_norm", one line per step; absent
    /// values are empty.
    QByteArray toCsv() const;

signals:
    void changed();
    void metricsChanged();

private:
    /// The smoothed curve as far as it has been asked for; made anew when the weight changes.
    struct Smoothed {
        MetricColumn column;
        double weight = -1.0;
        double average = 0.0;
        qsizetype used = 0; ///< points of the curve that are in
    };
    static constexpr int kSeriesCount = static_cast<int>(Series::FirstMetric) + 2 * kMostMetrics;
    void goBackTo(qint64 step);

    MetricColumn m_columns[kSeriesCount];
    mutable Smoothed m_smoothed[kSeriesCount];
    QVector<RunEvent> m_events;
    QStringList m_metrics;
    qint64 m_lastStep = 0;
};

} // namespace wr::app
