// SPDX-License-Identifier: GPL-3.0-or-later
// What takes its time with checkpoint files of the list: the check of every byte, a copy in another format,
// the recovery of a damaged one, a delta made to stand alone, and whether a training resumed there gives the
// same bits. One of a kind at a time; each can be cancelled. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_check.h"
#include "app/library/checkpoint_copy.h"
#include "app/run/resume_check.h"

#include <QObject>
#include <QStringList>

namespace wr::ui {

class CheckpointJobs : public QObject {
    Q_OBJECT
public:
    explicit CheckpointJobs(QObject* parent = nullptr);

    void verify(const QStringList& paths);
    void recover(const QString& path);
    void makeStandalone(const QString& path);
    void checkResume(const app::ResumeRequest& request);
    /// Progress and end are told as those of a check.
    void copy(const app::CopyRequest& request);
    /// Ends the check that is under way.
    void cancelCheck() { m_checker.cancel(); }
    bool isChecking() const { return m_checker.isRunning(); }

signals:
    void checkStarted();
    void checkProgress(int percent);
    void checkEnded();
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);
    void damaged(const wr::app::Explanation& explanation, const QString& path);
    void written(const QString& path); ///< a file is new, or not what it was
    void copied(const QString& path);

private:
    app::JobTracker m_checker;
    app::JobTracker m_writer;
};

} // namespace wr::ui
