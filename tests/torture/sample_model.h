// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors to save, and the question whether a file holds exactly them. Values; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "tests/torture/experiment.h"

namespace wr::torture {

/// Some small tensors of several types; every `Random` gives others. About `bytes` in all.
std::vector<NamedTensor> sampleTensors(Random& random, std::uint64_t bytes);
/// The same tensors after a step of training: the first kernel and some others keep their bits.
std::vector<NamedTensor> stepped(const std::vector<NamedTensor>& tensors, Random& random);

/// Why the file at `path` does not hold exactly these tensors, whole; empty when it does.
std::string differenceOf(Vfs& vfs, const std::string& path, const std::vector<NamedTensor>& tensors);

} // namespace wr::torture
