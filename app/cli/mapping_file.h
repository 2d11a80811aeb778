// SPDX-License-Identifier: GPL-3.0-or-later
// *.wrmap files for commands: read and written, with problems printed as sentences. One thread.
#pragma once

#include "app/cli/command.h"
#include "engine/remap/evaluation.h"

#include <optional>

namespace wr::app {

/// None after printing file, line and cause.
std::optional<remap::Mapping> loadMapping(const QString& path, const Output& output);

/// Whole or not at all; false after printing why.
bool saveMapping(const QString& path, const remap::Mapping& mapping, const Output& output);

/// One object each for programs, a list for people.
void printProblems(const std::vector<remap::MappingProblem>& problems, const remap::Mapping& mapping,
                   const Output& output);

} // namespace wr::app
