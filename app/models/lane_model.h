// SPDX-License-Identifier: GPL-3.0-or-later
// The variables of one lane as a list: those of the outermost level, then each scope under a header. A filter
// of the variable table's language keeps those that it accepts. Owned by the lane's view; UI thread; no row
// is a copy of a variable, so ten thousand are shown at once.
#pragma once

#include "app/models/placement_board.h"
#include "app/models/variable_filter.h"

#include <QAbstractListModel>
#include <functional>

namespace wr::app {

class LaneModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        IsHeaderRole = Qt::UserRole,
        VariableRole, ///< index into the board's variables; −1 for a header
        ShapeRole,
        SizeRole, ///< "1.2 MB"
        PinRole,  ///< BoardVariable::Pin as an int
        FollowersRole,
    };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    Qt::DropActions supportedDragActions() const override { return Qt::MoveAction | Qt::CopyAction; }
    QStringList mimeTypes() const override { return {dragType()}; }
    static QString dragType() { return QStringLiteral("application/x-weightroom-variables"); }
    /// Names, one a line, and as plain text "12 variables, 4.2 MB".
    QMimeData* mimeData(const QModelIndexList& indexes) const override;

    /// Shows a lane of another board; rows that are the same stay the same.
    void show(std::shared_ptr<const PlacementBoard> board, int lane);
    /// `life`: asked where the filter asks for the state of values; must live as long as the model.
    using LifeOf = std::function<VariableLife(const QString& variable)>;
    void setFilter(const VariableFilter& filter, LifeOf life = {});
    int variableCount() const { return m_variableCount; }
    /// Variables of the rows; a header stands for all that are shown under it. No duplicates.
    QVector<int> variablesOf(const QModelIndexList& rows) const;
    int rowOf(int variable) const;

private:
    struct Row {
        int variable = -1;
        int first = 0; ///< of a header: the variables under it are the rows [first, last)
        int last = 0;
        friend bool operator==(const Row&, const Row&) = default;
    };
    QVector<Row> rows() const;
    bool accepts(int variable) const;
    static QStringView nameOf(const PlacementBoard& board, const QVector<Row>& rows, const Row& row);
    void refill(QVector<Row> fresh);

    std::shared_ptr<const PlacementBoard> m_board;
    int m_lane = 0;
    VariableFilter m_filter;
    LifeOf m_life;
    QVector<Row> m_rows;
    int m_variableCount = 0;
};

} // namespace wr::app
