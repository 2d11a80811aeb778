// SPDX-License-Identifier: GPL-3.0-or-later
// What changes a variable: AssignAdd, AssignSub and the optimizers' updates, each one pass over all its
// arrays. Output 0 is the memory of input 0; slots are written through their inputs.
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

template <typename T, int Sign>
void runAssignAdd(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    const T* const value = in<T>(args, 1);
    T* const variable = out<T>(args);
    for (std::int64_t i = span.first; i < span.last; ++i)
        variable[i] = static_cast<T>(Sign > 0 ? variable[i] + value[i] : variable[i] - value[i]);
}

template <typename T>
void runGradientDescent(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const T alpha = scalar<T>(args, 1);
    const T* const gradient = in<T>(args, 2);
    T* const variable = out<T>(args);
    forEachRun(args, begin, end, [=](Span span) {
#pragma GCC ivdep
        for (std::int64_t i = span.first; i < span.last; ++i)
            variable[i] -= alpha * gradient[i];
    });
}

template <typename T>
void runMomentum(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    T* const accumulated = state<T>(args, 1);
    const T alpha = scalar<T>(args, 2);
    const T* const gradient = in<T>(args, 3);
    const T momentum = scalar<T>(args, 4);
    T* const variable = out<T>(args);
    for (std::int64_t i = span.first; i < span.last; ++i) {
        accumulated[i] = momentum * accumulated[i] + gradient[i];
        variable[i] -= alpha * accumulated[i];
    }
}

/// α·√(1−β2ᵗ)/(1−β1ᵗ) · m / (√v + ε), as TensorFlow writes it (ε outside the root).
template <typename T>
void runAdam(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    T* const m = state<T>(args, 1);
    T* const v = state<T>(args, 2);
    const T beta1Power = scalar<T>(args, 3);
    const T beta2Power = scalar<T>(args, 4);
    const T rate = scalar<T>(args, 5) * std::sqrt(T{1} - beta2Power) / (T{1} - beta1Power);
    const T beta1 = scalar<T>(args, 6);
    const T beta2 = scalar<T>(args, 7);
    const T epsilon = scalar<T>(args, 8);
    const T* const gradient = in<T>(args, 9);
    T* const variable = out<T>(args);
    for (std::int64_t i = span.first; i < span.last; ++i) {
        const T g = gradient[i];
        m[i] += (g - m[i]) * (T{1} - beta1);
        v[i] += (g * g - v[i]) * (T{1} - beta2);
        variable[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon);
    }
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::AssignAdd, dtype, {elementTiles, nullptr, runAssignAdd<T, 1>}});
    table.push_back({OpCode::AssignSub, dtype, {elementTiles, nullptr, runAssignAdd<T, -1>}});
}

template <typename T>
void addOptimizers(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::ApplyGradientDescent, dtype, {updateTiles, nullptr, runGradientDescent<T>}});
    table.push_back({OpCode::ApplyMomentum, dtype, {elementTiles, nullptr, runMomentum<T>}});
    table.push_back({OpCode::ApplyAdam, dtype, {elementTiles, nullptr, runAdam<T>}});
}

} // namespace

void addUpdates(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
    addFor<std::uint32_t>(table, DType::Int32); // wraps around instead of overflowing
    addFor<std::uint64_t>(table, DType::Int64);
    addOptimizers<float>(table, DType::Float32);
    addOptimizers<double>(table, DType::Float64);
}

} // namespace wr::cpu::WR_CPU_VARIANT
