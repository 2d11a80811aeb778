// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints in several files as one: by the list of their tensors, or by the names of the parts alone. Only
// files of the same folder are opened. Any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

using OpenedCheckpoint = std::shared_ptr<const checkpoint::CheckpointReader>;
/// Opens one file by content.
using FileOpener =
    std::function<Result<OpenedCheckpoint>(std::shared_ptr<File> file, const std::string& path)>;

/// `path` may be such a list; nothing when it is none. NotFound names the parts that are missing, DataLoss
/// says how list and parts do not belong together.
Result<OpenedCheckpoint> openShardList(Vfs& vfs, const std::string& path, const FileOpener& open);

/// `path` may be a part, `NAME-00001-of-00003.safetensors`, of a checkpoint whose parts are all there;
/// nothing when it is not, and `why` says so where it is a part.
Result<OpenedCheckpoint> openByShard(Vfs& vfs, const std::string& path, const FileOpener& open,
                                     std::string& why);

/// The list among the names of a folder; nothing when there is none, InvalidArgument when there are several.
Result<std::string> shardListIn(const std::string& folder, const std::vector<std::string>& names);

} // namespace wr::formats
