// SPDX-License-Identifier: GPL-3.0-or-later
// Which steps of a plan run as one call to the threads: chains of element-wise steps go through the caches
// tile by tile and are not waited for in between; steps that have nothing to do with each other run side by
// side. The bits are those of the steps one by one. Pure, on what a finished plan holds.
#pragma once

#include "engine/session/plan.h"

#include <span>

namespace wr::session {

/// Groups of neighbours that cover `steps` in order. Steps that draw, or whose indices are looked at, stay
/// alone.
std::vector<StepGroup> groupSteps(const graph::Graph& graph,
                                  std::span<const std::unique_ptr<PlanStep>> steps);

} // namespace wr::session
