// SPDX-License-Identifier: GPL-3.0-or-later
// The tensors of a checkpoint by the templates of their names: "layers.{i}.mlp.w1" ×32 is one row, its
// tensors lie below. UI thread; the templates of many names are worked out by a job.
#pragma once

#include "app/models/tensor_list_model.h"

#include <QAbstractItemModel>
#include <memory>

namespace wr::app {

/// Tensors put together by template.
struct TensorTemplates {
    struct Group {
        QString text;  ///< "layers.{i}.mlp.w1"
        QString axes;  ///< "i = 0–31"
        QString shape; ///< of all; empty where they differ
        QString type;  ///< likewise
        qint64 bytes = 0;
        int begin = 0; ///< of its tensors
        int end = 0;
    };
    QVector<Group> groups;
    QVector<int> tensors; ///< indices into the file

    /// Blocking: call from a job where there are many.
    static TensorTemplates of(const CheckpointFile& file, const QVector<int>& tensors);
};

class TensorTemplateModel : public QAbstractItemModel {
    Q_OBJECT
public:
    explicit TensorTemplateModel(QObject* parent = nullptr) : QAbstractItemModel(parent) {}
    void show(std::shared_ptr<const CheckpointFile> file, const TensorTemplates& templates);

    /// The tensor of a row; −1 for a template of several.
    int tensorIndex(const QModelIndex& index) const;
    QModelIndex indexOf(int tensor) const; ///< invalid when it is not shown

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::shared_ptr<const CheckpointFile> m_file;
    TensorTemplates m_templates;
};

} // namespace wr::app
