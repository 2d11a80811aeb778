// SPDX-License-Identifier: GPL-3.0-or-later
// Round numbers for the marks of an axis. Pure functions; any thread.
#pragma once

#include <QString>

namespace wr::ui {

/// 1, 2 or 5 times a power of ten, so that `span` holds at most `marks` of them; span > 0.
double tickInterval(double span, int marks);
/// "1.2k", "0.35", "1e-05": short enough for the margin of a chart.
QString tickText(double value);

} // namespace wr::ui
