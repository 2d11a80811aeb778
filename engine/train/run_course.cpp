// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/run_course.h"

#include <algorithm>
#include <cmath>

namespace wr::train {

RunEnd endOf(const graph::TrainingRecipe& recipe, const TrainerState& state)
{
    const graph::RunRules& rules = recipe.rules;
    constexpr double kSecondsPerMinute = 60.0;
    if (recipe.epochs > 0 && state.epoch >= recipe.epochs)
        return RunEnd::Epochs;
    if (rules.steps > 0 && state.step >= rules.steps)
        return RunEnd::Steps;
    if (rules.minutes > 0.0 && state.seconds >= rules.minutes * kSecondsPerMinute)
        return RunEnd::Minutes;
    if (rules.patience > 0 && state.looksSinceBest >= rules.patience)
        return RunEnd::Patience;
    return RunEnd::None;
}

std::string endText(const graph::TrainingRecipe& recipe, const TrainerState& state)
{
    switch (endOf(recipe, state)) {
    case RunEnd::Epochs:
        return "all " + std::to_string(recipe.epochs) + " epochs are done";
    case RunEnd::Steps:
        return "all " + std::to_string(recipe.rules.steps) + " steps are done";
    case RunEnd::Minutes:
        return "the time that the recipe gives to the training is over";
    case RunEnd::Patience:
        return "the last " + std::to_string(recipe.rules.patience) +
               " looks at the test examples were no better than that of step " +
               std::to_string(state.bestStep);
    case RunEnd::None:
        break;
    }
    return "the training goes on";
}

bool isLookDue(const graph::TrainingRecipe& recipe, const TrainerState& state, const StepRecord& record)
{
    const std::int64_t every = recipe.rules.validateEvery;
    return (every > 0 ? record.step % every == 0 : record.epochEnd) || endOf(recipe, state) != RunEnd::None;
}

bool noteLook(const graph::TrainingRecipe& recipe, const Evaluation& evaluation, TrainerState& state)
{
    const graph::RunRules& rules = recipe.rules;
    const double value =
        rules.monitor < 0 ? evaluation.loss : evaluation.metrics[static_cast<std::size_t>(rules.monitor)];
    const bool isBetter =
        std::isfinite(value) &&
        (std::isnan(state.best) || (rules.wantsLess ? value < state.best : value > state.best));
    if (isBetter) {
        state.best = value;
        state.bestStep = state.step;
    }
    state.looksSinceBest = isBetter ? 0 : state.looksSinceBest + 1;
    return isBetter;
}

std::int64_t totalSteps(const graph::TrainingRecipe& recipe, std::int64_t stepsPerEpoch)
{
    const std::int64_t byEpochs = stepsPerEpoch * recipe.epochs;
    const std::int64_t bySteps = recipe.rules.steps;
    return byEpochs == 0 ? bySteps : bySteps == 0 ? byEpochs : std::min(byEpochs, bySteps);
}

} // namespace wr::train
