// SPDX-License-Identifier: GPL-3.0-or-later
// The removal of the checkpoints of a folder that need not stay, in an order that a power cut may break off
// anywhere: what is left can be read. One thread; errors are those of the file system.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/retention.h"

namespace wr::checkpoint {

/// A checkpoint as the rules of removal look at it.
struct StoredLook {
    std::shared_ptr<const CheckpointReader> reader; ///< null: it cannot be opened
    bool isReadable = true;                         ///< see StoredCheckpoint
};
/// Opens a file. One that seems damaged gets a second chance, since more may depend on it than itself.
StoredLook lookAtStored(Vfs& vfs, const std::string& path);

struct Removal {
    std::vector<std::string> removed; ///< names
    Status status;                    ///< the last thing that could not be done
};

/// Removes those of `stored` whose entry in `stays`, which is parallel to it, is Stay::No: differences before
/// what they are based on, with a sync of the folder in between; the parts of a set go behind its list. Then
/// writes TensorFlow's state file "checkpoint", a hint for other programs, about those that are left and
/// whole.
Removal removeUnneeded(Vfs& vfs, const std::string& directory, std::span<const StoredCheckpoint> stored,
                       std::span<const Stay> stays);

} // namespace wr::checkpoint
