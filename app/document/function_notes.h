// SPDX-License-Identifier: GPL-3.0-or-later
// One line about each function that a script may call. Pure; any thread.
#pragma once

#include <QString>

namespace wr::app {

/// Empty for a function that nothing is written about.
QString functionNote(const QString& function);

} // namespace wr::app
