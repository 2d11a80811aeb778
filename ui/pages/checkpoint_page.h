// SPDX-License-Identifier: GPL-3.0-or-later
// The project's checkpoints and what is in the selected one. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_file.h"

#include <QStringList>
#include <QWidget>

class QPushButton;
class QStackedWidget;
class QTableView;

namespace wr::app {
class CheckpointListModel;
}

namespace wr::ui {

class TensorPanel;
class Workspace;

class CheckpointPage : public QWidget {
    Q_OBJECT
public:
    explicit CheckpointPage(Workspace* workspace, QWidget* parent = nullptr);

    QTableView* list() const { return m_list; }
    QStringList selectedPaths() const;
    /// Lists a file from elsewhere and shows what is in it.
    void open(const QString& path);

signals:
    void restoreRequested(const QString& path);
    void diffRequested(const QString& a, const QString& b);
    void saveRequested();
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);

private:
    QWidget* makeButtons();
    void update();
    void show(const QString& path);
    void verify();
    void trash();

    Workspace* m_workspace;
    app::CheckpointListModel* m_model;
    QTableView* m_list;
    TensorPanel* m_tensors;
    QStackedWidget* m_stack;
    QPushButton* m_restore = nullptr;
    QPushButton* m_diff = nullptr;
    QPushButton* m_verify = nullptr;
    QPushButton* m_reveal = nullptr;
    QPushButton* m_trash = nullptr;
    app::JobTracker m_opener;
    app::JobTracker m_verifier;
    QString m_shown;
    QStringList m_wanted; ///< selected again once listed
};

} // namespace wr::ui
