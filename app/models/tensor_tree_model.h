// SPDX-License-Identifier: GPL-3.0-or-later
// The tensors of a checkpoint as a tree: by scope, as their names are cut by "/" and ".", where scopes with a
// single child are one row with it. Branches are made when they are opened, so that a million tensors cost
// nothing beforehand. UI thread.
#pragma once

#include "app/models/tensor_list_model.h"

#include <QAbstractItemModel>
#include <memory>
#include <vector>

namespace wr::app {

class TensorTreeModel : public QAbstractItemModel {
    Q_OBJECT
public:
    explicit TensorTreeModel(QObject* parent = nullptr);
    /// Shows these tensors; they are in the order of the file.
    void show(std::shared_ptr<const CheckpointFile> file, const QVector<int>& tensors);

    /// The tensor of a row; −1 for a branch.
    int tensorIndex(const QModelIndex& index) const;
    /// Tensors in a branch, with all those below; 1 for a tensor.
    int tensorsIn(const QModelIndex& index) const;
    /// Opens the way to a tensor; invalid when it is not shown.
    QModelIndex indexOf(int tensor);

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    bool hasChildren(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Node {
        int parent = -1;
        int row = 0;
        int begin = 0; ///< of the visible tensors below it
        int end = 0;
        std::size_t prefix = 0; ///< letters of their names that are said by the nodes above, and by it
        std::size_t told = 0;   ///< letters said by the nodes above
        int tensor = -1;
        bool isOpened = false;
        std::vector<int> children;
    };
    const Node& nodeOf(const QModelIndex& index) const;
    const std::vector<int>& childrenOf(int node) const;
    void open(int node) const;
    std::string_view label(int node) const;
    int endOfPrefix(int begin, int end, std::string_view prefix) const;

    std::shared_ptr<const CheckpointFile> m_file;
    QVector<int> m_visible;
    std::vector<qint64> m_bytesBefore; ///< of the visible ones in front of each
    mutable std::vector<Node> m_nodes; ///< the root first
};

} // namespace wr::app
