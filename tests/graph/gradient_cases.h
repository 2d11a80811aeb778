// SPDX-License-Identifier: GPL-3.0-or-later
// Expressions whose gradients are checked against differences. For tests, on one thread.
#pragma once

#include "tests/graph/graph_builder.h"

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace wr::graph {

/// Attributes of a reduction.
backend::OpAttributes axes(std::initializer_list<std::int32_t> list, bool keepDims = false);

using Inputs = const std::vector<NodeId>&;

/// What is checked: an expression of float64 inputs of these shapes, with values from [low, high].
struct GradientCase {
    std::string name;
    std::vector<Shape> shapes;
    std::function<NodeId(GraphBuilder&, Inputs)> build;
    double low = -2.0;
    double high = 2.0;
};

std::vector<GradientCase> gradientCases();
/// A part of them: the ops that networks are trained with.
std::vector<GradientCase> trainGradientCases();

} // namespace wr::graph
