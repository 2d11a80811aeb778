// SPDX-License-Identifier: GPL-3.0-or-later
// The known name that a misspelt one was probably meant to be. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wr::graph {

/// The nearest candidate within a third of the word's length in edits (insert, delete, replace, swap of
/// neighbours), or empty when none is near.
std::string nearestName(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace wr::graph
