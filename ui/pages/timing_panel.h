// SPDX-License-Identifier: GPL-3.0-or-later
// Where the time of a step goes, and what the program takes of the machine while somebody looks. UI thread.
#pragma once

#include "app/run/run_probes.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

class QLabel;
class QTableWidget;

namespace wr::ui {

class TimingPanel : public QWidget {
    Q_OBJECT
public:
    explicit TimingPanel(QWidget* parent = nullptr);
    void show(const app::TimingReportPtr& report);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void showMachine();

    QLabel* m_machine;
    QLabel* m_step;
    QTableWidget* m_shares;
    QTimer m_timer;
    QElapsedTimer m_clock;
    double m_processSeconds = 0.0;
    quint64 m_trainBytes = 0;
};

} // namespace wr::ui
