// SPDX-License-Identifier: GPL-3.0-or-later
// One file of a checkpoint, written and verified, that has not got its name yet: commit() of its file gives
// it, and it is gone if nobody does. Owned by one thread.
#pragma once

#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/index.h"
#include "engine/checkpoint/tensor_source.h"

namespace wr::checkpoint {

struct PreparedFile {
    DurableFile file;
    SaveReport report;
};

Uuid randomUuid();

/// Writes `source` to a temporary neighbour of `path`. Its specs were checked.
Result<PreparedFile> prepareFile(Vfs& vfs, const std::string& path, const TensorSource& source,
                                 const Metadata& metadata, const SaveOptions& options,
                                 const Progress& progress);

} // namespace wr::checkpoint
