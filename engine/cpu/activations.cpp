// SPDX-License-Identifier: GPL-3.0-or-later
// Activations besides the plain ones of unary.cpp, and the gradients of all of them.
#include "engine/cpu/pairs.h"

#include <Eigen/Core>

#include <cmath>
#include <numbers>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

template <typename T>
using Values = Eigen::Array<T, Eigen::Dynamic, 1>;
template <typename T>
using ConstMap = Eigen::Map<const Values<T>>;
template <typename T>
using MutableMap = Eigen::Map<Values<T>>;

// Of self-normalising networks; the constants are those of Klambauer et al., 2017.
constexpr double kSeluScale = 1.0507009873554804934193349852946;
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
// Of the approximation of gelu by tanh (Hendrycks and Gimpel, 2016).
constexpr double kGeluCubic = 0.044715;

// NaN stays NaN in all of them, so that the guard finds it.
struct Relu6Of {
    template <typename X, typename Y, typename T>
    static void apply(const X& x, Y& y, T /*scalar*/)
    {
        y = x.unaryExpr([](T v) { return v < T(0) ? T(0) : v > T(6) ? T(6) : v; });
    }
};
struct LeakyReluOf {
    template <typename X, typename Y, typename T>
    static void apply(const X& x, Y& y, T slope)
    {
        y = x.unaryExpr([slope](T v) { return v > T(0) ? v : v * slope; });
    }
};
struct EluOf {
    template <typename X, typename Y, typename T>
    static void apply(const X& x, Y& y, T /*scalar*/)
    {
        y = (x > T(0)).select(x, x.min(T(0)).exp() - T(1));
    }
};
struct SeluOf {
    template <typename X, typename Y, typename T>
    static void apply(const X& x, Y& y, T /*scalar*/)
    {
        y = (x > T(0)).select(x * T(kSeluScale), (x.min(T(0)).exp() - T(1)) * T(kSeluScale * kSeluAlpha));
    }
};

template <typename T>
T cdf(T x)
{
    return T(0.5) * std::erfc(-x * T(std::numbers::sqrt2 / 2));
}

struct GeluOf {
    template <typename X, typename Y, typename T>
    static void apply(const X& x, Y& y, T approximate)
    {
        constexpr T kRoot = T(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
        if (approximate != T(0))
            y = T(0.5) * x * (T(1) + ((x + T(kGeluCubic) * x * x * x) * kRoot).tanh());
        else
            y = x.unaryExpr([](T v) { return v * cdf(v); });
    }
};

template <typename Op, typename T>
void runActivation(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const T scalar = static_cast<T>(args.attributes->scalars[0]);
    for (std::int64_t tile = begin; tile < end; ++tile) {
        const Span span = elementSpan(tile, tile + 1, args.outputs[0].elements);
        const ConstMap<T> x(in<T>(args, 0) + span.first, span.last - span.first);
        MutableMap<T> y(out<T>(args) + span.first, span.last - span.first);
        Op::apply(x, y, scalar);
    }
}

// (dy, y): the gradient of an activation from its output; (dy, x) where it needs the input.
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

struct Relu6GradOf {
    template <typename T>
    static T apply(T dy, T y)
    {
        return y > T{0} && y < T{6} ? dy : T{0};
    }
};
struct EluGradOf {
    template <typename T>
    static T apply(T dy, T y)
    {
        return y < T{0} ? dy * (y + T{1}) : dy;
    }
};
struct SeluGradOf {
    template <typename T>
    static T apply(T dy, T y)
    {
        return y < T{0} ? dy * (y + T(kSeluScale * kSeluAlpha)) : dy * T(kSeluScale);
    }
};

/// (dy, x) of one shape, with a scalar that the op was told.
template <typename Op, typename T>
void runActivationGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const T scalar = static_cast<T>(args.attributes->scalars[0]);
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    const T* const dy = in<T>(args, 0);
    const T* const x = in<T>(args, 1);
    T* const dx = out<T>(args);
    for (std::int64_t i = span.first; i < span.last; ++i)
        dx[i] = dy[i] * Op::slope(x[i], scalar);
}

struct LeakyReluGradOf {
    template <typename T>
    static T slope(T x, T slope)
    {
        return x > T{0} ? T{1} : slope;
    }
};
struct GeluGradOf {
    template <typename T>
    static T slope(T x, T /*scalar*/)
    {
        constexpr T kRoot = T(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
        return cdf(x) + x * std::exp(T(-0.5) * x * x) * T(kRoot / 2);
    }
};

/// The gradient of the approximate gelu, in stretches whose hyperbolic tangents are taken together.
template <typename T>
void runGeluGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    if (args.attributes->scalars[0] == 0.0) {
        runActivationGrad<GeluGradOf, T>(args, begin, end);
        return;
    }
    constexpr T kRoot = T(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
    constexpr std::int64_t kStretch = 256;
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    T inner[static_cast<std::size_t>(kStretch)];
    for (std::int64_t first = span.first; first < span.last; first += kStretch) {
        const std::int64_t count = std::min(kStretch, span.last - first);
        const T* const dy = in<T>(args, 0) + first;
        const T* const x = in<T>(args, 1) + first;
        T* const to = out<T>(args) + first;
        for (std::int64_t i = 0; i < count; ++i)
            inner[i] = kRoot * (x[i] + T(kGeluCubic) * x[i] * x[i] * x[i]);
        MutableMap<T> t(inner, count);
        t = t.tanh();
        for (std::int64_t i = 0; i < count; ++i) {
            const T slope = T(0.5) * (T{1} + inner[i]) + T(0.5) * x[i] * (T{1} - inner[i] * inner[i]) *
                                                             kRoot * (T{1} + T(3 * kGeluCubic) * x[i] * x[i]);
            to[i] = dy[i] * slope;
        }
    }
}

template <typename Op>
void addActivation(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back({op, DType::Float32, {elementTiles, nullptr, runActivation<Op, float>}});
    table.push_back({op, DType::Float64, {elementTiles, nullptr, runActivation<Op, double>}});
}

template <typename Op>
void addActivationGrad(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back({op, DType::Float32, {elementTiles, nullptr, runActivationGrad<Op, float>}});
    table.push_back({op, DType::Float64, {elementTiles, nullptr, runActivationGrad<Op, double>}});
}

} // namespace

void addActivations(std::vector<KernelEntry>& table)
{
    addActivation<Relu6Of>(table, OpCode::Relu6);
    addActivation<EluOf>(table, OpCode::Elu);
    addActivation<SeluOf>(table, OpCode::Selu);
    addActivation<LeakyReluOf>(table, OpCode::LeakyRelu);
    addActivation<GeluOf>(table, OpCode::Gelu);
    addFloatingPair<ReluGradOf>(table, OpCode::ReluGrad);
    addFloatingPair<SigmoidGradOf>(table, OpCode::SigmoidGrad);
    addFloatingPair<TanhGradOf>(table, OpCode::TanhGrad);
    addFloatingPair<Relu6GradOf>(table, OpCode::Relu6Grad);
    addFloatingPair<EluGradOf>(table, OpCode::EluGrad);
    addFloatingPair<SeluGradOf>(table, OpCode::SeluGrad);
    addActivationGrad<LeakyReluGradOf>(table, OpCode::LeakyReluGrad);
    table.push_back({OpCode::GeluGrad, DType::Float32, {elementTiles, nullptr, runGeluGrad<float>}});
    table.push_back({OpCode::GeluGrad, DType::Float64, {elementTiles, nullptr, runGeluGrad<double>}});
}

} // namespace wr::cpu::WR_CPU_VARIANT
