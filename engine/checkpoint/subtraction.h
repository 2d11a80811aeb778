// SPDX-License-Identifier: GPL-3.0-or-later
// The distance of elements to those of a base, as unsigned numbers that are small where the values are near:
// bits in the order of the values, subtracted modulo the type's size, the sign in the lowest bit. Exact for
// all bits, NaN included. Pure; any thread.
#pragma once

#include "engine/tensor/dtype.h"

#include <span>

namespace wr::checkpoint {

/// into[i] = distance of values[i] to base[i]; all three of the same size, elements of 2, 4 or 8 bytes.
void subtractBase(DType dtype, std::span<const std::byte> values, std::span<const std::byte> base,
                  std::byte* into);
/// The inverse, in place.
void addBase(DType dtype, std::span<std::byte> distances, std::span<const std::byte> base);

} // namespace wr::checkpoint
