// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix product of two row-major matrices, either of them transposed, on Eigen's GEMM, one thread a tile.
#include "engine/cpu/kernel_list.h"

#include <Eigen/Core>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

template <typename T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename T>
using ConstMatrix = Eigen::Map<const Matrix<T>>;
template <typename T>
using BlockMatrix = Eigen::Map<Matrix<T>, 0, Eigen::OuterStride<>>;
template <typename T>
using ConstBlock = Eigen::Map<const Matrix<T>, 0, Eigen::OuterStride<>>;

/// How the product is cut: by rows when there are many, else by columns; sizes are multiples of 16, so that
/// Eigen's kernels see whole registers. Follows from the shape alone.
struct Cut {
    std::int64_t rows;
    std::int64_t columns;
    std::int64_t rowTiles;
    std::int64_t columnTiles;
};

std::int64_t roundUp16(std::int64_t value)
{
    return (value + 15) / 16 * 16;
}

Cut cutOf(const KernelArgs& args)
{
    const std::int64_t m = args.outputs[0].dims[0];
    const std::int64_t n = args.outputs[0].dims[1];
    Cut cut{std::max<std::int64_t>(m, 1), std::max<std::int64_t>(n, 1), 1, 1};
    constexpr std::int64_t kManyRows = 128;
    constexpr std::int64_t kColumnTile = 96;
    if (m >= kManyRows) {
        cut.rows = std::clamp<std::int64_t>(roundUp16((m + 7) / 8), 64, 256);
        cut.rowTiles = tilesOf(m, cut.rows);
    } else if (n >= 2 * kColumnTile) {
        cut.columns = roundUp16((n + 3) / 4) >= kColumnTile ? roundUp16((n + 3) / 4) : roundUp16((n + 1) / 2);
        cut.columnTiles = tilesOf(n, cut.columns);
    }
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
    const TensorView& a = args.inputs[0];
    const TensorView& b = args.inputs[1];
    const std::int64_t m = args.outputs[0].dims[0];
    const std::int64_t n = args.outputs[0].dims[1];
    const std::int64_t k = transposeA ? a.dims[0] : a.dims[1];
    if (m == 0 || n == 0)
        return;
    const Cut cut = cutOf(args);
    for (std::int64_t tile = begin; tile < end; ++tile) {
        const std::int64_t row = tile / cut.columnTiles * cut.rows;
        const std::int64_t column = tile % cut.columnTiles * cut.columns;
        const std::int64_t rows = std::min(cut.rows, m - row);
        const std::int64_t columns = std::min(cut.columns, n - column);
        BlockMatrix<T> c(out<T>(args) + row * n + column, rows, columns, Eigen::OuterStride<>(n));
        if (k == 0) {
            c.setZero();
            continue;
        }
        const auto outer = [](std::int64_t stride) { return Eigen::OuterStride<>(stride); };
        const T* const aData = in<T>(args, 0) + (transposeA ? row : row * k);
        const T* const bData = in<T>(args, 1) + (transposeB ? column * k : column);
        const ConstBlock<T> aBlock(aData, transposeA ? k : rows, transposeA ? rows : k, outer(a.dims[1]));
        const ConstBlock<T> bBlock(bData, transposeB ? columns : k, transposeB ? k : columns,
                                   outer(b.dims[1]));
        if (transposeA && transposeB)
            c.noalias() = aBlock.transpose() * bBlock.transpose();
        else if (transposeA)
            c.noalias() = aBlock.transpose() * bBlock;
        else if (transposeB)
            c.noalias() = aBlock * bBlock.transpose();
        else
            c.noalias() = aBlock * bBlock;
    }
}

} // namespace

void addMatMul(std::vector<KernelEntry>& table)
{
    table.push_back({OpCode::MatMul, DType::Float32, {matMulTiles, nullptr, runMatMul<float>}});
    table.push_back({OpCode::MatMul, DType::Float64, {matMulTiles, nullptr, runMatMul<double>}});
}

} // namespace wr::cpu::WR_CPU_VARIANT
