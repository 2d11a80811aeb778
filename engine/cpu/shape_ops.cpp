// SPDX-License-Identifier: GPL-3.0-or-later
// Moving values without computing: Identity, StopGradient, Reshape, BroadcastTo, Assign.
#include "engine/cpu/broadcast.h"

#include <cstring>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

void copyTiles(const KernelArgs& args, int source, std::int64_t begin, std::int64_t end)
{
    const std::size_t size = dtypeSize(args.outputs[0].dtype);
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    if (span.last <= span.first || args.inputs[source].data == args.outputs[0].data)
        return;
    const auto offset = static_cast<std::size_t>(span.first) * size;
    std::memcpy(static_cast<std::byte*>(args.outputs[0].data) + offset,
                static_cast<const std::byte*>(args.inputs[source].data) + offset,
                static_cast<std::size_t>(span.last - span.first) * size);
}

void runCopy(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    copyTiles(args, 0, begin, end);
}

/// (variable, value): the output is the variable's memory.
void runAssign(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    copyTiles(args, 1, begin, end);
}

template <typename T>
void runBroadcastTo(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const BroadcastWalk<1> walk(args.outputs[0], args.inputs);
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    walk.run(
        span.first, span.last,
        [&](std::int64_t at, const std::int64_t* offsets, const std::int64_t* strides, std::int64_t count) {
            const T* const x = in<T>(args, 0) + offsets[0];
            if (strides[0] == 0)
                std::fill_n(out<T>(args) + at, count, *x);
            else
                std::copy_n(x, count, out<T>(args) + at);
        });
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::Identity, dtype, {elementTiles, nullptr, runCopy}});
    table.push_back({OpCode::StopGradient, dtype, {elementTiles, nullptr, runCopy}});
    table.push_back({OpCode::Reshape, dtype, {elementTiles, nullptr, runCopy}});
    table.push_back({OpCode::Assign, dtype, {elementTiles, nullptr, runAssign}});
    table.push_back({OpCode::BroadcastTo, dtype, {elementTiles, nullptr, runBroadcastTo<T>}});
}

} // namespace

void addShapeOps(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
    addFor<std::uint16_t>(table, DType::Float16);
    addFor<std::uint16_t>(table, DType::BFloat16);
    addFor<std::int32_t>(table, DType::Int32);
    addFor<std::int64_t>(table, DType::Int64);
    addFor<std::uint8_t>(table, DType::UInt8);
    addFor<std::uint8_t>(table, DType::Bool);
}

} // namespace wr::cpu::WR_CPU_VARIANT
