// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_notes.h"

#include "engine/base/vfs.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLockFile>
#include <QSaveFile>

namespace wr::app {
namespace {

constexpr qint64 kMostBytes = 16 << 20;

QString pathIn(const QString& directory)
{
    return QDir(directory).filePath(QStringLiteral("notes.json"));
}

QString tr(const char* text)
{
    return QCoreApplication::translate("CheckpointNotes", text);
}

QJsonObject toJson(const CheckpointNote& note)
{
    QJsonObject object;
    if (note.isStarred)
        object.insert(QStringLiteral("star"), true);
    if (!note.tags.isEmpty())
        object.insert(QStringLiteral("tags"), QJsonArray::fromStringList(note.tags));
    if (!note.text.isEmpty())
        object.insert(QStringLiteral("note"), note.text);
    return object;
}

} // namespace

CheckpointNotes readNotes(const QString& directory)
{
    CheckpointNotes notes;
    QFile file(pathIn(directory));
    if (directory.isEmpty() || !file.open(QIODevice::ReadOnly) || file.size() > kMostBytes)
        return notes;
    const QJsonObject all = QJsonDocument::fromJson(file.readAll()).object();
    for (auto entry = all.begin(); entry != all.end(); ++entry) {
        const QJsonObject object = entry->toObject();
        CheckpointNote note;
        note.isStarred = object.value(QStringLiteral("star")).toBool();
        for (const QJsonValue tag : object.value(QStringLiteral("tags")).toArray()) {
            if (const QString text = tag.toString().trimmed(); !text.isEmpty())
                note.tags += text;
        }
        note.text = object.value(QStringLiteral("note")).toString();
        if (!note.isEmpty())
            notes.insert(entry.key(), note);
    }
    return notes;
}

Explanation writeNote(const QString& directory, const QString& fileName, const CheckpointNote& note)
{
    const QString what = tr("The note on “%1” was not saved.").arg(fileName);
    // Two windows may have the folder open.
    QLockFile lock(QDir(directory).filePath(QStringLiteral(".notes.lock")));
    constexpr int kPatience = 2000;
    if (!lock.tryLock(kPatience))
        return {what,
                tr("Another program is writing to the notes of this folder, or it cannot be written to."),
                tr("Try again.")};
    CheckpointNotes notes = readNotes(directory);
    if (note.isEmpty())
        notes.remove(fileName);
    else
        notes.insert(fileName, note);
    QJsonObject all;
    for (auto entry = notes.constBegin(); entry != notes.constEnd(); ++entry)
        all.insert(entry.key(), toJson(*entry));
    QSaveFile file(pathIn(directory));
    if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(all).toJson()) < 0 || !file.commit())
        return {what, file.errorString(), tr("Make room or make the folder writable, and try again.")};
    return {};
}

Renamed renameCheckpoint(const QString& path, const QString& name)
{
    const QFileInfo info(path);
    const QString what = tr("“%1” was not renamed.").arg(info.fileName());
    QString extension;
    for (const char* const known : {".safetensors.zst", ".safetensors", ".wrck"}) {
        if (extension.isEmpty() && info.fileName().endsWith(QLatin1String(known)))
            extension = QLatin1String(known);
    }
    const QString fileName = name.endsWith(extension) ? name : name + extension;
    if (fileName.size() == extension.size() || fileName.startsWith(u'.') || fileName.contains(u'/') ||
        fileName.contains(QChar(u'\0')))
        return {
            {},
            {what, tr("“%1” is no name for a file that can be seen.").arg(name), tr("Choose another name.")}};
    const QString target = info.dir().filePath(fileName);
    const Status status = Vfs::posix().renameNoReplace(QFile::encodeName(path).toStdString(),
                                                       QFile::encodeName(target).toStdString());
    if (!status.isOk()) {
        Explanation problem = explain(what, status);
        if (status.code() == StatusCode::AlreadyExists)
            problem.wayOut = tr("Choose a name that is free.");
        return {{}, problem};
    }
    const CheckpointNote note = readNotes(info.absolutePath()).value(info.fileName());
    if (note.isEmpty())
        return {target, {}};
    Explanation problem = writeNote(info.absolutePath(), fileName, note);
    if (problem.isEmpty())
        problem = writeNote(info.absolutePath(), info.fileName(), {});
    return {target, problem};
}

} // namespace wr::app
