// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/folder_ledger.h"

#include <algorithm>
#include <set>

namespace wr::torture {
namespace {

bool isCheckpoint(const std::string& path)
{
    return path.ends_with(".wrck") && !isTemporary(path);
}

} // namespace

bool isTemporary(const std::string& path)
{
    return path.find("/.") != std::string::npos && path.find(".wrtmp-") != std::string::npos;
}

void FolderLedger::beginWith(const Disk& state)
{
    std::map<std::string, Entry> next;
    for (const auto& [path, image] : state) {
        if (isTemporary(path))
            continue;
        Version version{image, 0, 0};
        for (const Version& known : files[path].versions) {
            if (*known.image != *image)
                continue;
            version.tensors = known.tensors;
            version.uuid = known.uuid;
            version.baseUuid = known.baseUuid;
        }
        next[path].versions.push_back(std::move(version));
    }
    files = std::move(next);
}

std::string FolderLedger::complaint(const Disk& state, std::size_t calls) const
{
    std::size_t promised = 0;
    std::size_t kept = 0;
    std::set<std::string> there;
    std::map<std::string, std::string> needed; // base → a difference to it
    for (const auto& [path, entry] : files) {
        const Version* last = nullptr; // acknowledged
        for (const Version& version : entry.versions) {
            if (version.acknowledged <= calls)
                last = &version;
        }
        promised += last != nullptr && isCheckpoint(path) ? 1U : 0U;
        const auto found = state.find(path);
        if (found == state.end()) {
            const bool isRemoved =
                std::any_of(entry.removals.begin(), entry.removals.end(), [&](std::size_t begun) {
                    return last != nullptr && begun >= last->acknowledged && begun <= calls;
                });
            if (last != nullptr && !isRemoved)
                return path + ": acknowledged, and lost";
            continue;
        }
        const auto right =
            std::find_if(entry.versions.begin(), entry.versions.end(), [&](const Version& version) {
                const bool isUnderWay = version.begun <= calls && version.acknowledged > calls;
                return (&version == last || isUnderWay) && *version.image == *found->second;
            });
        if (right == entry.versions.end())
            return path + (last != nullptr ? ": neither what was acknowledged nor what was being saved"
                                           : ": something else than what was being saved");
        kept += isCheckpoint(path) ? 1U : 0U;
        there.insert(right->uuid);
        if (!right->baseUuid.empty())
            needed[right->baseUuid] = path;
    }
    for (const auto& [path, image] : state) {
        if (!isTemporary(path) && !files.contains(path))
            return path + ": nobody saved this";
    }
    for (const auto& [base, path] : needed) {
        if (!there.contains(base))
            return path + ": without its base";
    }
    // Rules may remove a lot, but never so many.
    if (kept < std::min<std::size_t>(2, promised))
        return "of " + std::to_string(promised) + " checkpoints " + std::to_string(kept) + " are left";
    return {};
}

} // namespace wr::torture
