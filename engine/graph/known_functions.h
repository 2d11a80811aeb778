// SPDX-License-Identifier: GPL-3.0-or-later
// The functions that a script may call, with their parameters, for completion and help. Made once; any
// thread.
#pragma once

#include <string_view>
#include <vector>

namespace wr::graph {

struct KnownFunction {
    std::string_view name; ///< "tf.random_normal"
    std::vector<std::string_view> parameters;
};

/// In the order of the builder's own table, so that what is offered is what can be built.
const std::vector<KnownFunction>& knownFunctions();

} // namespace wr::graph
