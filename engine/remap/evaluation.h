// SPDX-License-Identifier: GPL-3.0-or-later
// What a mapping makes of the tensors of a checkpoint. All rules look at the original names, so that
// "norm0 -> norm1" and "norm1 -> norm2" do not run into each other. Exact rules go before templates, these
// before prefixes and expressions, these before presets. Shapes are known before any value is read. Pure; any
// thread.
#pragma once

#include "engine/remap/mapping.h"
#include "engine/remap/recipe.h"

#include <functional>
#include <span>

namespace wr::remap {

/// Something that keeps a tensor from being made.
struct MappingProblem {
    std::vector<std::size_t> rules; ///< numbers of the rules that have it
    std::string tensor;             ///< of the result, or of the checkpoint
    std::string what;
};

struct Evaluation {
    std::vector<Recipe> recipes;     ///< in the order of the checkpoint; each makes another tensor
    std::vector<TensorSpec> made;    ///< what the recipes make
    std::vector<std::size_t> hits;   ///< by rule: how many tensors of the checkpoint it took
    std::vector<std::size_t> others; ///< tensors of the checkpoint that no rule took
    std::vector<std::size_t> dropped;
    std::vector<MappingProblem> problems;
};

/// The shape that a target of that name wants; null when it has none.
using WantedShape = std::function<const Shape*(const std::string& target)>;

/// Problems do not end it: they are all told, and what is concerned is left out.
Evaluation evaluate(const Mapping& mapping, std::span<const TensorSpec> sources,
                    const WantedShape& wanted = {});

/// The way back: a mapping that makes of the result the tensors that went into it, bit for bit or, where
/// `rounds` is given and set, nearly so. FailedPrecondition names what cannot be undone and why.
Result<Mapping> inverseOf(const Evaluation& evaluation, std::span<const TensorSpec> sources,
                          bool* rounds = nullptr);

} // namespace wr::remap
