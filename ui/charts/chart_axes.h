// SPDX-License-Identifier: GPL-3.0-or-later
// The two axes of a curve chart, each linear or logarithmic, with round marks, and the way between a step and
// its place in the plot. Owned by the chart; UI thread.
#pragma once

#include <QObject>
#include <QRectF>

class QAbstractAxis;
class QChart;
class QFont;
class QLogValueAxis;
class QValueAxis;
class QXYSeries;

namespace wr::ui {

class ChartAxes : public QObject {
    Q_OBJECT
public:
    explicit ChartAxes(QChart* chart, QObject* parent = nullptr);

    void attach(QXYSeries* series);
    /// The series must hold points that fit the new axis before the next call.
    void setLogSteps(bool isLog);
    void setLogValues(bool isLog);
    bool hasLogSteps() const { return m_hasLogSteps; }
    bool hasLogValues() const { return m_hasLogValues; }

    void setSteps(double from, double to);
    /// What the values reach over; infinite where there are none. Logarithmic: at most twelve decades.
    void fitValues(double low, double high, double smallestPositive);
    double bottom() const; ///< of the values

    double stepAt(double x, const QRectF& area) const;
    double positionOf(double step, const QRectF& area) const;
    void paint(const QFont& font);

private:
    void swap(QAbstractAxis* old, QAbstractAxis* next, Qt::Alignment side);

    QChart* m_chart;
    QValueAxis* m_steps;
    QLogValueAxis* m_logSteps;
    QValueAxis* m_values;
    QLogValueAxis* m_logValues;
    bool m_hasLogSteps = false;
    bool m_hasLogValues = false;
};

} // namespace wr::ui
