// SPDX-License-Identifier: GPL-3.0-or-later
// What a placement has to tell beside its lanes: copies of one step, directives without effect, rules, and
// how parameter servers would share the variables. UI thread.
#pragma once

#include "app/models/placement_board.h"

#include <QTabWidget>

class QLabel;
class QPushButton;
class QSpinBox;
class QTableView;

namespace wr::app {
class BoardTableModel;
}

namespace wr::ui {

class ServerChart;

class PlaceDetails : public QTabWidget {
    Q_OBJECT
public:
    enum Tab { Copies, Notices, Rules, Servers };

    explicit PlaceDetails(QWidget* parent = nullptr);
    void show(const std::shared_ptr<const app::PlacementBoard>& board);
    QTableView* table(Tab tab) const;
    ServerChart* chart() const { return m_chart; }
    QSpinBox* tasks() const { return m_tasks; }

signals:
    void textRequested(int begin, int end); ///< a place in the script
    void removalRequested(int rule);

private:
    struct Sheet {
        app::BoardTableModel* model = nullptr;
        QTableView* table = nullptr;
        QLabel* empty = nullptr;
    };
    QWidget* makeSheet(Tab tab, const QString& name, const QString& empty, const QVector<int>& widths);
    void showServers();
    void removeRule();

    std::shared_ptr<const app::PlacementBoard> m_board;
    Sheet m_sheets[3];
    QPushButton* m_remove;
    QSpinBox* m_tasks;
    ServerChart* m_chart;
    bool m_isTasksChosen = false; ///< by the person, so that the model's number no longer counts
};

} // namespace wr::ui
