// SPDX-License-Identifier: GPL-3.0-or-later
// Looks into a model between two steps, without changing anything of its course: what it answers for given
// features, and which of its units never answer. Draws of random numbers do not count. The session's thread.
#pragma once

#include "engine/session/session.h"
#include "engine/train/dataset.h"

#include <string>
#include <vector>

namespace wr::train {

/// What the loss compares with the labels, such as the logits; kNoNode where the model has no such place.
graph::NodeId outputNode(const graph::Model& model);

/// The output for features [count, …]. FailedPrecondition where there is none, or variables hold no value;
/// InvalidArgument when the features do not fit the placeholder.
Result<Tensor> predict(session::Session& session, const Tensor& features);

/// A layer of units that are zero for what is below zero.
struct UnitActivity {
    std::string name; ///< of the activation
    std::int64_t units = 0;
    std::int64_t dead = 0; ///< zero for every example
};

/// Of each relu and relu6 with units along the last axis, over at most `count` examples. Errors as predict(),
/// and those of reading the examples.
Result<std::vector<UnitActivity>> unitActivity(session::Session& session, const Examples& examples,
                                               std::int64_t count);

} // namespace wr::train
