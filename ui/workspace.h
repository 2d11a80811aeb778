// SPDX-License-Identifier: GPL-3.0-or-later
// What the window works on: one project, its run, the curves and the checkpoints, wired to each other. Owned
// by the program and lent to the window; UI thread. Nothing here waits: what takes time is the worker's or a
// job.
#pragma once

#include "app/document/project.h"
#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_library.h"
#include "app/library/restore_session.h"
#include "app/models/metric_history.h"
#include "app/models/run_list.h"
#include "app/recovery/lost_sessions.h"
#include "app/recovery/session_journal.h"
#include "app/run/run_controller.h"

#include <QTimer>

namespace wr::ui {

class Workspace : public QObject {
    Q_OBJECT
public:
    explicit Workspace(QObject* parent = nullptr);
    ~Workspace() override;

    app::Project& project() { return m_project; }
    app::RunController& run() { return m_run; }
    app::MetricHistory& history() { return m_history; }
    app::RunList& runs() { return m_runs; }
    app::CheckpointLibrary& library() { return m_library; }

    /// Opens a folder or model.wr and remembers it.
    bool openProject(const QString& path);
    /// The user's own copy of a bundled example.
    bool openExample(const QString& name);
    /// The project with the edits of a session that died, as a step that can be undone. What was recovered is
    /// kept where it was until this session's own record is on disk.
    bool openRecovered(const app::LostSession& session);
    bool save();
    bool saveAs(const QString& directory);
    /// Folders of projects and checkpoint files that were opened, the newest first.
    QStringList recent() const;
    void remember(const QString& path);
    void forget(const QString& path); ///< takes it off the recent ones

    /// Reads the checkpoint's index by a job, then tells restoreReady().
    void prepareRestore(const QString& path);

signals:
    void complained(const wr::app::Explanation& explanation);
    void restoreReady(const std::shared_ptr<wr::app::RestoreSession>& session);

private:
    void offerRestore();
    void useModel();
    void noteSettings();
    void useLocation();

    app::Project m_project;
    app::RunController m_run;
    app::MetricHistory m_history;
    app::RunList m_runs{&m_history};
    app::CheckpointLibrary m_library;
    app::JobTracker m_opener;
    std::shared_ptr<const app::CheckpointFile> m_restored; ///< waits for the script to be read
    QTimer m_frame;
    QStringList m_adopted; ///< records that this session's own is about to say as well
    app::SessionJournal m_journal{&m_project, &m_run, app::SessionJournal::folder()};
};

} // namespace wr::ui
