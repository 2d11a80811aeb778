// SPDX-License-Identifier: GPL-3.0-or-later
// How all tables of the window look and behave. UI thread.
#pragma once

#include <QVector>

class QTableView;

namespace wr::ui {

/// Rows as wholes, one height, no grid, names elided in the middle; `widths` in pixels per column.
void setUpTable(QTableView* table, const QVector<int>& widths);

} // namespace wr::ui
