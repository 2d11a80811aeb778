// SPDX-License-Identifier: GPL-3.0-or-later
// Python pickles as a graph of inert nodes. What a pickle would import becomes a name, what it would call
// becomes a node that says so: nothing is looked up, nothing is called, nothing recurses. Graphs may share
// nodes and run in circles, so whoever walks one must remember where it was. Values; any thread.
#pragma once

#include "engine/base/status.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wr::formats {

using PickleId = std::uint32_t;

struct PickleNode {
    enum class Kind : std::uint8_t {
        None,
        Bool,
        Int,
        Float,
        LongInt, ///< `text`: its bytes, as they are
        Text,
        Bytes,
        List,
        Tuple,
        Set,
        Dict,      ///< `items`: key, value, key, value, …
        Global,    ///< `text`: "module name"
        Call,      ///< `items`: callee, arguments, then what was put into the result as into a Dict or List
        Persistent ///< `items`: what names it
    };
    Kind kind = Kind::None;
    bool isFilled = false; ///< of a Call: pairs were put in, not elements
    std::int64_t number = 0;
    double real = 0.0;
    std::string text;
    std::vector<PickleId> items;
    std::vector<PickleId> states; ///< of a Call
};

struct Pickle {
    std::vector<PickleNode> nodes;
    PickleId root = 0;
    std::size_t bytes = 0; ///< up to its end

    const PickleNode& operator[](PickleId id) const { return nodes[id]; }
};

/// Reads the pickle that `bytes` begins with, protocols 0 to 5. DataLoss says at which byte it goes wrong.
Result<Pickle> readPickle(std::span<const std::byte> bytes);

} // namespace wr::formats
