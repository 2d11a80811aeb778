// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/example.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace wr::app {

QString bundledExamples()
{
    const QDir programs(QCoreApplication::applicationDirPath());
    for (const char* candidate : {"../share/weightroom/examples", "../../share/weightroom/examples"}) {
        const QFileInfo info(programs.filePath(QLatin1String(candidate)));
        if (info.isDir())
            return info.canonicalFilePath();
    }
    return {};
}

QStringList exampleNames()
{
    const QString folder = bundledExamples();
    return folder.isEmpty() ? QStringList() : QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
}

ExampleCopy openExample(const QString& name)
{
    const auto failed = [&](const QString& why, const QString& wayOut) {
        return ExampleCopy{
            {},
            {QCoreApplication::translate("Example", "The example “%1” could not be opened.").arg(name), why,
             wayOut}};
    };
    if (!exampleNames().contains(name)) {
        const QString names = exampleNames().join(QStringLiteral(", "));
        return failed(
            QCoreApplication::translate("Example", "There is no folder, script or example of that name."),
            names.isEmpty()
                ? QCoreApplication::translate("Example", "No examples are installed. Give the path of "
                                                         "a project folder.")
                : QCoreApplication::translate(
                      "Example", "Give the path of a project folder, or one of the examples: %1.")
                      .arg(names));
    }
    const QDir source(QDir(bundledExamples()).filePath(name));
    const QDir documents(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    const QDir target(documents.filePath(QStringLiteral("Weightroom/") + name));
    if (QFileInfo::exists(target.filePath(QStringLiteral("model.wr"))))
        return {target.path(), {}};
    const QString wayOut =
        QCoreApplication::translate("Example", "Check the permissions and the free space of “%1”.")
            .arg(documents.path());
    if (!target.mkpath(QStringLiteral(".")))
        return failed(
            QCoreApplication::translate("Example", "The folder “%1” could not be made.").arg(target.path()),
            wayOut);
    const QStringList files = source.entryList(QDir::Files);
    for (const QString& file : files) {
        QFile original(source.filePath(file));
        const QString copy = target.filePath(file);
        if (QFileInfo::exists(copy))
            continue;
        if (!original.copy(copy))
            return failed(original.errorString(), wayOut);
        QFile::setPermissions(copy, QFile::permissions(copy) | QFile::WriteOwner);
    }
    return {target.path(), {}};
}

ExampleCopy findProject(const QString& given)
{
    const QFileInfo info(given);
    if (info.isDir() || (info.isFile() && info.fileName() == QLatin1String("model.wr")))
        return {info.isDir() ? info.absoluteFilePath() : info.absolutePath(), {}};
    return openExample(given);
}

} // namespace wr::app
