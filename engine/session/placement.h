// SPDX-License-Identifier: GPL-3.0-or-later
// Decides on which device each node runs: as tf.device asks where that exists, colocated with the variable
// that it changes, else the first device. Pure; any thread.
#pragma once

#include "engine/session/session.h"

namespace wr::session {

/// One entry a node. InvalidArgument names every request that cannot be met when soft placement is off.
/// In-process tasks: a job and task are accepted on this machine's devices, with a note.
Result<std::vector<PlacementEntry>> placeNodes(const graph::Model& model,
                                               const std::vector<runtime::Device>& devices,
                                               const SessionOptions& options);

} // namespace wr::session
