// SPDX-License-Identifier: GPL-3.0-or-later
// Names under which checkpoints may hold a variable besides its own: those of wr.alias, for the variable and
// for what the optimizer keeps of it. Pure; any thread.
#pragma once

#include "engine/graph/model.h"

#include <string>
#include <vector>

namespace wr::app {

/// The newest name first; empty for most variables.
std::vector<std::string> oldNames(const graph::Model& model, const graph::Variable& variable);

} // namespace wr::app
