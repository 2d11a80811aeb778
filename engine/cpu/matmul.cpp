// SPDX-License-Identifier: GPL-3.0-or-later
// Products of row-major matrices, either of them transposed, alone or in batches.
#include "engine/backend/tile_grid.h"
#include "engine/cpu/gemm.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

using backend::TileGrid;

struct Sizes {
    std::int64_t m;
    std::int64_t n;
    std::int64_t k;
};

Sizes sizesOf(const KernelArgs& args)
{
    const TensorView& a = args.inputs[0];
    const TensorView& c = args.outputs[0];
    return {c.dims[c.rank - 2], c.dims[c.rank - 1], a.dims[a.rank - (args.attributes->transposeA ? 2 : 1)]};
}

TileGrid gridOf(const KernelArgs& args)
{
    const auto [m, n, k] = sizesOf(args);
    // Tiles worth handing to another thread, at most kMostTiles that are even, and no more rows in one than a
    // second-level cache holds of a.
    constexpr double kTileWork = 5e5;
    constexpr std::int64_t kMostTiles = 28;
    constexpr std::int64_t kMostRows = 256;
    constexpr std::int64_t kLeastRows = 14;
    const double work = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
    const std::int64_t wanted =
        1 + static_cast<std::int64_t>(std::min(work / kTileWork, static_cast<double>(kMostTiles - 1)));
    const std::int64_t width = panelColumns(args.outputs[0].dtype);
    const std::int64_t panels = tilesOf(n, width);
    std::int64_t rowTiles = tilesOf(m, kMostRows);
    if (panels * rowTiles < wanted)
        rowTiles = std::max(rowTiles, std::min(tilesOf(m, kLeastRows), tilesOf(wanted, panels)));
    const std::int64_t columnTiles =
        panels * rowTiles <= 2 * wanted ? panels : std::min(tilesOf(wanted, rowTiles), panels);
    return TileGrid::of(m, n, tilesOf(m, rowTiles), tilesOf(panels, columnTiles) * width);
}

/// How many products there are; 1 for two matrices.
std::int64_t batchOf(const KernelArgs& args)
{
    std::int64_t batch = 1;
    for (int axis = 0; axis < args.outputs[0].rank - 2; ++axis)
        batch *= args.outputs[0].dims[axis];
    return batch;
}

std::int64_t matMulTiles(const KernelArgs& args)
{
    return std::max<std::int64_t>(gridOf(args).count() * batchOf(args), 1);
}

template <typename T>
void runMatMul(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const bool transposeA = args.attributes->transposeA;
    const bool transposeB = args.attributes->transposeB;
    const auto [m, n, k] = sizesOf(args);
    const TileGrid grid = gridOf(args);
    Product<T> product;
    product.depth = k;
    product.aRow = transposeA ? 1 : k;
    product.aDepth = transposeA ? m : 1;
    product.bDepth = transposeB ? 1 : n;
    product.bColumn = transposeB ? k : 1;
    product.cRow = n;
    const std::int64_t last = std::min(end, grid.count() * batchOf(args));
    for (std::int64_t tile = begin; tile < last; ++tile) {
        const std::int64_t item = tile / grid.count();
        const TileGrid::Tile part = grid.at(tile % grid.count());
        product.rows = part.rows;
        product.columns = part.columns;
        product.a = in<T>(args, 0) + item * m * k + part.row * product.aRow;
        product.b = in<T>(args, 1) + item * k * n + part.column * product.bColumn;
        product.c = out<T>(args) + item * m * n + part.row * n + part.column;
        multiply(product);
    }
}

} // namespace

void addMatMul(std::vector<KernelEntry>& table)
{
    for (const OpCode op : {OpCode::MatMul, OpCode::BatchMatMul}) {
        table.push_back({op, DType::Float32, {matMulTiles, nullptr, runMatMul<float>}});
        table.push_back({op, DType::Float64, {matMulTiles, nullptr, runMatMul<double>}});
    }
}

} // namespace wr::cpu::WR_CPU_VARIANT
