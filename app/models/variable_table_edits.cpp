// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of cells of the variable table: what is wrong with them, and how they become edits of the script.
#include "app/document/field_text.h"
#include "app/models/variable_cell.h"

#include <utility>

namespace wr::app {

bool VariableTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return false;
    const std::optional<VariableField> field = cellField(index.column());
    const bool isCheck = role == Qt::CheckStateRole && index.column() == TrainableColumn;
    if (!field || (role != Qt::EditRole && !isCheck))
        return false;
    QString text = value.toString();
    if (isCheck)
        text =
            value.toInt() == static_cast<int>(Qt::Checked) ? QStringLiteral("true") : QStringLiteral("false");
    // The project tells of the change, and rebuild() follows.
    const QString name = row(index.row()).name; // a copy: the row is replaced on the way
    return setValues({name}, index.column(), text);
}

bool VariableTableModel::isShared(int column)
{
    const std::optional<VariableField> field = cellField(column);
    return field && *field != VariableField::Name;
}

bool VariableTableModel::setValues(const QStringList& variables, int column, const QString& value)
{
    const std::optional<VariableField> field = cellField(column);
    if (!field)
        return false;
    if (m_project->isLong()) {
        Pending pending{column, value, QSet<QString>(variables.begin(), variables.end())};
        m_pending.insert(m_project->startSettingFields(variables, *field, value), std::move(pending));
        tellColumn(column);
        return true;
    }
    const Explanation explanation = m_project->setVariableFields(variables, *field, value);
    if (!explanation.isEmpty())
        emit editRefused(explanation);
    return explanation.isEmpty();
}

/// What a cell is about to be, while the script is being written.
QVariant VariableTableModel::pendingData(const VariableRow& row, int column, int role) const
{
    for (const Pending& pending : m_pending) {
        if (pending.column != column || !pending.names.contains(row.name))
            continue;
        if (role == Qt::CheckStateRole && column == TrainableColumn) {
            const bool isOn = pending.text == QLatin1String("true") || pending.text == QLatin1String("yes");
            return static_cast<int>(isOn ? Qt::Checked : Qt::Unchecked);
        }
        if (role == MutedRole)
            return true;
        if (role == Qt::ToolTipRole)
            return tr("The script is being written…");
        if ((role == Qt::DisplayRole || role == Qt::EditRole) && column != TrainableColumn)
            return pending.text;
    }
    return {};
}

void VariableTableModel::forgetPending(int number)
{
    const auto found = m_pending.constFind(number);
    if (found == m_pending.constEnd())
        return;
    const int column = found->column;
    m_pending.erase(found);
    tellColumn(column);
}

QString VariableTableModel::problemOf(const QModelIndex& index, const QString& text) const
{
    const auto message = [](const auto& result) {
        return result ? QString() : QString::fromStdString(result.error().message());
    };
    const VariableRow& row = this->row(index.row());
    switch (index.column()) {
    case NameColumn: {
        const Result<std::string> name = readVariableName(text);
        const QString written = text.trimmed();
        if (!name || written == row.name)
            return message(name);
        // "weights" typed for "layer1/weights" stays in its scope.
        const QString scope = row.name.left(row.name.lastIndexOf(u'/') + 1);
        const auto isTaken = [this](const QString& other) {
            const auto known = m_known.constFind(other);
            return known != m_known.constEnd() && m_rows[*known].slotOf.isEmpty();
        };
        const QString full = written.startsWith(scope) ? written : scope + written;
        if (full != row.name && isTaken(full))
            return tr("there is a variable “%1” already").arg(full);
        return {};
    }
    case ShapeColumn:
        return message(readShape(text));
    case DTypeColumn:
        return message(readDType(text));
    case InitializerColumn:
        return message(readExpression(text));
    case SeedColumn:
        return message(readSeed(text));
    case DeviceColumn:
        return message(readDevice(text));
    default:
        return {};
    }
}

} // namespace wr::app
