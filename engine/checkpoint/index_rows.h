// SPDX-License-Identifier: GPL-3.0-or-later
// One row of an index, read from the sections that hold its parts. Pure.
#pragma once

#include "engine/base/little_endian.h"
#include "engine/checkpoint/index_sections.h"

namespace wr::checkpoint {

/// Reads the next row, all but its name. `shapes` begins with shape number `firstShape`. Whether `statistics`
/// had what the row has of them, its ok() tells.
Status readIndexRow(Cursor& rows, Cursor& statistics, View shapes, std::uint64_t firstShape, IndexRow& row);

} // namespace wr::checkpoint
