// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli average CHECKPOINT… OUT [--weight W …] [--difference]
#include "app/cli/cli_project.h"
#include "app/cli/file_command.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_file.h"
#include "engine/remap/combine.h"

#include <QFileInfo>

namespace wr::app {
namespace {

/// One weight for each file; empty after printing what is wrong.
std::vector<double> weightsOf(const Invocation& invocation, std::size_t files)
{
    const Output& output = invocation.output;
    const QStringList given = invocation.options.values(QStringLiteral("weight"));
    const bool isDifference = invocation.options.isSet(QStringLiteral("difference"));
    if (isDifference && (files != 2 || !given.isEmpty())) {
        output.error(
            {QStringLiteral("The difference was not understood."),
             QStringLiteral("--difference takes two checkpoints, A and B, and no weights: it is B − A."),
             {}});
        return {};
    }
    if (isDifference)
        return {-1.0, 1.0};
    if (given.isEmpty())
        return std::vector<double>(files, 1.0 / static_cast<double>(files));
    std::vector<double> weights;
    for (const QString& text : given) {
        bool isNumber = false;
        weights.push_back(text.toDouble(&isNumber));
        if (!isNumber) {
            output.error({QStringLiteral("“%1” does not suit --weight.").arg(text),
                          QStringLiteral("It must be a number."),
                          {}});
            return {};
        }
    }
    if (weights.size() != files) {
        output.error(
            {QStringLiteral("The weights do not suit the checkpoints."),
             QStringLiteral("There are %1 weights and %2 checkpoints.").arg(weights.size()).arg(files),
             {}});
        return {};
    }
    return weights;
}

} // namespace

int runAverage(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    const int threads = profile ? threadsOption(invocation) : 0;
    const auto count = static_cast<std::size_t>(invocation.positional.size() - 1);
    const std::vector<double> weights = threads > 0 ? weightsOf(invocation, count) : std::vector<double>();
    if (weights.empty())
        return ExitUsage;
    std::vector<std::shared_ptr<const CheckpointFile>> files;
    std::vector<remap::CombineTerm> terms;
    for (std::size_t i = 0; i < count; ++i) {
        CheckpointFile::Opened opened =
            CheckpointFile::open(invocation.positional[static_cast<qsizetype>(i)]);
        if (!opened.file) {
            output.error(opened.problem);
            return ExitUsage;
        }
        files.push_back(std::move(opened.file));
        terms.push_back(
            {std::shared_ptr<const checkpoint::CheckpointReader>(files.back(), &files.back()->reader()),
             weights[i]});
    }
    checkpoint::SaveOptions options;
    options.profile = *profile;
    options.threads = threads;
    const QString path = QFileInfo(invocation.positional.last()).absoluteFilePath();
    const auto wholeNumbers = invocation.options.isSet(QStringLiteral("difference"))
                                  ? remap::WholeNumbers::LeaveOut
                                  : remap::WholeNumbers::FromLast;
    const Result<remap::CombineReport> report =
        remap::combineCheckpoints(Vfs::posix(), terms, wholeNumbers, path.toStdString(), options,
                                  commandProgress(output, QStringLiteral("writing")));
    output.clearStatus();
    if (!report) {
        if (report.error().code() == StatusCode::InvalidArgument) {
            output.error(explain(QStringLiteral("“%1” was not written.").arg(path), report.error()));
            return ExitUsage;
        }
        return failed(output, QStringLiteral("“%1” was not written.").arg(path), report.error());
    }
    output.line(
        QStringLiteral("checkpoint  %1 (%2, %3 tensors computed, %4 taken from the last, %5 left out)")
            .arg(path, byteText(static_cast<qint64>(report->save.fileBytes)))
            .arg(report->computed)
            .arg(report->taken.size())
            .arg(report->leftOut.size()));
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoint"), path},
                   {QStringLiteral("computed"), static_cast<qint64>(report->computed)},
                   {QStringLiteral("taken"), static_cast<qint64>(report->taken.size())},
                   {QStringLiteral("left_out"), static_cast<qint64>(report->leftOut.size())}});
    return ExitDone;
}

} // namespace wr::app
