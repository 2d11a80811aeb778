// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli: train, init, save, restore, inspect, diff, stats, verify, verify-resume, salvage, convert,
// standalone, gc. Runs the same engine as the window, on the calling thread. Exit codes: 0 done (diff:
// equal), 1 diff or verify-resume found differences, verify damage, or salvage could not recover all, 2 wrong
// usage or bad input, 3 the work failed (data, disk, NaN), 130 interrupted. With --json each line of standard
// output is one object.
#pragma once

#include <QString>
#include <QStringList>
#include <functional>

namespace wr::app {

class MetricHistory;

/// Draws the curves of a run as a picture; supplied by the program, since only it knows how to paint.
using CurvePainter =
    std::function<bool(const MetricHistory& history, const QString& title, const QString& path)>;

/// Runs one command; `arguments` without the program's name. Returns the exit code.
int runCommandLine(const QStringList& arguments, const CurvePainter& paintCurves);

} // namespace wr::app
