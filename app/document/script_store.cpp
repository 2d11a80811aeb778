// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/script_store.h"

#include "engine/base/vfs.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>

namespace wr::app {
namespace {

constexpr std::uint64_t kLargestScript = std::uint64_t{16} << 20;

Result<QByteArray> readBytes(const QString& path)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes,
                        readFile(Vfs::posix(), QFile::encodeName(path).toStdString(), kLargestScript));
    return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()));
}

QByteArray digestOf(const QByteArray& bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
}

} // namespace

void ScriptStore::remember(const QString& path, const QByteArray& bytes)
{
    m_size = bytes.size();
    m_modified = QFileInfo(path).lastModified().toMSecsSinceEpoch();
    m_digest = digestOf(bytes);
}

Result<ScriptFile> ScriptStore::read(const QString& path)
{
    WR_ASSIGN_OR_RETURN(const QByteArray bytes, readBytes(path));
    WR_ASSIGN_OR_RETURN(ScriptFile file, ScriptFile::fromBytes(bytes));
    remember(path, bytes);
    return file;
}

Status ScriptStore::write(const QString& path, const ScriptFile& file)
{
    const QByteArray bytes = file.toBytes();
    const auto* data = reinterpret_cast<const std::byte*>(bytes.constData());
    WR_RETURN_IF_ERROR(replaceFile(Vfs::posix(), QFile::encodeName(path).toStdString(),
                                   {data, static_cast<std::size_t>(bytes.size())}));
    remember(path, bytes);
    return {};
}

bool ScriptStore::isChanged(const QString& path) const
{
    if (m_size < 0)
        return false;
    const QFileInfo info(path);
    if (!info.exists() || info.size() != m_size)
        return true;
    if (info.lastModified().toMSecsSinceEpoch() == m_modified)
        return false;
    // Touched, or copied back and forth: only other contents count.
    const Result<QByteArray> bytes = readBytes(path);
    return !bytes || digestOf(*bytes) != m_digest;
}

} // namespace wr::app
