// SPDX-License-Identifier: GPL-3.0-or-later
// One opened checkpoint: what it says of itself, its tensors with a filter, and a preview of the selected
// one, read by a job. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/models/tensor_list_model.h"

#include <QWidget>

class QLabel;
class QTableView;

namespace wr::ui {

class HeatMapView;
class HistogramView;

class TensorPanel : public QWidget {
    Q_OBJECT
public:
    explicit TensorPanel(QWidget* parent = nullptr);
    /// Null shows nothing.
    void setFile(const std::shared_ptr<const app::CheckpointFile>& file);
    const std::shared_ptr<const app::CheckpointFile>& file() const { return m_file; }
    QTableView* table() const { return m_table; }

private:
    void showTensor(int tensor);
    void showPreview(const app::TensorPreview& preview);

    std::shared_ptr<const app::CheckpointFile> m_file;
    app::TensorListModel* m_model;
    app::JobTracker m_reader;
    QLabel* m_about;
    QTableView* m_table;
    QLabel* m_tensor;
    QLabel* m_statistics;
    HistogramView* m_histogram;
    HeatMapView* m_heatMap;
};

} // namespace wr::ui
