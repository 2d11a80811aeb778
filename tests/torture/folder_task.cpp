// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/folder_task.h"

#include "engine/checkpoint/damage_map.h"
#include "engine/checkpoint/removal.h"
#include "tests/torture/folder_ledger.h"
#include "tests/torture/sample_model.h"

#include <algorithm>

namespace wr::torture {
namespace {

constexpr const char* kKeyframe = "step-1.wrck";
constexpr const char* kDelta = "step-2.wrck";
constexpr const char* kPlain = "step-3.wrck";
constexpr const char* kLast = "step-4.wrck";
constexpr const char* kDamaged = "damaged.wrck";
constexpr const char* kState = "checkpoint";
constexpr std::string_view kText = "model_checkpoint_path: \"step-4.wrck\"\n";

const checkpoint::Metadata kMetadata{{"step", "1"}};

bool isIn(const std::vector<std::string>& names, const std::string& path)
{
    return std::find(names.begin(), names.end(), path.substr(path.rfind('/') + 1)) != names.end();
}

} // namespace

const char* FolderTask::name(Kind kind)
{
    constexpr const char* kNames[] = {"save",    "save over another", "save of a difference", "rewrite",
                                      "recover", "remove by rule",    "replace a small file"};
    return kNames[static_cast<std::size_t>(kind)];
}

FolderTask::FolderTask(Kind kind, std::uint64_t seed, std::uint64_t bytes, std::string folder)
    : m_kind(kind), m_folder(std::move(folder))
{
    Random random(seed);
    ModelDisk disk;
    m_first = sampleTensors(random, bytes);
    const std::vector<NamedTensor> second = stepped(m_first, random);
    static_cast<void>(checkpoint::saveCheckpoint(disk, at(kKeyframe), m_first, kMetadata, {}));
    checkpoint::SaveOptions options;
    options.base = *checkpoint::openCheckpoint(disk, at(kKeyframe));
    static_cast<void>(checkpoint::saveCheckpoint(disk, at(kDelta), second, kMetadata, options));
    options.base = nullptr;
    options.profile = checkpoint::Profile::Plain;
    static_cast<void>(
        checkpoint::saveCheckpoint(disk, at(kPlain), sampleTensors(random, bytes), kMetadata, options));
    static_cast<void>(
        checkpoint::saveCheckpoint(disk, at(kLast), sampleTensors(random, bytes), kMetadata, {}));
    static_cast<void>(replaceFile(disk, at(kState), std::as_bytes(std::span("old"))));
    auto damaged = std::make_shared<Bytes>(*disk.fileAt(at(kKeyframe)));
    (*damaged)[damaged->size() - 30] ^= std::byte{1}; // in the table, so that all its tensors can be had
    m_before = disk.contents();
    m_before[at(kDamaged)] = std::move(damaged);
    m_target = kind == Kind::Replace ? at(kPlain) : kind == Kind::Small ? at(kState) : at("step-5.wrck");
    m_values = kind == Kind::Delta     ? stepped(m_first, random)
               : kind == Kind::Rewrite ? second
               : kind == Kind::Salvage ? m_first
                                       : sampleTensors(random, bytes);
}

Status FolderTask::run(Vfs& vfs)
{
    m_removed.clear();
    m_unneeded.clear();
    m_recovered.clear();
    checkpoint::SaveOptions options;
    options.replace = m_kind == Kind::Replace;
    const auto statusOf = [](const auto& result) { return result ? Status() : result.error(); };
    switch (m_kind) {
    case Kind::Delta: {
        WR_ASSIGN_OR_RETURN(options.base, checkpoint::openCheckpoint(vfs, at(kKeyframe)));
        [[fallthrough]];
    }
    case Kind::Save:
    case Kind::Replace:
        return statusOf(saveCheckpoint(vfs, m_target, m_values, kMetadata, options));
    case Kind::Rewrite: {
        WR_ASSIGN_OR_RETURN(const auto reader, checkpoint::openCheckpoint(vfs, at(kDelta)));
        return statusOf(rewriteCheckpoint(vfs, *reader, m_target, options));
    }
    case Kind::Salvage: {
        WR_ASSIGN_OR_RETURN(const auto report, checkpoint::salvageFile(vfs, at(kDamaged), m_target, options));
        m_recovered = report.recovered;
        return {};
    }
    case Kind::Tidy: {
        std::vector<checkpoint::StoredCheckpoint> stored;
        for (const char* const name : {kKeyframe, kDelta, kPlain, kLast}) {
            checkpoint::StoredCheckpoint one;
            one.name = name;
            one.savedAt = static_cast<std::int64_t>(stored.size());
            const auto [reader, isReadable] = checkpoint::lookAtStored(vfs, at(name));
            one.isReadable = isReadable;
            // Whose it is stands in the file: of one that cannot be read it is unknown.
            one.isManaged = one.isWhole = reader != nullptr;
            one.uuid = reader ? reader->uuid() : std::string();
            if (reader && reader->base())
                one.baseUuid = reader->base()->uuid;
            stored.push_back(std::move(one));
        }
        const auto stays = retain({1, 0.0, 0, true}, stored);
        for (std::size_t i = 0; i < stored.size(); ++i) {
            if (stays[i] == checkpoint::Stay::No)
                m_unneeded.push_back(stored[i].name);
        }
        const checkpoint::Removal removal = removeUnneeded(vfs, m_folder, stored, stays);
        m_removed = removal.removed;
        return removal.status;
    }
    case Kind::Small:
        break;
    }
    return replaceFile(vfs, at(kState), std::as_bytes(std::span(kText)));
}

void FolderTask::doneElsewhere()
{
    m_removed.clear();
    m_unneeded = {kKeyframe, kDelta, kPlain};
}

std::string FolderTask::judgeTarget(ModelDisk& disk, const Status& answer) const
{
    const auto now = disk.fileAt(m_target);
    const auto old = m_before.find(m_target);
    const bool isUnchanged = old == m_before.end() ? now == nullptr : now != nullptr && *now == *old->second;
    // The one failure that comes after the file has its name says so.
    const bool isInPlace = answer.message().find("in place") != std::string::npos;
    if (!answer.isOk() && (isUnchanged || now == nullptr))
        return isUnchanged ? std::string() : m_target + ": lost by a save that failed";
    if (now == nullptr)
        return m_target + ": said to be saved, and not there";
    if (m_kind == Kind::Small) {
        const auto text = std::as_bytes(std::span(kText));
        return std::equal(now->begin(), now->end(), text.begin(), text.end()) ? std::string()
                                                                              : m_target + ": other bytes";
    }
    if (!answer.isOk() && !isInPlace)
        return m_target + ": changed by a save that failed: " + answer.toString();
    std::vector<NamedTensor> values;
    for (const NamedTensor& tensor : m_values) {
        if (m_kind != Kind::Salvage ||
            std::find(m_recovered.begin(), m_recovered.end(), tensor.name) != m_recovered.end() || isInPlace)
            values.push_back(tensor);
    }
    if (m_kind == Kind::Salvage && isInPlace) {
        const auto reader = checkpoint::openCheckpoint(disk, m_target);
        std::erase_if(values,
                      [&](const NamedTensor& tensor) { return !reader || (*reader)->find(tensor.name) < 0; });
    }
    return differenceOf(disk, m_target, values);
}

std::string FolderTask::judgeRemoval(ModelDisk& disk) const
{
    for (const std::string& name : m_removed) {
        if (!isIn(m_unneeded, name))
            return name + ": removed, and needed";
        if (disk.fileAt(m_folder + "/" + name) != nullptr)
            return name + ": said to be removed, and there";
    }
    std::size_t left = 0;
    for (const char* const name : {kKeyframe, kDelta, kPlain, kLast})
        left += disk.fileAt(at(name)) != nullptr ? 1U : 0U;
    if (left < 2)
        return "fewer than two checkpoints are left";
    if (disk.fileAt(at(kLast)) == nullptr)
        return m_before.find(at(kLast))->first + ": the newest was removed";
    if (disk.fileAt(at(kDelta)) != nullptr && disk.fileAt(at(kKeyframe)) == nullptr)
        return m_before.find(at(kDelta))->first + ": without its base";
    const auto state = disk.fileAt(at(kState));
    return state == nullptr || state->empty() ? m_before.find(at(kState))->first + ": lost" : std::string();
}

std::string FolderTask::complaint(ModelDisk& disk, const Status& answer) const
{
    if (!answer.isOk() && answer.message().empty())
        return "it failed without a word";
    if (std::string cause = m_kind == Kind::Tidy ? judgeRemoval(disk) : judgeTarget(disk, answer);
        !cause.empty())
        return cause;
    const Disk now = disk.contents();
    for (const auto& [path, bytes] : m_before) {
        const bool mayChange =
            path == m_target || (m_kind == Kind::Tidy && (isIn(m_unneeded, path) || path == at(kState)));
        const auto found = now.find(path);
        if (!mayChange && (found == now.end() || *found->second != *bytes))
            return path + (found == now.end() ? ": lost" : ": changed");
    }
    for (const auto& [path, bytes] : now) {
        if (!m_before.contains(path) && path != m_target && !isTemporary(path))
            return path + ": appeared";
    }
    return {};
}

} // namespace wr::torture
