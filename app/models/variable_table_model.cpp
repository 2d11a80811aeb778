// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_table_model.h"

#include "app/document/quantity.h"

#include <algorithm>
#include <optional>

#include <utility>

namespace wr::app {
namespace {

QString lifeText(VariableLife life)
{
    switch (life) {
    case VariableLife::Uninitialized:
        return VariableTableModel::tr("not initialised");
    case VariableLife::Initialized:
        return VariableTableModel::tr("initialised");
    case VariableLife::Restored:
        return VariableTableModel::tr("restored");
    case VariableLife::Trained:
        return VariableTableModel::tr("trained");
    }
    return {};
}

std::optional<VariableField> fieldOf(int column)
{
    switch (column) {
    case VariableTableModel::NameColumn:
        return VariableField::Name;
    case VariableTableModel::ShapeColumn:
        return VariableField::Shape;
    case VariableTableModel::DTypeColumn:
        return VariableField::DType;
    case VariableTableModel::InitializerColumn:
        return VariableField::Initializer;
    case VariableTableModel::DeviceColumn:
        return VariableField::Device;
    case VariableTableModel::TrainableColumn:
        return VariableField::Trainable;
    default:
        return {};
    }
}

QString cellText(const VariableRow& row, int column)
{
    switch (column) {
    case VariableTableModel::NameColumn:
        return row.name;
    case VariableTableModel::ShapeColumn:
        return row.shape;
    case VariableTableModel::DTypeColumn:
        return row.dtype;
    case VariableTableModel::InitializerColumn:
        return row.initializer;
    case VariableTableModel::DeviceColumn:
        return row.device;
    case VariableTableModel::ParametersColumn:
        return countText(row.parameters);
    case VariableTableModel::BytesColumn:
        return byteText(row.bytes);
    default:
        return {};
    }
}

QVariant sortValue(const VariableRow& row, int column, VariableLife life)
{
    switch (column) {
    case VariableTableModel::StateColumn:
        return static_cast<int>(life);
    case VariableTableModel::ShapeColumn:
    case VariableTableModel::ParametersColumn:
        return row.parameters;
    case VariableTableModel::BytesColumn:
        return row.bytes;
    case VariableTableModel::TrainableColumn:
        return row.trainable;
    default:
        return cellText(row, column);
    }
}

} // namespace

VariableTableModel::VariableTableModel(Project* project, RunController* run, QObject* parent)
    : QAbstractTableModel(parent), m_project(project), m_run(run)
{
    connect(project, &Project::modelChanged, this, &VariableTableModel::rebuild);
    if (m_run != nullptr) {
        connect(m_run, &RunController::variablesChanged, this, [this] {
            if (!m_rows.isEmpty())
                emit dataChanged(index(0, StateColumn),
                                 index(static_cast<int>(m_rows.size()) - 1, StateColumn));
        });
    }
    rebuild();
}

void VariableTableModel::rebuild()
{
    QVector<VariableRow> rows;
    for (const VariableRow& row : m_project->variables()) {
        if (m_showSlots || row.slotOf.isEmpty())
            rows.append(row);
    }
    // The same variables in the same order, renamed or not: selection and open editors stay. Only rows that
    // differ are told, since an editor takes what is told for its cell.
    bool isSame = rows.size() == m_rows.size();
    for (qsizetype i = 0; isSame && i < rows.size(); ++i)
        isSame = rows[i].name == m_rows[i].name || rowOf(rows[i].name) < 0;
    if (isSame) {
        const QVector<VariableRow> before = std::exchange(m_rows, std::move(rows));
        for (int row = 0; row < static_cast<int>(m_rows.size()); ++row) {
            if (m_rows[row] != before[row])
                emit dataChanged(index(row, 0), index(row, ColumnCount - 1));
        }
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int VariableTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int VariableTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant VariableTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const VariableRow& row = m_rows[index.row()];
    const VariableLife life = m_run != nullptr ? m_run->variableLife(row.name) : VariableLife::Uninitialized;
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == StateColumn ? lifeText(life) : cellText(row, index.column());
    case Qt::EditRole:
        return index.column() == TrainableColumn ? QVariant(row.trainable)
                                                 : QVariant(cellText(row, index.column()));
    case Qt::CheckStateRole:
        if (index.column() == TrainableColumn)
            return static_cast<int>(row.trainable ? Qt::Checked : Qt::Unchecked);
        return {};
    case Qt::TextAlignmentRole:
        if (index.column() == ParametersColumn || index.column() == BytesColumn)
            return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case Qt::ToolTipRole:
        if (!row.readOnlyReason.isEmpty() && fieldOf(index.column()))
            return tr("Read only: %1").arg(row.readOnlyReason);
        return index.column() == InitializerColumn ? QVariant(row.initializer) : QVariant();
    case LifeRole:
        return static_cast<int>(life);
    case NameRole:
        return row.name;
    case SlotRole:
        return row.slotOf;
    case ReadOnlyReasonRole:
        return row.readOnlyReason;
    case SortRole:
        return sortValue(row, index.column(), life);
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
    const QString names[ColumnCount] = {tr("State"),     tr("Name"),          tr("Shape"),
                                        tr("Type"),      tr("Initial value"), tr("Device"),
                                        tr("Trainable"), tr("Parameters"),    tr("Size")};
    return names[section];
}

Qt::ItemFlags VariableTableModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!index.isValid() || !m_rows[index.row()].editable || !fieldOf(index.column()))
        return flags;
    return flags | (index.column() == TrainableColumn ? Qt::ItemIsUserCheckable : Qt::ItemIsEditable);
}

bool VariableTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return false;
    const std::optional<VariableField> field = fieldOf(index.column());
    const bool isCheck = role == Qt::CheckStateRole && index.column() == TrainableColumn;
    if (!field || (role != Qt::EditRole && !isCheck))
        return false;
    QString text = value.toString();
    if (isCheck)
        text =
            value.toInt() == static_cast<int>(Qt::Checked) ? QStringLiteral("true") : QStringLiteral("false");
    // The project tells of the change, and rebuild() follows.
    const QString name = m_rows[index.row()].name; // a copy: the row is replaced on the way
    const Explanation explanation = m_project->setVariableField(name, *field, text);
    if (explanation.isEmpty())
        return true;
    emit editRefused(explanation);
    return false;
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
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].name == variable)
            return row;
    }
    return -1;
}

qint64 VariableTableModel::totalParameters() const
{
    qint64 total = 0;
    for (const VariableRow& row : m_project->variables())
        total += row.slotOf.isEmpty() ? row.parameters : 0;
    return total;
}

qint64 VariableTableModel::totalBytes() const
{
    qint64 total = 0;
    for (const VariableRow& row : m_project->variables())
        total += row.bytes;
    return total;
}

} // namespace wr::app
