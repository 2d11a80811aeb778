// SPDX-License-Identifier: GPL-3.0-or-later
// One opened checkpoint: what it says of itself, its tensors with a filter, and a look into the selected one.
// UI thread.
#pragma once

#include "app/models/tensor_list_model.h"

#include <QWidget>

class QLabel;
class QTableView;

namespace wr::ui {

class TensorViewer;

class TensorPanel : public QWidget {
    Q_OBJECT
public:
    explicit TensorPanel(QWidget* parent = nullptr);
    /// Null shows nothing.
    void setFile(const std::shared_ptr<const app::CheckpointFile>& file);
    const std::shared_ptr<const app::CheckpointFile>& file() const { return m_file; }
    QTableView* table() const { return m_table; }
    TensorViewer* viewer() const { return m_viewer; }

private:
    std::shared_ptr<const app::CheckpointFile> m_file;
    app::TensorListModel* m_model;
    QLabel* m_about;
    QTableView* m_table;
    TensorViewer* m_viewer;
};

} // namespace wr::ui
