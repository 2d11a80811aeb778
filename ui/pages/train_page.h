// SPDX-License-Identifier: GPL-3.0-or-later
// The training: numbers and charts, and beside them its rules, runs, data, weights, answers and times. UI
// thread.
#pragma once

#include "app/document/explanation.h"

#include <QWidget>

class QLabel;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace wr::ui {

class ChartWall;
class CurveChart;
class DataPreview;
class NumberTile;
class RunPanel;
class SurfaceView;
class TimingPanel;
class TrainingForm;
class WeightPanel;
class Workspace;

class TrainPage : public QWidget {
    Q_OBJECT
public:
    explicit TrainPage(Workspace* workspace, QWidget* parent = nullptr);
    ChartWall* charts() const { return m_charts; }
    CurveChart* lossChart() const;
    TrainingForm* form() const { return m_form; }
    RunPanel* runs() const { return m_runs; }
    WeightPanel* weights() const { return m_weights; }
    QTabWidget* side() const { return m_side; }
    /// Where the widths are remembered.
    QSplitter* splitter() const { return m_splitter; }

signals:
    void initRequested();
    void runRequested();
    void problemsRequested();
    void textRequested(int begin, int end); ///< UTF-16 places in the script
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void updateNumbers();
    void updateStack();
    void updateProbes();
    QWidget* makeControls();
    QWidget* makeSide();

    Workspace* m_workspace;
    ChartWall* m_charts;
    TrainingForm* m_form;
    RunPanel* m_runs;
    DataPreview* m_data;
    WeightPanel* m_weights;
    SurfaceView* m_surface;
    TimingPanel* m_timing;
    QTabWidget* m_side;
    QSplitter* m_splitter;
    NumberTile* m_lossNumber;
    NumberTile* m_testNumber; ///< the first metric, or the loss, over the test examples
    NumberTile* m_speed;
    NumberTile* m_left;
    QLabel* m_place;
    QStackedWidget* m_stack;
};

} // namespace wr::ui
