// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/sharded/shard_index.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <simdjson.h>

namespace wr::formats {
namespace {

constexpr std::size_t kMostFiles = 10'000;

Status damaged(std::string_view tensor, const char* what)
{
    return dataLoss("the list of files: \"" + std::string(tensor.substr(0, 120)) + "\": " + what);
}

/// A name in the same folder and nothing else.
bool isPlainName(std::string_view name)
{
    return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
           name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

void readMetadata(simdjson::dom::object list, ShardIndex& index)
{
    constexpr std::size_t kMostEntries = 1000;
    simdjson::dom::object metadata;
    if (list["metadata"].get(metadata) != simdjson::SUCCESS)
        return;
    for (const simdjson::dom::key_value_pair field : metadata) {
        std::string_view text;
        std::uint64_t number = 0;
        if (index.metadata.size() == kMostEntries)
            break;
        if (field.value.get(text) == simdjson::SUCCESS)
            index.metadata.emplace(field.key, text);
        else if (field.value.get(number) == simdjson::SUCCESS)
            index.metadata.emplace(field.key, std::to_string(number));
    }
}

} // namespace

std::set<std::string> ShardIndex::fileNames() const
{
    std::set<std::string> names;
    for (const auto& [tensor, file] : files)
        names.insert(file);
    return names;
}

Result<std::optional<ShardIndex>> parseShardIndex(std::span<const std::byte> json)
{
    const simdjson::padded_string text(reinterpret_cast<const char*>(json.data()), json.size());
    simdjson::dom::parser parser;
    simdjson::dom::object list;
    simdjson::dom::object map;
    if (parser.parse(text).get(list) != simdjson::SUCCESS || list["weight_map"].get(map) != simdjson::SUCCESS)
        return std::optional<ShardIndex>();
    ShardIndex index;
    std::set<std::string, std::less<>> names;
    for (const simdjson::dom::key_value_pair field : map) {
        std::string_view file;
        if (field.value.get(file) != simdjson::SUCCESS)
            return fail(damaged(field.key, "no file is named for it"));
        if (!isPlainName(file))
            return fail(damaged(field.key, "its file is not one of the same folder, and is not opened"));
        if (!names.contains(file) && names.size() == kMostFiles)
            return fail(damaged(field.key, "it names more files than any real one"));
        names.emplace(file);
        if (!index.files.emplace(field.key, file).second)
            return fail(damaged(field.key, "it is listed twice"));
    }
    if (index.files.empty())
        return fail(StatusCode::DataLoss, "the list of files names none");
    readMetadata(list, index);
    return std::optional(std::move(index));
}

std::string ShardName::of(std::uint32_t other) const
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "-%05u-of-%05u", other, count);
    return before + text.data() + after;
}

std::string ShardName::indexName() const
{
    return before + after + ".index.json";
}

std::optional<ShardName> parseShardName(const std::string& fileName)
{
    constexpr std::string_view kPattern = "-00000-of-00000";
    const std::size_t dot = fileName.rfind('.');
    if (dot == std::string::npos || dot < kPattern.size())
        return {};
    ShardName name;
    const std::string_view mark = std::string_view(fileName).substr(dot - kPattern.size(), kPattern.size());
    for (std::size_t i = 0; i < mark.size(); ++i) {
        const bool isDigit = mark[i] >= '0' && mark[i] <= '9';
        if (kPattern[i] == '0' ? !isDigit : mark[i] != kPattern[i])
            return {};
        if (isDigit) {
            std::uint32_t& number = i < 6 ? name.number : name.count;
            number = number * 10 + static_cast<std::uint32_t>(mark[i] - '0');
        }
    }
    name.before = fileName.substr(0, dot - kPattern.size());
    name.after = fileName.substr(dot);
    return name.number >= 1 && name.number <= name.count && name.count <= kMostFiles
               ? std::optional(std::move(name))
               : std::nullopt;
}

} // namespace wr::formats
