// SPDX-License-Identifier: GPL-3.0-or-later
// Data sets from tables in CSV files. The types of columns are guessed: numbers stay numbers, texts become
// classes (label) or a column of 0 and 1 for each text (features). Any thread; errors name file, line, column
// and cause.
#pragma once

#include "engine/train/dataset.h"

#include <string>

namespace wr::train {

/// Reads `path` as the spec's table settings say. Features float32 [count, width]; labels int64 [count] where
/// they are texts or whole numbers from 0, else targets float32 [count]. InvalidArgument for what is no such
/// table, NotFound for a column that is not there, ResourceExhausted for too large a file, Cancelled.
Result<std::shared_ptr<const Dataset>> loadTable(const graph::DataSpec& spec, const std::string& path,
                                                 Vfs& vfs, const Progress& progress = {});

} // namespace wr::train
