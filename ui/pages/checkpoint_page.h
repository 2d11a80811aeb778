// SPDX-License-Identifier: GPL-3.0-or-later
// The project's checkpoints and what is in the selected one. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_file.h"

#include <QStringList>
#include <QWidget>

class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace wr::app {
class CheckpointListModel;
}

namespace wr::ui {

class CheckpointJobs;
class CheckpointTimeline;
class QuickLook;
class TensorPanel;
class Workspace;

class CheckpointPage : public QWidget {
    Q_OBJECT
public:
    explicit CheckpointPage(Workspace* workspace, QWidget* parent = nullptr);

    QTableView* list() const { return m_list; }
    CheckpointTimeline* timeline() const { return m_timeline; }
    QStringList selectedPaths() const;
    /// Lists a file from elsewhere and shows what is in it.
    void open(const QString& path);
    /// Writes what is whole in a damaged file to a new one beside it.
    void recover(const QString& path);
    QuickLook* quickLook() const { return m_quickLook; }
    TensorPanel* tensors() const { return m_tensors; }

signals:
    void restoreRequested(const QString& path);
    void diffRequested(const QString& a, const QString& b);
    void saveRequested();
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);
    void trashed(int files);
    void damaged(const wr::app::Explanation& explanation, const QString& path);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeButtons();
    void update();
    void show(const QString& path);
    void wireJobs();
    void checkResume();
    void saveCopy();
    void trash();
    void summarise();
    void toggleQuickLook();
    void star(const QVector<int>& rows);

    Workspace* m_workspace;
    app::CheckpointListModel* m_model;
    QTableView* m_list;
    QWidget* m_board = nullptr; ///< around the timeline
    CheckpointTimeline* m_timeline = nullptr;
    TensorPanel* m_tensors;
    QLabel* m_summary;
    QStackedWidget* m_stack;
    CheckpointJobs* m_jobs;
    QuickLook* m_quickLook;
    QPushButton* m_restore = nullptr;
    QPushButton* m_diff = nullptr;
    QPushButton* m_verify = nullptr;
    QPushButton* m_reveal = nullptr;
    QPushButton* m_trash = nullptr;
    app::JobTracker m_opener;
    QString m_shown;
    QStringList m_wanted; ///< selected again once listed
};

} // namespace wr::ui
