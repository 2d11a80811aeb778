// SPDX-License-Identifier: GPL-3.0-or-later
// How one tensor is made of tensors of a checkpoint: which ones, what happens to each, how they are joined,
// what happens then. Values; any thread.
#pragma once

#include "engine/remap/operation.h"

#include <span>

namespace wr::remap {

struct RecipeInput {
    std::size_t source = 0; ///< its number in the checkpoint
    std::vector<Operation> operations;

    friend bool operator==(const RecipeInput&, const RecipeInput&) = default;
};

struct Recipe {
    std::string target;
    std::vector<RecipeInput> inputs; ///< one, or several with a joint
    std::optional<Operation> joint;  ///< Concat or Stack
    std::vector<Operation> after;
    std::size_t rule = kNoRule;

    static constexpr std::size_t kNoRule = static_cast<std::size_t>(-1);
    static Recipe copyOf(std::size_t source, std::string target);
    friend bool operator==(const Recipe&, const Recipe&) = default;

    /// Whether the values are those of one tensor, as they are.
    bool isCopy() const;
    /// All that happens, for people: "transpose", "a [4, 4] + b [4, 4]: concat(0)".
    std::string text(std::span<const TensorSpec> sources) const;
    /// Of the whole: what cannot be undone counts.
    Undoing undoing(std::span<const TensorSpec> sources) const;
};

/// Type and shape of what a recipe makes, under the name of its target. `target`: the wanted shape, if it is
/// known.
Result<TensorSpec> specOf(const Recipe& recipe, std::span<const TensorSpec> sources,
                          const Shape* target = nullptr);

/// Puts the shape of the target in place of every "reshape()". The recipe must fit.
void resolveShapes(Recipe& recipe, const Shape& target);

} // namespace wr::remap
