// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/metadata_json.h"

#include "engine/checkpoint/json_text.h"

namespace wr::formats {

std::string metadataJson(const checkpoint::Metadata& metadata)
{
    checkpoint::Metadata texts;
    for (const auto& [key, value] : metadata) {
        if (checkpoint::isUtf8(key) && checkpoint::isUtf8(value))
            texts.emplace(key, value);
    }
    return texts.empty() ? std::string() : checkpoint::jsonObject(texts);
}

checkpoint::Metadata metadataOfJson(std::string_view json)
{
    if (!json.starts_with('{'))
        return {};
    Result<std::map<std::string, std::string>> parsed = checkpoint::parseJsonObject(json);
    return parsed ? std::move(*parsed) : checkpoint::Metadata();
}

} // namespace wr::formats
