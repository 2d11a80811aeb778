// SPDX-License-Identifier: GPL-3.0-or-later
// All charts of a training side by side: the loss, each metric, learning rate and gradient norm. They share
// zoom, pointer, smoothing and the other runs that are drawn behind. Which are shown is remembered. UI
// thread.
#pragma once

#include "ui/charts/curve.h"

#include <QVector>
#include <QWidget>

class QFrame;
class QGridLayout;
class QMenu;

namespace wr::app {
class RunList;
}

namespace wr::ui {

class CurveChart;

class ChartWall : public QWidget {
    Q_OBJECT
public:
    ChartWall(app::MetricHistory* history, app::RunList* runs, QWidget* parent = nullptr);

    CurveChart* lossChart() const { return m_charts.first().chart; }
    /// The charts that are shown, in their order.
    QVector<CurveChart*> shownCharts() const;
    QMenu* chartMenu() const { return m_menu; } ///< to choose which are shown
    void setLogValues(bool isLog);              ///< of the loss and the gradient norm
    void setLogSteps(bool isLog);
    void setSmoothing(double weight);
    void resetZoom();

signals:
    void runChosen(int id); ///< by a click on one of its curves; 0: none

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Entry {
        QString key;
        QFrame* card = nullptr;
        CurveChart* chart = nullptr;
        bool isShown = true;
        bool isMetric = false;
        bool canBeLog = false;
    };
    void addChart(const QString& key, const QString& title, const QVector<Curve>& curves, bool isShown,
                  bool canBeLog);
    void rebuildMetrics();
    void showRuns();
    void arrange();
    void fillMenu();

    app::MetricHistory* m_history;
    app::RunList* m_runs;
    QVector<Entry> m_charts; ///< the loss first
    QGridLayout* m_grid;
    QMenu* m_menu;
    int m_columns = 0;
    int m_chosen = 0;
    double m_smoothing = 0.0;
    bool m_hasLogSteps = false;
    bool m_hasLogValues = false;
};

} // namespace wr::ui
