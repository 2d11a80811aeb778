// SPDX-License-Identifier: GPL-3.0-or-later
// One command of weightroom-cli: what it is called, what it takes, and what runs it. The table of commands is
// in cli.cpp; each run function lives in a file of its own.
#pragma once

#include "app/cli/cli.h"
#include "app/cli/output.h"

#include <QCommandLineParser>

namespace wr::app {

struct Invocation {
    const QCommandLineParser& options;
    QStringList positional; ///< without the command's name
    const Output& output;
    const CurvePainter& paintCurves;
};

int runTrain(const Invocation& invocation);
int runInit(const Invocation& invocation);
int runSave(const Invocation& invocation);
int runRestore(const Invocation& invocation);
int runRecipe(const Invocation& invocation);
int runInspect(const Invocation& invocation);
int runDiff(const Invocation& invocation);
int runMap(const Invocation& invocation);
int runRewrite(const Invocation& invocation);
int runAverage(const Invocation& invocation);
int runStats(const Invocation& invocation);
int runVerify(const Invocation& invocation);
int runVerifyResume(const Invocation& invocation);
int runSalvage(const Invocation& invocation);
int runConvert(const Invocation& invocation);
int runStandalone(const Invocation& invocation);
int runGc(const Invocation& invocation);

} // namespace wr::app
