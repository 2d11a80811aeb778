// SPDX-License-Identifier: GPL-3.0-or-later
// Plain safetensors files, as every other tool reads them: nothing is compressed, nothing renamed. Any
// thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// Writes all tensors of `from`, in the order of their names, with its metadata; a part at a time, synced,
/// looked at and renamed, or not at all. AlreadyExists when the name is taken and `replace` is false.
/// Format: https://github.com/huggingface/safetensors.
Result<checkpoint::SaveReport> writeSafetensors(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                                const std::string& path, bool replace,
                                                const Progress& progress = {});

} // namespace wr::formats
