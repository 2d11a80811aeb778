// SPDX-License-Identifier: GPL-3.0-or-later
// The curves of a run as TensorBoard reads them: records with checksums, each an Event message with one
// scalar. Pure; any thread.
#pragma once

#include "app/models/metric_history.h"

#include <QByteArray>

namespace wr::app {

/// Tags "loss", "test/loss", "learning_rate", "gradient_norm" and the metrics' names. Values are stored as
/// float32.
QByteArray eventFile(const MetricHistory& history);

} // namespace wr::app
