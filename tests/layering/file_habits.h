// SPDX-License-Identifier: GPL-3.0-or-later
// The habits of ARCHITECTURE.md that a machine can read off a file: its size, name and folder, its licence
// line, how a header begins. Pure functions.
#pragma once

#include "tests/layering/source_tree.h"

#include <QList>

namespace wr::layering {

/// A unit that passes this is split by noun.
inline constexpr int kMostLines = 450;

/// Everything that breaks a habit, in the order of the paths.
QList<Finding> brokenHabits(const SourceTree& tree);

} // namespace wr::layering
