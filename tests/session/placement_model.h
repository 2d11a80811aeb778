// SPDX-License-Identifier: GPL-3.0-or-later
// A second, slow and plain statement of where nodes run, for comparing: no shared code with the engine's. For
// tests, on one thread.
#pragma once

#include <QStringList>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wr::session {

/// A request, by fields; −1 and "" mean: left open.
struct PlainRequest {
    std::string job;
    int replica = -1;
    int task = -1;
    std::string type;
    int index = -1;
    std::string text() const;
};

struct PlainNode {
    enum class Kind { Generator, Variable, Slot, Update, Op };
    Kind kind = Kind::Op;
    PlainRequest request;
    int dtype = 0;           ///< of a few
    std::vector<int> inputs; ///< nodes
    int with = -1;           ///< slots and updates: the variable
    int initialValueOf = -1; ///< generators: the variable
};

struct PlainMachine {
    std::vector<std::pair<std::string, int>> devices; ///< type and number
    std::set<std::pair<std::string, int>> lacking; ///< type of device, dtype of variables that it cannot keep
};

/// The name of each node's device, or nothing where the placement is refused.
std::optional<std::vector<std::string>> placePlainly(const std::vector<PlainNode>& nodes,
                                                     const PlainMachine& machine, bool isSoft);

} // namespace wr::session
