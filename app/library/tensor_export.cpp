// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/tensor_export.h"

#include "engine/formats/numpy/numpy_writer.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSaveFile>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("TensorExport", text);
}

bool writeNpy(const TensorSlice& slice, QIODevice& file)
{
    const Tensor& values = slice.values();
    const bool isOwn = formats::isNumpyType(values.dtype());
    const std::string head =
        formats::npyHead(isOwn ? values.dtype() : DType::Float32, {slice.rows(), slice.columns()});
    if (file.write(head.data(), static_cast<qint64>(head.size())) < 0)
        return false;
    if (isOwn)
        return file.write(reinterpret_cast<const char*>(values.bytes().data()),
                          static_cast<qint64>(values.byteSize())) >= 0;
    const QVector<float>& wide = slice.levels().first().cells;
    return file.write(reinterpret_cast<const char*>(wide.constData()),
                      wide.size() * static_cast<qint64>(sizeof(float))) >= 0;
}

bool writeCsv(const TensorSlice& slice, QIODevice& file)
{
    QByteArray line;
    for (qint64 row = 0; row < slice.rows(); ++row) {
        line.clear();
        for (qint64 column = 0; column < slice.columns(); ++column)
            line += (column > 0 ? "," : "") + slice.spelled(row, column);
        line += '\n';
        if (file.write(line) < 0)
            return false;
    }
    return true;
}

} // namespace

Explanation exportSlice(const TensorSlice& slice, const QString& path)
{
    QSaveFile file(path);
    const bool isCsv = path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive);
    if (file.open(QIODevice::WriteOnly) && (isCsv ? writeCsv(slice, file) : writeNpy(slice, file)) &&
        file.commit())
        return {};
    return {tr("“%1” was not written.").arg(QFileInfo(path).fileName()), file.errorString(),
            tr("Choose another folder, or make room.")};
}

} // namespace wr::app
