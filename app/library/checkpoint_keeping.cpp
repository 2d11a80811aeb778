// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_keeping.h"

#include "engine/base/vfs.h"
#include "engine/checkpoint/removal.h"
#include "engine/checkpoint/shard_set.h"
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

} // namespace

std::string keeperOf(const graph::SaverInfo& saver)
{
    return "saver " + saver.name;
}

checkpoint::RetentionPolicy policyOf(const graph::Model& model, const graph::SaverInfo& saver)
{
    // TensorFlow's 10,000 hours mean never.
    constexpr double kNever = 10000.0;
    return {saver.maxToKeep, saver.keepEveryNHours < kNever ? saver.keepEveryNHours : 0.0, saver.keepBest,
            !model.recipe || model.recipe->rules.wantsLess};
}

KeepingRules keepingRules(const graph::Model& model)
{
    KeepingRules rules;
    if (model.recipe) {
        const graph::RunRules& run = model.recipe->rules;
        rules[kRuleKeeper] = {run.keepLast, run.keepEveryHours, run.keepBest, run.wantsLess};
    }
    for (const graph::SaverInfo& saver : model.savers)
        rules[keeperOf(saver)] = policyOf(model, saver);
    return rules;
}

bool isCheckpointName(const QString& fileName)
{
    return fileName.endsWith(QLatin1String(".wrck")) ||
           fileName.endsWith(QLatin1String(".safetensors.zst")) ||
           fileName.endsWith(QLatin1String(".safetensors"));
}

QStringList checkpointsIn(const QString& directory)
{
    QStringList paths;
    const QFileInfoList entries = QDir(directory).entryInfoList(QDir::Files | QDir::NoSymLinks);
    for (const QFileInfo& entry : entries) {
        const QString path = entry.absoluteFilePath();
        if (isCheckpointName(entry.fileName()) && !checkpoint::isPartOfSet(Vfs::posix(), encoded(path)))
            paths += path;
    }
    return paths;
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
    for (const QString& path : checkpointsIn(directory)) {
        const checkpoint::StoredLook look = checkpoint::lookAtStored(Vfs::posix(), encoded(path));
        files.push_back(keptFile(path, look.reader.get(), notes));
        files.back().stored.isReadable = look.isReadable;
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
    const std::vector<KeptFile> files = keptFiles(directory);
    std::vector<StoredCheckpoint> stored;
    for (const KeptFile& file : files)
        stored.push_back(file.stored);
    const checkpoint::Removal removal =
        removeUnneeded(Vfs::posix(), encoded(directory), stored, stays(files, {{keeper, policy}}));
    KeepingReport report;
    report.status = removal.status;
    for (const std::string& name : removal.removed)
        report.removed += QFile::decodeName(QByteArray::fromStdString(name));
    report.removed.sort();
    return report;
}

} // namespace wr::app
