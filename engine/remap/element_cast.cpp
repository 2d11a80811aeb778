// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/element_cast.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace wr::remap {
namespace {

/// A type of elements: how it lies in memory, and the type that it is computed in.
template <typename T>
struct Plain {
    using Stored = T;
    using Value = T;
    static Value load(Stored stored) { return stored; }
    static Stored store(Value value) { return value; }
};

template <int Exponent, int Mantissa>
struct Narrow {
    using Stored = std::uint16_t;
    using Value = double;
    static Value load(Stored stored) { return widened(stored, Exponent, Mantissa); }
    static Stored store(Value value) { return narrowed(value, Exponent, Mantissa); }
};

struct Truth {
    using Stored = std::uint8_t;
    using Value = std::uint8_t;
    static Value load(Stored stored) { return stored != 0 ? 1 : 0; }
    static Stored store(Value value) { return value != 0 ? 1 : 0; }
};

template <typename Body>
void withType(DType dtype, const Body& body)
{
    switch (dtype) {
    case DType::Float32:
        return body(Plain<float>{});
    case DType::Float64:
        return body(Plain<double>{});
    case DType::Float16:
        return body(Narrow<5, 10>{});
    case DType::BFloat16:
        return body(Narrow<8, 7>{});
    case DType::Int8:
        return body(Plain<std::int8_t>{});
    case DType::Int16:
        return body(Plain<std::int16_t>{});
    case DType::Int32:
        return body(Plain<std::int32_t>{});
    case DType::Int64:
        return body(Plain<std::int64_t>{});
    case DType::UInt8:
        return body(Plain<std::uint8_t>{});
    case DType::UInt16:
        return body(Plain<std::uint16_t>{});
    case DType::UInt32:
        return body(Plain<std::uint32_t>{});
    case DType::UInt64:
        return body(Plain<std::uint64_t>{});
    case DType::Bool:
        return body(Truth{});
    case DType::Invalid:
        return;
    }
}

template <typename From>
bool isNan(From value)
{
    if constexpr (std::is_floating_point_v<From>)
        return std::isnan(value);
    else
        return false;
}

/// To an integer type.
template <typename To, typename From>
To kept(From value, CastLosses& losses)
{
    if constexpr (std::is_floating_point_v<From>) {
        if (std::isnan(value)) {
            ++losses.nan;
            return 0;
        }
        const double whole = std::nearbyint(static_cast<double>(value));
        // Limits of 64-bit integers are no doubles, so that the end is the power of two behind them.
        const double end = std::ldexp(1.0, std::numeric_limits<To>::digits);
        const double begin = std::is_signed_v<To> ? -end : 0.0;
        if (whole < begin || whole >= end) {
            ++losses.outOfRange;
            return whole < begin ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
        }
        losses.rounded += whole != static_cast<double>(value) ? 1 : 0;
        return static_cast<To>(whole);
    } else {
        if (std::cmp_less(value, std::numeric_limits<To>::min())) {
            ++losses.outOfRange;
            return std::numeric_limits<To>::min();
        }
        if (std::cmp_greater(value, std::numeric_limits<To>::max())) {
            ++losses.outOfRange;
            return std::numeric_limits<To>::max();
        }
        return static_cast<To>(value);
    }
}

template <typename FromType, typename ToType>
typename ToType::Stored castOne(typename FromType::Stored stored, CastLosses& losses)
{
    using Value = typename ToType::Value;
    const typename FromType::Value value = FromType::load(stored);
    if constexpr (std::is_same_v<ToType, Truth>) {
        const bool isSet = value != typename FromType::Value{};
        losses.rounded += value != typename FromType::Value{} && value != typename FromType::Value{1} ? 1 : 0;
        return isSet ? 1 : 0;
    } else if constexpr (std::is_integral_v<Value>) {
        return kept<Value>(value, losses);
    } else {
        const typename ToType::Stored made = ToType::store(static_cast<Value>(value));
        const auto back = static_cast<double>(ToType::load(made));
        const auto wanted = static_cast<double>(value);
        if (!isNan(value) && back != wanted)
            ++(std::isinf(back) ? losses.outOfRange : losses.rounded);
        return made;
    }
}

template <typename FromType, typename ToType>
void castAll(std::span<const std::byte> from, std::span<std::byte> into, CastLosses& losses)
{
    using A = typename FromType::Stored;
    using B = typename ToType::Stored;
    const std::size_t count = from.size() / sizeof(A);
    for (std::size_t i = 0; i < count; ++i) {
        A stored;
        std::memcpy(&stored, from.data() + i * sizeof(A), sizeof(A));
        const B made = castOne<FromType, ToType>(stored, losses);
        std::memcpy(into.data() + i * sizeof(B), &made, sizeof(B));
    }
}

} // namespace

double widened(std::uint16_t bits, int exponentBits, int mantissaBits)
{
    const int bias = (1 << (exponentBits - 1)) - 1;
    const int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
    const int mantissa = bits & ((1 << mantissaBits) - 1);
    const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
    if (exponent == (1 << exponentBits) - 1) {
        if (mantissa == 0)
            return sign * std::numeric_limits<double>::infinity();
        // The payload is kept, so that a NaN comes back as it was.
        const std::uint64_t payload = static_cast<std::uint64_t>(mantissa) << (52 - mantissaBits);
        return std::bit_cast<double>(((bits & 0x8000ULL) << 48U) | 0x7FF0000000000000ULL | payload);
    }
    if (exponent == 0)
        return sign * std::ldexp(static_cast<double>(mantissa), 1 - bias - mantissaBits);
    return sign *
           std::ldexp(static_cast<double>(mantissa | (1 << mantissaBits)), exponent - bias - mantissaBits);
}

std::uint16_t narrowed(double value, int exponentBits, int mantissaBits)
{
    const int bias = (1 << (exponentBits - 1)) - 1;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 48U) & 0x8000U);
    const auto infinity = static_cast<std::uint16_t>(((1 << exponentBits) - 1) << mantissaBits);
    const std::uint64_t mantissa = bits & 0x000FFFFFFFFFFFFFULL;
    const int exponent = static_cast<int>((bits >> 52U) & 0x7FFU);
    if (exponent == 0x7FF) {
        if (mantissa == 0)
            return sign | infinity;
        const auto payload = static_cast<std::uint16_t>(mantissa >> (52 - mantissaBits));
        return sign | infinity | (payload != 0 ? payload : std::uint16_t{1});
    }
    const int target = exponent - 1023 + bias; // the exponent field there
    // Below the smallest normal number bits are cut off one by one.
    const int cut = 52 - mantissaBits + (target < 1 ? 1 - target : 0);
    if (cut > 53)
        return sign;
    const std::uint64_t full = exponent == 0 ? mantissa : mantissa | (1ULL << 52U);
    std::uint64_t kept = full >> cut;
    const std::uint64_t rest = full & ((1ULL << cut) - 1);
    const std::uint64_t half = 1ULL << (cut - 1);
    kept += rest > half || (rest == half && (kept & 1U) != 0) ? 1 : 0;
    const std::uint64_t field = target < 1 ? 0 : static_cast<std::uint64_t>(target - 1) << mantissaBits;
    const std::uint64_t made = field + kept; // the leading one adds 1 to the exponent
    return sign | static_cast<std::uint16_t>(made >= infinity ? infinity : made);
}

void castElements(DType fromType, std::span<const std::byte> from, DType toType, std::span<std::byte> into,
                  CastLosses* losses)
{
    if (fromType == toType) {
        std::memcpy(into.data(), from.data(), std::min(from.size(), into.size()));
        return;
    }
    CastLosses lost;
    withType(fromType, [&](auto a) {
        withType(toType, [&](auto b) { castAll<decltype(a), decltype(b)>(from, into, lost); });
    });
    if (losses != nullptr) {
        losses->outOfRange += lost.outOfRange;
        losses->nan += lost.nan;
        losses->rounded += lost.rounded;
    }
}

void scaleElements(DType dtype, std::span<std::byte> values, double factor, double offset)
{
    withType(dtype, [&](auto type) {
        using Type = decltype(type);
        using Stored = typename Type::Stored;
        if constexpr (std::is_floating_point_v<typename Type::Value>) {
            for (std::size_t at = 0; at + sizeof(Stored) <= values.size(); at += sizeof(Stored)) {
                Stored stored;
                std::memcpy(&stored, values.data() + at, sizeof(Stored));
                const double value = static_cast<double>(Type::load(stored)) * factor + offset;
                stored = Type::store(static_cast<typename Type::Value>(value));
                std::memcpy(values.data() + at, &stored, sizeof(Stored));
            }
        }
    });
}

} // namespace wr::remap
