// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/cast/float_cast.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace wr::formats {
namespace {

/// The nearest number of a sign, `kExponent` bits and `kFraction` bits.
template <unsigned kExponent, unsigned kFraction>
std::uint16_t narrow(double value)
{
    constexpr std::uint64_t kInfinity = ((std::uint64_t{1} << kExponent) - 1) << kFraction;
    constexpr int kBias = (1 << (kExponent - 1)) - 1;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t magnitude = bits & (UINT64_MAX >> 1U);
    const std::uint64_t sign = bits >> 63U << (kExponent + kFraction);
    constexpr std::uint64_t kWideInfinity = 0x7FF0'0000'0000'0000U;
    if (magnitude > kWideInfinity) { // the first bits of NaN's message stay
        const std::uint64_t message = magnitude >> (52U - kFraction) & ((std::uint64_t{1} << kFraction) - 1);
        return static_cast<std::uint16_t>(sign | kInfinity | std::uint64_t{1} << (kFraction - 1) | message);
    }
    const int exponent = static_cast<int>(magnitude >> 52U) - 1023;
    const bool isSmall = exponent < 1 - kBias;
    const int shift = 52 - static_cast<int>(kFraction) + (isSmall ? 1 - kBias - exponent : 0);
    if (shift > 53)
        return static_cast<std::uint16_t>(sign);
    constexpr std::uint64_t kLeading = std::uint64_t{1} << 52U;
    const std::uint64_t significand = (magnitude & (kLeading - 1)) | (exponent > -1023 ? kLeading : 0);
    std::uint64_t kept = significand >> shift;
    const std::uint64_t rest = significand & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    kept += rest > half || (rest == half && (kept & 1U) != 0) ? 1 : 0;
    if (!isSmall) // a carry runs into the exponent
        kept += static_cast<std::uint64_t>(exponent + kBias - 1) << kFraction;
    return static_cast<std::uint16_t>(sign | std::min(kept, kInfinity));
}

float widenedHalf(std::uint16_t bits)
{
    const std::uint32_t magnitude = bits & 0x7FFFU;
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
    if (magnitude >= 0x7C00U)
        return std::bit_cast<float>(sign | 0x7F80'0000U | (magnitude & 0x3FFU) << 13U);
    const float value = std::bit_cast<float>(magnitude << 13U) * 0x1p112F; // also of the smallest numbers
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

struct Float32 {
    using Bits = float;
    static double widened(Bits bits) { return static_cast<double>(bits); }
    static Bits narrowed(double value) { return static_cast<float>(value); }
};
struct Float64 {
    using Bits = double;
    static double widened(Bits bits) { return bits; }
    static Bits narrowed(double value) { return value; }
};
struct Float16 {
    using Bits = std::uint16_t;
    static double widened(Bits bits) { return static_cast<double>(widenedHalf(bits)); }
    static Bits narrowed(double value) { return narrow<5, 10>(value); }
};
struct BFloat16 {
    using Bits = std::uint16_t;
    static double widened(Bits bits)
    {
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U));
    }
    static Bits narrowed(double value) { return narrow<8, 7>(value); }
};

template <typename From, typename To>
CastLoss castAll(std::span<const std::byte> from, std::span<std::byte> to)
{
    CastLoss loss;
    loss.values = from.size() / sizeof(typename From::Bits);
    for (std::uint64_t i = 0; i < loss.values; ++i) {
        typename From::Bits bits{};
        std::memcpy(&bits, from.data() + i * sizeof(bits), sizeof(bits));
        const double value = From::widened(bits);
        const typename To::Bits cast = To::narrowed(value);
        std::memcpy(to.data() + i * sizeof(cast), &cast, sizeof(cast));
        const double back = To::widened(cast);
        if (back == value || std::isnan(value))
            continue;
        if (std::isinf(back)) {
            ++loss.overflowed;
        } else if (back == 0.0) {
            ++loss.vanished;
        } else {
            ++loss.rounded;
            loss.largestError = std::max(loss.largestError, std::abs((back - value) / value));
        }
    }
    return loss;
}

template <typename From>
CastLoss castTo(std::span<const std::byte> from, DType toType, std::span<std::byte> to)
{
    switch (toType) {
    case DType::Float64:
        return castAll<From, Float64>(from, to);
    case DType::Float16:
        return castAll<From, Float16>(from, to);
    case DType::BFloat16:
        return castAll<From, BFloat16>(from, to);
    default:
        return castAll<From, Float32>(from, to);
    }
}

} // namespace

void CastLoss::add(const CastLoss& other)
{
    values += other.values;
    rounded += other.rounded;
    overflowed += other.overflowed;
    vanished += other.vanished;
    largestError = std::max(largestError, other.largestError);
}

CastLoss castFloats(DType fromType, std::span<const std::byte> from, DType toType, std::span<std::byte> to)
{
    switch (fromType) {
    case DType::Float64:
        return castTo<Float64>(from, toType, to);
    case DType::Float16:
        return castTo<Float16>(from, toType, to);
    case DType::BFloat16:
        return castTo<BFloat16>(from, toType, to);
    default:
        return castTo<Float32>(from, toType, to);
    }
}

} // namespace wr::formats
