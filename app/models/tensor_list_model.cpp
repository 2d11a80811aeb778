// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/tensor_list_model.h"

#include "app/document/quantity.h"

#include <algorithm>
#include <numeric>

namespace wr::app {
namespace {

double numberOf(const TensorRow& row, int column)
{
    switch (column) {
    case TensorListModel::ShapeColumn:
        return static_cast<double>(row.elements);
    case TensorListModel::BytesColumn:
        return static_cast<double>(row.bytes);
    case TensorListModel::MeanColumn:
        return row.mean;
    case TensorListModel::StddevColumn:
        return row.stddev;
    case TensorListModel::MinColumn:
        return row.min;
    case TensorListModel::MaxColumn:
        return row.max;
    default:
        return 0.0;
    }
}

} // namespace

TensorListModel::TensorListModel(QObject* parent) : QAbstractTableModel(parent) {}

void TensorListModel::setFile(std::shared_ptr<const CheckpointFile> file)
{
    m_file = std::move(file);
    refilter();
}

void TensorListModel::setFilter(const QString& text)
{
    if (text == m_filter)
        return;
    m_filter = text;
    refilter();
}

int TensorListModel::tensorIndex(int row) const
{
    return row >= 0 && row < m_visible.size() ? m_visible[row] : -1;
}

void TensorListModel::refilter()
{
    beginResetModel();
    m_visible.clear();
    if (m_file) {
        const QVector<TensorRow>& tensors = m_file->tensors();
        for (int i = 0; i < tensors.size(); ++i) {
            if (tensors[i].name.contains(m_filter, Qt::CaseInsensitive))
                m_visible.append(i);
        }
    }
    endResetModel();
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
    const TensorRow& row = m_file->tensors()[m_visible[index.row()]];
    if (role == Qt::TextAlignmentRole && index.column() >= BytesColumn)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() == NameColumn) {
        if (row.nonFinite > 0)
            return tr("%1\n%2 values are NaN or Inf").arg(row.name, countText(row.nonFinite));
        return row.name;
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case NameColumn:
        return row.name;
    case ShapeColumn:
        return row.shape;
    case DTypeColumn:
        return row.dtype;
    case BytesColumn:
        return byteText(row.bytes);
    default:
        return row.hasStatistics ? QVariant(valueText(numberOf(row, index.column()))) : QVariant();
    }
}

QVariant TensorListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
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

void TensorListModel::sort(int column, Qt::SortOrder order)
{
    if (!m_file)
        return;
    emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    QVector<int> tensorsBefore;
    for (const QModelIndex& index : before)
        tensorsBefore.append(m_visible[index.row()]);

    const QVector<TensorRow>& tensors = m_file->tensors();
    std::stable_sort(m_visible.begin(), m_visible.end(), [&](int a, int b) {
        if (order == Qt::DescendingOrder)
            std::swap(a, b);
        if (column == NameColumn)
            return tensors[a].name < tensors[b].name;
        if (column == DTypeColumn)
            return tensors[a].dtype < tensors[b].dtype;
        return numberOf(tensors[a], column) < numberOf(tensors[b], column);
    });

    QVector<int> rowOfTensor(tensors.size(), -1);
    for (int row = 0; row < m_visible.size(); ++row)
        rowOfTensor[m_visible[row]] = row;
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
        after.append(index(rowOfTensor[tensorsBefore[i]], before[i].column()));
    changePersistentIndexList(before, after);
    emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

} // namespace wr::app
