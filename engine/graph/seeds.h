// SPDX-License-Identifier: GPL-3.0-or-later
// How random ops get their seeds. With seed= as TensorFlow does: (graph seed or 87654321, op seed). Without,
// by the name of the variable that is initialised: adding an unrelated op then changes nothing, which
// TensorFlow's op numbering does not give. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace wr::graph {

/// TensorFlow's graph seed where a script sets none.
inline constexpr std::uint64_t kDefaultGraphSeed = 87654321;

/// The second seed of a random op whose variable is `name`: FNV-1a of the name, mixed with the graph seed by
/// SplitMix64's finaliser. Fixed for all time; checkpoints of different versions depend on it.
inline std::uint64_t nameSeed(std::uint64_t graphSeed, std::string_view name)
{
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char c : name) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001B3U;
    }
    hash += graphSeed * 0x9E3779B97F4A7C15U;
    hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9U;
    hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBU;
    return hash ^ (hash >> 31U);
}

} // namespace wr::graph
