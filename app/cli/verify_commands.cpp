// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli verify CHECKPOINT, verify-resume PROJECT CHECKPOINT [LATER], salvage CHECKPOINT OUT
#include "app/cli/cli_project.h"
#include "app/cli/file_command.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_check.h"
#include "app/run/resume_check.h"
#include "engine/checkpoint/damage_map.h"

#include <QJsonArray>

namespace wr::app {
namespace {

QJsonArray nameArray(const std::vector<std::string>& names)
{
    QJsonArray array;
    for (const std::string& name : names)
        array.append(QString::fromStdString(name));
    return array;
}

/// "3 tensors: a, b, c", at most a few of them.
QString namesText(const std::vector<std::string>& names)
{
    constexpr std::size_t kShown = 5;
    QStringList shown;
    for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
        shown += escapedName(QString::fromStdString(names[i]));
    if (names.size() > kShown)
        shown += QStringLiteral("…");
    return QStringLiteral("%1: %2").arg(
        countOf(static_cast<qint64>(names.size()), QStringLiteral("tensor"), QStringLiteral("tensors")),
        shown.join(QStringLiteral(", ")));
}

void printPlace(const checkpoint::DamagePlace& place, const Output& output)
{
    const QString kind = QString::fromStdString(std::string(checkpoint::damageKindName(place.kind)));
    const QString what = QString::fromStdString(place.what);
    QJsonObject object{{QStringLiteral("event"), QStringLiteral("damage")},
                       {QStringLiteral("kind"), kind},
                       {QStringLiteral("what"), what},
                       {QStringLiteral("tensors"), nameArray(place.tensors)}};
    QString where;
    if (place.frame >= 0) {
        object.insert(QStringLiteral("frame"), static_cast<qint64>(place.frame));
        where += QStringLiteral(" %1").arg(place.frame);
    }
    if (place.size > 0) {
        object.insert(QStringLiteral("offset"), static_cast<qint64>(place.offset));
        object.insert(QStringLiteral("bytes"), static_cast<qint64>(place.size));
        where += QStringLiteral(", bytes %1 to %2").arg(place.offset).arg(place.offset + place.size - 1);
    }
    output.object(object);
    output.line(QStringLiteral("damaged: %1%2: %3").arg(kind, where, what));
    if (!place.tensors.empty())
        output.line(QStringLiteral("         ") + namesText(place.tensors));
}

} // namespace

int runVerify(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const QString path = invocation.positional[0];
    const InterruptGuard guard;
    const Result<checkpoint::DamageMap> map = checkpoint::verifyFile(
        Vfs::posix(), path.toStdString(), commandProgress(output, QStringLiteral("verifying")));
    if (!map && map.error().code() == StatusCode::InvalidArgument) {
        // Another program's file, perhaps: all that can be said is whether its values can be read.
        const CheckReport report = checkFile(path, commandProgress(output, QStringLiteral("reading")));
        output.clearStatus();
        if (!report.problem.isEmpty()) {
            output.error(report.problem);
            return InterruptGuard::isRaised() ? ExitInterrupted : ExitUsage;
        }
        output.object({{QStringLiteral("event"), QStringLiteral("verified")},
                       {QStringLiteral("path"), path},
                       {QStringLiteral("whole"), true},
                       {QStringLiteral("tensors"), report.tensors}});
        output.line(QStringLiteral("Every value of %1 can be read.")
                        .arg(countOf(report.tensors, QStringLiteral("tensor"), QStringLiteral("tensors"))));
        return ExitDone;
    }
    if (!map)
        return failed(output, QStringLiteral("“%1” could not be verified.").arg(path), map.error());
    output.clearStatus();
    for (const checkpoint::DamagePlace& place : map->places)
        printPlace(place, output);
    output.object({{QStringLiteral("event"), QStringLiteral("verified")},
                   {QStringLiteral("path"), path},
                   {QStringLiteral("whole"), map->isWhole()},
                   {QStringLiteral("bytes"), static_cast<qint64>(map->fileBytes)},
                   {QStringLiteral("frames"), static_cast<qint64>(map->frames)},
                   {QStringLiteral("tensors"), static_cast<qint64>(map->tensors)},
                   {QStringLiteral("digests"), map->knowsDigests},
                   {QStringLiteral("damages"), static_cast<qint64>(map->places.size())},
                   {QStringLiteral("lost"), nameArray(map->lost)}});
    if (map->isWhole()) {
        output.line(QStringLiteral("Whole: %1 frames and the digests of %2 tensors, %3.")
                        .arg(countText(static_cast<qint64>(map->frames)),
                             countText(static_cast<qint64>(map->tensors)),
                             byteText(static_cast<qint64>(map->fileBytes))));
        return ExitDone;
    }
    output.line(
        QStringLiteral("%1 of %2 tensors are whole. “weightroom-cli salvage” writes them to a new file.")
            .arg(map->tensors - std::min<std::uint64_t>(map->tensors, map->lost.size()))
            .arg(map->tensors));
    return ExitDifferent;
}

int runVerifyResume(const Invocation& invocation)
{
    const Output& output = invocation.output;
    ResumeRequest request;
    request.projectDirectory = QDir(invocation.positional[0]).absolutePath();
    request.path = invocation.positional[1];
    request.later = invocation.positional.value(2);
    if (invocation.options.isSet(QStringLiteral("data")))
        request.dataDirectory = invocation.options.value(QStringLiteral("data"));
    request.threads = threadsOption(invocation);
    if (request.threads == 0)
        return ExitUsage;
    if (const QString steps = invocation.options.value(QStringLiteral("steps")); !steps.isEmpty()) {
        bool isNumber = false;
        request.steps = steps.toLongLong(&isNumber);
        if (!isNumber || request.steps < 2) {
            output.error({QStringLiteral("“%1” is no number of steps.").arg(steps),
                          QStringLiteral("It must be a whole number from 2 on."),
                          {}});
            return ExitUsage;
        }
    }
    const ResumeReport report = checkResume(request, commandProgress(output, QStringLiteral("training")));
    if (!report.problem.isEmpty()) {
        output.error(report.problem);
        return ExitUsage;
    }
    output.clearStatus();
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("from_step"), report.fromStep},
                   {QStringLiteral("to_step"), report.toStep},
                   {QStringLiteral("against"), report.against},
                   {QStringLiteral("tensors"), report.tensors},
                   {QStringLiteral("different"), QJsonArray::fromStringList(report.different)}});
    output.line(report.toText());
    return report.isSame() ? ExitDone : ExitDifferent;
}

int runSalvage(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    const int threads = threadsOption(invocation);
    if (!profile || threads == 0)
        return ExitUsage;
    const QString path = invocation.positional[0];
    const QString out = invocation.positional[1];
    checkpoint::SaveOptions options;
    options.profile = *profile;
    options.threads = threads;
    const InterruptGuard guard;
    const Result<checkpoint::SalvageReport> report =
        checkpoint::salvageFile(Vfs::posix(), path.toStdString(), out.toStdString(), options,
                                commandProgress(output, QStringLiteral("recovering")));
    if (!report)
        return failed(output, QStringLiteral("Nothing was recovered from “%1”.").arg(path), report.error());
    output.clearStatus();
    for (const checkpoint::Damage& lost : report->lost) {
        const QString name = QString::fromStdString(lost.tensor);
        const QString what = QString::fromStdString(lost.what);
        output.object({{QStringLiteral("event"), QStringLiteral("lost")},
                       {QStringLiteral("tensor"), name},
                       {QStringLiteral("what"), what}});
        output.line(QStringLiteral("lost: %1: %2").arg(escapedName(name), what));
    }
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("checkpoint"), out},
                   {QStringLiteral("recovered"), static_cast<qint64>(report->recovered.size())},
                   {QStringLiteral("lost"), static_cast<qint64>(report->lost.size())},
                   {QStringLiteral("bytes"), static_cast<qint64>(report->saved.fileBytes)}});
    output.line(QStringLiteral("recovered  %1 (%2 of %3 tensors, %4)")
                    .arg(out)
                    .arg(report->recovered.size())
                    .arg(report->recovered.size() + report->lost.size())
                    .arg(byteText(static_cast<qint64>(report->saved.fileBytes))));
    return report->lost.empty() ? ExitDone : ExitDifferent;
}

} // namespace wr::app
