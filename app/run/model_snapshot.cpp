// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/model_snapshot.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <charconv>
#include <cmath>

namespace wr::app {
namespace {

constexpr const char* kRandomPrefix = "random.";

template <typename T>
std::string spelled(T value)
{
    char text[64];
    const std::to_chars_result result = std::to_chars(std::begin(text), std::end(text), value);
    return {std::begin(text), result.ptr};
}

template <typename T>
std::optional<T> number(const checkpoint::Metadata& metadata, const std::string& key)
{
    const auto found = metadata.find(key);
    if (found == metadata.end())
        return {};
    const std::string& text = found->second;
    T value{};
    const std::from_chars_result result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size())
        return {};
    return value;
}

std::string word(const checkpoint::Metadata& metadata, const std::string& key)
{
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
}

} // namespace

checkpoint::Metadata toMetadata(const RunRecord& record)
{
    checkpoint::Metadata metadata;
    if (record.trainer) {
        metadata = record.trainer->toMetadata();
        metadata["learning_rate"] = spelled(record.trainer->learningRate);
    }
    metadata["step"] = spelled(record.step);
    metadata["epoch"] = spelled(record.epoch);
    if (record.loss && std::isfinite(*record.loss))
        metadata["loss"] = spelled(*record.loss);
    if (record.testLoss && std::isfinite(*record.testLoss))
        metadata["test_loss"] = spelled(*record.testLoss);
    if (record.testAccuracy)
        metadata["test_accuracy"] = spelled(*record.testAccuracy);
    if (record.monitored && std::isfinite(*record.monitored))
        metadata["monitored"] = spelled(*record.monitored);
    metadata["saved_at"] = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
    metadata["app_version"] = WEIGHTROOM_VERSION;
    for (const auto& [key, text] :
         {std::pair("run_id", &record.lineage.runId), std::pair("parent", &record.lineage.parent),
          std::pair("parent_uuid", &record.lineage.parentUuid), std::pair("script", &record.script)}) {
        if (!text->empty())
            metadata[key] = *text;
    }
    for (const auto& [name, position] : record.randomStreams)
        metadata[kRandomPrefix + name] = spelled(position);
    return metadata;
}

RunRecord fromMetadata(const checkpoint::Metadata& metadata)
{
    RunRecord record;
    record.step = number<std::int64_t>(metadata, "step").value_or(0);
    record.epoch = number<std::int64_t>(metadata, "epoch").value_or(0);
    record.loss = number<double>(metadata, "loss");
    record.testLoss = number<double>(metadata, "test_loss");
    record.testAccuracy = number<double>(metadata, "test_accuracy");
    record.monitored = number<double>(metadata, "monitored");
    if (const Result<train::TrainerState> state = train::TrainerState::fromMetadata(metadata))
        record.trainer = *state;
    const std::string prefix = kRandomPrefix;
    for (const auto& [key, text] : metadata) {
        if (key.rfind(prefix, 0) != 0)
            continue;
        if (const auto position = number<std::uint64_t>(metadata, key))
            record.randomStreams[key.substr(prefix.size())] = *position;
    }
    record.script = word(metadata, "script");
    record.lineage = {word(metadata, "run_id"), word(metadata, "parent"), word(metadata, "parent_uuid")};
    return record;
}

QString nextCheckpointPath(const QString& directory, std::int64_t step, checkpoint::Profile profile)
{
    constexpr int kStepDigits = 8;
    const QString extension =
        profile != checkpoint::Profile::Plain ? QStringLiteral(".wrck") : QStringLiteral(".safetensors.zst");
    const QString stem = QStringLiteral("step-%1").arg(step, kStepDigits, 10, QLatin1Char('0'));
    const QDir folder(directory);
    QString path = folder.filePath(stem + extension);
    for (int copy = 2; QFileInfo::exists(path); ++copy)
        path = folder.filePath(QStringLiteral("%1-%2%3").arg(stem).arg(copy).arg(extension));
    return path;
}

Result<checkpoint::SaveReport> writeSnapshot(const ModelSnapshot& snapshot, const QString& directory,
                                             const QString& path, checkpoint::Profile profile,
                                             const Progress& progress, const DeltaBase& base)
{
    if (snapshot.tensors.empty())
        return fail(failedPrecondition("no variable holds a value yet"));
    checkpoint::SaveOptions options;
    options.profile = profile;
    options.base = base.reader;
    checkpoint::Metadata metadata = snapshot.metadata;
    if (base.reader)
        metadata[kDeltaNumberKey] = spelled(base.number);
    options.replace = !path.isEmpty();
    const QString folder = path.isEmpty() ? directory : QFileInfo(path).absolutePath();
    WR_RETURN_IF_ERROR(Vfs::posix().makeDirectories(QFile::encodeName(folder).toStdString()));
    // Somebody else may take the name between the look and the rename.
    constexpr int kAttempts = 5;
    Result<checkpoint::SaveReport> report = fail(internalError("not tried"));
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const QString target = path.isEmpty() ? nextCheckpointPath(directory, snapshot.step, profile) : path;
        if (metadata.count(kKeeperKey) > 0)
            metadata[kSavedAsKey] = QFile::encodeName(QFileInfo(target).fileName()).toStdString();
        report = checkpoint::saveCheckpoint(Vfs::posix(), QFile::encodeName(target).toStdString(),
                                            snapshot.tensors, metadata, options, progress);
        if (report || report.error().code() != StatusCode::AlreadyExists || options.replace)
            break;
    }
    return report;
}

} // namespace wr::app
