// SPDX-License-Identifier: GPL-3.0-or-later
// One opened checkpoint: what it says of itself, its tensors as a list or as a tree with a filter, and a look
// into the selected one. UI thread; many tensors are filtered and sorted by a job.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/models/tensor_filter.h"
#include "app/models/tensor_list_model.h"
#include "app/models/tensor_template_model.h"

#include <QWidget>

class QAbstractItemModel;
class QButtonGroup;
class QLabel;
class QModelIndex;
class QStackedWidget;
class QTableView;
class QTreeView;

namespace wr::app {
class TensorTreeModel;
}

namespace wr::ui {

class FilterField;
class TensorViewer;

class TensorPanel : public QWidget {
    Q_OBJECT
public:
    enum View { List, Tree, Templates };
    explicit TensorPanel(QWidget* parent = nullptr);
    /// Null shows nothing.
    void setFile(const std::shared_ptr<const app::CheckpointFile>& file);
    const std::shared_ptr<const app::CheckpointFile>& file() const { return m_file; }
    void setView(View view); ///< remembered
    QTableView* table() const { return m_table; }
    QTreeView* tree() const { return m_tree; }
    QTreeView* templates() const { return m_templateTree; }
    FilterField* filter() const { return m_filter; }
    TensorViewer* viewer() const { return m_viewer; }

private:
    QWidget* makeList();
    QStringList about() const;
    void arrange();
    /// What the filter lets through.
    struct Arranged {
        QVector<int> inFileOrder;
        QVector<int> sorted;
        app::TensorTemplates templates;
    };
    void setUpTree(QTreeView* tree, QAbstractItemModel* model, const QString& name);
    void take(const Arranged& arranged);
    void choose(int tensor);
    void select(int tensor);

    std::shared_ptr<const app::CheckpointFile> m_file;
    app::TensorListModel* m_model;
    app::TensorTreeModel* m_branches;
    app::TensorTemplateModel* m_templates;
    QLabel* m_about;
    FilterField* m_filter;
    QLabel* m_verdict;
    QLabel* m_count;
    QButtonGroup* m_views;
    QStackedWidget* m_stack;
    QTableView* m_table;
    QTreeView* m_tree;
    QTreeView* m_templateTree;
    TensorViewer* m_viewer;
    app::TensorFilter m_asked;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    QString m_wanted; ///< the tensor to be looked at, also in the next file
    bool m_isArranging = false;
    app::JobTracker m_arranger;
};

} // namespace wr::ui
