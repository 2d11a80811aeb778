// SPDX-License-Identifier: GPL-3.0-or-later
// Files that another file names: opened only where they lie beneath its folder. Any thread.
#pragma once

#include "engine/base/vfs.h"

namespace wr::formats {

/// The cache of downloaded models holds links to files that lie beside its snapshots: for a folder in
/// "MODEL/snapshots/REVISION", beneath MODEL is beneath enough. InvalidArgument for what leads out, NotFound
/// for what is not there.
Result<std::shared_ptr<File>> openNeighbour(Vfs& vfs, const std::string& folder, const std::string& name);

} // namespace wr::formats
