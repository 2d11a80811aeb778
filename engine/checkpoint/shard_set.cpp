// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/shard_set.h"

#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/json_text.h"

#include <algorithm>
#include <charconv>

namespace wr::checkpoint {
namespace {

constexpr std::string_view kBegin = R"({"metadata":{"format":"wr1-set",)";
constexpr std::string_view kBeforeObject = R"({"metadata":)";
constexpr std::size_t kDigits = 5;
constexpr std::size_t kMostParts = 99'999;
constexpr std::size_t kMarkDigits = 8;

std::string numbered(std::size_t number)
{
    const std::string digits = std::to_string(number);
    return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
}

std::string_view extensionOf(std::string_view path)
{
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (name.ends_with(".safetensors.zst"))
        return name.substr(name.size() - 16);
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

bool areDigits(std::string_view text, std::string_view allowed)
{
    return text.find_first_not_of(allowed) == std::string_view::npos;
}

bool isPlainName(std::string_view name)
{
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
           name.find('\0') == std::string_view::npos;
}

Status damaged(const std::string& path, const std::string& what)
{
    return dataLoss(path + ": the list of its parts is damaged: " + what);
}

/// The object at the front of `text`, which begins with a brace; nothing where it does not end.
std::optional<std::string_view> objectOf(std::string_view text)
{
    bool isInString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isInString && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            isInString = !isInString;
        else if (!isInString && text[i] == '}')
            return text.substr(0, i + 1);
    }
    return std::nullopt;
}

} // namespace

std::string partName(const std::string& path, std::size_t part, std::size_t parts, const std::string& mark)
{
    const std::string_view extension = extensionOf(path);
    std::string name = path.substr(path.rfind('/') + 1);
    name.resize(name.size() - extension.size());
    if (!mark.empty())
        name += "-" + mark.substr(0, kMarkDigits);
    return name + "-" + numbered(part + 1) + "-of-" + numbered(parts) + std::string(extension);
}

std::optional<std::string> setPathOf(const std::string& path)
{
    const std::string_view extension = extensionOf(path);
    std::string_view stem = path;
    stem.remove_suffix(extension.size());
    constexpr std::string_view kOf = "-of-";
    constexpr std::size_t kTail = 1 + kDigits + kOf.size() + kDigits;
    if (stem.size() <= kTail)
        return std::nullopt;
    const std::string_view tail = stem.substr(stem.size() - kTail);
    if (tail[0] != '-' || tail.substr(1 + kDigits, kOf.size()) != kOf ||
        !areDigits(tail.substr(1, kDigits), "0123456789") ||
        !areDigits(tail.substr(kTail - kDigits), "0123456789"))
        return std::nullopt;
    stem.remove_suffix(kTail);
    return std::string(stem) + std::string(extension);
}

std::optional<std::string> withoutMark(const std::string& setPath)
{
    const std::string_view extension = extensionOf(setPath);
    const std::string_view stem = std::string_view(setPath).substr(0, setPath.size() - extension.size());
    if (stem.size() <= kMarkDigits + 1 || stem[stem.size() - kMarkDigits - 1] != '-' ||
        !areDigits(stem.substr(stem.size() - kMarkDigits), "0123456789abcdef"))
        return std::nullopt;
    return std::string(stem.substr(0, stem.size() - kMarkDigits - 1)) + std::string(extension);
}

std::string encodeSetHead(const ShardSet& set, std::uint64_t totalBytes)
{
    std::string text(kBegin);
    const auto add = [&](const std::string& key, const std::string& value) {
        appendJsonString(text, key);
        text += ':';
        appendJsonString(text, value);
        text += ',';
    };
    add("uuid", set.uuid);
    add("total_size", std::to_string(totalBytes));
    add("parts", std::to_string(set.parts.size()));
    for (std::size_t i = 0; i < set.parts.size(); ++i) {
        add("file." + std::to_string(i + 1), set.parts[i].file);
        add("uuid." + std::to_string(i + 1), set.parts[i].uuid);
        add("tensors." + std::to_string(i + 1), std::to_string(set.parts[i].tensors));
    }
    add("metadata", jsonObject(set.metadata));
    text.back() = '}';
    return text;
}

bool isSetHead(std::span<const std::byte> head)
{
    return std::string_view(reinterpret_cast<const char*>(head.data()), head.size()).starts_with(kBegin);
}

Result<ShardSet> readShardSet(Vfs& vfs, const std::string& path)
{
    constexpr std::uint64_t kMostHead = std::uint64_t{64} << 20U;
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(const std::uint64_t fileBytes, file->size());
    std::vector<std::byte> head;
    std::optional<std::string_view> object;
    for (std::uint64_t size = std::min<std::uint64_t>(fileBytes, 65'536); !object;
         size = std::min(fileBytes, size * 8)) {
        head.resize(static_cast<std::size_t>(size));
        WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(0, head));
        head.resize(got);
        if (!isSetHead(head))
            return fail(notFound(path + ": no list of parts"));
        object = objectOf(std::string_view(reinterpret_cast<const char*>(head.data()), head.size())
                              .substr(kBeforeObject.size()));
        if (!object && (size == fileBytes || size > kMostHead))
            return fail(damaged(path, "it does not end"));
    }
    Result<Metadata> read = parseJsonObject(*object);
    if (!read)
        return fail(damaged(path, read.error().message()));
    Metadata& values = *read;
    const auto number = [&](const std::string& key) {
        const std::string& text = values[key];
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
    };
    ShardSet set;
    set.uuid = values["uuid"];
    const std::optional<std::uint64_t> parts = number("parts");
    if (!parts || *parts == 0 || *parts > kMostParts)
        return fail(damaged(path, "it does not say how many they are"));
    for (std::uint64_t i = 1; i <= *parts; ++i) {
        const std::string which = std::to_string(i);
        const std::optional<std::uint64_t> tensors = number("tensors." + which);
        ShardPart part{values["file." + which], values["uuid." + which], tensors.value_or(0)};
        if (!isPlainName(part.file) || !tensors)
            return fail(damaged(path, "part " + which + " has no name or size"));
        set.parts.push_back(std::move(part));
    }
    Result<Metadata> metadata = parseJsonObject(values["metadata"]);
    if (!metadata)
        return fail(damaged(path, metadata.error().message()));
    set.metadata = std::move(*metadata);
    return set;
}

Result<std::optional<ShardSet>> replacedSet(Vfs& vfs, const std::string& path, const SaveOptions& options)
{
    if (!options.replace || !vfs.info(path))
        return std::nullopt;
    Result<ShardSet> set = readShardSet(vfs, path);
    if (set)
        return std::optional(std::move(*set));
    const StatusCode code = set.error().code();
    if (code == StatusCode::NotFound || code == StatusCode::DataLoss || code == StatusCode::InvalidArgument)
        return std::nullopt; // another file, or one of which nothing can be told
    return fail(set.error());
}

namespace {

/// Whether a set of this name gave the part its name.
bool isOwn(const std::string& setName, const std::string& part)
{
    const std::optional<std::string> owner = setPathOf(part);
    return owner && (*owner == setName || withoutMark(*owner) == setName);
}

} // namespace

std::vector<std::string> partsBeside(Vfs& vfs, const std::string& path)
{
    std::vector<std::string> files;
    if (const Result<ShardSet> set = readShardSet(vfs, path)) {
        const std::string name = path.substr(path.rfind('/') + 1);
        for (const ShardPart& part : set->parts) {
            if (isOwn(name, part.file))
                files.push_back(part.file);
        }
    }
    return files;
}

bool isPartOfSet(Vfs& vfs, const std::string& path)
{
    const std::optional<std::string> owner = setPathOf(path);
    if (!owner)
        return false;
    const std::string name = path.substr(path.rfind('/') + 1);
    for (const std::optional<std::string>& list : {owner, withoutMark(*owner)}) {
        if (!list)
            continue;
        const std::vector<std::string> parts = partsBeside(vfs, *list);
        if (std::find(parts.begin(), parts.end(), name) != parts.end())
            return true;
    }
    return false;
}

void removeParts(Vfs& vfs, const std::string& path, const std::optional<ShardSet>& old, const ShardSet& kept)
{
    if (!old)
        return;
    const std::string folder = directoryOf(path);
    const std::string name = path.substr(path.rfind('/') + 1);
    for (const ShardPart& part : old->parts) {
        const auto isSame = [&](const ShardPart& other) { return other.file == part.file; };
        if (std::any_of(kept.parts.begin(), kept.parts.end(), isSame))
            continue;
        if (isOwn(name, part.file))
            static_cast<void>(vfs.remove(folder + "/" + part.file)); // what stays is no part of anything
    }
}

} // namespace wr::checkpoint
