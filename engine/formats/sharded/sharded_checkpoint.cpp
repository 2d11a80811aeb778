// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/sharded/sharded_checkpoint.h"

#include "engine/formats/joined_reader.h"
#include "engine/formats/neighbour_file.h"
#include "engine/formats/sharded/shard_index.h"
#include "engine/formats/tensorflow/bundle_paths.h"

#include <algorithm>

namespace wr::formats {
namespace {

constexpr std::uint64_t kLongestList = std::uint64_t{64} << 20U;
constexpr std::string_view kListEnding = ".index.json";

std::string listed(const std::vector<std::string>& names)
{
    constexpr std::size_t kMostNamed = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
        text += (i > 0 ? ", " : "") + names[i];
    return text + (names.size() > kMostNamed ? ", …" : "");
}

/// All parts as one.
Result<std::shared_ptr<JoinedReader>> join(Vfs& vfs, const std::string& path,
                                           const std::set<std::string>& names, const FileOpener& open)
{
    const std::string folder = directoryOf(path);
    std::vector<std::string> missing;
    std::shared_ptr<JoinedReader> joined;
    std::vector<OpenedCheckpoint> parts;
    for (const std::string& name : names) {
        Result<std::shared_ptr<File>> file = openNeighbour(vfs, folder, name);
        if (!file && file.error().code() == StatusCode::NotFound) {
            missing.push_back(name);
            continue;
        }
        if (!file)
            return fail(file.error());
        WR_ASSIGN_OR_RETURN(OpenedCheckpoint part, open(std::move(*file), folder + "/" + name));
        parts.push_back(std::move(part));
    }
    if (!missing.empty())
        return fail(StatusCode::NotFound, path + ": " + std::to_string(missing.size()) + " of its " +
                                              std::to_string(names.size()) + " files are missing; fetch " +
                                              listed(missing));
    joined = std::make_shared<JoinedReader>(path, parts.front()->formatName() + ", " +
                                                      std::to_string(parts.size()) + " files");
    for (OpenedCheckpoint& part : parts)
        WR_RETURN_IF_ERROR(joined->add(std::move(part)).withContext(path));
    joined->finish();
    return joined;
}

Result<std::optional<ShardIndex>> readList(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::byte> json, readFile(vfs, path, kLongestList));
    Result<std::optional<ShardIndex>> index = parseShardIndex(json);
    if (!index)
        return fail(index.error().withContext(path));
    return index;
}

/// The truth is what the parts hold; a list that says otherwise belongs to another checkpoint.
Status compare(const ShardIndex& index, const std::string& path, JoinedReader& joined)
{
    std::size_t unlisted = 0;
    for (const checkpoint::TensorEntry& entry : joined.tensors())
        unlisted += index.files.contains(entry.spec.name) ? 0U : 1U;
    for (const auto& [tensor, file] : index.files) {
        if (joined.find(tensor) < 0)
            return dataLoss(
                path + ": \"" + tensor.substr(0, 120) + "\" should be in " + file +
                ", which does not hold it; this list belongs to other files, fetch them together");
    }
    if (unlisted > 0)
        joined.warn(std::to_string(unlisted) + " tensors are in the files and not in the list");
    return {};
}

Result<OpenedCheckpoint> openList(Vfs& vfs, const std::string& path, const ShardIndex& index,
                                  const FileOpener& open)
{
    WR_ASSIGN_OR_RETURN(const std::shared_ptr<JoinedReader> joined, join(vfs, path, index.fileNames(), open));
    WR_RETURN_IF_ERROR(compare(index, path, *joined));
    joined->addMetadata(index.metadata);
    return OpenedCheckpoint(joined);
}

} // namespace

Result<OpenedCheckpoint> openShardList(Vfs& vfs, const std::string& path, const FileOpener& open)
{
    WR_ASSIGN_OR_RETURN(const std::optional<ShardIndex> index, readList(vfs, path));
    if (!index)
        return OpenedCheckpoint();
    return openList(vfs, path, *index, open);
}

Result<OpenedCheckpoint> openByShard(Vfs& vfs, const std::string& path, const FileOpener& open,
                                     std::string& why)
{
    const std::optional<ShardName> name = parseShardName(baseName(path));
    if (!name)
        return OpenedCheckpoint();
    const std::string folder = directoryOf(path);
    const std::string listPath = folder + "/" + name->indexName();
    if (vfs.info(listPath)) {
        const Result<std::optional<ShardIndex>> index = readList(vfs, listPath);
        if (index && *index && (*index)->fileNames().contains(baseName(path))) {
            Result<OpenedCheckpoint> opened = openList(vfs, listPath, **index, open);
            if (!opened)
                why = "this part was opened alone: " + opened.error().message();
            return opened ? std::move(*opened) : OpenedCheckpoint();
        }
        why = "this part was opened alone: " + name->indexName() + " does not list it";
        return OpenedCheckpoint();
    }
    std::set<std::string> names;
    for (std::uint32_t i = 1; i <= name->count; ++i)
        names.insert(name->of(i));
    Result<std::shared_ptr<JoinedReader>> joined = join(vfs, path, names, open);
    if (!joined)
        why = "this part was opened alone: " + joined.error().message();
    return joined ? OpenedCheckpoint(*joined) : OpenedCheckpoint();
}

Result<std::string> shardListIn(const std::string& folder, const std::vector<std::string>& names)
{
    std::vector<std::string> lists;
    std::copy_if(names.begin(), names.end(), std::back_inserter(lists),
                 [](const std::string& name) { return name.ends_with(kListEnding); });
    // Models are often published in two formats.
    const auto isPreferred = [](const std::string& name) {
        return name.ends_with(".safetensors.index.json");
    };
    if (lists.size() > 1 && std::count_if(lists.begin(), lists.end(), isPreferred) == 1)
        return folder + "/" + *std::find_if(lists.begin(), lists.end(), isPreferred);
    if (lists.size() > 1)
        return fail(StatusCode::InvalidArgument,
                    folder + ": a folder with several checkpoints; choose one: " + listed(lists));
    return lists.empty() ? std::string() : folder + "/" + lists.front();
}

} // namespace wr::formats
