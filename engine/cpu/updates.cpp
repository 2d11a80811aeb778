// SPDX-License-Identifier: GPL-3.0-or-later
// What changes a variable by a value: AssignAdd and AssignSub. Output 0 is the memory of input 0.
#include "engine/cpu/kernel_list.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

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
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::AssignAdd, dtype, {elementTiles, nullptr, runAssignAdd<T, 1>}});
    table.push_back({OpCode::AssignSub, dtype, {elementTiles, nullptr, runAssignAdd<T, -1>}});
}

} // namespace

void addUpdates(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
    addFor<std::uint32_t>(table, DType::Int32); // wraps around instead of overflowing
    addFor<std::uint64_t>(table, DType::Int64);
}

} // namespace wr::cpu::WR_CPU_VARIANT
