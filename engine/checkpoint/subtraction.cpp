// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/subtraction.h"

#include "engine/base/little_endian.h"

#include <limits>

namespace wr::checkpoint {
namespace {

/// Floats as numbers in the order of their values, and back: the same operation. Integers are in order.
template <typename U, bool IsFloat>
U ordered(U bits)
{
    if constexpr (IsFloat) {
        constexpr U kAllButSign = std::numeric_limits<U>::max() >> 1U;
        constexpr unsigned kSignBit = std::numeric_limits<U>::digits - 1;
        return static_cast<U>(bits ^ (static_cast<U>(U{0} - (bits >> kSignBit)) & kAllButSign));
    } else {
        return bits;
    }
}

template <typename U, bool IsFloat>
void subtract(std::span<const std::byte> values, const std::byte* base, std::byte* into)
{
    constexpr unsigned kSignBit = std::numeric_limits<U>::digits - 1;
    for (std::size_t i = 0; i < values.size(); i += sizeof(U)) {
        const U x = ordered<U, IsFloat>(loadLittle<U>(values.data() + i));
        const U b = ordered<U, IsFloat>(loadLittle<U>(base + i));
        const U d = static_cast<U>(x - b);
        storeLittle(into + i,
                    static_cast<U>(static_cast<U>(d << 1U) ^ static_cast<U>(U{0} - (d >> kSignBit))));
    }
}

template <typename U, bool IsFloat>
void add(std::span<std::byte> distances, const std::byte* base)
{
    for (std::size_t i = 0; i < distances.size(); i += sizeof(U)) {
        const U u = loadLittle<U>(distances.data() + i);
        const U d = static_cast<U>((u >> 1U) ^ static_cast<U>(U{0} - (u & 1U)));
        const U b = ordered<U, IsFloat>(loadLittle<U>(base + i));
        storeLittle(distances.data() + i, ordered<U, IsFloat>(static_cast<U>(b + d)));
    }
}

} // namespace

void subtractBase(DType dtype, std::span<const std::byte> values, std::span<const std::byte> base,
                  std::byte* into)
{
    const bool isFloat = isFloating(dtype);
    switch (dtypeSize(dtype)) {
    case 2:
        return isFloat ? subtract<std::uint16_t, true>(values, base.data(), into)
                       : subtract<std::uint16_t, false>(values, base.data(), into);
    case 4:
        return isFloat ? subtract<std::uint32_t, true>(values, base.data(), into)
                       : subtract<std::uint32_t, false>(values, base.data(), into);
    default:
        return isFloat ? subtract<std::uint64_t, true>(values, base.data(), into)
                       : subtract<std::uint64_t, false>(values, base.data(), into);
    }
}

void addBase(DType dtype, std::span<std::byte> distances, std::span<const std::byte> base)
{
    const bool isFloat = isFloating(dtype);
    switch (dtypeSize(dtype)) {
    case 2:
        return isFloat ? add<std::uint16_t, true>(distances, base.data())
                       : add<std::uint16_t, false>(distances, base.data());
    case 4:
        return isFloat ? add<std::uint32_t, true>(distances, base.data())
                       : add<std::uint32_t, false>(distances, base.data());
    default:
        return isFloat ? add<std::uint64_t, true>(distances, base.data())
                       : add<std::uint64_t, false>(distances, base.data());
    }
}

} // namespace wr::checkpoint
