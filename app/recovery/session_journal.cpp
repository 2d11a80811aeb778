// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recovery/session_journal.h"

#include "app/document/project.h"
#include "app/run/run_controller.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>
#include <QUuid>
#include <algorithm>

namespace wr::app {
namespace {
constexpr int kSettleMilliseconds = 800;
constexpr qsizetype kLongScript = qsizetype{1} << 20;
constexpr int kSettleLongMilliseconds = 8000;
} // namespace

QString SessionJournal::folder()
{
    return QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) +
           QStringLiteral("/sessions");
}

SessionJournal::SessionJournal(Project* project, RunController* run, const QString& folder, QObject* parent)
    : QObject(parent), m_project(project), m_run(run)
{
    if (QDir().mkpath(folder)) {
        const QString name = QDir(folder).filePath(QUuid::createUuid().toString(QUuid::WithoutBraces));
        m_path = name + QStringLiteral(".json");
        m_lock = std::make_unique<QLockFile>(name + QStringLiteral(".lock"));
        m_lock->setStaleLockTime(0);
        if (!m_lock->tryLock())
            m_lock.reset();
    }
    m_settle.setSingleShot(true);
    connect(&m_settle, &QTimer::timeout, this, &SessionJournal::write);
    connect(m_project, &Project::historyChanged, this, &SessionJournal::touch);
    connect(m_project, &Project::textReset, this, [this] {
        m_savedStep = -1;
        m_checkpoint.clear();
        m_homeless.clear();
        touch();
    });
    connect(m_project, &Project::locationChanged, this, [this] {
        if (!m_project->directory().isEmpty())
            m_homeless.clear(); // they have moved with it
        touch();
    });
    connect(m_run, &RunController::stateChanged, this, &SessionJournal::touch);
    connect(m_run, &RunController::metricsReset, this, [this] { m_savedStep = -1; });
    connect(m_run, &RunController::saved, this, [this](const QString& path) {
        m_checkpoint = path;
        m_savedStep = m_run->state().step;
        if (m_project->directory().isEmpty() && !m_homeless.contains(path))
            m_homeless += path;
        touch();
    });
    connect(m_run, &RunController::event, this, [this](const RunEvent& event) {
        if (event.kind == RunEvent::Kind::Saved)
            m_savedStep = event.step;
    });
}

SessionJournal::~SessionJournal()
{
    m_writer.cancel();
    if (m_lock)
        QFile::remove(m_path);
}

SessionRecord SessionJournal::record() const
{
    SessionRecord record;
    record.directory = m_project->directory();
    record.title = m_project->title();
    record.writtenAt = QDateTime::currentDateTimeUtc();
    const bool isHomeless = record.directory.isEmpty();
    record.hasEdits = m_project->isModified() || (isHomeless && !m_project->script().isEmpty());
    if (record.hasEdits) {
        record.script = m_project->script();
        record.edits = m_project->unsavedEdits();
    }
    const RunState& state = m_run->state();
    const bool isUnderWay = state.phase == RunPhase::Running || state.phase == RunPhase::Saving ||
                            state.phase == RunPhase::Ready || state.phase == RunPhase::Finished;
    if (isUnderWay && state.step > std::max<qint64>(0, m_savedStep))
        record.step = state.step;
    record.savedStep = m_savedStep;
    record.checkpoint = m_checkpoint;
    record.homeless = m_homeless;
    return record;
}

/// What comes within a second is written together; changes that never end do not put it off.
void SessionJournal::touch()
{
    if (m_lock && !m_settle.isActive())
        m_settle.start(m_project->script().size() > kLongScript ? kSettleLongMilliseconds
                                                                : kSettleMilliseconds);
}

void SessionJournal::write()
{
    if (m_writer.isRunning()) {
        m_isAhead = true;
        return;
    }
    m_isAhead = false;
    m_writer.start(
        [record = this->record(), saved = m_project->savedText(),
         path = m_path](const JobTracker::Context& context) mutable {
            if (record.hasEdits && !record.directory.isEmpty())
                record.savedDigest = QCryptographicHash::hash(saved.toUtf8(), QCryptographicHash::Sha256);
            if (!record.isWorthKeeping()) {
                QFile::remove(path);
                return false;
            }
            QSaveFile file(path);
            if (!file.open(QIODevice::WriteOnly))
                return false;
            file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
            file.write(record.toJson());
            const bool isWritten = file.commit();
            // The session has ended in good order meanwhile, and has looked for the record too early.
            if (context.isCancelled())
                QFile::remove(path);
            return isWritten;
        },
        [this](bool isWritten) {
            m_isWritten = isWritten;
            if (isWritten)
                emit written();
            if (m_isAhead)
                touch();
        });
}

} // namespace wr::app
