// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in the way of a training, and what is worth knowing before it begins, each with what can be
// done about it. Pure; any thread.
#pragma once

#include "app/run/run_state.h"

#include <QString>
#include <QVector>

namespace wr::graph {
struct Model;
}

namespace wr::app {

struct PreflightItem {
    enum class Level { Good, Note, Warning, Obstacle };
    enum class Fix { None, Init, ShowProblems, ShowRecipe };
    Level level = Level::Good;
    QString text;
    Fix fix = Fix::None;
};

/// In the order in which they should be read: obstacles first. `model` may be null; `errors` are those of the
/// script as it stands.
QVector<PreflightItem> preflight(const graph::Model* model, const RunState& state, qsizetype errors);

} // namespace wr::app
