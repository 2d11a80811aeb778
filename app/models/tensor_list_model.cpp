// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/tensor_list_model.h"

#include "app/document/quantity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace wr::app {
namespace {

/// What a column is sorted by; NaN where the file does not say.
double numberOf(const CheckpointFile& file, int tensor, int column)
{
    if (column == TensorListModel::ShapeColumn)
        return static_cast<double>(file.columns().elements(tensor));
    if (column == TensorListModel::BytesColumn)
        return static_cast<double>(file.columns().bytes(tensor));
    const TensorRow row = file.tensor(tensor);
    if (!row.hasStatistics)
        return std::numeric_limits<double>::quiet_NaN();
    return column == TensorListModel::MeanColumn     ? row.mean
           : column == TensorListModel::StddevColumn ? row.stddev
           : column == TensorListModel::MinColumn    ? row.min
                                                     : row.max;
}

} // namespace

TensorListModel::TensorListModel(QObject* parent) : QAbstractTableModel(parent) {}

void TensorListModel::show(std::shared_ptr<const CheckpointFile> file, const QVector<int>& tensors)
{
    beginResetModel();
    m_file = std::move(file);
    m_visible = tensors;
    endResetModel();
}

int TensorListModel::tensorIndex(int row) const
{
    return row >= 0 && row < m_visible.size() ? m_visible[row] : -1;
}

int TensorListModel::rowOf(int tensor) const
{
    return static_cast<int>(m_visible.indexOf(tensor));
}

void TensorListModel::sort(const CheckpointFile& file, QVector<int>& tensors, int column, Qt::SortOrder order)
{
    const bool isDown = order == Qt::DescendingOrder;
    // They come in the order of their names.
    if (column <= NameColumn) {
        std::sort(tensors.begin(), tensors.end());
        if (column == NameColumn && isDown)
            std::reverse(tensors.begin(), tensors.end());
        return;
    }
    if (column == DTypeColumn) {
        std::stable_sort(tensors.begin(), tensors.end(), [&](int a, int b) {
            const int difference = file.columns().type(a).compare(file.columns().type(b));
            return isDown ? difference > 0 : difference < 0;
        });
        return;
    }
    struct Keyed {
        double key;
        int tensor;
    };
    std::vector<Keyed> keyed;
    keyed.reserve(static_cast<std::size_t>(tensors.size()));
    for (const int tensor : std::as_const(tensors))
        keyed.push_back({numberOf(file, tensor, column), tensor});
    // What has no number stands at the end either way.
    const auto known =
        std::stable_partition(keyed.begin(), keyed.end(), [](const Keyed& k) { return !std::isnan(k.key); });
    std::stable_sort(keyed.begin(), known, [isDown](const Keyed& a, const Keyed& b) {
        return isDown ? a.key > b.key : a.key < b.key;
    });
    std::transform(keyed.begin(), keyed.end(), tensors.begin(), [](const Keyed& k) { return k.tensor; });
}

int TensorListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_visible.size());
}

int TensorListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TensorListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    return cell(*m_file, m_visible[index.row()], index.column(), role);
}

QVariant TensorListModel::cell(const CheckpointFile& file, int tensor, int column, int role)
{
    if (role == Qt::TextAlignmentRole && column >= BytesColumn)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && column == NameColumn) {
        const TensorRow row = file.tensor(tensor);
        if (row.nonFinite() > 0)
            return tr("%1\n%2 values are NaN or Inf").arg(row.name, countText(row.nonFinite()));
        return row.name;
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (column) {
    case NameColumn:
        return file.columns().name(tensor);
    case ShapeColumn:
        return file.columns().shape(tensor);
    case DTypeColumn:
        return file.columns().type(tensor);
    case BytesColumn:
        return byteText(file.columns().bytes(tensor));
    default: {
        const double number = numberOf(file, tensor, column);
        return std::isnan(number) && !file.tensor(tensor).hasStatistics ? QVariant()
                                                                        : QVariant(valueText(number));
    }
    }
}

QVariant TensorListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? header(section, role) : QVariant();
}

QVariant TensorListModel::header(int section, int role)
{
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Tensor");
    case ShapeColumn:
        return tr("Shape");
    case DTypeColumn:
        return tr("Type");
    case BytesColumn:
        return tr("Size");
    case MeanColumn:
        return tr("Mean");
    case StddevColumn:
        return tr("Std. dev.");
    case MinColumn:
        return tr("Min");
    case MaxColumn:
        return tr("Max");
    default:
        return {};
    }
}

} // namespace wr::app
