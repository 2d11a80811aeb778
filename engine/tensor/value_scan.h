// SPDX-License-Identifier: GPL-3.0-or-later
// The pass over the values of a tensor that statistics are made of, for the types that weights have. Sums are
// kept in eight lanes, so that every instruction set gives the same bits. Pure; any thread.
#pragma once

#include "engine/tensor/dtype.h"

#include <bit>
#include <cstdint>
#include <limits>
#include <span>

namespace wr {

struct ValueScan {
    std::uint64_t finite = 0;
    std::uint64_t nan = 0;
    std::uint64_t inf = 0;
    std::uint64_t zero = 0;
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    double sum = 0.0;
    double squares = 0.0;
    std::uint64_t fingerprint = 0;
    std::uint64_t fingerprintBf16 = 0;
};

/// Whether scanValues() knows this type: float32 and bfloat16.
bool canScan(DType dtype);
ValueScan scanValues(DType dtype, std::span<const std::byte> bytes);
/// The sum of (value − mean)² over the finite values.
double sumOfDeviations(DType dtype, std::span<const std::byte> bytes, double mean);

/// SplitMix64's finaliser: spreads the bits of an element over 64.
inline std::uint64_t mixedBits(std::uint64_t bits)
{
    bits += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31U);
}

/// The bits of a value rounded to bfloat16; all NaN are one.
inline std::uint64_t bf16Bits(double value)
{
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U)
        return 0x7FC0;
    return (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U & 0xFFFFU;
}

} // namespace wr
