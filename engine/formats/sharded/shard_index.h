// SPDX-License-Identifier: GPL-3.0-or-later
// The list of a checkpoint in several files, "model.safetensors.index.json": which file holds which tensor.
// Pure; any thread. Format: https://huggingface.co/docs/safetensors.
#pragma once

#include "engine/base/status.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace wr::formats {

struct ShardIndex {
    std::map<std::string, std::string> files; ///< tensor → name of the file, in the same folder
    std::map<std::string, std::string> metadata;

    std::set<std::string> fileNames() const;
};

/// Nothing when the text is no such list; DataLoss when it is one that cannot be followed.
Result<std::optional<ShardIndex>> parseShardIndex(std::span<const std::byte> json);

/// "model-00002-of-00007.safetensors" taken apart.
struct ShardName {
    std::string before; ///< "model"
    std::string after;  ///< ".safetensors"
    std::uint32_t number = 0;
    std::uint32_t count = 0;
    std::string of(std::uint32_t other) const; ///< name of another part
    std::string indexName() const;             ///< "model.safetensors.index.json"
};
std::optional<ShardName> parseShardName(const std::string& fileName);

} // namespace wr::formats
