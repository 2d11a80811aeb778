// SPDX-License-Identifier: GPL-3.0-or-later
// Writes checkpoints of TensorFlow's second format, byte for byte as TensorFlow's Saver writes them: the
// values in order of their names in one file, then the index, which makes the checkpoint. Runs on the thread
// that calls it.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// Makes "PREFIX.data-00000-of-00001" and "PREFIX.index" of all tensors of `from`, both synced, the index
/// last; AlreadyExists when either is there. When it fails, neither is.
Result<checkpoint::SaveReport> writeBundle(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                           const std::string& prefix, const Progress& progress = {});

} // namespace wr::formats
