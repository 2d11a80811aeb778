// SPDX-License-Identifier: GPL-3.0-or-later
// Values of one floating type as another, rounded to the nearest (ties to even), and what that costs. Pure;
// any thread.
#pragma once

#include "engine/tensor/dtype.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace wr::formats {

/// What a change of type did to finite values. NaN and infinities stay what they are.
struct CastLoss {
    std::uint64_t values = 0;     ///< all that were cast
    std::uint64_t rounded = 0;    ///< are another number now, near the old one
    std::uint64_t overflowed = 0; ///< became infinite
    std::uint64_t vanished = 0;   ///< became zero
    double largestError = 0.0;    ///< of the rounded ones: |new − old| / |old|

    void add(const CastLoss& other);
    bool isNone() const { return rounded == 0 && overflowed == 0 && vanished == 0; }
};

/// Both types are floating; `from` and `to` hold the same number of elements.
CastLoss castFloats(DType fromType, std::span<const std::byte> from, DType toType, std::span<std::byte> to);

} // namespace wr::formats
