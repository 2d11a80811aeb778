// SPDX-License-Identifier: GPL-3.0-or-later
// One curve of a chart: which numbers, under what name, in which colour; and another run whose curves are
// drawn behind. Values.
#pragma once

#include "app/models/metric_history.h"

#include <QString>

namespace wr::ui {

struct Curve {
    app::MetricHistory::Series series = app::MetricHistory::Series::Loss;
    QString name;
    int colour = 0;         ///< index into Colours::categories
    bool isSmooth = false;  ///< smoothing applies; the raw curve stays behind it
    bool isPercent = false; ///< drawn times 100
};

/// The history belongs to the list of runs and outlives the chart's use of it.
struct OtherRun {
    int id = 0;
    QString name;
    int colour = 0;
    const app::MetricHistory* history = nullptr;
    bool isChosen = false; ///< drawn stronger
};

} // namespace wr::ui
