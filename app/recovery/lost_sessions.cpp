// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recovery/lost_sessions.h"

#include "app/document/quantity.h"
#include "app/document/script_store.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLockFile>
#include <algorithm>

namespace wr::app {
namespace {

constexpr qint64 kLargestRecord = qint64{64} << 20;

QString lockOf(const QString& path)
{
    return path.left(path.size() - 5) + QStringLiteral(".lock");
}

/// A lock that can be had is of a process that is no more.
bool isAlive(const QString& path)
{
    QLockFile lock(lockOf(path));
    lock.setStaleLockTime(0);
    return !lock.tryLock();
}

} // namespace

QVector<LostSession> findLostSessions(const QString& folder)
{
    QVector<LostSession> sessions;
    const QFileInfoList files = QDir(folder).entryInfoList({QStringLiteral("*.json")}, QDir::Files);
    for (const QFileInfo& info : files) {
        const QString path = info.absoluteFilePath();
        if (isAlive(path))
            continue;
        QFile file(path);
        if (info.size() > kLargestRecord || !file.open(QIODevice::ReadOnly)) {
            discardSession(path);
            continue;
        }
        const Result<SessionRecord> record = SessionRecord::fromJson(file.readAll());
        if (!record || !record->isWorthKeeping()) {
            discardSession(path);
            continue;
        }
        LostSession session;
        session.record = *record;
        session.path = path;
        const QString script = QDir(record->directory).filePath(QStringLiteral("model.wr"));
        if (!record->directory.isEmpty() && QFileInfo::exists(script)) {
            session.isFolderThere = true;
            if (const Result<ScriptFile> saved = ScriptStore().read(script))
                session.saved = saved->text;
            session.isChangedSince =
                !record->savedDigest.isEmpty() &&
                QCryptographicHash::hash(session.saved.toUtf8(), QCryptographicHash::Sha256) !=
                    record->savedDigest;
        }
        sessions += session;
    }
    // Locks of sessions that had nothing to lose: who gets one, and lets go of it, removes it.
    const QStringList locks = QDir(folder).entryList({QStringLiteral("*.lock")}, QDir::Files);
    for (const QString& name : locks) {
        const QString record = QDir(folder).filePath(name.left(name.size() - 5) + QStringLiteral(".json"));
        if (!QFile::exists(record))
            isAlive(record);
    }
    std::stable_sort(sessions.begin(), sessions.end(), [](const LostSession& a, const LostSession& b) {
        return a.record.writtenAt > b.record.writtenAt;
    });
    return sessions;
}

void discardSession(const QString& path)
{
    QFile::remove(path);
    QFile::remove(lockOf(path));
}

QString reportOf(const LostSession& session)
{
    const SessionRecord& record = session.record;
    QStringList lines{
        QStringLiteral("Weightroom %1 ended unexpectedly").arg(QCoreApplication::applicationVersion()),
        QStringLiteral("Last sign of life: %1").arg(record.writtenAt.toString(Qt::ISODate)),
        QStringLiteral("Qt %1, %2").arg(QLatin1String(qVersion()), QSysInfo::prettyProductName()),
        QStringLiteral("Project: %1")
            .arg(record.directory.isEmpty() ? QStringLiteral("without a folder") : record.directory),
        QStringLiteral("Unsaved edits: %1").arg(record.edits.size())};
    for (const QString& edit : record.edits)
        lines += QStringLiteral("  %1").arg(edit);
    if (record.step >= 0)
        lines += QStringLiteral("Training: step %1, newest checkpoint %2")
                     .arg(record.step)
                     .arg(record.savedStep >= 0 ? QString::number(record.savedStep) : QStringLiteral("none"));
    return lines.join(u'\n') + u'\n';
}

} // namespace wr::app
