// SPDX-License-Identifier: GPL-3.0-or-later
// The style sheet of the window, made from a colour table. Lengths are multiples of 4 px. Pure function.
#pragma once

#include "ui/theme/colours.h"

#include <QString>

namespace wr::ui {

QString styleSheet(const Colours& colours);

} // namespace wr::ui
