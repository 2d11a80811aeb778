// SPDX-License-Identifier: GPL-3.0-or-later
// Opens a checkpoint of any known format, recognised by content: our own and safetensors, and those of other
// programs. Any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// `path` may be a file, and for TensorFlow also a prefix, a folder, or a "checkpoint" file. InvalidArgument
/// when it is no checkpoint (says what it seems to be and what to do), DataLoss when it is a damaged one.
Result<std::shared_ptr<const checkpoint::CheckpointReader>> openAnyCheckpoint(Vfs& vfs,
                                                                              const std::string& path);

} // namespace wr::formats
