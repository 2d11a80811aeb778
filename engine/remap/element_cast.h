// SPDX-License-Identifier: GPL-3.0-or-later
// Elements of one type as elements of another: rounded to the nearest even, kept within the range of
// integers, NaN as 0 there. Pure; any thread.
#pragma once

#include "engine/tensor/dtype.h"

#include <cstdint>
#include <span>

namespace wr::remap {

/// What a cast could not keep.
struct CastLosses {
    std::uint64_t outOfRange = 0; ///< became Inf, or the nearest integer that the type has
    std::uint64_t nan = 0;        ///< NaN that became 0
    std::uint64_t rounded = 0;

    bool any() const { return outOfRange + nan + rounded > 0; }
};

/// Casts `from` into `into`, which must have room for exactly as many elements. Adds to `losses` when given.
void castElements(DType fromType, std::span<const std::byte> from, DType toType, std::span<std::byte> into,
                  CastLosses* losses = nullptr);

/// `factor` × element + `offset` in double precision, rounded once; floating-point types only. In place.
void scaleElements(DType dtype, std::span<std::byte> values, double factor, double offset);

/// A double as a float of fewer bits, rounded to the nearest even, by its bits: 5 and 10 for float16, 8 and 7
/// for bfloat16.
std::uint16_t narrowed(double value, int exponentBits, int mantissaBits);
/// The inverse, exact.
double widened(std::uint16_t bits, int exponentBits, int mantissaBits);

} // namespace wr::remap
