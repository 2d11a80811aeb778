// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that work on checkpoint files have in common: progress that Ctrl-C ends, and the exit
// code of a failure. One thread.
#pragma once

#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "engine/base/progress.h"
#include "engine/base/status.h"

#include <QElapsedTimer>
#include <memory>

namespace wr::app {

/// Shows "WORD 40 % of 1.2 GB" to people, an object now and then to programs; false after Ctrl-C. The output
/// must outlive it.
Progress commandProgress(const Output& output, const QString& word);

/// Prints the failure; its exit code: 130 interrupted, 2 for a file that is missing, in the way or of another
/// kind, 3 for the rest.
int failed(const Output& output, const QString& what, const Status& status);

/// --threads as a value, 0 after printing that it is none.
int threadsOption(const Invocation& invocation);

} // namespace wr::app
