// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of one instruction set, family by family. The sources of this folder are compiled once per
// instruction set; WR_CPU_VARIANT names the build and is its namespace, so that no function of one build can
// stand in for another's.
#pragma once

#include "engine/backend/kernel.h"
#include "engine/backend/tile_grid.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#ifndef WR_CPU_VARIANT
#error "WR_CPU_VARIANT must name the instruction set, for example avx2"
#endif

namespace wr::cpu::WR_CPU_VARIANT {

using backend::Kernel;
using backend::KernelArgs;
using backend::KernelEntry;
using backend::OpCode;
using backend::TensorView;

void addElementwise(std::vector<KernelEntry>& table);
void addComparisons(std::vector<KernelEntry>& table);
void addActivations(std::vector<KernelEntry>& table);
void addArrays(std::vector<KernelEntry>& table);
void addSelection(std::vector<KernelEntry>& table);
void addConvolutions(std::vector<KernelEntry>& table);
void addDepthwise(std::vector<KernelEntry>& table);
void addPools(std::vector<KernelEntry>& table);
void addUnary(std::vector<KernelEntry>& table);
void addCasts(std::vector<KernelEntry>& table);
void addInitialValues(std::vector<KernelEntry>& table);
void addMatMul(std::vector<KernelEntry>& table);
void addShapeOps(std::vector<KernelEntry>& table);
void addReductions(std::vector<KernelEntry>& table);
void addClassification(std::vector<KernelEntry>& table);
void addUpdates(std::vector<KernelEntry>& table);
void addOptimizerUpdates(std::vector<KernelEntry>& table);
void addOrthogonal(std::vector<KernelEntry>& table);
void addSlices(std::vector<KernelEntry>& table);
void addScatters(std::vector<KernelEntry>& table);

/// Elements of one tile of element-wise work: 64 KiB of float32, so that a tile's operands stay in the second
/// cache.
inline constexpr std::int64_t kElementTile = 16384;

template <typename T>
const T* in(const KernelArgs& args, int index)
{
    return static_cast<const T*>(args.inputs[index].data);
}

template <typename T>
T* out(const KernelArgs& args, int index = 0)
{
    return static_cast<T*>(args.outputs[index].data);
}

/// Tiles of `size` elements that cover `elements`; at least one.
inline std::int64_t tilesOf(std::int64_t elements, std::int64_t size)
{
    return std::max<std::int64_t>(1, (elements + size - 1) / size);
}

inline std::int64_t elementTiles(const KernelArgs& args)
{
    return tilesOf(args.outputs[0].elements, kElementTile);
}

/// The elements of tiles [begin, end) of a tensor of `elements`.
struct Span {
    std::int64_t first;
    std::int64_t last;
};
inline Span elementSpan(std::int64_t begin, std::int64_t end, std::int64_t elements)
{
    return {begin * kElementTile, std::min(end * kElementTile, elements)};
}

/// How an update is cut: as the product that made its gradient where both stay in the caches, else into runs
/// as long as can be.
inline backend::TileGrid updateGrid(const KernelArgs& args)
{
    const TensorView& variable = args.outputs[0];
    constexpr std::int64_t kPanel = 64;
    constexpr std::int64_t kVector = 16;
    constexpr std::int64_t kTile = 8192;
    constexpr std::int64_t kCached = std::int64_t{1} << 18;
    const std::int64_t columns = variable.rank > 0 ? variable.dims[variable.rank - 1] : 1;
    if (variable.rank < 2 || columns < 2 * kPanel || variable.elements > kCached)
        return backend::TileGrid::of(1, variable.elements, 1, kElementTile);
    const std::int64_t panel = tilesOf(tilesOf(columns, columns / kPanel), kVector) * kVector;
    return backend::TileGrid::of(variable.elements / columns, columns, kTile / panel, panel);
}

inline std::int64_t updateTiles(const KernelArgs& args)
{
    return updateGrid(args).count();
}

/// Calls body(Span) for the runs of neighbouring elements in tiles [begin, end) of updateGrid().
template <typename Body>
void forEachRun(const KernelArgs& args, std::int64_t begin, std::int64_t end, const Body& body)
{
    const backend::TileGrid grid = updateGrid(args);
    for (std::int64_t index = begin; index < end; ++index) {
        const backend::TileGrid::Tile tile = grid.at(index);
        for (std::int64_t row = tile.row; row < tile.row + tile.rows; ++row) {
            const std::int64_t first = row * grid.columns + tile.column;
            body(Span{first, first + tile.columns});
        }
    }
}

} // namespace wr::cpu::WR_CPU_VARIANT
