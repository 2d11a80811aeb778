// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/bundle_paths.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace wr::formats {
namespace {

constexpr std::string_view kStateKey = "model_checkpoint_path:";

bool isFile(Vfs& vfs, const std::string& path)
{
    const Result<FileInfo> info = vfs.info(path);
    return info && info->isRegular;
}

/// The prefix of the checkpoint that a state file names, beside it: a folder may have been moved or copied.
std::optional<std::string> stateTarget(const std::string& path, std::string_view text)
{
    const std::size_t key = text.starts_with(kStateKey) ? 0 : text.find("\n" + std::string(kStateKey));
    if (key == std::string_view::npos)
        return {};
    const std::size_t begin = text.find('"', key);
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('"', begin + 1);
    if (end == std::string_view::npos)
        return {};
    const std::string name = baseName(std::string(text.substr(begin + 1, end - begin - 1)));
    if (name.empty() || name == "." || name == ".." || name.find('\\') != std::string::npos ||
        name.find('\0') != std::string::npos)
        return {};
    return directoryOf(path) + "/" + name;
}

Result<std::optional<std::string>> readState(Vfs& vfs, const std::string& path)
{
    constexpr std::uint64_t kLongestState = std::uint64_t{4} << 20U;
    const Result<FileInfo> info = vfs.info(path);
    if (!info || !info->isRegular || info->size == 0 || info->size > kLongestState)
        return std::optional<std::string>();
    WR_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, readFile(vfs, path, kLongestState));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::optional<std::string> target = stateTarget(path, text);
    if (!target)
        return std::optional<std::string>();
    for (const std::string& file : {*target + ".index", *target}) {
        if (isFile(vfs, file))
            return std::optional(file);
    }
    return fail(StatusCode::NotFound,
                path + ": it names the checkpoint " + baseName(*target) + ", which is not in its folder");
}

Result<std::optional<std::string>> findInFolder(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(std::optional<std::string> state, readState(vfs, path + "/checkpoint"));
    if (state)
        return state;
    if (const std::string saved = path + "/variables/variables.index"; isFile(vfs, saved))
        return std::optional(saved);
    WR_ASSIGN_OR_RETURN(const std::vector<std::string> names, vfs.list(path));
    std::vector<std::string> indexes;
    std::copy_if(names.begin(), names.end(), std::back_inserter(indexes),
                 [](const std::string& name) { return name.size() > 6 && name.ends_with(".index"); });
    if (indexes.empty())
        return std::optional<std::string>();
    if (indexes.size() > 1)
        return fail(StatusCode::InvalidArgument,
                    path + ": a folder with " + std::to_string(indexes.size()) +
                        " TensorFlow checkpoints and no \"checkpoint\" file; choose one, as " + indexes[0]);
    return std::optional(path + "/" + indexes[0]);
}

} // namespace

std::string directoryOf(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string baseName(const std::string& path)
{
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

std::optional<std::string> prefixOfDataFile(const std::string& path)
{
    constexpr std::string_view kPattern = ".data-00000-of-00000";
    if (path.size() <= kPattern.size())
        return {};
    const std::string_view tail = std::string_view(path).substr(path.size() - kPattern.size());
    for (std::size_t i = 0; i < tail.size(); ++i) {
        const bool isDigit = tail[i] >= '0' && tail[i] <= '9';
        if (kPattern[i] == '0' ? !isDigit : tail[i] != kPattern[i])
            return {};
    }
    return path.substr(0, path.size() - kPattern.size());
}

std::string dataFile(const std::string& prefix, std::uint64_t shard, std::uint64_t shards)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), ".data-%05llu-of-%05llu", static_cast<unsigned long long>(shard),
                  static_cast<unsigned long long>(shards));
    return prefix + text.data();
}

Result<std::optional<std::string>> findTensorFlowTable(Vfs& vfs, const std::string& path)
{
    const Result<FileInfo> info = vfs.info(path);
    if (!info) {
        if (info.error().code() == StatusCode::NotFound && isFile(vfs, path + ".index"))
            return std::optional(path + ".index");
        return std::optional<std::string>();
    }
    if (info->isDirectory)
        return findInFolder(vfs, path);
    if (const std::optional<std::string> prefix = prefixOfDataFile(path)) {
        if (isFile(vfs, *prefix + ".index"))
            return std::optional(*prefix + ".index");
        return fail(StatusCode::NotFound,
                    path + ": the values of a TensorFlow checkpoint without their index; put " +
                        baseName(*prefix) + ".index beside them");
    }
    if (baseName(path) == "checkpoint")
        return readState(vfs, path);
    return std::optional<std::string>();
}

} // namespace wr::formats
