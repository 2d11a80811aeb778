// SPDX-License-Identifier: GPL-3.0-or-later
// What a run carries over from one session to the next: values under the states they had, positions of random
// streams, and which variable of a changed model is which. Pure functions on what they are given.
#pragma once

#include "engine/session/session.h"

#include <map>
#include <string>
#include <vector>

namespace wr::app {

/// True for the variables that the course of a training depends on.
bool isTrained(const graph::Variable& variable);

/// The variable of `before` whose value `variable` of `after` takes over: the one of its name, or of a name
/// that it had before it was renamed. Null when there is none of its type and shape.
const graph::Variable* predecessor(const graph::Model& before, const graph::Model& after,
                                   const graph::Variable& variable);

/// Assigns values under the states they had.
Status assignByState(session::Session& session, const std::vector<NamedTensor>& values,
                     const std::vector<session::VariableState>& states);

/// Sets the random streams of the session's model to their positions in `streams`, or to their beginning.
void continueRandomStreams(session::Session& session, const std::map<std::string, std::uint64_t>& streams);

/// The place among the recipe's metrics of the first one called an accuracy; -1 when there is none.
int accuracyMetric(const graph::TrainingRecipe& recipe);

} // namespace wr::app
