// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/slice_grid_model.h"

#include "app/document/quantity.h"

#include <algorithm>
#include <limits>

namespace wr::app {

void SliceGridModel::setSlice(std::shared_ptr<const TensorSlice> slice)
{
    beginResetModel();
    m_slice = std::move(slice);
    endResetModel();
}

int SliceGridModel::rowCount(const QModelIndex& parent) const
{
    constexpr qint64 kMost = std::numeric_limits<int>::max();
    return parent.isValid() || !m_slice ? 0 : static_cast<int>(std::min(kMost, m_slice->rows()));
}

int SliceGridModel::columnCount(const QModelIndex& parent) const
{
    constexpr qint64 kMost = std::numeric_limits<int>::max();
    return parent.isValid() || !m_slice ? 0 : static_cast<int>(std::min(kMost, m_slice->columns()));
}

QVariant SliceGridModel::data(const QModelIndex& index, int role) const
{
    if (!m_slice || !checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return valueText(m_slice->value(index.row(), index.column()));
    case Qt::ToolTipRole:
        return m_slice->storedText(index.row(), index.column());
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant SliceGridModel::headerData(int section, Qt::Orientation /*orientation*/, int role) const
{
    return role == Qt::DisplayRole ? QVariant(section) : QVariant(); // counted from 0, as in scripts
}

} // namespace wr::app
