// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in a cell of the variable table, what its editor begins with, and how cells of a column
// compare. Pure functions; any thread.
#pragma once

#include "app/models/variable_table_model.h"

#include <QString>
#include <QVariant>
#include <optional>

namespace wr::app {

QString lifeText(VariableLife life);
/// What an edit of the column changes; nothing: it has no editor.
std::optional<VariableField> cellField(int column);
QString cellText(const VariableRow& row, int column);
/// What a cell's editor begins with.
QString cellEditText(const VariableRow& row, int column);
/// What is wrong with the variable and what mends it; empty: nothing.
QString rowWarning(const VariableRow& row);
QVariant cellSortValue(const VariableRow& row, int column, VariableLife life);
/// Below, at or above zero.
int compareCells(const VariableRow& a, const VariableRow& b, int column, VariableLife lifeA,
                 VariableLife lifeB);

} // namespace wr::app
