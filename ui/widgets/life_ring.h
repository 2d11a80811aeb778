// SPDX-License-Identifier: GPL-3.0-or-later
// The mark of a variable's life: an empty ring, a half one, a full one, or one with an arrow. UI thread.
#pragma once

#include "app/document/variable_row.h"

class QPainter;
class QPointF;

namespace wr::ui {

void paintLifeRing(QPainter* painter, const QPointF& centre, app::VariableLife life);

} // namespace wr::ui
