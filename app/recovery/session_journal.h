// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the record of this session on disk while there is something to lose, so that whoever starts next
// finds it if this process dies. A lock beside the record tells the living from the dead. Files are written
// by jobs, within a second of a change and not more often. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/recovery/session_record.h"

#include <QLockFile>
#include <QObject>
#include <QTimer>
#include <memory>

namespace wr::app {

class Project;
class RunController;

class SessionJournal : public QObject {
    Q_OBJECT
public:
    /// Where records lie; made where it is missing.
    static QString folder();

    SessionJournal(Project* project, RunController* run, const QString& folder, QObject* parent = nullptr);
    ~SessionJournal() override; ///< an orderly end: the record goes

    SessionRecord record() const; ///< of this moment; the digest is left to the job that writes it
    bool isWritten() const { return m_isWritten; }

signals:
    /// It is on disk and says all there was when it was begun.
    void written();

private:
    void touch();
    void write();

    Project* m_project;
    RunController* m_run;
    QString m_path;
    std::unique_ptr<QLockFile> m_lock; ///< null where the folder cannot be written
    QTimer m_settle;
    JobTracker m_writer;
    qint64 m_savedStep = -1;
    QString m_checkpoint;
    QStringList m_homeless;
    bool m_isWritten = false;
    bool m_isAhead = false; ///< something changed while it was being written
};

} // namespace wr::app
