// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/file_habits.h"

#include <QRegularExpression>

namespace wr::layering {

namespace {

// Folders that say nothing about what is in them.
const QStringList& emptyNames()
{
    static const QStringList names{
        QStringLiteral("common"),   QStringLiteral("util"),    QStringLiteral("utils"),
        QStringLiteral("misc"),     QStringLiteral("core"),    QStringLiteral("manager"),
        QStringLiteral("managers"), QStringLiteral("helpers"), QStringLiteral("shared"),
        QStringLiteral("lib"),
    };
    return names;
}

bool hasLicence(const QString& path, const QStringList& lines)
{
    const QString words = QStringLiteral("SPDX-License-Identifier: GPL-3.0-or-later");
    const qsizetype line = isScript(lines) ? 1 : 0;
    return lines.size() > line &&
           lines[line] == (isCode(path) ? QStringLiteral("// ") : QStringLiteral("# ")) + words;
}

} // namespace

QList<Finding> brokenHabits(const SourceTree& tree)
{
    static const QRegularExpression snakeCase(QStringLiteral("^[a-z][a-z0-9_]*\\.(h|cpp|cu|cuh)$"));
    QList<Finding> findings;
    for (auto file = tree.cbegin(); file != tree.cend(); ++file) {
        const QString& path = file.key();
        const QStringList& lines = file.value();
        QStringList folders = path.split(QLatin1Char('/'));
        const QString name = folders.takeLast();

        for (const QString& folder : folders) {
            if (emptyNames().contains(folder)) {
                findings.push_back({path, 0, QStringLiteral("no folder is called %1").arg(folder)});
            }
        }
        if (!hasLicence(path, lines)) {
            findings.push_back({path, 1, QStringLiteral("no SPDX line")});
        }
        if (!isCode(path)) {
            continue;
        }
        if (!snakeCase.match(name).hasMatch()) {
            findings.push_back({path, 0, QStringLiteral("file names are snake_case")});
        }
        if (lines.size() > kMostLines) {
            findings.push_back(
                {path, 0, QStringLiteral("%1 lines, at most %2").arg(lines.size()).arg(kMostLines)});
        }
        if (isHeader(path)) {
            if (lines.size() < 2 || !lines[1].startsWith(QStringLiteral("// "))) {
                findings.push_back(
                    {path, 2, QStringLiteral("a header opens with a paragraph that says what it is")});
            }
            if (!lines.contains(QStringLiteral("#pragma once"))) {
                findings.push_back({path, 0, QStringLiteral("no #pragma once")});
            }
        }
    }
    return findings;
}

} // namespace wr::layering
