// SPDX-License-Identifier: GPL-3.0-or-later
// The metadata of a checkpoint as a JSON object of texts, for formats that have no place of their own for it.
// Pure; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// Texts that are no UTF-8 are left out. Empty when nothing is left.
std::string metadataJson(const checkpoint::Metadata& metadata);
/// Empty for anything else than what metadataJson() makes.
checkpoint::Metadata metadataOfJson(std::string_view json);

} // namespace wr::formats
