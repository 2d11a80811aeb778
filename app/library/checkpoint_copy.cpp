// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_copy.h"

#include "app/document/quantity.h"
#include "engine/formats/open.h"
#include "engine/formats/write.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <thread>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("CheckpointCopy", text);
}

std::string encoded(const QString& path)
{
    return QFile::encodeName(path).toStdString();
}

formats::WriteOptions optionsOf(const CopyRequest& request)
{
    formats::WriteOptions options;
    for (const DType dtype : {DType::Float64, DType::Float32, DType::Float16, DType::BFloat16}) {
        if (request.dtype == QString::fromStdString(std::string(dtypeName(dtype))))
            options.dtype = dtype;
    }
    options.replace = request.replace;
    options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return options;
}

QString castText(const formats::WriteReport& report)
{
    formats::CastLoss all;
    for (const formats::TensorCast& cast : report.casts)
        all.add(cast.loss);
    if (report.casts.empty())
        return {};
    if (all.isNone())
        return tr("%1 values were cast, and none changed.").arg(countText(static_cast<qint64>(all.values)));
    return tr("Of %1 values that were cast, %2 became infinite, %3 became zero and %4 were rounded, by at "
              "most %5 "
              "of their size.")
        .arg(countText(static_cast<qint64>(all.values)), countText(static_cast<qint64>(all.overflowed)),
             countText(static_cast<qint64>(all.vanished)), countText(static_cast<qint64>(all.rounded)),
             valueText(all.largestError));
}

} // namespace

const QVector<CopyFormat>& copyFormats()
{
    static const QVector<CopyFormat> formats{
        {tr("Weightroom checkpoint"), QStringLiteral(".wrck"), tr("compact, every frame with its checksum")},
        {tr("safetensors"), QStringLiteral(".safetensors"),
         tr("read by PyTorch, JAX, Hugging Face and others")},
        {tr("PyTorch"), QStringLiteral(".pt"), tr("a plain state dict for torch.load")},
        {tr("NumPy archive"), QStringLiteral(".npz"), tr("for numpy.load")},
        {tr("Folder of NumPy arrays"), QStringLiteral("/"), tr("one .npy for each tensor")},
        {tr("TensorFlow"), QStringLiteral(".index"),
         tr("a checkpoint of the second format, for tf.train.Saver")}};
    return formats;
}

CopyForecast forecastCopy(const CopyRequest& request)
{
    CopyForecast forecast;
    const QString what = tr("“%1” cannot be written.").arg(request.out);
    const auto reader = formats::openAnyCheckpoint(Vfs::posix(), encoded(request.path));
    if (!reader) {
        forecast.problem = explain(what, reader.error());
        return forecast;
    }
    const auto told = formats::forecastWrite(**reader, encoded(request.out), optionsOf(request));
    if (!told) {
        forecast.problem = explain(what, told.error());
        return forecast;
    }
    forecast.bytes = static_cast<qint64>(told->bytes);
    forecast.isAtMost = told->format == formats::TargetFormat::Wr1;
    forecast.tensors = static_cast<qint64>(told->tensors);
    for (const std::string& note : told->notes)
        forecast.notes += QString::fromStdString(note);
    return forecast;
}

CopyReport copyCheckpoint(const CopyRequest& request, const Progress& progress)
{
    CopyReport report;
    const QString what = tr("“%1” was not written.").arg(request.out);
    const auto reader = formats::openAnyCheckpoint(Vfs::posix(), encoded(request.path));
    if (!reader) {
        report.problem = explain(what, reader.error());
        return report;
    }
    const auto written = formats::writeAnyCheckpoint(Vfs::posix(), **reader, encoded(request.out),
                                                     optionsOf(request), progress);
    if (!written) {
        report.problem = explain(what, written.error());
        return report;
    }
    report.path = QFile::decodeName(QByteArray::fromStdString(written->saved.path));
    report.bytes = static_cast<qint64>(written->saved.fileBytes);
    report.casts = castText(*written);
    return report;
}

} // namespace wr::app
