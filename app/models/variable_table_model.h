// SPDX-License-Identifier: GPL-3.0-or-later
// The variable table: one row per variable of the last good model that passes the filter, in the script's
// order or sorted by a column; editable cells that become text edits, and live state. UI thread. A refused
// edit leaves the cell as it was and emits editRefused. Of a long script the edits are jobs: a cell shows
// what it is to become, and Project::editFinished() tells how it went.
#pragma once

#include "app/document/project.h"
#include "app/models/variable_filter.h"
#include "app/run/run_controller.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QMap>
#include <QSet>
#include <vector>

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
        SeedColumn,
        DeviceColumn,
        TrainableColumn,
        ParametersColumn,
        BytesColumn,
        ColumnCount
    };
    enum Role {
        LifeRole = Qt::UserRole,
        NameRole,
        SlotRole,
        ReadOnlyReasonRole,
        SortRole,
        WarningRole, ///< what is wrong with the variable and what mends it; empty: nothing
        MutedRole    ///< true where the cell tells what the script does not say
    };

    VariableTableModel(Project* project, RunController* run, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    /// The same value in `column` of all named variables, as one step or not at all. True: it is done, or on
    /// its way.
    bool setValues(const QStringList& variables, int column, const QString& value);
    /// What is wrong with a text before it is an edit: the part that can be told at once, without reading the
    /// script again. Empty: nothing.
    QString problemOf(const QModelIndex& index, const QString& text) const;
    /// Whether one value of the column can go for several variables.
    static bool isShared(int column);

    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override; ///< −1: the script's order
    void setFilter(const VariableFilter& filter);
    void setShowSlots(bool show);             ///< optimizer slots are hidden by default
    int rowOf(const QString& variable) const; ///< −1: not shown
    const VariableRow& row(int row) const { return m_rows[m_shown[static_cast<std::size_t>(row)]]; }
    int variableCount() const { return m_variableCount; }        ///< of all, without slots
    qint64 totalParameters() const { return m_totalParameters; } ///< trainable and others, without slots
    qint64 totalBytes() const { return m_totalBytes; }           ///< slots included

signals:
    void editRefused(const wr::app::Explanation& explanation);

private:
    void rebuild();
    void followRun();
    std::vector<int> shownRows() const;
    void show(std::vector<int> shown);
    VariableLife lifeOf(const VariableRow& row) const;
    QVariant pendingData(const VariableRow& row, int column, int role) const;
    void forgetPending(int number);
    void tellColumn(int column);

    struct Pending {
        int column = 0;
        QString text;
        QSet<QString> names;
    };

    Project* m_project;
    RunController* m_run;
    bool m_showSlots = false;
    VariableFilter m_filter;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    QVector<VariableRow> m_rows;  ///< in the script's order
    std::vector<int> m_shown;     ///< row of the table -> index into m_rows
    QHash<QString, int> m_rowOf;  ///< name -> row of the table
    QHash<QString, int> m_known;  ///< name -> index into m_rows
    QMap<int, Pending> m_pending; ///< by the number of the project's edit
    int m_variableCount = 0;
    qint64 m_totalParameters = 0;
    qint64 m_totalBytes = 0;
};

} // namespace wr::app
