// SPDX-License-Identifier: GPL-3.0-or-later
// Makes what is shown of a training besides its curves. Changes nothing of the run; the run's thread. Null
// where the run has nothing to show.
#pragma once

#include "app/run/run_probes.h"
#include "app/run/training_run.h"

namespace wr::app {

/// `before`: the trainable variables before the last step, in model order; empty: no update ratio.
WeightReportPtr makeWeightReport(TrainingRun& run, const std::vector<Tensor>& before);
/// Of models of one or two features.
SurfaceReportPtr makeSurfaceReport(TrainingRun& run);
DataReportPtr makeDataReport(const TrainingRun& run);

/// The values of all trainable variables, in model order; empty when one has none.
std::vector<Tensor> trainableValues(const TrainingRun& run);

} // namespace wr::app
