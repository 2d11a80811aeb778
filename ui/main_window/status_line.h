// SPDX-License-Identifier: GPL-3.0-or-later
// What runs, how far it is, and where: the right side of the status bar. UI thread.
#pragma once

#include "app/run/run_state.h"

#include <QWidget>

class QLabel;
class QProgressBar;

namespace wr::ui {

class StatusLine : public QWidget {
    Q_OBJECT
public:
    explicit StatusLine(QWidget* parent = nullptr);
    void show(const app::RunState& state);
    using QWidget::show;

private:
    QLabel* m_phase;
    QProgressBar* m_progress;
    QLabel* m_step;
    QLabel* m_device;
};

/// "Paused", "Training", "Loading data…": the state in a word or two.
QString phaseText(const app::RunState& state);

} // namespace wr::ui
