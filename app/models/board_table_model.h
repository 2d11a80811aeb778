// SPDX-License-Identifier: GPL-3.0-or-later
// What a placement has to tell beside its lanes, as tables: copies between devices in one step, directives
// without effect, and rules. Holds the board; UI thread.
#pragma once

#include "app/models/placement_board.h"

#include <QAbstractTableModel>

namespace wr::app {

class BoardTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum class Kind { Copies, Notices, Rules };
    enum Role { BeginRole = Qt::UserRole, EndRole }; ///< UTF-16 place in the script; −1: none

    explicit BoardTableModel(Kind kind, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    void show(std::shared_ptr<const PlacementBoard> board);

private:
    QString cell(int row, int column) const;
    bool isNumber(int column) const;
    QPair<int, int> place(int row) const;

    Kind m_kind;
    std::shared_ptr<const PlacementBoard> m_board;
};

} // namespace wr::app
