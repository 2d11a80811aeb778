// SPDX-License-Identifier: GPL-3.0-or-later
// What the graph view says of a box in words: for the tooltip, the quick info and for a screen reader. Pure.
#pragma once

#include "app/document/variable_row.h"
#include "app/models/model_graph.h"

#include <functional>

namespace wr::ui {

using LifeOf = std::function<app::VariableLife(const QString& variable)>;

QString graphKindText(const app::GraphBox& box);   ///< "Variable", "MatMul", "12 scopes alike"
QString graphSecondLine(const app::GraphBox& box); ///< under the label in the box
/// Name, kind, shape, device, bytes and what stands behind it, one a line.
QString graphInfo(const app::ModelGraph& graph, int box, const LifeOf& life);

} // namespace wr::ui
