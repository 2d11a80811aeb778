// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_library.h"

#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_keeping.h"
#include "app/library/trash.h"
#include "engine/checkpoint/shard_set.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QFileSystemWatcher>
#include <QTimer>
#include <algorithm>

namespace wr::app {
namespace {

CheckpointRow readRow(const QString& path, const CheckpointNotes& notes, KeptFile& kept)
{
    const QFileInfo info(path);
    CheckpointRow row;
    row.path = path;
    row.fileName = info.fileName();
    row.bytes = info.size();
    row.savedAt = info.lastModified();
    row.note = notes.value(row.fileName);
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    kept = keptFile(path, opened.file ? &opened.file->reader() : nullptr, notes);
    if (!opened.file) {
        row.problem = opened.problem.why;
        return row;
    }
    row.format = opened.file->format();
    row.bytes = opened.file->fileBytes(); // of all its parts
    const QMap<QString, QString> metadata = opened.file->metadata();
    bool ok = false;
    if (const qint64 step = metadata.value(QStringLiteral("step")).toLongLong(&ok); ok)
        row.step = step;
    if (const double loss = metadata.value(QStringLiteral("loss")).toDouble(&ok); ok)
        row.loss = loss;
    if (const double accuracy = metadata.value(QStringLiteral("test_accuracy")).toDouble(&ok); ok)
        row.testAccuracy = accuracy;
    return row;
}

QVector<CheckpointRow> readDirectory(const QString& directory, const QStringList& external,
                                     const KeepingRules& rules, const JobTracker::Context& context)
{
    const CheckpointNotes notes = readNotes(directory);
    QStringList paths = external;
    if (!directory.isEmpty()) {
        for (const QString& path : checkpointsIn(directory)) {
            if (!paths.contains(path))
                paths += path;
        }
    }
    QVector<CheckpointRow> rows;
    std::vector<KeptFile> own; // the project's
    std::vector<qsizetype> places;
    for (const QString& path : std::as_const(paths)) {
        if (context.isCancelled())
            break;
        const bool isExternal = external.contains(path);
        KeptFile kept;
        rows.append(readRow(path, isExternal ? CheckpointNotes() : notes, kept));
        rows.last().isExternal = isExternal;
        if (isExternal)
            continue;
        rows.last().uuid = QString::fromStdString(kept.stored.uuid);
        rows.last().baseUuid = QString::fromStdString(kept.stored.baseUuid);
        own.push_back(std::move(kept));
        places.push_back(rows.size() - 1);
    }
    const std::vector<checkpoint::Stay> decided = stays(own, rules);
    for (std::size_t i = 0; i < own.size(); ++i)
        rows[places[i]].stay = decided[i];
    std::stable_sort(rows.begin(), rows.end(), [](const CheckpointRow& a, const CheckpointRow& b) {
        return a.savedAt != b.savedAt ? a.savedAt > b.savedAt : a.fileName > b.fileName;
    });
    return rows;
}

} // namespace

struct CheckpointLibrary::Private {
    QString directory;
    QStringList external;
    KeepingRules rules;
    QVector<CheckpointRow> rows;
    JobTracker jobs;
    JobTracker renames;
    JobTracker trash;
    QVector<TrashedFile> trashed; ///< by the last moveToTrash()
    JobTracker notes;
    QHash<QString, CheckpointNote> unwritten; ///< by path
    QFileSystemWatcher watcher;
    QTimer settle; ///< several files may come and go at once
};

CheckpointLibrary::CheckpointLibrary(QObject* parent) : QObject(parent), d(std::make_unique<Private>())
{
    constexpr int kSettleMilliseconds = 150;
    d->settle.setSingleShot(true);
    d->settle.setInterval(kSettleMilliseconds);
    connect(&d->settle, &QTimer::timeout, this, &CheckpointLibrary::refresh);
    connect(&d->watcher, &QFileSystemWatcher::directoryChanged, &d->settle, qOverload<>(&QTimer::start));
}

CheckpointLibrary::~CheckpointLibrary() = default;

void CheckpointLibrary::setDirectory(const QString& directory)
{
    if (const QStringList watched = d->watcher.directories(); !watched.isEmpty())
        d->watcher.removePaths(watched);
    d->directory = directory;
    refresh();
}

void CheckpointLibrary::setRules(const KeepingRules& rules)
{
    if (rules == d->rules)
        return;
    d->rules = rules;
    refresh();
}

void CheckpointLibrary::setNote(const QString& path, const CheckpointNote& note)
{
    // What is on the screen follows at once; the file follows when it can.
    for (CheckpointRow& row : d->rows) {
        if (row.path == path)
            row.note = note;
    }
    d->unwritten.insert(path, note);
    emit changed();
    writeNotes();
}

/// One after the other, so that the last word on a file is the one that stays.
void CheckpointLibrary::writeNotes()
{
    if (d->notes.isRunning() || d->unwritten.isEmpty())
        return;
    d->notes.start(
        [unwritten = std::exchange(d->unwritten, {})](const JobTracker::Context&) {
            Explanation problem;
            for (auto note = unwritten.constBegin(); note != unwritten.constEnd(); ++note) {
                const QFileInfo info(note.key());
                if (const Explanation one = writeNote(info.absolutePath(), info.fileName(), *note);
                    !one.isEmpty())
                    problem = one;
            }
            return problem;
        },
        [this](const Explanation& problem) {
            if (!problem.isEmpty())
                emit complained(problem);
            if (d->unwritten.isEmpty())
                refresh();
            else
                writeNotes();
        });
}

void CheckpointLibrary::refresh()
{
    d->jobs.start(
        [directory = d->directory, external = d->external,
         rules = d->rules](const JobTracker::Context& context) {
            return readDirectory(directory, external, rules, context);
        },
        [this](QVector<CheckpointRow> rows) {
            d->rows = std::move(rows);
            // The folder may have come into being since setDirectory().
            if (!d->directory.isEmpty() && d->watcher.directories().isEmpty())
                d->watcher.addPath(d->directory);
            emit changed();
        });
}

const QVector<CheckpointRow>& CheckpointLibrary::rows() const
{
    return d->rows;
}

void CheckpointLibrary::addExternal(const QString& path)
{
    const QFileInfo file(path);
    const QString absolute = file.absoluteFilePath();
    const bool isOwn =
        file.absolutePath() == QDir(d->directory).absolutePath() && isCheckpointName(file.fileName());
    if (!isOwn && !d->external.contains(absolute))
        d->external += absolute;
    refresh();
}

void CheckpointLibrary::rename(const QString& path, const QString& name)
{
    d->renames.start([path, name](const JobTracker::Context&) { return renameCheckpoint(path, name); },
                     [this, path](const Renamed& renamed) {
                         if (!renamed.problem.isEmpty())
                             emit complained(renamed.problem);
                         else if (const qsizetype place = d->external.indexOf(path); place >= 0)
                             d->external[place] = renamed.path;
                         if (!renamed.path.isEmpty())
                             emit this->renamed(renamed.path);
                         refresh();
                     });
}

void CheckpointLibrary::moveToTrash(const QStringList& paths)
{
    struct Outcome {
        QVector<TrashedFile> trashed;
        Explanation problem;
    };
    d->trash.start(
        [paths](const JobTracker::Context&) {
            Outcome outcome;
            QStringList files;
            for (const QString& path : paths) {
                files += path;
                // The list of a large checkpoint goes before its parts.
                for (const std::string& part : checkpoint::partsBeside(Vfs::posix(), path.toStdString()))
                    files += QFileInfo(path).dir().filePath(QFile::decodeName(part.c_str()));
            }
            for (const QString& path : std::as_const(files)) {
                TrashedFile file;
                outcome.problem = app::moveToTrash(path, file);
                if (!outcome.problem.isEmpty())
                    break;
                outcome.trashed.append(file);
            }
            return outcome;
        },
        [this, count = paths.size()](const Outcome& outcome) {
            for (const TrashedFile& file : outcome.trashed)
                d->external.removeAll(file.path);
            d->trashed = outcome.trashed;
            refresh();
            if (!outcome.problem.isEmpty())
                emit complained(outcome.problem);
            else
                emit trashed(static_cast<int>(count));
        });
}

void CheckpointLibrary::putBack()
{
    d->trash.start(
        [files = std::exchange(d->trashed, {})](const JobTracker::Context&) {
            Explanation problem;
            for (const TrashedFile& file : files) {
                if (const Explanation one = app::putBack(file); !one.isEmpty())
                    problem = one;
            }
            return problem;
        },
        [this](const Explanation& problem) {
            refresh();
            if (!problem.isEmpty())
                emit complained(problem);
        });
}

} // namespace wr::app
