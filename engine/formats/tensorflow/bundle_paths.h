// SPDX-License-Identifier: GPL-3.0-or-later
// Which checkpoint is meant by a prefix, an index, a file of data, a folder or a "checkpoint" file of
// TensorFlow. Names are taken literally; what a file names is looked for only beside it. Any thread.
#pragma once

#include "engine/base/vfs.h"

#include <optional>

namespace wr::formats {

std::string directoryOf(const std::string& path); ///< "." when there is none
std::string baseName(const std::string& path);

/// "model.ckpt-1" for "model.ckpt-1.data-00000-of-00001".
std::optional<std::string> prefixOfDataFile(const std::string& path);
/// "PREFIX.data-00003-of-00008".
std::string dataFile(const std::string& prefix, std::uint64_t shard, std::uint64_t shards);
/// The file to open, an index or a whole checkpoint of the first format: nothing when `path` is none of these
/// things. NotFound or InvalidArgument when it is one and what it needs is not there.
Result<std::optional<std::string>> findTensorFlowTable(Vfs& vfs, const std::string& path);

} // namespace wr::formats
