// SPDX-License-Identifier: GPL-3.0-or-later
// How one set of examples becomes a part to train on and a part to test on. Pure; any thread. What can fail
// is memory, or a recipe that asks for more examples than there are.
#pragma once

#include "engine/graph/data_spec.h"
#include "engine/train/dataset.h"

#include <span>
#include <string>
#include <vector>

namespace wr::train {

struct Parts {
    std::vector<std::int64_t> train; ///< rows of the whole
    std::vector<std::int64_t> test;
};

/// The rows of both parts out of `count` examples, in order or by a shuffle, as the spec says. Counts of 0
/// and 0 leave a fifth for the test. InvalidArgument, beginning with `name`, when there are too few.
Result<Parts> partsOf(std::int64_t count, const graph::DataSpec& spec, const std::string& name);

/// Rows of a tensor [count, …] as a tensor of its own.
Result<Tensor> takeRows(const Tensor& all, std::span<const std::int64_t> rows);
Result<Examples> takeRows(const Examples& all, std::span<const std::int64_t> rows);

/// 1 + the largest of int64 labels; 0 for targets.
std::int64_t classesOf(const Examples& examples);

/// Makes both parts' classes int64 [count] into float32 [count, classes] of 0 and one 1. InvalidArgument for
/// targets, ResourceExhausted beyond 10,000 classes.
Status spreadLabels(Dataset& dataset);

/// What the spec wants done to a data set once it is cut: normalize, one_hot.
Status finish(Dataset& dataset, const graph::DataSpec& spec);

} // namespace wr::train
