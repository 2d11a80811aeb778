// SPDX-License-Identifier: GPL-3.0-or-later
// Where the values of a run come from: written into every checkpoint, so that the history of a file can be
// told. Values; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <string>

namespace wr::app {

struct RunLineage {
    std::string runId;      ///< the same in all checkpoints of a training, over stops and restarts
    std::string parent;     ///< path of the checkpoint that was saved or restored last; may be empty
    std::string parentUuid; ///< its identity, where its format has one

    /// Of a training that begins: an id that no other has.
    static RunLineage fresh();
    /// Of a training that goes on from a checkpoint; one without an id gives a fresh one.
    static RunLineage of(const checkpoint::CheckpointReader& reader, bool continues);
};

} // namespace wr::app
