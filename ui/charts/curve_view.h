// SPDX-License-Identifier: GPL-3.0-or-later
// The drawing surface of a curve chart: pointer, rubber band and event marks. Owned by the chart; UI thread.
#pragma once

#include "app/run/run_state.h"

#include <QChartView>
#include <QVector>

namespace wr::ui {

class CurveChart;

class CurveView : public QChartView {
    Q_OBJECT
public:
    CurveView(QChart* chart, CurveChart* owner);
    void setEvents(const QVector<app::RunEvent>& events);
    void setPointer(double step); ///< negative: none

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;

private:
    double stepAt(double x) const;
    double positionOf(double step) const;

    CurveChart* m_owner;
    QVector<app::RunEvent> m_events;
    double m_pressed = -1.0; ///< x where the rubber band began; negative without one
    double m_pointer = -1.0;
};

} // namespace wr::ui
