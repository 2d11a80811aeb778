// SPDX-License-Identifier: GPL-3.0-or-later
// What the metadata of a checkpoint says of the run that it comes from, as values instead of words. Pure; any
// thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::checkpoint {

struct Facts {
    std::optional<std::int64_t> step;
    std::optional<double> loss;
    std::map<std::string, double> metrics; ///< by name, "accuracy"
    std::string runId;
    std::string appVersion;
    std::string parentUuid; ///< CheckpointReader::uuid() of the checkpoint that the run went on from
};

/// Writes what is known under "step", "loss", "metric.NAME", "run_id", "app_version" and "parent_uuid";
/// numbers with as many digits as they need to come back the same. NaN and Inf are left out.
void addFacts(Metadata& metadata, const Facts& facts);
/// The inverse. What cannot be read as a number is left out.
Facts factsOf(const Metadata& metadata);

} // namespace wr::checkpoint
