// SPDX-License-Identifier: GPL-3.0-or-later
// The runs of this session, and what those that are selected differ in. UI thread.
#pragma once

#include <QWidget>

class QLabel;
class QTableView;
class QTableWidget;
class QPushButton;

namespace wr::app {
class RunList;
}

namespace wr::ui {

class RunPanel : public QWidget {
    Q_OBJECT
public:
    explicit RunPanel(app::RunList* runs, QWidget* parent = nullptr);
    void choose(int id); ///< selects the run; 0: none
    QTableView* table() const { return m_table; }
    QTableWidget* comparison() const { return m_comparison; }

private:
    QList<int> selectedRows() const;
    void compare();

    app::RunList* m_runs;
    QTableView* m_table;
    QLabel* m_heading;
    QTableWidget* m_comparison;
    QPushButton* m_remove;
};

} // namespace wr::ui
