// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the labels that a data set turned out to have are what the model's placeholder takes. Pure; any
// thread.
#pragma once

#include "engine/graph/graph.h"
#include "engine/train/dataset.h"

namespace wr::train {

/// InvalidArgument, with what could be changed in the script, when they are not. Whole numbers without names
/// may be either classes or targets.
Status checkLabelType(const Dataset& dataset, const graph::Node& placeholder);

} // namespace wr::train
