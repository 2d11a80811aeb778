// SPDX-License-Identifier: GPL-3.0-or-later
// What is in one tensor of a checkpoint: heat map with range and picked value, numbers, spread, norms of rows
// and columns, and how it went over the checkpoints; any two axes of any rank. Values are read by jobs. UI
// thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/tensor_history.h"
#include "app/library/tensor_slice.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTabWidget;
class QTableView;

namespace wr::app {
class SliceGridModel;
}

namespace wr::ui {

class MomentView;
class NormView;
class RangeBar;
class SliceBar;
class SliceView;

class TensorViewer : public QWidget {
    Q_OBJECT
public:
    explicit TensorViewer(QWidget* parent = nullptr);
    /// Null, or a negative number, shows nothing.
    void show(const std::shared_ptr<const app::CheckpointFile>& file, int tensor);
    /// Of the project, for what the tensor was in them.
    void setCheckpoints(const QStringList& paths);

    SliceView* heatMap() const { return m_view; }
    SliceBar* sliceBar() const { return m_bar; }
    QTabWidget* tabs() const { return m_tabs; }
    QString pickedText() const;
    bool isLoading() const { return m_reader.isRunning(); }

signals:
    void checkpointChosen(const QString& path);
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);

private:
    enum class Range { All, Symmetric, Most };
    QWidget* makeHeatMap();
    QWidget* makeHistogram();
    void load();
    void take(const app::TensorSlice::Loaded& loaded);
    void useRange(Range range);
    void setRange(double low, double high);
    void tellPicked(qint64 row, qint64 column);
    void readHistory();
    void exportTo(const QString& extension);

    std::shared_ptr<const app::CheckpointFile> m_file;
    int m_tensor = -1;
    std::shared_ptr<const app::TensorSlice> m_slice;
    QStringList m_checkpoints;
    Range m_range = Range::Symmetric;
    app::JobTracker m_reader;
    app::JobTracker m_historian;
    app::JobTracker m_exporter;
    QLabel* m_title;
    QLabel* m_facts;
    QPushButton* m_turn;
    SliceBar* m_bar;
    QTabWidget* m_tabs;
    SliceView* m_view;
    RangeBar* m_narrow;
    RangeBar* m_wide;
    QLabel* m_picked;
    app::SliceGridModel* m_grid;
    QTableView* m_numbers;
    NormView* m_norms;
    MomentView* m_moments;
};

} // namespace wr::ui
