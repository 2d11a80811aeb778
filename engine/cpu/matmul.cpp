// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix product of two row-major matrices, either of them transposed.
#include "engine/cpu/gemm.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

/// How the product is cut into tiles of rows and columns. Follows from the shape alone.
struct Cut {
    std::int64_t rows;
    std::int64_t columns;
    std::int64_t rowTiles;
    std::int64_t columnTiles;
};

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

Cut cutOf(const KernelArgs& args)
{
    const auto [m, n, k] = sizesOf(args);
    // A tile worth handing to another thread, but no more rows than a second-level cache holds of a.
    constexpr double kTileWork = 1e6;
    constexpr std::int64_t kMostTiles = 16;
    constexpr std::int64_t kMostRows = 256;
    const double work = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
    const std::int64_t wanted = work < kTileWork * static_cast<double>(kMostTiles)
                                    ? static_cast<std::int64_t>(work / kTileWork)
                                    : kMostTiles;
    const std::int64_t width = panelColumns(args.outputs[0].dtype);
    const std::int64_t panels = tilesOf(n, width);
    Cut cut{};
    cut.rowTiles = tilesOf(m, kMostRows);
    if (panels * cut.rowTiles < wanted) // few columns: cut the rows further, into tiles worth their start
        cut.rowTiles = std::max(cut.rowTiles, std::min(tilesOf(m, 16), wanted / panels));
    const std::int64_t columnTiles = std::clamp<std::int64_t>(tilesOf(wanted, cut.rowTiles), 1, panels);
    cut.columns = tilesOf(panels, columnTiles) * width;
    cut.columnTiles = tilesOf(n, cut.columns);
    cut.rows = tilesOf(m, cut.rowTiles);
    cut.rowTiles = tilesOf(m, cut.rows);
    return cut;
}

std::int64_t matMulTiles(const KernelArgs& args)
{
    const Cut cut = cutOf(args);
    return cut.rowTiles * cut.columnTiles;
}

template <typename T>
void runMatMul(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const bool transposeA = args.attributes->transposeA;
    const bool transposeB = args.attributes->transposeB;
    const auto [m, n, k] = sizesOf(args);
    const Cut cut = cutOf(args);
    Product<T> product;
    product.depth = k;
    product.aRow = transposeA ? 1 : k;
    product.aDepth = transposeA ? m : 1;
    product.bDepth = transposeB ? 1 : n;
    product.bColumn = transposeB ? k : 1;
    product.cRow = n;
    for (std::int64_t tile = begin; tile < end; ++tile) {
        const std::int64_t row = tile / cut.columnTiles * cut.rows;
        const std::int64_t column = tile % cut.columnTiles * cut.columns;
        product.rows = std::min(cut.rows, m - row);
        product.columns = std::min(cut.columns, n - column);
        product.a = in<T>(args, 0) + row * product.aRow;
        product.b = in<T>(args, 1) + column * product.bColumn;
        product.c = out<T>(args) + row * n + column;
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
