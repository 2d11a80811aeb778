// SPDX-License-Identifier: GPL-3.0-or-later
// The elements of a slice as a table of numbers. UI thread.
#pragma once

#include "app/library/tensor_slice.h"

#include <QAbstractTableModel>

namespace wr::app {

class SliceGridModel : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;
    void setSlice(std::shared_ptr<const TensorSlice> slice);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    /// The number; its tool tip is as it is stored.
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::shared_ptr<const TensorSlice> m_slice;
};

} // namespace wr::app
