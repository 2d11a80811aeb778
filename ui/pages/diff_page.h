// SPDX-License-Identifier: GPL-3.0-or-later
// Two checkpoints and what differs between them. UI thread.
#pragma once

#include "app/document/explanation.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace wr::app {
class DiffModel;
}

namespace wr::ui {

class CheckpointPicker;
class Workspace;

class DiffPage : public QWidget {
    Q_OBJECT
public:
    explicit DiffPage(Workspace* workspace, QWidget* parent = nullptr);
    /// An empty path leaves that side to be chosen.
    void compare(const QString& a, const QString& b);
    app::DiffModel* model() const { return m_model; }
    QTableView* table() const { return m_table; }

signals:
    void complained(const wr::app::Explanation& explanation);

private:
    void start();
    void finish();
    void go(int direction);
    void setBusy(bool isBusy);

    app::DiffModel* m_model;
    CheckpointPicker* m_a;
    CheckpointPicker* m_b;
    QProgressBar* m_progress;
    QPushButton* m_cancel;
    QLabel* m_summary;
    QTableView* m_table;
    QStackedWidget* m_stack;
    bool m_isSetting = false;
};

} // namespace wr::ui
