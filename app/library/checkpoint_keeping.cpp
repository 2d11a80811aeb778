// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_keeping.h"

#include "engine/base/vfs.h"
#include "engine/graph/model.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <charconv>

namespace wr::app {
namespace {

using checkpoint::Stay;
using checkpoint::StoredCheckpoint;

std::string word(const checkpoint::Metadata& metadata, const std::string& key)
{
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
}

template <typename T>
std::optional<T> number(const std::string& text)
{
    T value{};
    const std::from_chars_result result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() && result.ptr == text.data() + text.size() && !text.empty()
               ? std::optional<T>(value)
               : std::nullopt;
}

std::string encoded(const QString& path)
{
    return QFile::encodeName(path).toStdString();
}

/// A hint for other programs; without it nothing is lost.
Status writeStateFile(const QString& directory, std::vector<const KeptFile*> files)
{
    std::sort(files.begin(), files.end(), [](const KeptFile* a, const KeptFile* b) {
        return std::tie(a->stored.savedAt, a->stored.step, a->stored.name) <
               std::tie(b->stored.savedAt, b->stored.step, b->stored.name);
    });
    std::vector<std::string> names;
    for (const KeptFile* file : files) {
        if (file->stored.isWhole)
            names.push_back(file->stored.name);
    }
    const std::string text = checkpoint::stateFileText(names);
    if (text.empty())
        return {};
    return replaceFile(Vfs::posix(), encoded(QDir(directory).filePath(QStringLiteral("checkpoint"))),
                       std::as_bytes(std::span(text)));
}

} // namespace

std::string keeperOf(const graph::SaverInfo& saver)
{
    return "saver " + saver.name;
}

checkpoint::RetentionPolicy policyOf(const graph::SaverInfo& saver)
{
    // TensorFlow's 10,000 hours mean never.
    constexpr double kNever = 10000.0;
    return {saver.maxToKeep, saver.keepEveryNHours < kNever ? saver.keepEveryNHours : 0.0, 0, true};
}

KeepingRules keepingRules(const graph::Model& model)
{
    KeepingRules rules;
    if (model.recipe) {
        const graph::RunRules& run = model.recipe->rules;
        rules[kRuleKeeper] = {run.keepLast, run.keepEveryHours, run.keepBest, run.wantsLess};
    }
    for (const graph::SaverInfo& saver : model.savers)
        rules[keeperOf(saver)] = policyOf(saver);
    return rules;
}

bool isCheckpointName(const QString& fileName)
{
    return fileName.endsWith(QLatin1String(".wrck")) ||
           fileName.endsWith(QLatin1String(".safetensors.zst")) ||
           fileName.endsWith(QLatin1String(".safetensors"));
}

KeptFile keptFile(const QString& path, const checkpoint::CheckpointReader* reader,
                  const CheckpointNotes& notes)
{
    const QFileInfo info(path);
    KeptFile file;
    file.path = path;
    StoredCheckpoint& stored = file.stored;
    stored.name = encoded(info.fileName());
    stored.savedAt = info.lastModified().toSecsSinceEpoch();
    stored.isPinned = notes.value(info.fileName()).isStarred;
    stored.isWhole = reader != nullptr;
    if (reader == nullptr)
        return file;
    const checkpoint::Metadata& metadata = reader->metadata();
    const QDateTime savedAt =
        QDateTime::fromString(QString::fromStdString(word(metadata, "saved_at")), Qt::ISODate);
    if (savedAt.isValid())
        stored.savedAt = savedAt.toSecsSinceEpoch();
    stored.step = number<std::int64_t>(word(metadata, "step")).value_or(0);
    stored.monitored = number<double>(word(metadata, "monitored"));
    stored.uuid = reader->uuid();
    if (const std::optional<checkpoint::BaseReference> base = reader->base())
        stored.baseUuid = base->uuid;
    if (word(metadata, kSavedAsKey) == stored.name)
        file.keeper = word(metadata, kKeeperKey);
    file.deltaNumber = number<std::int64_t>(word(metadata, kDeltaNumberKey)).value_or(0);
    return file;
}

std::vector<KeptFile> keptFiles(const QString& directory)
{
    const CheckpointNotes notes = readNotes(directory);
    std::vector<KeptFile> files;
    for (const QFileInfo& entry : QDir(directory).entryInfoList(QDir::Files | QDir::NoSymLinks)) {
        if (!isCheckpointName(entry.fileName()))
            continue;
        const auto reader = checkpoint::openCheckpoint(Vfs::posix(), encoded(entry.absoluteFilePath()));
        files.push_back(keptFile(entry.absoluteFilePath(), reader ? reader->get() : nullptr, notes));
    }
    return files;
}

DeltaBase deltaBase(const QString& directory, const std::string& keeper)
{
    const std::vector<KeptFile> files = keptFiles(directory);
    const KeptFile* base = nullptr;
    for (const KeptFile& file : files) {
        const bool standsAlone = file.keeper == keeper && file.stored.isWhole && !file.stored.uuid.empty() &&
                                 file.stored.baseUuid.empty();
        if (standsAlone && (base == nullptr || std::tie(base->stored.savedAt, base->stored.step) <
                                                   std::tie(file.stored.savedAt, file.stored.step)))
            base = &file;
    }
    if (base == nullptr)
        return {};
    const KeptFile* last = nullptr; // of the differences to it
    for (const KeptFile& file : files) {
        if (file.stored.baseUuid == base->stored.uuid &&
            (last == nullptr || last->deltaNumber < file.deltaNumber))
            last = &file;
    }
    constexpr std::int64_t kMostDeltas = 9;
    constexpr double kMostBytes = 0.85; // of the whole one
    const auto bytesOf = [](const KeptFile& file) {
        return static_cast<double>(QFileInfo(file.path).size());
    };
    if (last != nullptr &&
        (last->deltaNumber >= kMostDeltas || bytesOf(*last) >= kMostBytes * bytesOf(*base)))
        return {};
    const auto reader = checkpoint::openCheckpoint(Vfs::posix(), encoded(base->path));
    if (!reader)
        return {};
    return {*reader, last == nullptr ? 1 : last->deltaNumber + 1};
}

std::vector<Stay> stays(const std::vector<KeptFile>& files, const KeepingRules& rules)
{
    std::vector<Stay> result(files.size(), Stay::ByHand);
    for (const auto& [keeper, policy] : rules) {
        std::vector<StoredCheckpoint> all;
        for (const KeptFile& file : files) {
            all.push_back(file.stored);
            all.back().isManaged = file.keeper == keeper;
        }
        const std::vector<Stay> own = retain(policy, all);
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (files[i].keeper == keeper)
                result[i] = own[i];
        }
    }
    return result;
}

KeepingReport tidyFolder(const QString& directory, const std::string& keeper,
                         const checkpoint::RetentionPolicy& policy)
{
    KeepingReport report;
    const std::vector<KeptFile> files = keptFiles(directory);
    const std::vector<Stay> decided = stays(files, {{keeper, policy}});
    std::vector<const KeptFile*> left;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (decided[i] != Stay::No) {
            left.push_back(&files[i]);
            continue;
        }
        if (const Status removed = Vfs::posix().remove(encoded(files[i].path)); !removed.isOk()) {
            report.status = removed;
            left.push_back(&files[i]);
            continue;
        }
        report.removed += QFileInfo(files[i].path).fileName();
    }
    if (!report.removed.isEmpty()) {
        if (const Status synced = Vfs::posix().syncDirectory(encoded(directory)); !synced.isOk())
            report.status = synced;
    }
    if (const Status written = writeStateFile(directory, left); !written.isOk() && report.status.isOk())
        report.status = written;
    return report;
}

} // namespace wr::app
