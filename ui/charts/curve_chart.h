// SPDX-License-Identifier: GPL-3.0-or-later
// Curves of a run over its steps, live: one replace() per series and frame, at most ten frames a second, from
// reduced points; zoom by rubber band, read-out under the pointer, event marks. The only place, with its
// view, that knows Qt Charts. UI thread.
#pragma once

#include "ui/charts/curve.h"

#include <QTimer>
#include <QVector>
#include <QWidget>

class QLabel;
class QLineSeries;
class QValueAxis;
class QLogValueAxis;

namespace wr::ui {

class CurveView;

class CurveChart : public QWidget {
    Q_OBJECT
public:
    CurveChart(app::MetricHistory* history, const QString& title, const QVector<Curve>& curves,
               QWidget* parent = nullptr);

    void setLogScale(bool isLog); ///< values of zero and below are drawn at the bottom, and counted
    bool isLogScale() const { return m_isLog; }
    void setSmoothing(double weight); ///< [0, 1)
    void resetZoom();
    /// Draws now what has changed; otherwise the next frame does.
    void refresh();
    int drawnPoints(int curve) const; ///< in the series of the curve at present
    QPointF drawnPoint(int curve, int point) const;

private:
    friend class CurveView;
    void markDirty();
    void paintColours();
    QVector<QPointF> pointsOf(const Curve& curve, bool isSmoothed);
    void fitValues(double low, double high, double smallestPositive);
    void readOut(double step, bool isInside);
    void zoomTo(double from, double to);

    app::MetricHistory* m_history;
    QVector<Curve> m_curves;
    CurveView* m_view;
    QLabel* m_legend;
    QLabel* m_note;
    QVector<QLineSeries*> m_raw;
    QVector<QLineSeries*> m_smooth; ///< null for curves that are not smoothed
    QValueAxis* m_steps;
    QValueAxis* m_values;
    QLogValueAxis* m_logValues;
    QTimer m_frame;
    bool m_isDirty = true;
    bool m_isLog = false;
    double m_smoothing = 0.0;
    double m_from = 0.0; ///< zoomed when m_to > m_from
    double m_to = 0.0;
    double m_pointer = -1.0; ///< step under the pointer
    int m_clamped = 0;
};

} // namespace wr::ui
