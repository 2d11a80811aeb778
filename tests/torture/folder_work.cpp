// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/folder_work.h"

#include "engine/checkpoint/damage_map.h"
#include "engine/checkpoint/removal.h"
#include "tests/torture/sample_model.h"

#include <algorithm>
#include <charconv>

namespace wr::torture {
namespace {

constexpr std::uint64_t kMostBytes = 6000;

std::string stepPath(std::uint64_t step)
{
    std::string digits = std::to_string(step);
    digits.insert(0, 8 - std::min<std::size_t>(8, digits.size()), '0');
    return std::string(kFolder) + "/step-" + digits + ".wrck";
}

std::uint64_t stepOf(const std::string& path)
{
    std::uint64_t step = 0;
    const std::size_t dash = path.rfind('-');
    std::from_chars(path.data() + dash + 1, path.data() + path.size(), step);
    return step;
}

bool isDamaged(const std::string& path)
{
    return path.find("/damaged-") != std::string::npos;
}

} // namespace

std::vector<std::string> FolderWork::checkpoints() const
{
    std::vector<std::string> paths;
    for (const auto& [path, image] : m_disk.contents()) {
        if (path.ends_with(".wrck") && !isTemporary(path))
            paths.push_back(path);
    }
    return paths;
}

std::string FolderWork::act()
{
    switch (below(m_random, 8)) {
    case 0:
    case 1:
        return tidy();
    case 2:
        return save(true, false);
    case 3:
        return salvage();
    case 4:
    case 5:
        return save(false, true);
    default:
        return save(false, false);
    }
}

/// What is there now is what the save has written, be it acknowledged or not.
std::string FolderWork::acknowledge(const std::string& path, std::size_t begun, bool isDone,
                                    std::vector<NamedTensor> tensors)
{
    const std::shared_ptr<const Bytes> image = m_disk.fileAt(path);
    if (image == nullptr)
        return isDone ? path + ": said to be saved, and not there" : std::string();
    if (isDone && !tensors.empty()) {
        if (std::string difference = differenceOf(m_disk, path, tensors); !difference.empty())
            return "said to be saved: " + difference;
    }
    FolderLedger::Version version{image, begun, isDone ? m_disk.calls().size() : FolderLedger::kNever,
                                  std::move(tensors)};
    if (const auto reader = checkpoint::openCheckpoint(m_disk, path)) {
        version.uuid = (*reader)->uuid();
        version.baseUuid = (*reader)->base() ? (*reader)->base()->uuid : std::string();
    }
    m_ledger.files[path].versions.push_back(std::move(version));
    return {};
}

std::string FolderWork::save(bool isReplacing, bool isDelta)
{
    const std::vector<std::string> paths = checkpoints();
    std::vector<std::string> whole;
    std::uint64_t step = 0;
    for (const std::string& path : paths) {
        step = std::max(step, stepOf(path));
        if (!isDamaged(path))
            whole.push_back(path);
    }
    checkpoint::SaveOptions options;
    constexpr checkpoint::Profile kProfiles[] = {checkpoint::Profile::Compact, checkpoint::Profile::Stored,
                                                 checkpoint::Profile::Compact, checkpoint::Profile::Plain};
    options.profile = isDelta ? checkpoint::Profile::Compact : kProfiles[below(m_random, 4)];
    std::string path = stepPath(step + 1);
    std::vector<NamedTensor> tensors = sampleTensors(m_random, 200 + below(m_random, kMostBytes));
    if (isReplacing && !whole.empty()) {
        path = whole[below(m_random, whole.size())];
        options.replace = true;
        // A base that is replaced takes its differences with it; that is for the one who replaces to know.
        for (const std::string& other : whole) {
            const auto reader = checkpoint::openCheckpoint(m_disk, other);
            if (!reader || (*reader)->base())
                return {};
        }
    }
    if (isDelta) {
        for (const std::string& candidate : whole) {
            const auto reader = checkpoint::openCheckpoint(m_vfs, candidate);
            const FolderLedger::Entry& entry = m_ledger.files[candidate];
            if (!reader || (*reader)->uuid().empty() || (*reader)->base() || entry.versions.empty() ||
                entry.versions.back().tensors.empty())
                continue;
            options.base = *reader;
            tensors = stepped(entry.versions.back().tensors, m_random);
        }
    }
    const std::size_t begun = m_disk.calls().size();
    const auto saved =
        saveCheckpoint(m_vfs, path, tensors, {{"step", std::to_string(stepOf(path))}}, options);
    const std::string complaint = acknowledge(path, begun, saved.has_value(), std::move(tensors));
    return complaint.empty() && !saved ? "a save failed: " + saved.error().toString() : complaint;
}

std::string FolderWork::tidy()
{
    checkpoint::RetentionPolicy policy;
    policy.last = static_cast<std::int64_t>(1 + below(m_random, 3));
    std::vector<checkpoint::StoredCheckpoint> stored;
    for (const std::string& path : checkpoints()) {
        checkpoint::StoredCheckpoint one;
        one.name = path.substr(path.rfind('/') + 1);
        one.savedAt = one.step = static_cast<std::int64_t>(stepOf(path));
        const auto [reader, isReadable] = checkpoint::lookAtStored(m_vfs, path);
        one.isReadable = isReadable;
        one.isManaged = one.isWhole = reader != nullptr && !isDamaged(path);
        if (reader) {
            one.uuid = reader->uuid();
            one.baseUuid = reader->base() ? reader->base()->uuid : std::string();
        }
        stored.push_back(std::move(one));
    }
    const std::vector<checkpoint::Stay> stays = retain(policy, stored);
    const std::size_t begun = m_disk.calls().size();
    const std::string newest = stored.empty() ? std::string() : stored.back().name;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        if (stays[i] == checkpoint::Stay::No)
            m_ledger.files[std::string(kFolder) + "/" + stored[i].name].removals.push_back(begun);
    }
    const checkpoint::Removal removal = removeUnneeded(m_vfs, kFolder, stored, stays);
    if (std::find(removal.removed.begin(), removal.removed.end(), newest) != removal.removed.end())
        return newest + ": the newest was removed";
    const std::string complaint = acknowledge(std::string(kFolder) + "/checkpoint", begun,
                                              removal.status.isOk() && !stored.empty(), {});
    return complaint.empty() && !removal.status.isOk() ? "a removal failed: " + removal.status.toString()
                                                       : complaint;
}

std::string FolderWork::salvage()
{
    for (const std::string& path : checkpoints()) {
        if (!isDamaged(path))
            continue;
        const std::string out = std::string(kFolder) + "/recovered-" + std::to_string(stepOf(path)) + ".wrck";
        const std::size_t begun = m_disk.calls().size();
        checkpoint::SaveOptions options;
        options.replace = true;
        const auto report = checkpoint::salvageFile(m_vfs, path, out, options);
        if (!report && report.error().code() == StatusCode::DataLoss)
            return {}; // nothing in it was whole
        const std::string complaint = acknowledge(out, begun, report.has_value(), {});
        return complaint.empty() && !report ? "a recovery failed: " + report.error().toString() : complaint;
    }
    return {};
}

void FolderWork::addDamaged(Disk& disk, FolderLedger& ledger, Random& random)
{
    for (const auto& [path, image] : disk) {
        if (isTemporary(path) || !path.ends_with(".wrck") || isDamaged(path))
            continue;
        auto bytes = std::make_shared<Bytes>(*image);
        (*bytes)[below(random, bytes->size())] ^= std::byte{0x20};
        const std::string damaged =
            std::string(kFolder) + "/damaged-" + std::to_string(stepOf(path)) + ".wrck";
        ledger.files[damaged].versions = {{bytes, 0, 0}};
        disk[damaged] = std::move(bytes);
        return;
    }
}

} // namespace wr::torture
