// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/recipe.h"

#include <algorithm>

namespace wr::remap {
namespace {

Undoing undoingOf(const std::vector<Operation>& operations, TensorSpec spec)
{
    Undoing all = Undoing::Exact;
    for (const Operation& operation : operations) {
        all = std::max(all, undoing(operation, spec));
        const Result<TensorSpec> after = specAfter(operation, spec);
        if (after)
            spec = *after;
    }
    return all;
}

} // namespace

Recipe Recipe::copyOf(std::size_t source, std::string target)
{
    Recipe recipe;
    recipe.target = std::move(target);
    recipe.inputs.push_back({source, {}});
    return recipe;
}

bool Recipe::isCopy() const
{
    return inputs.size() == 1 && !joint && inputs.front().operations.empty() && after.empty();
}

std::string Recipe::text(std::span<const TensorSpec> sources) const
{
    std::string text;
    if (inputs.size() > 1) {
        constexpr std::size_t kMostNamed = 4;
        for (std::size_t i = 0; i < inputs.size() && i < kMostNamed; ++i)
            text += (i > 0 ? " + " : "") + sources[inputs[i].source].name;
        if (inputs.size() > kMostNamed)
            text += " + … (" + std::to_string(inputs.size()) + ")";
        text += ": ";
    }
    std::vector<Operation> all = inputs.empty() ? std::vector<Operation>() : inputs.front().operations;
    if (joint)
        all.push_back(*joint);
    all.insert(all.end(), after.begin(), after.end());
    return text + textOf(all);
}

Undoing Recipe::undoing(std::span<const TensorSpec> sources) const
{
    Undoing all = Undoing::Exact;
    std::vector<TensorSpec> specs;
    for (const RecipeInput& input : inputs) {
        all = std::max(all, undoingOf(input.operations, sources[input.source]));
        if (const auto spec = specAfter(input.operations, sources[input.source]))
            specs.push_back(*spec);
    }
    if (after.empty() || specs.empty())
        return all;
    const Result<TensorSpec> joined = joint ? specJoined(*joint, specs) : Result<TensorSpec>(specs.front());
    return joined ? std::max(all, undoingOf(after, *joined)) : all;
}

Result<TensorSpec> specOf(const Recipe& recipe, std::span<const TensorSpec> sources, const Shape* target)
{
    std::vector<TensorSpec> specs;
    for (const RecipeInput& input : recipe.inputs) {
        if (input.source >= sources.size())
            return fail(StatusCode::InvalidArgument, "there is no such tensor");
        Result<TensorSpec> spec = specAfter(input.operations, sources[input.source], target);
        if (!spec)
            return fail(spec.error().withContext(sources[input.source].name));
        specs.push_back(std::move(*spec));
    }
    if (specs.empty() || (specs.size() > 1 && !recipe.joint))
        return fail(StatusCode::InvalidArgument, "several tensors need concat or stack");
    TensorSpec made = specs.front();
    if (recipe.joint) {
        WR_ASSIGN_OR_RETURN(made, specJoined(*recipe.joint, specs));
    }
    WR_ASSIGN_OR_RETURN(made, specAfter(recipe.after, made, target));
    made.name = recipe.target;
    return made;
}

void resolveShapes(Recipe& recipe, const Shape& target)
{
    const auto resolve = [&target](std::vector<Operation>& operations) {
        for (Operation& operation : operations) {
            if (operation.kind == OperationKind::Reshape && operation.numbers.empty())
                operation.numbers = target.dims();
        }
    };
    for (RecipeInput& input : recipe.inputs)
        resolve(input.operations);
    resolve(recipe.after);
}

} // namespace wr::remap
