// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli convert CHECKPOINT OUT, standalone DELTA [OUT], stats CHECKPOINT
#include "app/cli/cli_project.h"
#include "app/cli/file_command.h"
#include "app/document/quantity.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/formats/open.h"
#include "engine/formats/write.h"

#include <QJsonArray>
#include <array>
#include <cmath>

namespace wr::app {
namespace {

using Reader = std::shared_ptr<const checkpoint::CheckpointReader>;

/// JSON has no infinity and no NaN.
QJsonValue finiteOrNull(double value)
{
    return std::isfinite(value) ? QJsonValue(value) : QJsonValue();
}

void printDone(const QString& out, std::uint64_t bytesBefore, std::uint64_t tensors,
               const checkpoint::SaveReport& report, const Output& output)
{
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoint"), out},
                   {QStringLiteral("tensors"), static_cast<qint64>(tensors)},
                   {QStringLiteral("bytes"), static_cast<qint64>(report.fileBytes)},
                   {QStringLiteral("bytes_before"), static_cast<qint64>(bytesBefore)}});
    output.line(QStringLiteral("checkpoint  %1 (%2, before %3)")
                    .arg(out, byteText(static_cast<qint64>(report.fileBytes)),
                         byteText(static_cast<qint64>(bytesBefore))));
}

/// False when the option names no floating type.
bool dtypeOption(const Invocation& invocation, std::optional<DType>& dtype)
{
    const QString text = invocation.options.value(QStringLiteral("dtype"));
    if (text.isEmpty())
        return true;
    struct Row {
        const char* name;
        DType dtype;
    };
    constexpr std::array<Row, 9> kNames{{{"float32", DType::Float32},
                                         {"f32", DType::Float32},
                                         {"float64", DType::Float64},
                                         {"f64", DType::Float64},
                                         {"float16", DType::Float16},
                                         {"f16", DType::Float16},
                                         {"half", DType::Float16},
                                         {"bfloat16", DType::BFloat16},
                                         {"bf16", DType::BFloat16}}};
    for (const Row& row : kNames) {
        if (text.compare(QLatin1String(row.name), Qt::CaseInsensitive) == 0) {
            dtype = row.dtype;
            return true;
        }
    }
    invocation.output.error({QStringLiteral("“%1” is no type that weights can be cast to.").arg(text),
                             QStringLiteral("float64, float32, float16 and bfloat16 are."),
                             {}});
    return false;
}

void printForecast(const formats::WriteForecast& forecast, const Output& output)
{
    const QString format = QString::fromUtf8(formats::targetFormatName(forecast.format).data());
    QJsonArray notes;
    for (const std::string& note : forecast.notes)
        notes.append(escapedName(QString::fromStdString(note)));
    output.object({{QStringLiteral("event"), QStringLiteral("forecast")},
                   {QStringLiteral("format"), format},
                   {QStringLiteral("tensors"), static_cast<qint64>(forecast.tensors)},
                   {QStringLiteral("bytes"), static_cast<qint64>(forecast.bytes)},
                   {QStringLiteral("notes"), notes}});
    const bool isPacked = forecast.format == formats::TargetFormat::Wr1;
    output.line(QStringLiteral("%1 tensors as %2, %3 %4")
                    .arg(countText(static_cast<qint64>(forecast.tensors)), format,
                         isPacked ? QStringLiteral("at most") : QStringLiteral("about"),
                         byteText(static_cast<qint64>(forecast.bytes))));
    for (const QJsonValue& note : notes)
        output.line(QStringLiteral("note        ") + note.toString());
}

/// What changing the type has cost, in sum for people, tensor by tensor for programs.
void printCasts(const formats::WriteReport& report, const Output& output)
{
    formats::CastLoss all;
    for (const formats::TensorCast& cast : report.casts) {
        all.add(cast.loss);
        output.object({{QStringLiteral("event"), QStringLiteral("cast")},
                       {QStringLiteral("name"), QString::fromStdString(cast.name)},
                       {QStringLiteral("from"), QString::fromUtf8(dtypeName(cast.from).data())},
                       {QStringLiteral("to"), QString::fromUtf8(dtypeName(cast.to).data())},
                       {QStringLiteral("values"), static_cast<qint64>(cast.loss.values)},
                       {QStringLiteral("rounded"), static_cast<qint64>(cast.loss.rounded)},
                       {QStringLiteral("overflowed"), static_cast<qint64>(cast.loss.overflowed)},
                       {QStringLiteral("vanished"), static_cast<qint64>(cast.loss.vanished)},
                       {QStringLiteral("largest_error"), finiteOrNull(cast.loss.largestError)}});
    }
    if (report.casts.empty())
        return;
    output.line(QStringLiteral("cast        %1 values of %2 tensors: %3")
                    .arg(countText(static_cast<qint64>(all.values)),
                         countText(static_cast<qint64>(report.casts.size())),
                         all.isNone() ? QStringLiteral("none changed")
                                      : QStringLiteral("%1 became infinite, %2 became zero, %3 were rounded "
                                                       "by at most %4 of their size")
                                            .arg(countText(static_cast<qint64>(all.overflowed)),
                                                 countText(static_cast<qint64>(all.vanished)),
                                                 countText(static_cast<qint64>(all.rounded)),
                                                 valueText(all.largestError))));
}

int rewrite(const Invocation& invocation, const checkpoint::CheckpointReader& reader, const QString& out,
            const checkpoint::SaveOptions& options)
{
    const Output& output = invocation.output;
    const Progress progress = commandProgress(output, QStringLiteral("writing"));
    const Result<checkpoint::SaveReport> report =
        checkpoint::rewriteCheckpoint(Vfs::posix(), reader, out.toStdString(), options, progress);
    if (!report)
        return failed(output, QStringLiteral("“%1” was not written.").arg(out), report.error());
    output.clearStatus();
    printDone(out, reader.fileBytes(), reader.tensors().size(), *report, output);
    return ExitDone;
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
    const Output& output = invocation.output;
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    const int threads = threadsOption(invocation);
    formats::WriteOptions options;
    if (!profile || threads == 0 || !dtypeOption(invocation, options.dtype))
        return ExitUsage;
    options.profile = *profile;
    options.threads = threads;
    const InterruptGuard guard; // before the first line that a caller may answer
    const QString path = invocation.positional[0];
    const QString out = invocation.positional[1];
    const Result<Reader> reader = formats::openAnyCheckpoint(Vfs::posix(), path.toStdString());
    if (!reader)
        return failed(output, QStringLiteral("“%1” could not be opened.").arg(path), reader.error());
    const QString notWritten = QStringLiteral("“%1” was not written.").arg(out);
    const Result<formats::WriteForecast> forecast =
        formats::forecastWrite(**reader, out.toStdString(), options);
    if (!forecast)
        return failed(output, notWritten, forecast.error());
    printForecast(*forecast, output);
    if (invocation.options.isSet(QStringLiteral("dry-run")))
        return ExitDone;
    const Result<formats::WriteReport> report =
        formats::writeAnyCheckpoint(Vfs::posix(), **reader, out.toStdString(), options,
                                    commandProgress(output, QStringLiteral("writing")));
    if (!report)
        return failed(output, notWritten, report.error());
    output.clearStatus();
    printCasts(*report, output);
    printDone(out, (*reader)->fileBytes(), forecast->tensors, report->saved, output);
    return ExitDone;
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
