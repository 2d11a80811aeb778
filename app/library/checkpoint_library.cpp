// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_library.h"

#include "app/jobs/job_tracker.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QFileSystemWatcher>
#include <QTimer>
#include <algorithm>

namespace wr::app {
namespace {

CheckpointRow readRow(const QString& path)
{
    const QFileInfo info(path);
    CheckpointRow row;
    row.path = path;
    row.fileName = info.fileName();
    row.bytes = info.size();
    row.savedAt = info.lastModified();
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    if (!opened.file) {
        row.problem = opened.problem.why;
        return row;
    }
    row.format = opened.file->format();
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

bool isCheckpointName(const QString& name)
{
    return name.endsWith(QLatin1String(".wrck")) || name.endsWith(QLatin1String(".safetensors.zst")) ||
           name.endsWith(QLatin1String(".safetensors"));
}

QVector<CheckpointRow> readDirectory(const QString& directory, const QStringList& external,
                                     const JobTracker::Context& context)
{
    QStringList paths = external;
    if (!directory.isEmpty()) {
        const QFileInfoList entries = QDir(directory).entryInfoList(QDir::Files);
        for (const QFileInfo& entry : entries) {
            if (isCheckpointName(entry.fileName()) && !paths.contains(entry.absoluteFilePath()))
                paths += entry.absoluteFilePath();
        }
    }
    QVector<CheckpointRow> rows;
    for (const QString& path : std::as_const(paths)) {
        if (context.isCancelled())
            break;
        rows.append(readRow(path));
    }
    std::stable_sort(rows.begin(), rows.end(), [](const CheckpointRow& a, const CheckpointRow& b) {
        return a.savedAt != b.savedAt ? a.savedAt > b.savedAt : a.fileName > b.fileName;
    });
    return rows;
}

} // namespace

struct CheckpointLibrary::Private {
    QString directory;
    QStringList external;
    QVector<CheckpointRow> rows;
    JobTracker jobs;
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

void CheckpointLibrary::refresh()
{
    d->jobs.start(
        [directory = d->directory, external = d->external](const JobTracker::Context& context) {
            return readDirectory(directory, external, context);
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
    const QString absolute = QFileInfo(path).absoluteFilePath();
    if (!d->external.contains(absolute))
        d->external += absolute;
    refresh();
}

Explanation CheckpointLibrary::moveToTrash(const QStringList& paths)
{
    Explanation explanation;
    for (const QString& path : paths) {
        QFile file(path);
        if (file.moveToTrash()) {
            d->external.removeAll(path);
            continue;
        }
        explanation.what = tr("“%1” could not be moved to the trash.").arg(QFileInfo(path).fileName());
        explanation.why = file.errorString();
        explanation.wayOut =
            tr("The file is untouched. Delete it in the file manager if you no longer need it.");
        break;
    }
    refresh();
    return explanation;
}

} // namespace wr::app
