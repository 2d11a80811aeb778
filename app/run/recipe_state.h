// SPDX-License-Identifier: GPL-3.0-or-later
// How far a recipe is, as the window knows it: small values sent upwards by the worker. Copied, never shared.
#pragma once

#include <QString>
#include <QVector>

namespace wr::app {

enum class RecipeStepState { Waiting, Running, Done, Failed, Open };

struct RecipeStep {
    RecipeStepState state = RecipeStepState::Waiting;
    QString result; ///< "3 variables initialised", the printed text, or why it failed
};

struct RecipeState {
    int program = -1; ///< index into recipePrograms(); -1: none was run yet
    QVector<RecipeStep> steps;
    bool isRunning = false;
    int openAt = -1; ///< the hole at which it waits to be continued; -1: none
};

/// One change of it, on its way up.
struct RecipeReport {
    enum class What { Started, Step, Ended };
    What what = What::Started;
    int program = -1;
    int step = 0; ///< Started: how many there are
    RecipeStep now;
};

} // namespace wr::app
