// SPDX-License-Identifier: GPL-3.0-or-later
// The digest by which tensors are known to be equal. Pure; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <xxhash.h>

namespace wr::checkpoint {

/// XXH3-128 of the bytes, in the canonical (big-endian) order of its reference implementation.
Digest digestOf(std::span<const std::byte> bytes);
Digest digestOf(XXH128_hash_t hash);

} // namespace wr::checkpoint
