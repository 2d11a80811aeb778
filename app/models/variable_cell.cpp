// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_cell.h"

#include "app/document/quantity.h"

namespace wr::app {

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

std::optional<VariableField> cellField(int column)
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
    case VariableTableModel::SeedColumn:
        return VariableField::Seed;
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
    const QString open(QChar(u'…'));
    switch (column) {
    case VariableTableModel::NameColumn:
        return row.name;
    case VariableTableModel::ShapeColumn:
        return row.isIncomplete ? open : row.shape;
    case VariableTableModel::DTypeColumn:
        return row.dtype;
    case VariableTableModel::InitializerColumn:
        return row.isIncomplete ? open : row.initializer;
    case VariableTableModel::SeedColumn:
        return row.seed.isEmpty() ? row.nameSeed : row.seed; // the latter follows the name, and is muted
    case VariableTableModel::DeviceColumn:
        return row.device;
    case VariableTableModel::ParametersColumn:
        return row.isIncomplete ? open : countText(row.parameters);
    case VariableTableModel::BytesColumn:
        return row.isIncomplete ? open : byteText(row.bytes);
    default:
        return {};
    }
}

QString cellEditText(const VariableRow& row, int column)
{
    if (column == VariableTableModel::SeedColumn)
        return row.seed;
    const bool isHole = row.isIncomplete && (column == VariableTableModel::ShapeColumn ||
                                             column == VariableTableModel::InitializerColumn);
    return isHole ? QString() : cellText(row, column);
}

QString rowWarning(const VariableRow& row)
{
    if (row.isIncomplete)
        return VariableTableModel::tr("The initial value is missing. Give it one: F2 in the column Initial "
                                      "value, or F4 to choose.");
    if (row.isClashing)
        return VariableTableModel::tr("Its name is taken by another variable, so it is called “%1” for now. "
                                      "Rename it (F2), or apply the fix in the Problems list.")
            .arg(row.name);
    return {};
}

QVariant cellSortValue(const VariableRow& row, int column, VariableLife life)
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

int compareCells(const VariableRow& a, const VariableRow& b, int column, VariableLife lifeA,
                 VariableLife lifeB)
{
    const auto order = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
    switch (column) {
    case VariableTableModel::StateColumn:
        return order(static_cast<int>(lifeA), static_cast<int>(lifeB));
    case VariableTableModel::ShapeColumn:
    case VariableTableModel::ParametersColumn:
        return order(a.parameters, b.parameters);
    case VariableTableModel::BytesColumn:
        return order(a.bytes, b.bytes);
    case VariableTableModel::TrainableColumn:
        return order(a.trainable ? 1 : 0, b.trainable ? 1 : 0);
    case VariableTableModel::NameColumn:
        return QString::compare(a.name, b.name);
    case VariableTableModel::DTypeColumn:
        return QString::compare(a.dtype, b.dtype);
    case VariableTableModel::DeviceColumn:
        return QString::compare(a.device, b.device);
    case VariableTableModel::InitializerColumn:
        return QString::compare(a.initializer, b.initializer);
    default:
        return QString::compare(cellText(a, column), cellText(b, column));
    }
}

} // namespace wr::app
