// SPDX-License-Identifier: GPL-3.0-or-later
// How random ops get their seeds. With seed= as TensorFlow does: (graph seed or 87654321, op seed). Without,
// by the name of the variable that is initialised: adding an unrelated op then changes nothing, which
// TensorFlow's op numbering does not give. Where a script asks for TensorFlow's rule, the number of the op
// made last takes the place of a seed that is not given. Pure; any thread.
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

/// TensorFlow keeps seeds below 2^31 - 1, its largest int32; the remainder has the sign of Python's.
inline std::uint64_t foldedSeed(std::int64_t seed)
{
    constexpr std::int64_t kModulus = 2147483647;
    return static_cast<std::uint64_t>(((seed % kModulus) + kModulus) % kModulus);
}

struct SeedPair {
    std::uint64_t seed = 0;
    std::uint64_t seed2 = 0;
    friend bool operator==(const SeedPair&, const SeedPair&) = default;
};

/// TensorFlow's get_seed: the seed of the graph (or kDefaultGraphSeed) and the op's own, or else the number
/// of the op made last. `isV1`: seeds are folded, and (0, 0), which means "another each time" to the kernels,
/// becomes (0, 2^31 - 1); TensorFlow 0.11 did neither.
inline SeedPair tensorFlowSeeds(std::uint64_t graphSeed, std::int64_t opSeed, bool isV1)
{
    if (!isV1)
        return {graphSeed, static_cast<std::uint64_t>(opSeed)};
    const SeedPair pair{foldedSeed(static_cast<std::int64_t>(graphSeed)), foldedSeed(opSeed)};
    return pair.seed == 0 && pair.seed2 == 0 ? SeedPair{0, 2147483647} : pair;
}

} // namespace wr::graph
