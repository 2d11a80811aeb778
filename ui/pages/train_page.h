// SPDX-License-Identifier: GPL-3.0-or-later
// The training: numbers, curves, data and device. UI thread.
#pragma once

#include "app/document/explanation.h"

#include <QWidget>

class QLabel;
class QStackedWidget;

namespace wr::ui {

class CurveChart;
class NumberTile;
class Workspace;

class TrainPage : public QWidget {
    Q_OBJECT
public:
    explicit TrainPage(Workspace* workspace, QWidget* parent = nullptr);
    CurveChart* lossChart() const { return m_loss; }

signals:
    void initRequested();
    void runRequested();
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);

private:
    void updateNumbers();
    void updateStack();
    QWidget* makeControls();
    void exportFile(const QString& suffix);

    Workspace* m_workspace;
    CurveChart* m_loss;
    CurveChart* m_accuracy;
    NumberTile* m_lossNumber;
    NumberTile* m_accuracyNumber;
    NumberTile* m_testLossNumber; ///< in its place where no accuracy is measured
    QWidget* m_accuracyCard = nullptr;
    NumberTile* m_speed;
    NumberTile* m_left;
    QLabel* m_place;
    QStackedWidget* m_stack;
};

} // namespace wr::ui
