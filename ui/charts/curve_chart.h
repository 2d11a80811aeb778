// SPDX-License-Identifier: GPL-3.0-or-later
// Curves of a run over its steps, live: one replace() per series and frame, at most ten frames a second, from
// reduced points; other runs behind them; zoom by rubber band, read-out under the pointer, event marks. The
// only place, with its view and axes, that knows Qt Charts. UI thread.
#pragma once

#include "ui/charts/curve.h"
#include "ui/charts/draw_pace.h"

#include <QTimer>
#include <QVector>
#include <QWidget>

class QLabel;
class QLineSeries;

namespace wr::ui {

class ChartAxes;
class CurveView;

class CurveChart : public QWidget {
    Q_OBJECT
public:
    CurveChart(app::MetricHistory* history, const QString& title, const QVector<Curve>& curves,
               QWidget* parent = nullptr);

    QString title() const { return m_title; }
    void setLogScale(bool isLog); ///< values of zero and below are drawn at the bottom, and counted
    bool isLogScale() const;
    void setLogSteps(bool isLog);
    void setSmoothing(double weight); ///< [0, 1)
    void setOtherRuns(const QVector<OtherRun>& runs);
    /// The steps that are shown; all of them when `to` is not past `from`.
    void setZoom(double from, double to);
    void resetZoom() { setZoom(0.0, 0.0); }
    /// The line under the pointer of another chart; negative: none.
    void setPointer(double step);
    /// Draws now what has changed; otherwise the next frame does.
    void refresh();
    int drawnPoints(int curve) const; ///< in the series of the curve at present
    QPointF drawnPoint(int curve, int point) const;
    int drawnRuns() const { return static_cast<int>(m_others.size()); }

signals:
    void zoomed(double from, double to);
    void pointed(double step);
    void runChosen(int id); ///< another run's curve was clicked; 0: none

private:
    friend class CurveView;
    void markDirty();
    void paintColours();
    QVector<QPointF> pointsOf(const app::MetricHistory& history, const Curve& curve, bool isSmoothed) const;
    double firstStep() const;
    double lastStep() const;
    void readOut(double step, bool isInside);
    void zoomTo(double from, double to);
    void clickAt(const QPointF& place);

    app::MetricHistory* m_history;
    QString m_title;
    QVector<Curve> m_curves;
    QVector<OtherRun> m_others;
    CurveView* m_view;
    ChartAxes* m_axes;
    QLabel* m_legend;
    QLabel* m_note;
    QVector<QLineSeries*> m_raw;
    QVector<QLineSeries*> m_smooth; ///< null for curves that are not smoothed
    QVector<QLineSeries*> m_behind; ///< of other runs: one after the other, all curves of each
    QTimer m_frame;
    DrawPace m_pace;
    bool m_isDirty = true;
    double m_smoothing = 0.0;
    double m_from = 0.0; ///< zoomed when m_to > m_from
    double m_to = 0.0;
    double m_pointer = -1.0; ///< step under the pointer
    int m_clamped = 0;
};

} // namespace wr::ui
