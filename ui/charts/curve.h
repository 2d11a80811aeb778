// SPDX-License-Identifier: GPL-3.0-or-later
// One curve of a chart: which numbers, under what name, in which colour. A value.
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

} // namespace wr::ui
