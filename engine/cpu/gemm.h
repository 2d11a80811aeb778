// SPDX-License-Identifier: GPL-3.0-or-later
// The product of two matrices in memory, on one thread: what MatMul, its fused forms and convolutions cut
// their work into. Every element of the result is summed in the order of k, in blocks of kDepthBlock, so its
// bits depend neither on the other elements nor on how a product was cut. Allocates nothing in a step (each
// thread keeps one buffer); cannot fail.
#pragma once

#include "engine/cpu/kernel_list.h"

namespace wr::cpu::WR_CPU_VARIANT {

/// c[i][j] = Σp a[i][p] · b[p][j] for i < rows, j < columns, p < depth, with strides in elements. With
/// several segments the depth goes on where a's next segment begins: p < segments · depth, and b's rows
/// follow one another.
template <typename T>
struct Product {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::int64_t depth = 0;
    const T* a = nullptr;
    std::int64_t aRow = 0;   ///< from a[i][p] to a[i + 1][p]
    std::int64_t aDepth = 0; ///< from a[i][p] to a[i][p + 1]
    std::int64_t segments = 1;
    std::int64_t aSegment = 0; ///< from the first value of a segment to that of the next
    const T* b = nullptr;
    std::int64_t bDepth = 0;
    std::int64_t bColumn = 0;
    T* c = nullptr;
    std::int64_t cRow = 0; ///< columns of c are next to one another
    bool isAdded = false;  ///< to what c holds
    /// Behind the last column of each row of b there is memory up to whole vectors, whatever it holds.
    bool isOpenEnded = false;
};

void multiply(const Product<float>& product);
void multiply(const Product<double>& product);

/// Columns that the kernel computes at a time; a cut at its multiples wastes nothing.
std::int64_t panelColumns(DType dtype);
/// Columns that it reads for the last `columns` of a matrix, at most panelColumns(): whole vectors.
std::int64_t wholeColumns(DType dtype, std::int64_t columns);

} // namespace wr::cpu::WR_CPU_VARIANT
