// SPDX-License-Identifier: GPL-3.0-or-later
// The optimizers' updates, each one pass over the variable, its slots and the gradient. Output 0 is the
// memory of input 0; slots are written through their inputs. Formulas as in TensorFlow's kernels of the same
// names.
#include "engine/cpu/kernel_list.h"

#include <cmath>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

/// A variable or slot among the inputs, which the update writes.
template <typename T>
T* state(const KernelArgs& args, int index)
{
    return static_cast<T*>(args.inputs[index].data);
}

template <typename T>
T scalar(const KernelArgs& args, int index)
{
    return *in<T>(args, index);
}

template <typename T>
void updateGradientDescent(const KernelArgs& args, const Span& span)
{
    const T alpha = scalar<T>(args, 1);
    const T* const gradient = in<T>(args, 2);
    T* const variable = out<T>(args);
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i)
        variable[i] -= alpha * gradient[i];
}

template <typename T>
void updateMomentum(const KernelArgs& args, const Span& span)
{
    T* const accumulated = state<T>(args, 1);
    const T alpha = scalar<T>(args, 2);
    const T* const gradient = in<T>(args, 3);
    const T momentum = scalar<T>(args, 4);
    T* const variable = out<T>(args);
    if (args.attributes->scalars[0] != 0.0) { // Nesterov: the step after the next, seen from here
#pragma GCC ivdep
        for (std::int64_t i = span.first; i < span.last; ++i) {
            accumulated[i] = momentum * accumulated[i] + gradient[i];
            variable[i] -= alpha * gradient[i] + alpha * momentum * accumulated[i];
        }
        return;
    }
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i) {
        accumulated[i] = momentum * accumulated[i] + gradient[i];
        variable[i] -= alpha * accumulated[i];
    }
}

template <typename T>
void updateAdagrad(const KernelArgs& args, const Span& span)
{
    T* const accumulated = state<T>(args, 1);
    const T alpha = scalar<T>(args, 2);
    const T* const gradient = in<T>(args, 3);
    T* const variable = out<T>(args);
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i) {
        const T g = gradient[i];
        accumulated[i] += g * g;
        variable[i] -= alpha * g / std::sqrt(accumulated[i]);
    }
}

template <typename T>
void updateAdadelta(const KernelArgs& args, const Span& span)
{
    T* const accumulated = state<T>(args, 1);
    T* const updates = state<T>(args, 2);
    const T alpha = scalar<T>(args, 3);
    const T rho = scalar<T>(args, 4);
    const T epsilon = scalar<T>(args, 5);
    const T* const gradient = in<T>(args, 6);
    T* const variable = out<T>(args);
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i) {
        const T g = gradient[i];
        accumulated[i] = rho * accumulated[i] + (T{1} - rho) * (g * g);
        const T change = std::sqrt(updates[i] + epsilon) / std::sqrt(accumulated[i] + epsilon) * g;
        variable[i] -= alpha * change;
        updates[i] = rho * updates[i] + (T{1} - rho) * (change * change);
    }
}

template <typename T>
void updateRmsProp(const KernelArgs& args, const Span& span)
{
    T* const square = state<T>(args, 1);
    T* const moment = state<T>(args, 2);
    const T alpha = scalar<T>(args, 3);
    const T rho = scalar<T>(args, 4);
    const T momentum = scalar<T>(args, 5);
    const T epsilon = scalar<T>(args, 6);
    const T* const gradient = in<T>(args, 7);
    T* const variable = out<T>(args);
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i) {
        const T g = gradient[i];
        square[i] += (g * g - square[i]) * (T{1} - rho);
        moment[i] = momentum * moment[i] + alpha * g / std::sqrt(square[i] + epsilon);
        variable[i] -= moment[i];
    }
}

/// The variance is never negative, though its difference of two roundings may be: it counts as 0 then, where
/// the root of it would be NaN.
template <typename T>
void updateCenteredRmsProp(const KernelArgs& args, const Span& span)
{
    T* const mean = state<T>(args, 1);
    T* const square = state<T>(args, 2);
    T* const moment = state<T>(args, 3);
    const T alpha = scalar<T>(args, 4);
    const T rho = scalar<T>(args, 5);
    const T momentum = scalar<T>(args, 6);
    const T epsilon = scalar<T>(args, 7);
    const T* const gradient = in<T>(args, 8);
    T* const variable = out<T>(args);
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i) {
        const T g = gradient[i];
        square[i] += (g * g - square[i]) * (T{1} - rho);
        mean[i] += (g - mean[i]) * (T{1} - rho);
        const T variance = square[i] - mean[i] * mean[i];
        const T safe = variance < T{0} ? T{0} : variance;
        moment[i] = momentum * moment[i] + alpha * g / std::sqrt(safe + epsilon);
        variable[i] -= moment[i];
    }
}

template <typename T>
struct FtrlScalars {
    T alpha;
    T l1;
    T l2;
    T shrinkage;
    T power;
};

/// Root: the power is −½, which all but a few use, and whose power function is a square root.
template <typename T, bool Root>
void ftrl(const KernelArgs& args, const Span& span, const FtrlScalars<T>& s)
{
    T* const accumulated = state<T>(args, 1);
    T* const linear = state<T>(args, 2);
    const T* const gradient = in<T>(args, 3);
    T* const variable = out<T>(args);
    const auto raised = [&s](T x) { return Root ? std::sqrt(x) : std::pow(x, -s.power); };
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i) {
        const T g = gradient[i];
        const T grown = accumulated[i] + g * g;
        const T after = raised(grown);
        const T shrunk = g + T{2} * s.shrinkage * variable[i];
        linear[i] += shrunk - (after - raised(accumulated[i])) / s.alpha * variable[i];
        // What lies beyond ±l1, with the other sign; NaN stays NaN.
        const T above = linear[i] < -s.l1 ? -s.l1 : linear[i];
        const T beyond = (above > s.l1 ? s.l1 : above) - linear[i];
        variable[i] = beyond / (after / s.alpha + T{2} * s.l2);
        accumulated[i] = grown;
    }
}

template <typename T, bool Shrinks>
void updateFtrl(const KernelArgs& args, const Span& span)
{
    FtrlScalars<T> scalars{scalar<T>(args, 4), scalar<T>(args, 5), scalar<T>(args, 6), T{0},
                           scalar<T>(args, Shrinks ? 8 : 7)};
    if (Shrinks)
        scalars.shrinkage = scalar<T>(args, 7);
    // The formula divides by the rate; as the rate goes to 0, so does the change.
    if (scalars.alpha == T{0})
        return;
    if (scalars.power == T(-0.5))
        ftrl<T, true>(args, span, scalars);
    else
        ftrl<T, false>(args, span, scalars);
}

/// α·√(1−β2ᵗ)/(1−β1ᵗ) · m / (√v + ε), as TensorFlow writes it (ε outside the root). Decays: the variable
/// shrinks by its share first, whatever the rate (decoupled weight decay).
template <typename T, bool Decays>
void updateAdam(const KernelArgs& args, const Span& span)
{
    T* const m = state<T>(args, 1);
    T* const v = state<T>(args, 2);
    const T beta1Power = scalar<T>(args, 3);
    const T beta2Power = scalar<T>(args, 4);
    const T rate = scalar<T>(args, 5) * std::sqrt(T{1} - beta2Power) / (T{1} - beta1Power);
    const T beta1 = scalar<T>(args, 6);
    const T beta2 = scalar<T>(args, 7);
    const T epsilon = scalar<T>(args, 8);
    const T decay = Decays ? scalar<T>(args, 9) : T{0};
    const T* const gradient = in<T>(args, Decays ? 10 : 9);
    T* const variable = out<T>(args);
#pragma GCC ivdep
    for (std::int64_t i = span.first; i < span.last; ++i) {
        const T g = gradient[i];
        m[i] += (g - m[i]) * (T{1} - beta1);
        v[i] += (g * g - v[i]) * (T{1} - beta2);
        if (Decays)
            variable[i] -= decay * variable[i];
        variable[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon);
    }
}

/// Runs an update over the runs of its tiles.
template <void (*Update)(const KernelArgs&, const Span&)>
void run(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    forEachRun(args, begin, end, [&](const Span& span) { Update(args, span); });
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    const auto add = [&](OpCode op, void (*kernel)(const KernelArgs&, std::int64_t, std::int64_t)) {
        table.push_back({op, dtype, {updateTiles, nullptr, kernel}});
    };
    add(OpCode::ApplyGradientDescent, run<updateGradientDescent<T>>);
    add(OpCode::ApplyMomentum, run<updateMomentum<T>>);
    add(OpCode::ApplyAdagrad, run<updateAdagrad<T>>);
    add(OpCode::ApplyAdadelta, run<updateAdadelta<T>>);
    add(OpCode::ApplyRMSProp, run<updateRmsProp<T>>);
    add(OpCode::ApplyCenteredRMSProp, run<updateCenteredRmsProp<T>>);
    add(OpCode::ApplyFtrl, run<updateFtrl<T, false>>);
    add(OpCode::ApplyFtrlV2, run<updateFtrl<T, true>>);
    add(OpCode::ApplyAdamW, run<updateAdam<T, true>>);
    add(OpCode::ApplyAdam, run<updateAdam<T, false>>);
}

} // namespace

void addOptimizerUpdates(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
}

} // namespace wr::cpu::WR_CPU_VARIANT
