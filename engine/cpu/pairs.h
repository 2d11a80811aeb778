// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a function of two operands over all elements, with broadcasting: the loops that arithmetic,
// comparisons and gradients of activations share.
#pragma once

#include "engine/cpu/broadcast.h"

#include <type_traits>

namespace wr::cpu::WR_CPU_VARIANT {

/// Signed integers wrap around instead of overflowing.
template <typename T>
using Arithmetic =
    typename std::conditional_t<std::is_integral_v<T> && std::is_signed_v<T> && !std::is_same_v<T, bool>,
                                std::make_unsigned<T>, std::type_identity<T>>::type;

inline constexpr std::int64_t kShortRow = 64;

/// One operand is a short row that comes again for each row of the other, as biases do: the row is written
/// several times first, so that the loop over both is long.
template <typename Op, bool kIsSecond, typename T, typename R>
void runShortRow(const T* whole, const T* row, std::int64_t length, const Span& span, R* result)
{
    constexpr std::int64_t kRoom = 4 * kShortRow;
    T pattern[static_cast<std::size_t>(kRoom)];
    const std::int64_t stride = (kRoom / length - 1) * length; // a loop may begin within a row
    for (std::int64_t i = 0; i < kRoom / length * length; ++i)
        pattern[i] = row[i % length];
    for (std::int64_t at = span.first; at < span.last; at += stride) {
        const T* const repeated = pattern + at % length;
        const std::int64_t count = std::min(stride, span.last - at);
        const T* const x = whole + at;
        R* const z = result + at;
        for (std::int64_t i = 0; i < count; ++i)
            z[i] = static_cast<R>(kIsSecond ? Op::apply(x[i], repeated[i]) : Op::apply(repeated[i], x[i]));
    }
}

template <typename Op, typename T, typename R>
void runBinary(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const BroadcastWalk<2> walk(args.outputs[0], args.inputs);
    const T* const a = in<T>(args, 0);
    const T* const b = in<T>(args, 1);
    R* const result = out<R>(args);
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    if (walk.inner() <= kShortRow && walk.isRepeatedRow(1)) {
        runShortRow<Op, true>(a, b, walk.inner(), span, result);
        return;
    }
    if (walk.inner() <= kShortRow && walk.isRepeatedRow(0)) {
        runShortRow<Op, false>(b, a, walk.inner(), span, result);
        return;
    }
    walk.run(
        span.first, span.last,
        [&](std::int64_t at, const std::int64_t* offsets, const std::int64_t* strides, std::int64_t count) {
            const T* const x = a + offsets[0];
            const T* const y = b + offsets[1];
            R* const z = result + at;
            if (strides[0] != 0 && strides[1] != 0) {
                for (std::int64_t i = 0; i < count; ++i)
                    z[i] = static_cast<R>(Op::apply(x[i], y[i]));
            } else if (strides[0] != 0) {
                const T constant = *y;
                for (std::int64_t i = 0; i < count; ++i)
                    z[i] = static_cast<R>(Op::apply(x[i], constant));
            } else if (strides[1] != 0) {
                const T constant = *x;
                for (std::int64_t i = 0; i < count; ++i)
                    z[i] = static_cast<R>(Op::apply(constant, y[i]));
            } else {
                std::fill_n(z, count, static_cast<R>(Op::apply(*x, *y)));
            }
        });
}

template <typename Op, typename T>
KernelEntry arithmetic(OpCode op)
{
    using U = Arithmetic<T>;
    return {op, DTypeOf<T>::kValue, {elementTiles, nullptr, runBinary<Op, U, U>}};
}

template <typename Op, typename T>
KernelEntry comparison(OpCode op, DType dtype = DTypeOf<T>::kValue)
{
    return {op, dtype, {elementTiles, nullptr, runBinary<Op, T, std::uint8_t>}};
}

template <typename Op>
void addFloatingPair(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back(arithmetic<Op, float>(op));
    table.push_back(arithmetic<Op, double>(op));
}

} // namespace wr::cpu::WR_CPU_VARIANT
