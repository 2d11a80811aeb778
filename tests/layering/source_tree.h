// SPDX-License-Identifier: GPL-3.0-or-later
// The project's files as text, by path from its root, either read from the disk or made up by a test that
// wants to see a rule broken. A plain value.
#pragma once

#include <QMap>
#include <QString>
#include <QStringList>

namespace wr::layering {

/// A place where a rule is broken; `line` counts from 1, 0 means the whole file.
struct Finding {
    QString path;
    int line = 0;
    QString what;

    /// "engine/base/x.h:3: what".
    [[nodiscard]] QString text() const;
};

/// Path → lines, without line ends.
using SourceTree = QMap<QString, QStringList>;

/// All C++, CUDA, CMake and script files below the top folders of `root`; unreadable files are left out.
SourceTree readSourceTree(const QString& root);

/// C++ and CUDA sources and headers.
bool isCode(const QString& path);
bool isHeader(const QString& path);
bool isCMake(const QString& path);
/// Begins with "#!".
bool isScript(const QStringList& lines);

} // namespace wr::layering
