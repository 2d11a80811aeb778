// SPDX-License-Identifier: GPL-3.0-or-later
// One device as a column: its name and what it is, its memory, its variables. Variables may be dragged out of
// it and dropped on it; what a drop means is the page's business. UI thread.
#pragma once

#include "app/models/lane_model.h"

#include <QFrame>
#include <QStringList>
#include <functional>

class QLabel;
class QListView;
class QMimeData;

namespace wr::ui {

class DeviceSwatch;
class MemoryBar;

class DeviceLane : public QFrame {
    Q_OBJECT
public:
    explicit DeviceLane(QWidget* parent = nullptr);

    void show(const std::shared_ptr<const app::PlacementBoard>& board, int lane);
    void setFilter(const app::VariableFilter& filter, const app::LaneModel::LifeOf& life);
    /// Asked while something hovers: why it cannot be dropped; empty when it can.
    void setObstacle(std::function<QString(int lane, const QStringList& names, bool byRule)> obstacle);
    /// Shows what the lane would be with the variables in it, or why they cannot go there.
    void look(const QStringList& names, bool byRule = false);
    void lookAway();
    /// Selects those of the variables that are here.
    void select(const QStringList& names);

    int lane() const { return m_lane; }
    QString title() const { return m_title; }
    QListView* list() const { return m_list; }
    DeviceSwatch* swatch() const { return m_swatch; }
    MemoryBar* bar() const { return m_bar; }
    app::LaneModel* model() const { return m_model; }
    QVector<int> selectedVariables() const; ///< of the board
    QStringList selectedNames() const;
    /// Of the current row, or else of all rows that the filter lets through.
    QStringList currentNames() const;
    QString message() const; ///< why a drop is not possible, while it hovers

    static QStringList namesIn(const QMimeData* data);

signals:
    void entered(); ///< something is dragged over the lane
    void dropped(int lane, const QStringList& names, bool byRule);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void updateCount();
    QStringList namesOf(const QVector<int>& variables) const;

    std::shared_ptr<const app::PlacementBoard> m_board;
    int m_lane = 0;
    QString m_title;
    std::function<QString(int, const QStringList&, bool)> m_obstacle;
    QStringList m_hovering; ///< read from the drag once
    DeviceSwatch* m_swatch;
    QLabel* m_name;
    QLabel* m_count;
    QLabel* m_description;
    QLabel* m_where;
    QLabel* m_message;
    MemoryBar* m_bar;
    app::LaneModel* m_model;
    QListView* m_list;
    bool m_isTarget = false;
};

} // namespace wr::ui
