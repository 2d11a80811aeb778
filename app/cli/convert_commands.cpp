// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli convert CHECKPOINT OUT, standalone DELTA [OUT], stats CHECKPOINT
#include "app/cli/cli_project.h"
#include "app/cli/file_command.h"
#include "app/document/quantity.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/formats/open.h"
#include "engine/formats/safetensors/safetensors_writer.h"

#include <cmath>

namespace wr::app {
namespace {

using Reader = std::shared_ptr<const checkpoint::CheckpointReader>;

int rewrite(const Invocation& invocation, const checkpoint::CheckpointReader& reader, const QString& out,
            const checkpoint::SaveOptions& options)
{
    const Output& output = invocation.output;
    const Progress progress = commandProgress(output, QStringLiteral("writing"));
    // A file of this name is expected to be what other tools read.
    const Result<checkpoint::SaveReport> report =
        out.endsWith(QLatin1String(".safetensors"))
            ? formats::writeSafetensors(Vfs::posix(), reader, out.toStdString(), options.replace, progress)
            : checkpoint::rewriteCheckpoint(Vfs::posix(), reader, out.toStdString(), options, progress);
    if (!report)
        return failed(output, QStringLiteral("“%1” was not written.").arg(out), report.error());
    output.clearStatus();
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoint"), out},
                   {QStringLiteral("tensors"), static_cast<qint64>(reader.tensors().size())},
                   {QStringLiteral("bytes"), static_cast<qint64>(report->fileBytes)},
                   {QStringLiteral("bytes_before"), static_cast<qint64>(reader.fileBytes())}});
    output.line(QStringLiteral("checkpoint  %1 (%2, before %3)")
                    .arg(out, byteText(static_cast<qint64>(report->fileBytes)),
                         byteText(static_cast<qint64>(reader.fileBytes()))));
    return ExitDone;
}

/// JSON has no infinity and no NaN.
QJsonValue finiteOrNull(double value)
{
    return std::isfinite(value) ? QJsonValue(value) : QJsonValue();
}

void printStatistics(const checkpoint::TensorEntry& entry, const Statistics& s, const Output& output,
                     QVector<QStringList>& rows)
{
    const QString name = QString::fromStdString(entry.spec.name);
    output.object({{QStringLiteral("event"), QStringLiteral("tensor")},
                   {QStringLiteral("name"), name},
                   {QStringLiteral("mean"), finiteOrNull(s.mean)},
                   {QStringLiteral("stddev"), finiteOrNull(s.stddev)},
                   {QStringLiteral("min"), finiteOrNull(s.min)},
                   {QStringLiteral("max"), finiteOrNull(s.max)},
                   {QStringLiteral("abs_max"), finiteOrNull(s.absMax)},
                   {QStringLiteral("l2"), finiteOrNull(s.l2)},
                   {QStringLiteral("nan"), static_cast<qint64>(s.nanCount)},
                   {QStringLiteral("inf"), static_cast<qint64>(s.infCount)},
                   {QStringLiteral("zero"), static_cast<qint64>(s.zeroCount)},
                   {QStringLiteral("p01"), finiteOrNull(static_cast<double>(s.p01))},
                   {QStringLiteral("p50"), finiteOrNull(static_cast<double>(s.p50))},
                   {QStringLiteral("p99"), finiteOrNull(static_cast<double>(s.p99))}});
    rows.append({escapedName(name), valueText(s.mean), valueText(s.stddev), valueText(s.min),
                 valueText(static_cast<double>(s.p01)), valueText(static_cast<double>(s.p50)),
                 valueText(static_cast<double>(s.p99)), valueText(s.max), valueText(s.l2),
                 countText(static_cast<qint64>(s.zeroCount)),
                 countText(static_cast<qint64>(s.nanCount + s.infCount))});
}

} // namespace

int runConvert(const Invocation& invocation)
{
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    const int threads = threadsOption(invocation);
    if (!profile || threads == 0)
        return ExitUsage;
    const QString path = invocation.positional[0];
    const Result<Reader> reader = formats::openAnyCheckpoint(Vfs::posix(), path.toStdString());
    if (!reader)
        return failed(invocation.output, QStringLiteral("“%1” could not be opened.").arg(path),
                      reader.error());
    checkpoint::SaveOptions options;
    options.profile = *profile;
    options.threads = threads;
    const InterruptGuard guard;
    return rewrite(invocation, **reader, invocation.positional[1], options);
}

int runStandalone(const Invocation& invocation)
{
    const int threads = threadsOption(invocation);
    if (threads == 0)
        return ExitUsage;
    const QString path = invocation.positional[0];
    const Result<Reader> reader = formats::openAnyCheckpoint(Vfs::posix(), path.toStdString());
    if (!reader)
        return failed(invocation.output, QStringLiteral("“%1” could not be opened.").arg(path),
                      reader.error());
    if (!(*reader)->base()) {
        invocation.output.error({QStringLiteral("“%1” stands alone already.").arg(path),
                                 QStringLiteral("It is not the delta of another checkpoint."),
                                 {}});
        return ExitUsage;
    }
    checkpoint::SaveOptions options;
    options.threads = threads;
    options.replace = invocation.positional.size() == 1;
    const InterruptGuard guard;
    return rewrite(invocation, **reader, invocation.positional.last(), options);
}

int runStats(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const QString path = invocation.positional[0];
    const Result<Reader> opened = formats::openAnyCheckpoint(Vfs::posix(), path.toStdString());
    if (!opened)
        return failed(output, QStringLiteral("“%1” could not be opened.").arg(path), opened.error());
    const checkpoint::CheckpointReader& reader = **opened;
    const int threads = threadsOption(invocation);
    if (threads == 0)
        return ExitUsage;
    const bool isRecomputed = invocation.options.isSet(QStringLiteral("recompute"));
    const InterruptGuard guard;
    const Progress progress = commandProgress(output, QStringLiteral("reading"));
    std::uint64_t total = 0;
    for (const checkpoint::TensorEntry& entry : reader.tensors())
        total += entry.logicalBytes;
    std::uint64_t before = 0;
    QVector<QStringList> rows;
    for (std::size_t i = 0; i < reader.tensors().size(); ++i) {
        const checkpoint::TensorEntry& entry = reader.tensors()[i];
        if (entry.statistics && !isRecomputed) {
            printStatistics(entry, *entry.statistics, output, rows);
        } else if (isRecomputed || isFloating(entry.spec.dtype)) {
            const Result<Tensor> tensor = reader.read(
                i, [&](std::uint64_t done, std::uint64_t) { return progress(before + done, total); },
                threads);
            if (!tensor)
                return failed(output, QStringLiteral("The statistics of “%1” are not known.").arg(path),
                              tensor.error());
            printStatistics(entry, computeStatistics(*tensor), output, rows);
        }
        before += entry.logicalBytes;
        if (InterruptGuard::isRaised())
            return failed(output, QStringLiteral("The command was stopped."), cancelled("interrupted"));
    }
    output.clearStatus();
    output.table({QStringLiteral("tensor"), QStringLiteral("mean"), QStringLiteral("std.dev."),
                  QStringLiteral("min"), QStringLiteral("1 %"), QStringLiteral("median"),
                  QStringLiteral("99 %"), QStringLiteral("max"), QStringLiteral("L2"),
                  QStringLiteral("zeros"), QStringLiteral("NaN, Inf")},
                 rows, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("tensors"), static_cast<qint64>(rows.size())}});
    return ExitDone;
}

} // namespace wr::app
