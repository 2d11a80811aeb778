// SPDX-License-Identifier: GPL-3.0-or-later
// The tensors of one opened checkpoint as a table on an own index vector. Which of them are shown, and in
// which order, is worked out by whoever filters them, off the UI thread where there are many. UI thread.
#pragma once

#include "app/library/checkpoint_file.h"

#include <QAbstractTableModel>
#include <functional>
#include <memory>

namespace wr::app {

class TensorListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        NameColumn,
        ShapeColumn,
        DTypeColumn,
        BytesColumn,
        MeanColumn,
        StddevColumn,
        MinColumn,
        MaxColumn,
        ColumnCount
    };
    explicit TensorListModel(QObject* parent = nullptr);
    /// Shows these tensors, indices into the file, in this order.
    void show(std::shared_ptr<const CheckpointFile> file, const QVector<int>& tensors);
    int tensorIndex(int row) const; ///< −1 where there is none
    int rowOf(int tensor) const;    ///< −1 when it is not shown

    /// Tensors in the order of a column; blocking where there are many. Columns below zero: as in the file.
    static void sort(const CheckpointFile& file, QVector<int>& tensors, int column, Qt::SortOrder order);
    /// What a cell says of a tensor, in any view of tensors.
    static QVariant cell(const CheckpointFile& file, int tensor, int column, int role);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    static QVariant header(int section, int role);

signals:
    void sortWanted(int column, Qt::SortOrder order);

public:
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override
    {
        emit sortWanted(column, order);
    }

private:
    std::shared_ptr<const CheckpointFile> m_file;
    QVector<int> m_visible;
};

} // namespace wr::app
