// SPDX-License-Identifier: GPL-3.0-or-later
// The full-resolution curves of a run and their reduction for drawing: first, minimum, maximum and last per
// pixel column, so that no extreme is lost. Append-only until reset. UI thread.
#pragma once

#include "app/run/run_state.h"

#include <QObject>
#include <QPointF>
#include <QVector>

namespace wr::app {

class MetricHistory : public QObject {
    Q_OBJECT
public:
    enum class Series { Loss, TestLoss, Accuracy, TestAccuracy, LearningRate };

    explicit MetricHistory(QObject* parent = nullptr);
    void append(const QVector<MetricPoint>& points);
    void addEvent(const RunEvent& event);
    void reset();

    qint64 pointCount(Series series) const;
    qint64 lastStep() const;
    double last(Series series) const; ///< NaN when empty
    /// Points of steps [from, to] reduced to at most 4 per column; non-finite values are left out.
    QVector<QPointF> reduced(Series series, double from, double to, int columns) const;
    /// Exponential moving average with weight `smoothing` in [0, 1) of the past, reduced likewise.
    QVector<QPointF> smoothed(Series series, double smoothing, double from, double to, int columns) const;
    /// Value at the step nearest to `step`; NaN when empty.
    double valueAt(Series series, double step) const;
    const QVector<RunEvent>& events() const;
    QByteArray toCsv() const;

signals:
    void changed();

private:
    struct Column {
        QVector<double> steps;
        QVector<double> values;
    };
    const Column& column(Series series) const;
    Column m_columns[5];
    QVector<RunEvent> m_events;
};

} // namespace wr::app
