// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/source_tree.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>

namespace wr::layering {

QString Finding::text() const
{
    return line > 0 ? QStringLiteral("%1:%2: %3").arg(path).arg(line).arg(what)
                    : QStringLiteral("%1: %2").arg(path, what);
}

bool isHeader(const QString& path)
{
    return path.endsWith(QStringLiteral(".h")) || path.endsWith(QStringLiteral(".cuh"));
}

bool isCode(const QString& path)
{
    return isHeader(path) || path.endsWith(QStringLiteral(".cpp")) || path.endsWith(QStringLiteral(".cu"));
}

bool isCMake(const QString& path)
{
    return path.endsWith(QStringLiteral(".cmake")) || path.endsWith(QStringLiteral("CMakeLists.txt"));
}

bool isScript(const QStringList& lines)
{
    return !lines.isEmpty() && lines.first().startsWith(QStringLiteral("#!"));
}

SourceTree readSourceTree(const QString& root)
{
    SourceTree tree;
    const QDir top(root);
    const auto add = [&](const QString& path) {
        QFile file(path);
        const bool mayBeScript = QFileInfo(path).suffix().isEmpty();
        const QString name = top.relativeFilePath(path);
        if ((!isCode(name) && !isCMake(name) && !mayBeScript) || !file.open(QIODevice::ReadOnly)) {
            return;
        }
        QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
        if (lines.last().isEmpty()) {
            lines.removeLast();
        }
        if (isCode(name) || isCMake(name) || isScript(lines)) {
            tree.insert(name, lines);
        }
    };
    add(top.filePath(QStringLiteral("CMakeLists.txt")));
    for (const char* folder : {"app", "engine", "gpu", "packaging", "resources", "tests", "ui", ".ci"}) {
        QDirIterator files(top.filePath(QLatin1String(folder)), QDir::Files | QDir::Hidden,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            add(files.next());
        }
    }
    return tree;
}

} // namespace wr::layering
