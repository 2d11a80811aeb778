// SPDX-License-Identifier: GPL-3.0-or-later
// The order in which initial values must be computed: variable A comes after B where A's initial value reads
// B. Variables of one wave do not read one another and may be computed at one time. Pure; any thread.
#pragma once

#include "engine/graph/model.h"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace wr::session {

struct InitializationOrder {
    /// Indices into Model::variables, ascending within a wave.
    std::vector<std::vector<std::size_t>> waves;
    /// Variables among them that were not asked for and stay uninitialised: only their initial value is
    /// taken.
    std::vector<std::size_t> borrowed;
};

/// The order for the variables in `wanted`, when those of `isInitialized` hold values.
/// By TensorFlow 1.x initialized_value() and a plain read give a variable's value, or its initial value when
/// it has none. By 0.11 initialized_value() runs the initializer of the variable that is read, whether it has
/// a value or not; a plain read gives the value only. FailedPrecondition names all incomplete variables that
/// the order needs; InvalidArgument names a circle.
Result<InitializationOrder> initializationOrder(const graph::Model& model,
                                                std::span<const std::size_t> wanted,
                                                const std::function<bool(std::size_t)>& isInitialized);

/// The waves of all variables of the model, or of `wanted`, when none holds a value.
Result<std::vector<std::vector<std::size_t>>> initializationWaves(const graph::Model& model);
Result<std::vector<std::vector<std::size_t>>> initializationWaves(const graph::Model& model,
                                                                  std::span<const std::size_t> wanted);

} // namespace wr::session
