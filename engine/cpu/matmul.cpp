// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix product of two row-major matrices, either of them transposed.
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
    return {args.outputs[0].dims[0], args.outputs[0].dims[1],
            args.inputs[0].dims[args.attributes->transposeA ? 0 : 1]};
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

std::int64_t matMulTiles(const KernelArgs& args)
{
    return gridOf(args).count();
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
    for (std::int64_t tile = begin; tile < end; ++tile) {
        const TileGrid::Tile part = grid.at(tile);
        product.rows = part.rows;
        product.columns = part.columns;
        product.a = in<T>(args, 0) + part.row * product.aRow;
        product.b = in<T>(args, 1) + part.column * product.bColumn;
        product.c = out<T>(args) + part.row * n + part.column;
        multiply(product);
    }
}

} // namespace

void addMatMul(std::vector<KernelEntry>& table)
{
    table.push_back({OpCode::MatMul, DType::Float32, {matMulTiles, nullptr, runMatMul<float>}});
    table.push_back({OpCode::MatMul, DType::Float64, {matMulTiles, nullptr, runMatMul<double>}});
}

} // namespace wr::cpu::WR_CPU_VARIANT
