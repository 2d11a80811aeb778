// SPDX-License-Identifier: GPL-3.0-or-later
// Names as words that mean the same in different programs: "self_attn.q_proj.weight" and
// "attention/query/kernel" share most of theirs. Pure; any thread.
#pragma once

#include "engine/tensor/tensor.h"

#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

/// How the last part of a name lays its values out.
enum class LeafLayout : std::uint8_t { Unknown, Torch, TensorFlow };

/// A name in parts, the last of which is one word for what PyTorch and TensorFlow call differently: "kernel",
/// "gamma", "scale" and "weights" are "weight", "beta" and "biases" are "bias", "moving_mean" is
/// "running_mean".
struct PlainName {
    std::vector<std::string> parts;
    LeafLayout layout = LeafLayout::Unknown;
    bool isNorm = false; ///< the leaf says that it belongs to a normalisation: "gamma", "beta", "moving_mean"
    bool isLookup = false; ///< the leaf says that it is a table of rows: "embeddings"

    std::string key(std::size_t from) const; ///< the parts from there on, with "." between them
};
PlainName plainName(std::string_view name);

/// Words of a name in lower case, numbers and words that say nothing left out, synonyms replaced by one of
/// them.
std::vector<std::string> wordsOf(std::string_view name);

/// 0 to 1: words that both have among all, with something for the same last word.
double wordSimilarity(const std::vector<std::string>& a, const std::vector<std::string>& b);

/// Whether the words tell that these are different roles: query and key, encoder and decoder, weight and
/// bias.
bool rolesConflict(const std::vector<std::string>& a, const std::vector<std::string>& b);

} // namespace wr::remap
