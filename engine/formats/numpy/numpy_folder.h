// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of arrays (.npy) as one checkpoint, each array a tensor. Any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// `names`: the entries of the folder. Nothing when none is an .npy; the error names the file that is wrong.
Result<std::shared_ptr<const checkpoint::CheckpointReader>>
openNumpyFolder(Vfs& vfs, const std::string& folder, const std::vector<std::string>& names);

} // namespace wr::formats
