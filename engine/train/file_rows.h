// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of plain IDX and NPY files, read by their position in the file; and a choice of another source's rows.
// For files that are too large to be held. Any thread.
#pragma once

#include "engine/base/progress.h"
#include "engine/base/vfs.h"
#include "engine/train/row_source.h"

#include <memory>
#include <string>
#include <vector>

namespace wr::train {

/// The rows of a plain IDX file of pictures that is larger than `limit` bytes; null for all other files,
/// which readIdx() reads or refuses.
Result<std::shared_ptr<const RowSource>> openIdxRows(Vfs& vfs, const std::string& path, std::uint64_t limit);

/// Likewise of an NPY file, which is refused when it is damaged, or when its first dimension runs fastest:
/// then a row lies all over the file. All of it is read once, so that NaN and Inf are found: InvalidArgument
/// with example and feature; Cancelled.
Result<std::shared_ptr<const RowSource>> openNpyRows(Vfs& vfs, const std::string& path, std::uint64_t limit,
                                                     const Progress& progress = {});

/// Rows `chosen` of `all`.
std::shared_ptr<const RowSource> chooseRows(std::shared_ptr<const RowSource> all,
                                            std::vector<std::int64_t> chosen);

} // namespace wr::train
