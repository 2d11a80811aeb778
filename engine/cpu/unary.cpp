// SPDX-License-Identifier: GPL-3.0-or-later
// One operand, element by element.
#include "engine/cpu/kernel_list.h"

#include <Eigen/Core>

#include <cmath>
#include <type_traits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

template <typename T>
using Values = Eigen::Array<T, Eigen::Dynamic, 1>;
template <typename T>
using ConstMap = Eigen::Map<const Values<T>>;
template <typename T>
using MutableMap = Eigen::Map<Values<T>>;

// Each is applied to one tile: x and y are the tile's input and output, which may be the same memory.
// Whole numbers wrap around instead of overflowing.
struct NegOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        if constexpr (std::is_integral_v<T>)
            y = x.unaryExpr([](T v) {
                return static_cast<T>(std::make_unsigned_t<T>{0} - static_cast<std::make_unsigned_t<T>>(v));
            });
        else
            y = -x;
    }
};
struct ExpOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.exp();
    }
};
struct LogOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.log();
    }
};
struct SqrtOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.sqrt();
    }
};
struct RsqrtOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = typename X::Scalar(1) / x.sqrt();
    }
};
struct SquareOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        if constexpr (std::is_integral_v<T>)
            y = x.unaryExpr([](T v) {
                const auto bits = static_cast<std::make_unsigned_t<T>>(v);
                return static_cast<T>(bits * bits);
            });
        else
            y = x * x;
    }
};
struct AbsOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        if constexpr (std::is_integral_v<T>)
            y = x.unaryExpr([](T v) {
                const auto bits = static_cast<std::make_unsigned_t<T>>(v);
                return static_cast<T>(v < 0 ? std::make_unsigned_t<T>{0} - bits : bits);
            });
        else
            y = x.abs();
    }
};
struct SignOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        y = x.unaryExpr([](T v) { return v > T(0) ? T(1) : v < T(0) ? T(-1) : v; });
    }
};
struct ReluOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        // NaN stays NaN, so that the guard finds it.
        y = x.unaryExpr([](T v) { return v < T(0) ? T(0) : v; });
    }
};
struct SigmoidOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        y = T(1) / (T(1) + (-x).exp());
    }
};
struct TanhOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.tanh();
    }
};
struct SoftplusOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        y = x.unaryExpr([](T v) { return (v > T(0) ? v : T(0)) + std::log1p(std::exp(-std::abs(v))); });
    }
};

struct ReciprocalOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = typename X::Scalar(1) / x;
    }
};
struct FloorOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.floor();
    }
};
struct CeilOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.ceil();
    }
};
struct RintOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.rint();
    }
};
struct SinOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.sin();
    }
};
struct CosOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        y = x.cos();
    }
};
struct Log1pOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        y = x.unaryExpr([](T v) { return std::log1p(v); });
    }
};
struct Expm1Of {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        y = x.unaryExpr([](T v) { return std::expm1(v); });
    }
};
struct ErfOf {
    template <typename X, typename Y>
    static void apply(const X& x, Y& y)
    {
        using T = typename X::Scalar;
        y = x.unaryExpr([](T v) { return std::erf(v); });
    }
};

template <typename Op, typename T>
void runUnary(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    // Tile by tile, so that the bits do not depend on how many are asked for at once.
    for (std::int64_t tile = begin; tile < end; ++tile) {
        const Span span = elementSpan(tile, tile + 1, args.outputs[0].elements);
        const ConstMap<T> x(in<T>(args, 0) + span.first, span.last - span.first);
        MutableMap<T> y(out<T>(args) + span.first, span.last - span.first);
        Op::apply(x, y);
    }
}

template <typename Op>
void addWhole(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back({op, DType::Int32, {elementTiles, nullptr, runUnary<Op, std::int32_t>}});
    table.push_back({op, DType::Int64, {elementTiles, nullptr, runUnary<Op, std::int64_t>}});
}

template <typename Op>
void addFloating(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back({op, DType::Float32, {elementTiles, nullptr, runUnary<Op, float>}});
    table.push_back({op, DType::Float64, {elementTiles, nullptr, runUnary<Op, double>}});
}

} // namespace

void addUnary(std::vector<KernelEntry>& table)
{
    addFloating<NegOf>(table, OpCode::Neg);
    addFloating<ExpOf>(table, OpCode::Exp);
    addFloating<LogOf>(table, OpCode::Log);
    addFloating<SqrtOf>(table, OpCode::Sqrt);
    addFloating<RsqrtOf>(table, OpCode::Rsqrt);
    addFloating<SquareOf>(table, OpCode::Square);
    addFloating<AbsOf>(table, OpCode::Abs);
    addFloating<SignOf>(table, OpCode::Sign);
    addWhole<NegOf>(table, OpCode::Neg);
    addWhole<SquareOf>(table, OpCode::Square);
    addWhole<AbsOf>(table, OpCode::Abs);
    addWhole<SignOf>(table, OpCode::Sign);
    addFloating<ReciprocalOf>(table, OpCode::Reciprocal);
    addFloating<FloorOf>(table, OpCode::Floor);
    addFloating<CeilOf>(table, OpCode::Ceil);
    addFloating<RintOf>(table, OpCode::Rint);
    addFloating<SinOf>(table, OpCode::Sin);
    addFloating<CosOf>(table, OpCode::Cos);
    addFloating<Log1pOf>(table, OpCode::Log1p);
    addFloating<Expm1Of>(table, OpCode::Expm1);
    addFloating<ErfOf>(table, OpCode::Erf);
    addFloating<ReluOf>(table, OpCode::Relu);
    addFloating<SigmoidOf>(table, OpCode::Sigmoid);
    addFloating<TanhOf>(table, OpCode::Tanh);
    addFloating<SoftplusOf>(table, OpCode::Softplus);
}

} // namespace wr::cpu::WR_CPU_VARIANT
