// SPDX-License-Identifier: GPL-3.0-or-later
// Files that other programs wrote, recorded beside the tests, and one that a test makes of bytes. For tests.
#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <string>

namespace wr::formats {

inline QString sample(const QString& name)
{
    return QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/formats/samples/") + name;
}

inline QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Writes `bytes` as the folder's one file, again and again; its path.
inline std::string writeFile(const QTemporaryDir& folder, const QByteArray& bytes)
{
    QFile file(folder.filePath(QStringLiteral("file")));
    file.remove(); // some file systems sync what is truncated and written anew
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("the temporary folder cannot be written");
    return file.fileName().toStdString();
}

} // namespace wr::formats
