// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_table_model.h"

#include "app/jobs/job_tracker.h"
#include "app/models/variable_cell.h"

#include <algorithm>
#include <utility>

namespace wr::app {

VariableTableModel::VariableTableModel(Project* project, RunController* run, QObject* parent)
    : QAbstractTableModel(parent), m_project(project), m_run(run)
{
    connect(project, &Project::modelChanged, this, &VariableTableModel::rebuild);
    if (m_run != nullptr)
        connect(m_run, &RunController::variablesChanged, this, &VariableTableModel::followRun);
    connect(project, &Project::editFinished, this, &VariableTableModel::forgetPending);
    connect(project, &Project::textReset, this, [this] { m_pending.clear(); });
    rebuild();
}

VariableLife VariableTableModel::lifeOf(const VariableRow& row) const
{
    return m_run != nullptr ? m_run->variableLife(row.name) : VariableLife::Uninitialized;
}

void VariableTableModel::followRun()
{
    if (m_filter.asksForState() || m_sortColumn == StateColumn)
        show(shownRows());
    tellColumn(StateColumn);
}

void VariableTableModel::rebuild()
{
    QVector<VariableRow> rows;
    rows.reserve(m_project->variables().size());
    m_variableCount = 0;
    m_totalParameters = 0;
    m_totalBytes = 0;
    for (const VariableRow& row : m_project->variables()) {
        const bool isSlot = !row.slotOf.isEmpty();
        m_variableCount += isSlot ? 0 : 1;
        m_totalParameters += isSlot ? 0 : row.parameters;
        m_totalBytes += row.bytes;
        if (m_showSlots || !isSlot)
            rows.append(row);
    }
    // The same variables in the same order, renamed or not: selection and open editors stay. Only rows that
    // differ are told, since an editor takes what is told for its cell.
    bool isSame = rows.size() == m_rows.size();
    for (qsizetype i = 0; isSame && i < rows.size(); ++i)
        isSame = rows[i].name == m_rows[i].name || !m_known.contains(rows[i].name);
    if (!isSame) {
        beginResetModel();
        JobTracker::forget(std::make_shared<QVector<VariableRow>>(std::exchange(m_rows, std::move(rows))));
        m_known.clear();
        m_known.reserve(m_rows.size());
        for (int i = 0; i < static_cast<int>(m_rows.size()); ++i)
            m_known.insert(m_rows[i].name, i);
        m_shown.clear();
        m_rowOf.clear();
        const std::vector<int> shown = shownRows();
        m_shown = shown;
        for (std::size_t i = 0; i < shown.size(); ++i)
            m_rowOf.insert(m_rows[shown[i]].name, static_cast<int>(i));
        endResetModel();
        return;
    }
    const QVector<VariableRow> before = std::exchange(m_rows, std::move(rows));
    std::vector<bool> differs(static_cast<std::size_t>(m_rows.size()));
    for (int i = 0; i < static_cast<int>(m_rows.size()); ++i) {
        if (m_rows[i].name != before[i].name) {
            m_known.remove(before[i].name);
            m_known.insert(m_rows[i].name, i);
        }
        differs[static_cast<std::size_t>(i)] = m_rows[i] != before[i];
    }
    show(shownRows());
    int first = -1;
    for (int row = 0; row <= rowCount(); ++row) {
        const bool isChanged =
            row < rowCount() && differs[static_cast<std::size_t>(m_shown[static_cast<std::size_t>(row)])];
        if (isChanged && first < 0)
            first = row;
        if (!isChanged && first >= 0) {
            emit dataChanged(index(first, 0), index(row - 1, ColumnCount - 1));
            first = -1;
        }
    }
}

std::vector<int> VariableTableModel::shownRows() const
{
    std::vector<int> shown;
    shown.reserve(static_cast<std::size_t>(m_rows.size()));
    const bool needsLife = m_filter.asksForState() || m_sortColumn == StateColumn;
    std::vector<VariableLife> lives;
    for (int i = 0; i < static_cast<int>(m_rows.size()); ++i) {
        const VariableLife life = needsLife ? lifeOf(m_rows[i]) : VariableLife::Uninitialized;
        if (needsLife)
            lives.push_back(life);
        if (m_filter.accepts(m_rows[i], life))
            shown.push_back(i);
    }
    if (m_sortColumn >= 0) {
        const auto lifeAt = [&](int i) {
            return needsLife ? lives[static_cast<std::size_t>(i)] : VariableLife::Uninitialized;
        };
        const int sign = m_sortOrder == Qt::AscendingOrder ? 1 : -1;
        std::stable_sort(shown.begin(), shown.end(), [&](int a, int b) {
            return sign * compareCells(m_rows[a], m_rows[b], m_sortColumn, lifeAt(a), lifeAt(b)) < 0;
        });
    }
    return shown;
}

/// Rows that stay keep their selection and their editors, wherever they go.
void VariableTableModel::show(std::vector<int> shown)
{
    if (shown != m_shown) {
        emit layoutAboutToBeChanged({}, VerticalSortHint);
        std::vector<int> rowOfIndex(static_cast<std::size_t>(m_rows.size()), -1);
        for (std::size_t i = 0; i < shown.size(); ++i)
            rowOfIndex[static_cast<std::size_t>(shown[i])] = static_cast<int>(i);
        const QModelIndexList from = persistentIndexList();
        QModelIndexList to;
        to.reserve(from.size());
        for (const QModelIndex& old : from) {
            const int row =
                rowOfIndex[static_cast<std::size_t>(m_shown[static_cast<std::size_t>(old.row())])];
            to += row < 0 ? QModelIndex() : createIndex(row, old.column());
        }
        m_shown = std::move(shown);
        changePersistentIndexList(from, to);
        m_rowOf.clear();
        m_rowOf.reserve(static_cast<qsizetype>(m_shown.size()));
        for (std::size_t i = 0; i < m_shown.size(); ++i)
            m_rowOf.insert(m_rows[m_shown[i]].name, static_cast<int>(i));
        emit layoutChanged({}, VerticalSortHint);
        return;
    }
    m_rowOf.clear();
    for (std::size_t i = 0; i < m_shown.size(); ++i)
        m_rowOf.insert(m_rows[m_shown[i]].name, static_cast<int>(i));
}

void VariableTableModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column;
    m_sortOrder = order;
    show(shownRows());
}

void VariableTableModel::setFilter(const VariableFilter& filter)
{
    m_filter = filter;
    show(shownRows());
}

int VariableTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int VariableTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant VariableTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const VariableRow& row = this->row(index.row());
    const VariableLife life = lifeOf(row);
    if (!m_pending.isEmpty()) {
        if (QVariant value = pendingData(row, index.column(), role); value.isValid())
            return value;
    }
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == StateColumn ? lifeText(life) : cellText(row, index.column());
    case Qt::EditRole:
        return index.column() == TrainableColumn ? QVariant(row.trainable)
                                                 : QVariant(cellEditText(row, index.column()));
    case Qt::CheckStateRole:
        if (index.column() == TrainableColumn)
            return static_cast<int>(row.trainable ? Qt::Checked : Qt::Unchecked);
        return {};
    case Qt::TextAlignmentRole:
        if (index.column() == ParametersColumn || index.column() == BytesColumn)
            return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case Qt::ToolTipRole:
        if (!row.readOnlyReason.isEmpty() && cellField(index.column()))
            return tr("Read only: %1").arg(row.readOnlyReason);
        if (const QString warning = rowWarning(row); !warning.isEmpty())
            return warning;
        if (index.column() == SeedColumn && !row.nameSeed.isEmpty())
            return tr("%1, by its name, so that other variables do not change it. Type a number to fix it.")
                .arg(row.nameSeed);
        return index.column() == InitializerColumn || index.column() == NameColumn
                   ? QVariant(cellText(row, index.column()))
                   : QVariant();
    case Qt::AccessibleTextRole:
        if (index.column() == SeedColumn && row.seed.isEmpty() && !row.nameSeed.isEmpty())
            return tr("by name: %1").arg(row.nameSeed);
        return index.column() == StateColumn ? lifeText(life) : cellText(row, index.column());
    case WarningRole:
        return rowWarning(row);
    case MutedRole:
        return (index.column() == SeedColumn && row.seed.isEmpty()) ||
               (row.isIncomplete && index.column() != NameColumn && index.column() != StateColumn);
    case LifeRole:
        return static_cast<int>(life);
    case NameRole:
        return row.name;
    case SlotRole:
        return row.slotOf;
    case ReadOnlyReasonRole:
        return row.readOnlyReason;
    case SortRole:
        return cellSortValue(row, index.column(), life);
    default:
        return {};
    }
}

QVariant VariableTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole && (section == ParametersColumn || section == BytesColumn))
        return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QString names[ColumnCount] = {tr("State"),         tr("Name"), tr("Shape"),  tr("Type"),
                                        tr("Initial value"), tr("Seed"), tr("Device"), tr("Trainable"),
                                        tr("Parameters"),    tr("Size")};
    return names[section];
}

Qt::ItemFlags VariableTableModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!index.isValid() || !row(index.row()).editable || !cellField(index.column()))
        return flags;
    if (index.column() == SeedColumn && !row(index.row()).canHaveSeed)
        return flags;
    return flags | (index.column() == TrainableColumn ? Qt::ItemIsUserCheckable : Qt::ItemIsEditable);
}

void VariableTableModel::tellColumn(int column)
{
    if (!m_shown.empty())
        emit dataChanged(index(0, column), index(rowCount() - 1, column));
}

void VariableTableModel::setShowSlots(bool show)
{
    if (show == m_showSlots)
        return;
    m_showSlots = show;
    rebuild();
}

int VariableTableModel::rowOf(const QString& variable) const
{
    return m_rowOf.value(variable, -1);
}

} // namespace wr::app
