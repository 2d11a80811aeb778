// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/tensor_export.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSaveFile>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("TensorExport", text);
}

/// NumPy's name of a type; null for one that it lacks.
const char* descriptionOf(DType dtype)
{
    switch (dtype) {
    case DType::Float16:
        return "<f2";
    case DType::Float32:
        return "<f4";
    case DType::Float64:
        return "<f8";
    case DType::Int8:
        return "|i1";
    case DType::Int16:
        return "<i2";
    case DType::Int32:
        return "<i4";
    case DType::Int64:
        return "<i8";
    case DType::UInt8:
        return "|u1";
    case DType::UInt16:
        return "<u2";
    case DType::UInt32:
        return "<u4";
    case DType::UInt64:
        return "<u8";
    case DType::Bool:
        return "|b1";
    case DType::BFloat16:
    case DType::Invalid:
        break;
    }
    return nullptr;
}

bool writeNpy(const TensorSlice& slice, QIODevice& file)
{
    const Tensor& values = slice.values();
    const char* const own = descriptionOf(values.dtype());
    QByteArray header = "{'descr': '" + QByteArray(own != nullptr ? own : "<f4") +
                        "', 'fortran_order': False, 'shape': (" + QByteArray::number(slice.rows()) + ", " +
                        QByteArray::number(slice.columns()) + "), }";
    constexpr qsizetype kPreamble = 10;
    constexpr qsizetype kAlignment = 64;
    header += QByteArray(kAlignment - 1 - (kPreamble + header.size()) % kAlignment, ' ') + '\n';
    const auto size = static_cast<quint16>(header.size());
    QByteArray preamble("\x93NUMPY\x01\x00", 8);
    preamble += static_cast<char>(size & 0xFFU);
    preamble += static_cast<char>(size >> 8U);
    if (file.write(preamble + header) < 0)
        return false;
    if (own != nullptr)
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
