// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns of names: "*" stands for any text, "?" for one character; everything else for itself. Linear time
// and memory; any thread.
#pragma once

#include <string_view>

namespace wr::graph {

bool matchesPattern(std::string_view pattern, std::string_view name);

} // namespace wr::graph
