// SPDX-License-Identifier: GPL-3.0-or-later
// Concat and Slice: values moved in runs that are contiguous on both sides.
#include "engine/cpu/kernel_list.h"

#include <cstring>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

void copyElements(const TensorView& to, std::int64_t at, const TensorView& from, std::int64_t first,
                  std::int64_t count)
{
    const std::size_t size = dtypeSize(to.dtype);
    std::memcpy(static_cast<std::byte*>(to.data) + static_cast<std::size_t>(at) * size,
                static_cast<const std::byte*>(from.data) + static_cast<std::size_t>(first) * size,
                static_cast<std::size_t>(count) * size);
}

/// Elements of one row of `view` when all dimensions before `axis` count the rows.
std::int64_t rowLength(const TensorView& view, std::int32_t axis)
{
    std::int64_t length = 1;
    for (std::int32_t i = axis; i < view.rank; ++i)
        length *= view.dims[i];
    return length;
}

void runConcat(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const TensorView& y = args.outputs[0];
    const std::int32_t axis = args.attributes->axes[0];
    const Span span = elementSpan(begin, end, y.elements);
    if (span.last <= span.first)
        return;
    const std::int64_t width = rowLength(y, axis);
    std::int64_t row = span.first / width;
    std::int64_t within = span.first % width; // place in the row
    std::int32_t input = 0;
    std::int64_t start = 0; // where the input's part of a row begins
    for (std::int64_t at = span.first; at < span.last;) {
        const std::int64_t part = rowLength(args.inputs[input], axis);
        if (within < start + part) {
            const std::int64_t count = std::min(start + part - within, span.last - at);
            copyElements(y, at, args.inputs[input], row * part + (within - start), count);
            at += count;
            within += count;
        }
        if (within == width) {
            ++row;
            within = 0;
            input = 0;
            start = 0;
        } else if (within >= start + part) {
            start += part;
            ++input;
        }
    }
}

void runSlice(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const TensorView& x = args.inputs[0];
    const TensorView& y = args.outputs[0];
    const Span span = elementSpan(begin, end, y.elements);
    if (span.last <= span.first)
        return;
    // Below the last dimension that is cut, whole blocks are contiguous.
    std::int32_t cut = y.rank - 1;
    while (cut > 0 && y.dims[cut] == x.dims[cut])
        --cut;
    const std::int64_t run = y.rank == 0 ? 1 : rowLength(y, cut);
    for (std::int64_t at = span.first; at < span.last;) {
        std::int64_t rest = at / run;
        std::int64_t from = at % run;
        if (y.rank > 0) {
            std::int64_t stride = rowLength(x, cut + 1);
            from += args.attributes->axes[cut] * stride;
            stride *= x.dims[cut];
            for (std::int32_t i = cut - 1; i >= 0; --i) {
                from += (rest % y.dims[i] + args.attributes->axes[i]) * stride;
                rest /= y.dims[i];
                stride *= x.dims[i];
            }
        }
        const std::int64_t count = std::min(run - at % run, span.last - at);
        copyElements(y, at, x, from, count);
        at += count;
    }
}

} // namespace

void addSlices(std::vector<KernelEntry>& table)
{
    for (const DType dtype :
         {DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::UInt8, DType::Bool}) {
        table.push_back({OpCode::Concat, dtype, {elementTiles, nullptr, runConcat}});
        table.push_back({OpCode::Slice, dtype, {elementTiles, nullptr, runSlice}});
    }
}

} // namespace wr::cpu::WR_CPU_VARIANT
