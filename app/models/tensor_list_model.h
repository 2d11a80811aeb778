// SPDX-License-Identifier: GPL-3.0-or-later
// The tensors of one opened checkpoint as a table with a substring filter on an own index vector. UI thread.
#pragma once

#include "app/library/checkpoint_file.h"

#include <QAbstractTableModel>
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
    void setFile(std::shared_ptr<const CheckpointFile> file);
    void setFilter(const QString& text);
    int tensorIndex(int row) const; ///< index into CheckpointFile::tensors()

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    void refilter();
    std::shared_ptr<const CheckpointFile> m_file;
    QString m_filter;
    QVector<int> m_visible;
};

} // namespace wr::app
