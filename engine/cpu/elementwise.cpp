// SPDX-License-Identifier: GPL-3.0-or-later
// Two operands with broadcasting: arithmetic and comparisons.
#include "engine/cpu/broadcast.h"

#include <cmath>
#include <type_traits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

struct AddOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return static_cast<T>(a + b);
    }
};
struct SubOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return static_cast<T>(a - b);
    }
};
struct MulOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return static_cast<T>(a * b);
    }
};
struct DivOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return a / b;
    }
};
// A NaN in either operand is the result, as in TensorFlow.
struct MaximumOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return a > b || a != a ? a : b;
    }
};
struct MinimumOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return a < b || a != a ? a : b;
    }
};
struct PowOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return std::pow(a, b);
    }
};
struct EqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a == b;
    }
};
struct NotEqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a != b;
    }
};
struct LessOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a < b;
    }
};
struct LessEqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a <= b;
    }
};
struct GreaterOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a > b;
    }
};
struct GreaterEqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a >= b;
    }
};
// (dy, y): the gradient of an activation from its output.
struct ReluGradOf {
    template <typename T>
    static T apply(T dy, T y)
    {
        return y > T{0} ? dy : T{0};
    }
};
struct SigmoidGradOf {
    template <typename T>
    static T apply(T dy, T y)
    {
        return dy * y * (T{1} - y);
    }
};
struct TanhGradOf {
    template <typename T>
    static T apply(T dy, T y)
    {
        return dy * (T{1} - y * y);
    }
};

/// Signed integers wrap around instead of overflowing.
template <typename T>
using Arithmetic =
    typename std::conditional_t<std::is_integral_v<T> && std::is_signed_v<T> && !std::is_same_v<T, bool>,
                                std::make_unsigned<T>, std::type_identity<T>>::type;

template <typename Op, typename T, typename R>
void runBinary(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const BroadcastWalk<2> walk(args.outputs[0], args.inputs);
    const T* const a = in<T>(args, 0);
    const T* const b = in<T>(args, 1);
    R* const result = out<R>(args);
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
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
void addFloating(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back(arithmetic<Op, float>(op));
    table.push_back(arithmetic<Op, double>(op));
}

template <typename Op>
void addArithmetic(std::vector<KernelEntry>& table, OpCode op)
{
    addFloating<Op>(table, op);
    table.push_back(arithmetic<Op, std::int32_t>(op));
    table.push_back(arithmetic<Op, std::int64_t>(op));
}

template <typename Op>
void addComparison(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back(comparison<Op, float>(op));
    table.push_back(comparison<Op, double>(op));
    table.push_back(comparison<Op, std::int32_t>(op));
    table.push_back(comparison<Op, std::int64_t>(op));
    table.push_back(comparison<Op, std::uint8_t>(op));
    table.push_back(comparison<Op, std::uint8_t>(op, DType::Bool));
}

template <typename Op>
void addOrdered(std::vector<KernelEntry>& table, OpCode op)
{
    addFloating<Op>(table, op);
    table.push_back({op, DType::Int32, {elementTiles, nullptr, runBinary<Op, std::int32_t, std::int32_t>}});
    table.push_back({op, DType::Int64, {elementTiles, nullptr, runBinary<Op, std::int64_t, std::int64_t>}});
}

} // namespace

void addElementwise(std::vector<KernelEntry>& table)
{
    addArithmetic<AddOf>(table, OpCode::Add);
    addArithmetic<SubOf>(table, OpCode::Sub);
    addArithmetic<MulOf>(table, OpCode::Mul);
    addFloating<DivOf>(table, OpCode::Div);
    addFloating<PowOf>(table, OpCode::Pow);
    addOrdered<MaximumOf>(table, OpCode::Maximum);
    addOrdered<MinimumOf>(table, OpCode::Minimum);
    addComparison<EqualOf>(table, OpCode::Equal);
    addComparison<NotEqualOf>(table, OpCode::NotEqual);
    addComparison<LessOf>(table, OpCode::Less);
    addComparison<LessEqualOf>(table, OpCode::LessEqual);
    addComparison<GreaterOf>(table, OpCode::Greater);
    addComparison<GreaterEqualOf>(table, OpCode::GreaterEqual);
    addFloating<ReluGradOf>(table, OpCode::ReluGrad);
    addFloating<SigmoidGradOf>(table, OpCode::SigmoidGrad);
    addFloating<TanhGradOf>(table, OpCode::TanhGrad);
}

} // namespace wr::cpu::WR_CPU_VARIANT
