// SPDX-License-Identifier: GPL-3.0-or-later
// What the rules of a recipe say at a point of its training: whether it has ended, whether the test examples
// are to be looked at, whether a look was the best. Pure functions; any thread.
#pragma once

#include "engine/train/trainer.h"

namespace wr::train {

RunEnd endOf(const graph::TrainingRecipe& recipe, const TrainerState& state);
/// "all 20 epochs are done"; what it says before the end means nothing.
std::string endText(const graph::TrainingRecipe& recipe, const TrainerState& state);
/// After `record`, when there are test examples.
bool isLookDue(const graph::TrainingRecipe& recipe, const TrainerState& state, const StepRecord& record);
/// Takes the look into the state; true when it is better than all before.
bool noteLook(const graph::TrainingRecipe& recipe, const Evaluation& evaluation, TrainerState& state);
/// By epochs and steps; 0 when neither is limited.
std::int64_t totalSteps(const graph::TrainingRecipe& recipe, std::int64_t stepsPerEpoch);

} // namespace wr::train
