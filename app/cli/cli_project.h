// SPDX-License-Identifier: GPL-3.0-or-later
// A project as a command uses it: its folder, its model without errors, a run on it. Problems are printed as
// they are found, with file, line and column. One thread.
#pragma once

#include "app/cli/command.h"
#include "app/run/training_run.h"

#include <QDir>
#include <memory>
#include <optional>

namespace wr::app {

struct CliProject {
    QDir directory;
    std::shared_ptr<const graph::Model> model;
    QString checkpointDirectory() const { return directory.filePath(QStringLiteral("checkpoints")); }
};

/// Finds and reads the project; none when it cannot be found or its script has errors, which are printed.
std::optional<CliProject> loadProject(const QString& given, const Output& output);

/// Makes a run with the options --threads and --data; null after printing why not.
std::unique_ptr<TrainingRun> makeRun(const CliProject& project, const Invocation& invocation);

/// --profile as a value; none after printing that it is unknown.
std::optional<checkpoint::Profile> profileOption(const Invocation& invocation);

/// True when --output names a file that may be written; prints why not.
bool outputIsFree(const Invocation& invocation);

/// Saves to --output or into the project's checkpoints folder; none after printing why not.
std::optional<checkpoint::SaveReport> saveRun(const CliProject& project, TrainingRun& run,
                                              const Invocation& invocation, checkpoint::Profile profile);

} // namespace wr::app
