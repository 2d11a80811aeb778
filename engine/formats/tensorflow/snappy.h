// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacks raw Snappy, as TensorFlow wrote its tables with until 2016. Pure; any thread. Source: Snappy's
// format_description.txt.
#pragma once

#include "engine/base/status.h"

#include <cstddef>
#include <span>
#include <vector>

namespace wr::formats {

/// DataLoss when the bytes are no Snappy, or declare more than they can hold.
Result<std::vector<std::byte>> unpackSnappy(std::span<const std::byte> packed);

} // namespace wr::formats
