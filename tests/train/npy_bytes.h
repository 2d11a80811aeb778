// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of NPY files, and zip archives of them, as other programs write them. For tests, on one thread.
#pragma once

#include <QByteArray>
#include <QString>
#include <QtGlobal>
#include <zip.h>

#include <utility>
#include <vector>

namespace wr::train {

/// An NPY file with this header text, padded as NumPy does it.
inline QByteArray npyWithHeader(QByteArray header, const QByteArray& data, int version = 1)
{
    const int lengthSize = version == 1 ? 2 : 4;
    while ((8 + lengthSize + header.size() + 1) % 64 != 0)
        header += ' ';
    header += '\n';
    QByteArray bytes("\x93NUMPY");
    bytes += static_cast<char>(version);
    bytes += '\0';
    for (int i = 0; i < lengthSize; ++i)
        bytes += static_cast<char>(static_cast<quint64>(header.size()) >> (8 * i));
    return bytes + header + data;
}

/// `descr` as "<f4"; `shape` as "(2, 3)".
template <typename T>
QByteArray npy(const char* descr, const char* shape, const std::vector<T>& values, bool isFortran = false,
               int version = 1)
{
    const QByteArray data(reinterpret_cast<const char*>(values.data()),
                          static_cast<qsizetype>(values.size() * sizeof(T)));
    return npyWithHeader(QByteArray("{'descr': '") + descr + "', 'fortran_order': " +
                             (isFortran ? "True" : "False") + ", 'shape': " + shape + ", }",
                         data, version);
}

/// Writes a zip archive; method is ZIP_CM_STORE, ZIP_CM_DEFLATE, …
inline void writeZip(const QString& path, const std::vector<std::pair<QByteArray, QByteArray>>& entries,
                     int method = ZIP_CM_DEFLATE)
{
    zip_t* const archive = zip_open(qPrintable(path), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& [name, bytes] : entries) {
        zip_source_t* const source =
            zip_source_buffer(archive, bytes.constData(), static_cast<zip_uint64_t>(bytes.size()), 0);
        const zip_int64_t index = zip_file_add(archive, name.constData(), source, ZIP_FL_ENC_UTF_8);
        zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), method, 0);
    }
    if (zip_close(archive) != 0)
        qFatal("the archive cannot be written: %s", zip_strerror(archive));
}

} // namespace wr::train
