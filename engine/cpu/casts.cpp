// SPDX-License-Identifier: GPL-3.0-or-later
// Cast between element types. Out-of-range and NaN become the nearest integer that exists, or 0, never
// undefined. The types of two bytes only store: they are widened to float32, and rounded from it to the
// nearest, at a half to the even one.
#include "engine/cpu/kernel_list.h"

#include <Eigen/Core>
#include <limits>
#include <type_traits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

template <typename T>
constexpr bool kIsShort = std::is_same_v<T, Eigen::half> || std::is_same_v<T, Eigen::bfloat16>;

template <typename To, typename From>
To convert(From value)
{
    if constexpr (kIsShort<From>)
        return convert<To>(static_cast<float>(value));
    else if constexpr (kIsShort<To>)
        return static_cast<To>(static_cast<float>(value));
    else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
        if (value != value)
            return To{0};
        const auto wide = static_cast<double>(value);
        if (wide <= static_cast<double>(std::numeric_limits<To>::min()))
            return std::numeric_limits<To>::min();
        if (wide >= static_cast<double>(std::numeric_limits<To>::max()))
            return std::numeric_limits<To>::max();
        return static_cast<To>(value);
    } else {
        return static_cast<To>(value);
    }
}

template <typename From, typename To>
void castSpan(const KernelArgs& args, Span span)
{
    const From* const x = in<From>(args, 0);
    To* const y = out<To>(args);
    for (std::int64_t i = span.first; i < span.last; ++i)
        y[i] = convert<To>(x[i]);
}

template <typename From>
void runCast(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    switch (args.outputs[0].dtype) {
    case DType::Float32:
        return castSpan<From, float>(args, span);
    case DType::Float64:
        return castSpan<From, double>(args, span);
    case DType::Float16:
        return castSpan<From, Eigen::half>(args, span);
    case DType::BFloat16:
        return castSpan<From, Eigen::bfloat16>(args, span);
    case DType::Int32:
        return castSpan<From, std::int32_t>(args, span);
    case DType::Int64:
        return castSpan<From, std::int64_t>(args, span);
    case DType::UInt8:
        return castSpan<From, std::uint8_t>(args, span);
    case DType::Bool: {
        const From* const x = in<From>(args, 0);
        auto* const y = out<std::uint8_t>(args);
        for (std::int64_t i = span.first; i < span.last; ++i)
            y[i] = x[i] != From(0);
        return;
    }
    default:
        return; // refused when planning
    }
}

template <typename From>
KernelEntry cast(DType dtype)
{
    return {OpCode::Cast, dtype, {elementTiles, nullptr, runCast<From>}};
}

} // namespace

void addCasts(std::vector<KernelEntry>& table)
{
    table.push_back(cast<float>(DType::Float32));
    table.push_back(cast<double>(DType::Float64));
    table.push_back(cast<Eigen::half>(DType::Float16));
    table.push_back(cast<Eigen::bfloat16>(DType::BFloat16));
    table.push_back(cast<std::int32_t>(DType::Int32));
    table.push_back(cast<std::int64_t>(DType::Int64));
    table.push_back(cast<std::uint8_t>(DType::UInt8));
    table.push_back(cast<std::uint8_t>(DType::Bool));
}

} // namespace wr::cpu::WR_CPU_VARIANT
