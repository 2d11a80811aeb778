// SPDX-License-Identifier: GPL-3.0-or-later
// Values in another order or place: dimensions exchanged, padded, rows gathered by index and added back,
// classes as one-hot rows. An index outside of its rows is found before a step; here such a row gives zeros.
#include "engine/cpu/kernel_list.h"

#include <algorithm>
#include <cstring>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

/// The input's stride along each axis of a transposed output.
struct Order {
    std::int64_t strides[backend::kMaxRank] = {};
    int rank = 0;
    int inner = 0; ///< the output's axis along which the input is contiguous
};

Order orderOf(const KernelArgs& args)
{
    const TensorView& x = args.inputs[0];
    std::int64_t strides[backend::kMaxRank] = {};
    std::int64_t stride = 1;
    for (int axis = x.rank - 1; axis >= 0; --axis) {
        strides[axis] = stride;
        stride *= x.dims[axis];
    }
    Order order;
    order.rank = x.rank;
    const bool isStated = args.attributes->axisCount > 0;
    for (int axis = 0; axis < x.rank; ++axis) {
        const int from = isStated ? args.attributes->axes[axis] : x.rank - 1 - axis;
        order.strides[axis] = strides[from];
        if (from == x.rank - 1)
            order.inner = axis;
    }
    return order;
}

constexpr std::int64_t kBlock = 32;

/// Tiles: blocks of the last axis, for each place of all axes but the last and the inner one.
std::int64_t transposeTiles(const KernelArgs& args)
{
    const TensorView& y = args.outputs[0];
    if (y.rank == 0 || y.elements == 0)
        return 1;
    const int inner = orderOf(args).inner;
    const std::int64_t last = y.dims[y.rank - 1];
    const std::int64_t plane = inner == y.rank - 1 ? last : last * y.dims[inner];
    return y.elements / plane * (inner == y.rank - 1 ? 1 : tilesOf(last, kBlock));
}

template <typename T>
void runTranspose(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const TensorView& y = args.outputs[0];
    if (y.elements == 0)
        return;
    if (y.rank == 0) {
        *out<T>(args) = *in<T>(args, 0);
        return;
    }
    const Order order = orderOf(args);
    const int lastAxis = y.rank - 1;
    const std::int64_t last = y.dims[lastAxis];
    const bool isRow = order.inner == lastAxis;
    const std::int64_t blocks = isRow ? 1 : tilesOf(last, kBlock);
    std::int64_t outStrides[backend::kMaxRank] = {};
    std::int64_t stride = 1;
    for (int axis = lastAxis; axis >= 0; --axis) {
        outStrides[axis] = stride;
        stride *= y.dims[axis];
    }
    for (std::int64_t tile = begin; tile < end; ++tile) {
        std::int64_t place = tile / blocks;
        std::int64_t from = 0;
        std::int64_t to = 0;
        for (int axis = lastAxis - 1; axis >= 0; --axis) {
            if (axis == order.inner)
                continue;
            const std::int64_t index = place % y.dims[axis];
            place /= y.dims[axis];
            from += index * order.strides[axis];
            to += index * outStrides[axis];
        }
        const T* const x = in<T>(args, 0) + from;
        T* const z = out<T>(args) + to;
        if (isRow) {
            std::copy_n(x, last, z);
            continue;
        }
        const std::int64_t column = tile % blocks * kBlock;
        const std::int64_t columnEnd = std::min(column + kBlock, last);
        const std::int64_t step = order.strides[lastAxis];
        const std::int64_t rows = y.dims[order.inner];
        const std::int64_t rowStep = outStrides[order.inner];
        for (std::int64_t row = 0; row < rows; row += kBlock) {
            for (std::int64_t i = row; i < std::min(row + kBlock, rows); ++i) {
                for (std::int64_t j = column; j < columnEnd; ++j)
                    z[i * rowStep + j] = x[i + j * step];
            }
        }
    }
}

/// Rows of the last axis, some thousand elements a tile.
std::int64_t rowsPerTile(std::int64_t length)
{
    return std::max<std::int64_t>(1, kElementTile / std::max<std::int64_t>(length, 1));
}

std::int64_t padTiles(const KernelArgs& args)
{
    const TensorView& y = args.outputs[0];
    const std::int64_t last = y.rank == 0 ? 1 : y.dims[y.rank - 1];
    return tilesOf(y.elements / std::max<std::int64_t>(last, 1), rowsPerTile(last));
}

template <typename T>
void runPad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const TensorView& x = args.inputs[0];
    const TensorView& y = args.outputs[0];
    const auto value = static_cast<T>(args.attributes->scalars[0]);
    if (y.rank == 0 || y.elements == 0) {
        if (y.elements > 0)
            *out<T>(args) = *in<T>(args, 0);
        return;
    }
    const int lastAxis = y.rank - 1;
    const std::int64_t last = y.dims[lastAxis];
    const std::int64_t each = rowsPerTile(last);
    const std::int64_t rows = y.elements / last;
    const std::int64_t before = args.attributes->axes[lastAxis];
    for (std::int64_t row = begin * each; row < std::min(end * each, rows); ++row) {
        std::int64_t rest = row;
        std::int64_t from = 0;
        std::int64_t stride = x.dims[lastAxis];
        bool isInside = true;
        for (int axis = lastAxis - 1; axis >= 0; --axis) {
            const std::int64_t place = rest % y.dims[axis] - args.attributes->axes[axis];
            rest /= y.dims[axis];
            isInside = isInside && place >= 0 && place < x.dims[axis];
            from += place * stride;
            stride *= x.dims[axis];
        }
        T* const z = out<T>(args) + row * last;
        if (!isInside) {
            std::fill_n(z, last, value);
            continue;
        }
        const std::int64_t length = x.dims[lastAxis];
        std::fill_n(z, before, value);
        std::copy_n(in<T>(args, 0) + from, length, z + before);
        std::fill(z + before + length, z + last, value);
    }
}

/// The index at `place`, or −1 when it names none of `rows`.
std::int64_t indexAt(const TensorView& indices, std::int64_t place, std::int64_t rows)
{
    std::int64_t index = 0;
    switch (indices.dtype) {
    case DType::Int32:
        index = static_cast<const std::int32_t*>(indices.data)[place];
        break;
    case DType::UInt8:
        index = static_cast<const std::uint8_t*>(indices.data)[place];
        break;
    default:
        index = static_cast<const std::int64_t*>(indices.data)[place];
    }
    return index >= 0 && index < rows ? index : -1;
}

std::int64_t gatherTiles(const KernelArgs& args)
{
    const std::int64_t count = args.inputs[1].elements;
    const std::int64_t length = count == 0 ? 1 : args.outputs[0].elements / count;
    return tilesOf(count, rowsPerTile(length));
}

template <typename T>
void runGather(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t count = args.inputs[1].elements;
    if (count == 0)
        return;
    const std::int64_t length = args.outputs[0].elements / count;
    const std::int64_t each = rowsPerTile(length);
    for (std::int64_t i = begin * each; i < std::min(end * each, count); ++i) {
        const std::int64_t row = indexAt(args.inputs[1], i, args.inputs[0].dims[0]);
        T* const to = out<T>(args) + i * length;
        if (row < 0)
            std::fill_n(to, length, T{});
        else
            std::copy_n(in<T>(args, 0) + row * length, length, to);
    }
}

/// A few tiles of rows; each looks at all indices, so that rows are added in their order.
constexpr std::int64_t kGatherGradTiles = 8;

std::int64_t gatherGradTiles(const KernelArgs& args)
{
    const TensorView& y = args.outputs[0];
    return y.elements < kElementTile ? 1 : std::min<std::int64_t>(kGatherGradTiles, y.dims[0]);
}

template <typename T>
void runGatherGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const TensorView& y = args.outputs[0];
    const std::int64_t rows = y.dims[0];
    if (y.elements == 0)
        return;
    const std::int64_t length = y.elements / rows;
    const std::int64_t tiles = gatherGradTiles(args);
    const std::int64_t first = rows * begin / tiles;
    const std::int64_t last = rows * end / tiles;
    std::fill(out<T>(args) + first * length, out<T>(args) + last * length, T{});
    for (std::int64_t i = 0; i < args.inputs[1].elements; ++i) {
        const std::int64_t row = indexAt(args.inputs[1], i, rows);
        if (row < first || row >= last)
            continue;
        const T* const dy = in<T>(args, 2) + i * length;
        T* const to = out<T>(args) + row * length;
        for (std::int64_t j = 0; j < length; ++j)
            to[j] += dy[j];
    }
}

template <typename T>
void runOneHot(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t depth = args.attributes->axes[0];
    const std::int64_t count = args.inputs[0].elements;
    if (depth == 0)
        return;
    const std::int64_t each = rowsPerTile(depth);
    const auto on = static_cast<T>(args.attributes->scalars[0]);
    const auto off = static_cast<T>(args.attributes->scalars[1]);
    for (std::int64_t i = begin * each; i < std::min(end * each, count); ++i) {
        T* const row = out<T>(args) + i * depth;
        std::fill_n(row, depth, off);
        if (const std::int64_t place = indexAt(args.inputs[0], i, depth); place >= 0)
            row[place] = on;
    }
}

std::int64_t oneHotTiles(const KernelArgs& args)
{
    return tilesOf(args.inputs[0].elements, rowsPerTile(args.attributes->axes[0]));
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::Transpose, dtype, {transposeTiles, nullptr, runTranspose<T>}});
    table.push_back({OpCode::Pad, dtype, {padTiles, nullptr, runPad<T>}});
    table.push_back({OpCode::Gather, dtype, {gatherTiles, nullptr, runGather<T>}});
    table.push_back({OpCode::OneHot, dtype, {oneHotTiles, nullptr, runOneHot<T>}});
}

} // namespace

void addArrays(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
    addFor<std::int32_t>(table, DType::Int32);
    addFor<std::int64_t>(table, DType::Int64);
    addFor<std::uint8_t>(table, DType::UInt8);
    addFor<std::uint8_t>(table, DType::Bool);
    table.push_back({OpCode::GatherGrad, DType::Float32, {gatherGradTiles, nullptr, runGatherGrad<float>}});
    table.push_back({OpCode::GatherGrad, DType::Float64, {gatherGradTiles, nullptr, runGatherGrad<double>}});
}

} // namespace wr::cpu::WR_CPU_VARIANT
