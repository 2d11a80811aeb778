// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_check.h"

#include "app/document/quantity.h"
#include "engine/checkpoint/damage_map.h"
#include "engine/formats/open.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace wr::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("CheckpointCheck", text);
}

std::string encoded(const QString& path)
{
    return QFile::encodeName(path).toStdString();
}

/// The first few of many, and how many there are.
QString some(const QStringList& items, const QString& separator)
{
    constexpr qsizetype kMost = 5;
    QString text = items.mid(0, kMost).join(separator);
    if (items.size() > kMost)
        text += separator + tr("and %1 more").arg(items.size() - kMost);
    return text;
}

/// For files of other programs: all that can be said is whether every value can be read.
CheckReport readWhole(const QString& path, const Progress& progress)
{
    CheckReport report;
    const QString what = tr("“%1” could not be read in full.").arg(QFileInfo(path).fileName());
    const auto reader = formats::openAnyCheckpoint(Vfs::posix(), encoded(path));
    if (!reader) {
        report.problem = explain(what, reader.error());
        return report;
    }
    std::uint64_t total = 0;
    for (const checkpoint::TensorEntry& entry : (*reader)->tensors())
        total += entry.logicalBytes;
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < (*reader)->tensors().size(); ++i) {
        const auto value = (*reader)->read(i, [&](std::uint64_t done, std::uint64_t) {
            return !progress || progress(before + done, total);
        });
        if (!value) {
            report.problem = explain(what, value.error());
            report.problem.cancelled = value.error().code() == StatusCode::Cancelled;
            return report;
        }
        before += (*reader)->tensors()[i].logicalBytes;
        ++report.tensors;
    }
    return report;
}

} // namespace

CheckReport checkFile(const QString& path, const Progress& progress)
{
    CheckReport report;
    const QString name = QFileInfo(path).fileName();
    const Result<checkpoint::DamageMap> map = checkpoint::verifyFile(Vfs::posix(), encoded(path), progress);
    if (!map && map.error().code() == StatusCode::InvalidArgument)
        return readWhole(path, progress);
    if (!map) {
        report.problem = explain(tr("“%1” was not verified.").arg(name), map.error());
        report.problem.cancelled = map.error().code() == StatusCode::Cancelled;
        return report;
    }
    report.tensors = static_cast<qint64>(map->tensors);
    if (map->isWhole())
        return report;
    QStringList places;
    for (const checkpoint::DamagePlace& place : map->places) {
        QString words = QString::fromStdString(place.what);
        if (place.size > 0)
            words += tr(" (bytes %1 to %2)").arg(place.offset).arg(place.offset + place.size - 1);
        places += words;
    }
    QStringList lost;
    for (const std::string& tensor : map->lost)
        lost += QString::fromStdString(tensor);
    report.problem.what = lost.isEmpty() ? tr("“%1” is damaged; all its tensors can still be read.").arg(name)
                                         : tr("“%1” is damaged: %2 of %3 cannot be read: %4.")
                                               .arg(name, countText(lost.size()),
                                                    countOf(report.tensors, tr("tensor"), tr("tensors")),
                                                    some(lost, QStringLiteral(", ")));
    report.problem.why = some(places, QStringLiteral("; ")) + u'.';
    report.canRecover = map->lost.size() < map->tensors || map->tensors == 0;
    report.problem.wayOut =
        report.canRecover ? tr("Recover what is whole into a new file, or restore from another checkpoint.")
                          : tr("Nothing in it is whole. Restore from another checkpoint.");
    return report;
}

RecoveryReport recoverFile(const QString& path, const Progress& progress)
{
    RecoveryReport report;
    const QFileInfo info(path);
    const QString stem = info.fileName().section(u'.', 0, 0);
    checkpoint::SaveOptions options;
    Result<checkpoint::SalvageReport> salvaged = fail(internalError("not tried"));
    constexpr int kAttempts = 100;
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
        const QString name = attempt == 1 ? tr("%1-recovered.wrck").arg(stem)
                                          : tr("%1-recovered-%2.wrck").arg(stem).arg(attempt);
        report.path = info.dir().filePath(name);
        salvaged =
            checkpoint::salvageFile(Vfs::posix(), encoded(path), encoded(report.path), options, progress);
        if (salvaged || salvaged.error().code() != StatusCode::AlreadyExists)
            break;
    }
    if (!salvaged) {
        report.problem =
            explain(tr("Nothing was recovered from “%1”.").arg(info.fileName()), salvaged.error());
        report.problem.cancelled = salvaged.error().code() == StatusCode::Cancelled;
        return report;
    }
    report.recovered = static_cast<qint64>(salvaged->recovered.size());
    report.lost = static_cast<qint64>(salvaged->lost.size());
    return report;
}

Explanation makeStandalone(const QString& path, const Progress& progress)
{
    const QString what = tr("“%1” was not made to stand alone.").arg(QFileInfo(path).fileName());
    const auto reader = checkpoint::openCheckpoint(Vfs::posix(), encoded(path));
    if (!reader)
        return explain(what, reader.error());
    if (!(*reader)->base())
        return {};
    checkpoint::SaveOptions options;
    options.replace = true;
    const auto report =
        checkpoint::rewriteCheckpoint(Vfs::posix(), **reader, encoded(path), options, progress);
    return report ? Explanation() : explain(what, report.error());
}

} // namespace wr::app
