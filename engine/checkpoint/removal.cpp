// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/removal.h"

#include "engine/checkpoint/shard_set.h"

#include <algorithm>
#include <tuple>

namespace wr::checkpoint {
namespace {

Status writeStateFile(Vfs& vfs, const std::string& directory, std::vector<const StoredCheckpoint*> left)
{
    std::sort(left.begin(), left.end(), [](const StoredCheckpoint* a, const StoredCheckpoint* b) {
        return std::tie(a->savedAt, a->step, a->name) < std::tie(b->savedAt, b->step, b->name);
    });
    std::vector<std::string> names;
    for (const StoredCheckpoint* const checkpoint : left) {
        if (checkpoint->isWhole)
            names.push_back(checkpoint->name);
    }
    const std::string text = stateFileText(names);
    return text.empty() ? Status()
                        : replaceFile(vfs, directory + "/checkpoint", std::as_bytes(std::span(text)));
}

/// Whether the disk gives out the file's beginning and end.
bool canBeRead(Vfs& vfs, const std::string& path)
{
    const Result<std::unique_ptr<File>> file = vfs.open(path, OpenMode::Read);
    if (!file)
        return file.error().code() == StatusCode::InvalidArgument; // no regular file
    const Result<std::uint64_t> size = (*file)->size();
    if (!size)
        return false;
    std::array<std::byte, 512> bytes{};
    const std::uint64_t count = std::min<std::uint64_t>(*size, bytes.size());
    const auto some = std::span(bytes).first(static_cast<std::size_t>(count));
    for (const std::uint64_t at : {std::uint64_t{0}, *size - count}) {
        const Result<std::size_t> got = (*file)->read(at, some);
        if (!got || *got != count)
            return false;
    }
    return true;
}

} // namespace

StoredLook lookAtStored(Vfs& vfs, const std::string& path)
{
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (auto opened = openCheckpoint(vfs, path))
            return {*std::move(opened), true};
    }
    return {nullptr, canBeRead(vfs, path)};
}

Removal removeUnneeded(Vfs& vfs, const std::string& directory, std::span<const StoredCheckpoint> stored,
                       std::span<const Stay> stays)
{
    Removal removal;
    std::vector<const StoredCheckpoint*> left;
    for (const bool isDelta : {true, false}) {
        const std::size_t before = removal.removed.size();
        bool areAllGone = true;
        std::vector<std::string> orphans; // parts of sets whose list is gone
        for (std::size_t i = 0; i < stored.size(); ++i) {
            if (stored[i].baseUuid.empty() == isDelta)
                continue;
            if (stays[i] != Stay::No) {
                left.push_back(&stored[i]);
                continue;
            }
            const std::string path = directory + "/" + stored[i].name;
            std::vector<std::string> parts = partsBeside(vfs, path);
            if (Status status = vfs.remove(path); !status.isOk()) {
                removal.status = std::move(status);
                left.push_back(&stored[i]);
                areAllGone = false;
                continue;
            }
            removal.removed.push_back(stored[i].name);
            orphans.insert(orphans.end(), parts.begin(), parts.end());
        }
        if (removal.removed.size() > before) {
            if (Status status = vfs.syncDirectory(directory); !status.isOk()) {
                removal.status = std::move(status);
                areAllGone = false;
            }
        }
        for (const std::string& part : orphans) {
            if (Status status = vfs.remove(directory + "/" + part); !status.isOk())
                removal.status = std::move(status);
        }
        if (isDelta && !areAllGone) {
            // What they are based on is needed as long as they may be there.
            for (std::size_t i = 0; i < stored.size(); ++i) {
                if (stored[i].baseUuid.empty())
                    left.push_back(&stored[i]);
            }
            break;
        }
    }
    if (Status status = writeStateFile(vfs, directory, std::move(left));
        !status.isOk() && removal.status.isOk())
        removal.status = std::move(status);
    return removal;
}

} // namespace wr::checkpoint
