// SPDX-License-Identifier: GPL-3.0-or-later
// Power cuts in a folder of checkpoints that is in use: rounds of work on a model disk, each of which begins
// with the state in which a power cut left the one before. One thread.
#pragma once

#include "tests/torture/experiment.h"
#include "tests/torture/model_disk.h"

namespace wr::torture {

/// What the engine is given instead of the disk itself; for experiments with a file system or a program that
/// has a fault.
using Between = std::function<std::unique_ptr<Vfs>(Vfs& disk)>;

/// Looks at `states` states that a power cut may leave, or, with `stopsAtFirst`, at fewer.
void runCrashes(std::uint64_t states, std::uint64_t seed, Tally& tally, const Between& between = {},
                bool stopsAtFirst = false);

/// Every call of every task of a folder fails or lies, once and for ever. As above.
void runFaults(const Options& options, Tally& tally, const Between& between = {}, bool stopsAtFirst = false);

} // namespace wr::torture
