// SPDX-License-Identifier: GPL-3.0-or-later
// The variable table: one row per variable of the last good model, editable cells that become text edits,
// live state. UI thread. A refused edit leaves the cell as it was and emits editRefused.
#pragma once

#include "app/document/project.h"
#include "app/run/run_controller.h"

#include <QAbstractTableModel>

namespace wr::app {

class VariableTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        StateColumn,
        NameColumn,
        ShapeColumn,
        DTypeColumn,
        InitializerColumn,
        DeviceColumn,
        TrainableColumn,
        ParametersColumn,
        BytesColumn,
        ColumnCount
    };
    enum Role { LifeRole = Qt::UserRole, NameRole, SlotRole, ReadOnlyReasonRole, SortRole };

    VariableTableModel(Project* project, RunController* run, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

    void setShowSlots(bool show); ///< optimizer slots are hidden by default
    int rowOf(const QString& variable) const;
    qint64 totalParameters() const; ///< of trainable variables and others, without slots
    qint64 totalBytes() const;      ///< slots included

signals:
    void editRefused(const wr::app::Explanation& explanation);

private:
    void rebuild();
    Project* m_project;
    RunController* m_run;
    bool m_showSlots = false;
    QVector<VariableRow> m_rows;
};

} // namespace wr::app
