// SPDX-License-Identifier: GPL-3.0-or-later
// What half a checkpoint is, told from its bytes: a pointer, a server's answer or zeros in place of a file, a
// copy that stopped. One sentence each: what it is and what to do. Any thread.
#pragma once

#include "engine/base/vfs.h"

namespace wr::formats {

/// What stands in place of a file, "a Git LFS pointer, not the file itself; …"; empty when nothing known
/// does.
std::string standIn(File& file, std::uint64_t fileBytes);

/// "12 of 50 bytes (24 %) are there: a copy or a download that stopped; fetch it again"
std::string partlyThere(std::uint64_t have, std::uint64_t need);

/// Why a safetensors file could not be opened: how much of it is there, where that is why, or `problem`.
Status explainedSafetensors(File& file, std::uint64_t fileBytes, const Status& problem);

} // namespace wr::formats
