// SPDX-License-Identifier: GPL-3.0-or-later
// What is said of a run, alike in the window and on the command line: its words, and the point that a step
// puts on the curves. Values; any thread.
#pragma once

#include "app/run/run_state.h"
#include "app/run/training_run.h"

#include <QString>

namespace wr::app {

/// A share as "98.20 %", anything else as a number. A metric whose name tells of an accuracy or a top k
/// counts as a share.
QString metricText(const QString& name, double value);
bool isShare(const QString& metricName);

/// What the curves take of a step.
MetricPoint pointOf(const train::StepRecord& record);

/// Why the training goes no further: "all 20 epochs are done"; empty while it does.
QString endText(const TrainingRun& run);

} // namespace wr::app
