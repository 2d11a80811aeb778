// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_file.h"

#include "app/document/quantity.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/formats/open.h"

#include <QFileInfo>
#include <algorithm>

namespace wr::app {
namespace {

TensorRow rowOf(const checkpoint::TensorEntry& entry)
{
    TensorRow row;
    row.name = QString::fromStdString(entry.spec.name);
    row.shape = shapeText(entry.spec.shape);
    for (int axis = 0; axis < entry.spec.shape.rank(); ++axis)
        row.dims.append(entry.spec.shape.dim(axis));
    row.dtype = QString::fromStdString(std::string(dtypeName(entry.spec.dtype)));
    row.elements = entry.spec.shape.elementCount().value_or(0);
    row.bytes = static_cast<qint64>(entry.logicalBytes);
    if (entry.statistics) {
        row.hasStatistics = true;
        row.mean = entry.statistics->mean;
        row.stddev = entry.statistics->stddev;
        row.min = entry.statistics->min;
        row.max = entry.statistics->max;
        row.nan = static_cast<qint64>(entry.statistics->nanCount);
        row.inf = static_cast<qint64>(entry.statistics->infCount);
        row.zero = static_cast<qint64>(entry.statistics->zeroCount);
    }
    if (entry.digest) {
        const QByteArray bytes(reinterpret_cast<const char*>(entry.digest->data()),
                               static_cast<qsizetype>(entry.digest->size()));
        row.digest = QString::fromLatin1(bytes.toHex());
    }
    return row;
}

} // namespace

CheckpointFile::Opened CheckpointFile::open(const QString& path)
{
    Opened opened;
    auto reader = formats::openAnyCheckpoint(Vfs::posix(), path.toStdString());
    if (!reader) {
        opened.problem = explain(QStringLiteral("“%1” could not be opened.").arg(QFileInfo(path).fileName()),
                                 reader.error());
        return opened;
    }
    auto file = std::make_shared<CheckpointFile>();
    file->m_reader = std::move(*reader);
    file->m_columns = TensorColumns(*file->m_reader);
    opened.file = std::move(file);
    return opened;
}

QString CheckpointFile::path() const
{
    return QString::fromStdString(m_reader->path());
}

QString CheckpointFile::format() const
{
    return QString::fromStdString(m_reader->formatName());
}

qint64 CheckpointFile::fileBytes() const
{
    return static_cast<qint64>(m_reader->fileBytes());
}

TensorRow CheckpointFile::tensor(int index) const
{
    return rowOf(m_reader->tensors()[static_cast<std::size_t>(index)]);
}

QMap<QString, QString> CheckpointFile::metadata() const
{
    QMap<QString, QString> values;
    for (const auto& [key, value] : m_reader->metadata())
        values.insert(QString::fromStdString(key), QString::fromStdString(value));
    return values;
}

QStringList CheckpointFile::warnings() const
{
    QStringList lines;
    for (const std::string& warning : m_reader->warnings())
        lines += QString::fromStdString(warning);
    return lines;
}

TensorPreview CheckpointFile::preview(int tensor) const
{
    constexpr std::int64_t kSample = 4096;

    const TensorRow row = this->tensor(tensor);
    TensorPreview preview;
    preview.name = row.name;
    preview.shape = row.shape;
    const Result<Tensor> read = m_reader->read(static_cast<std::size_t>(tensor));
    if (!read) {
        preview.problem =
            explain(QStringLiteral("The values of “%1” could not be read.").arg(row.name), read.error());
        return preview;
    }
    const std::int64_t shown = std::min(kSample, read->elementCount());
    preview.sample.reserve(shown);
    for (std::int64_t i = 0; i < shown; ++i)
        preview.sample.append(read->valueAt(i));
    return preview;
}

const checkpoint::CheckpointReader& CheckpointFile::reader() const
{
    return *m_reader;
}

} // namespace wr::app
