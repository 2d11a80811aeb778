// SPDX-License-Identifier: GPL-3.0-or-later
// The rooms and the arrows between them, read from the include lines: which room may include which, which
// libraries belong to which room, and that no headers include each other in a circle. Pure functions.
#pragma once

#include "tests/layering/source_tree.h"

#include <QList>

namespace wr::layering {

/// The room that a path lies in ("engine/base", "app", "tests"…); empty for a path in no room.
QString roomOf(const QString& path);

/// All rooms of the table.
QStringList rooms();

/// Include lines that point where the table of ARCHITECTURE.md does not allow, or to nothing at all.
QList<Finding> forbiddenArrows(const SourceTree& tree);

/// Headers that include themselves by way of others, one finding per circle.
QList<Finding> circles(const SourceTree& tree);

} // namespace wr::layering
