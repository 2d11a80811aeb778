// SPDX-License-Identifier: GPL-3.0-or-later
// What a training run is set to, as short words by name: what two runs are compared by. Pure; any thread.
#pragma once

#include "engine/graph/model.h"

#include <QPair>
#include <QString>
#include <QStringList>
#include <QVector>

namespace wr::app {

using RunSettings = QVector<QPair<QString, QString>>;

/// Data, batch, optimizer with its numbers, rate, limits, rules and size of a model with a recipe; empty
/// without one.
RunSettings runSettings(const graph::Model& model);

bool hasRecipe(const graph::Model* model); ///< null: false
QStringList metricNames(const graph::Model& model);

} // namespace wr::app
