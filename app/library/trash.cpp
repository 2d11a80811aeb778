// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/trash.h"

#include "engine/base/vfs.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Trash", text);
}

} // namespace

Explanation moveToTrash(const QString& path, TrashedFile& trashed)
{
    QFile file(path);
    if (file.moveToTrash()) {
        trashed = {path, file.fileName()};
        return {};
    }
    return {tr("“%1” could not be moved to the trash.").arg(QFileInfo(path).fileName()), file.errorString(),
            tr("The file is untouched. Delete it in the file manager if you no longer need it.")};
}

Explanation putBack(const TrashedFile& trashed)
{
    const QString what = tr("“%1” could not be put back.").arg(QFileInfo(trashed.path).fileName());
    const QString wayOut = tr("It is still in the trash: %1").arg(trashed.inTrash);
    const Status moved = Vfs::posix().renameNoReplace(QFile::encodeName(trashed.inTrash).toStdString(),
                                                      QFile::encodeName(trashed.path).toStdString());
    if (!moved.isOk()) {
        // Another file system: the trash of the home folder, say.
        if (moved.code() == StatusCode::AlreadyExists || QFileInfo::exists(trashed.path) ||
            !QFile::rename(trashed.inTrash, trashed.path)) {
            Explanation explanation = explain(what, moved);
            explanation.wayOut = wayOut;
            return explanation;
        }
    }
    // The desktop's note on where it came from has no file any more.
    const QFileInfo info(trashed.inTrash);
    QDir trash = info.dir();
    if (trash.dirName() == QLatin1String("files") && trash.cdUp())
        QFile::remove(trash.filePath(QStringLiteral("info/%1.trashinfo").arg(info.fileName())));
    return {};
}

} // namespace wr::app
