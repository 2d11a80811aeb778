// SPDX-License-Identifier: GPL-3.0-or-later
// A model as the window shows it: rows of the variable table and lines of the problem list, with places in
// the window's own offsets. Pure functions; any thread.
#pragma once

#include "app/document/problem.h"
#include "app/document/text_map.h"
#include "app/document/variable_row.h"
#include "engine/graph/model.h"

#include <QVector>

namespace wr::app {

QVector<VariableRow> variableRows(const graph::Model& model, const TextMap& map);
/// Diagnostics and ignored directives, errors first, then by place.
QVector<Problem> modelProblems(const graph::Model& model, const TextMap& map);

} // namespace wr::app
