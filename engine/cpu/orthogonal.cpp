// SPDX-License-Identifier: GPL-3.0-or-later
// Orthogonal: the thin QR factorisation of a matrix by Householder reflections, all in double precision. Only
// + − × ÷ and square root in a fixed order, and no contraction: the same bits in every build. Source: G.
// Golub, C. Van Loan, "Matrix Computations", 5.1 and 5.2.
#include "engine/cpu/kernel_list.h"

#include <cmath>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

/// Columns that stay in the cache while all reflections pass over them.
constexpr std::int64_t kPanel = 16;
constexpr std::int64_t kLanes = 8;

/// Eight sums side by side, so that the compiler may use whatever registers there are.
double dot(const double* a, const double* b, std::int64_t count)
{
    double lanes[kLanes] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::int64_t k = 0; k < kLanes; ++k)
            lanes[k] += a[i + k] * b[i + k];
    }
    double sum =
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    for (; i < count; ++i)
        sum += a[i] * b[i];
    return sum;
}

/// column ← (I − tau v vᵀ) column
void reflect(const double* v, double tau, double* column, std::int64_t count)
{
    const double factor = tau * dot(v, column, count);
    for (std::int64_t i = 0; i < count; ++i)
        column[i] -= factor * v[i];
}

struct Reflection {
    double tau;
    double sign; ///< of the diagonal of R that it leaves
};

/// The reflection that takes `column` to a multiple of the first unit vector; v, with v[0] = 1, takes its
/// place.
Reflection makeReflection(double* column, std::int64_t count)
{
    double largest = 0.0;
    for (std::int64_t i = 0; i < count; ++i)
        largest = std::max(largest, std::abs(column[i]));
    if (!(largest > 0.0)) { // nothing to turn: H is the identity
        std::fill(column, column + count, 0.0);
        return {0.0, 1.0};
    }
    for (std::int64_t i = 0; i < count; ++i)
        column[i] /= largest;
    const double norm = std::sqrt(dot(column, column, count));
    const double first = column[0];
    const double diagonal = first > 0.0 ? -norm : norm;
    const double pivot = first - diagonal;
    for (std::int64_t i = 1; i < count; ++i)
        column[i] /= pivot;
    column[0] = 1.0;
    return {(diagonal - first) / diagonal, diagonal < 0.0 ? -1.0 : 1.0};
}

/// A matrix of `length` rows and `count` <= length columns that lie one after another; the input's, or those
/// of its transpose when it is wide.
struct Extent {
    std::int64_t rows;
    std::int64_t columns;
    std::int64_t length;
    std::int64_t count;
    bool isWide() const { return rows < columns; }
    std::int64_t offset(std::int64_t i, std::int64_t column) const
    {
        return isWide() ? column * columns + i : i * columns + column;
    }
};

Extent extentOf(const KernelArgs& args)
{
    const std::int64_t rows = args.inputs[0].dims[0];
    const std::int64_t columns = args.inputs[0].dims[1];
    return {rows, columns, std::max(rows, columns), std::min(rows, columns)};
}

std::size_t workspaceFor(const KernelArgs& args)
{
    const Extent extent = extentOf(args);
    return sizeof(double) *
           static_cast<std::size_t>(extent.length * (extent.count + kPanel) + 2 * extent.count);
}

void factorise(double* matrix, double* taus, double* signs, const Extent& extent)
{
    const std::int64_t length = extent.length;
    for (std::int64_t first = 0; first < extent.count; first += kPanel) {
        const std::int64_t last = std::min(first + kPanel, extent.count);
        for (std::int64_t k = 0; k < last; ++k) {
            double* const v = matrix + k * length + k;
            if (k >= first) {
                const Reflection made = makeReflection(v, length - k);
                taus[k] = made.tau;
                signs[k] = made.sign;
            }
            for (std::int64_t j = std::max(first, k + 1); j < last; ++j)
                reflect(v, taus[k], matrix + j * length + k, length - k);
        }
    }
}

template <typename T>
void runOrthogonal(const KernelArgs& args, std::int64_t, std::int64_t)
{
    const Extent extent = extentOf(args);
    const std::int64_t length = extent.length;
    const T* const x = in<T>(args, 0);
    T* const y = out<T>(args);
    const double gain = args.attributes->scalars[0];
    auto* const matrix = reinterpret_cast<double*>(args.workspace);
    double* const panel = matrix + length * extent.count;
    double* const taus = panel + length * kPanel;
    double* const signs = taus + extent.count;
    for (std::int64_t j = 0; j < extent.count; ++j) {
        for (std::int64_t i = 0; i < length; ++i)
            matrix[j * length + i] = static_cast<double>(x[extent.offset(i, j)]);
    }
    factorise(matrix, taus, signs, extent);
    // Column j of Q is H₀ H₁ … Hⱼ eⱼ; the later reflections leave eⱼ as it is.
    for (std::int64_t first = 0; first < extent.count; first += kPanel) {
        const std::int64_t last = std::min(first + kPanel, extent.count);
        std::fill(panel, panel + (last - first) * length, 0.0);
        for (std::int64_t j = first; j < last; ++j)
            panel[(j - first) * length + j] = 1.0;
        for (std::int64_t k = last - 1; k >= 0; --k) {
            for (std::int64_t j = std::max(first, k); j < last; ++j)
                reflect(matrix + k * length + k, taus[k], panel + (j - first) * length + k, length - k);
        }
        for (std::int64_t j = first; j < last; ++j) {
            const double factor = signs[j] * gain;
            for (std::int64_t i = 0; i < length; ++i)
                y[extent.offset(i, j)] = static_cast<T>(panel[(j - first) * length + i] * factor);
        }
    }
}

} // namespace

void addOrthogonal(std::vector<KernelEntry>& table)
{
    const auto oneTile = [](const KernelArgs&) -> std::int64_t { return 1; };
    table.push_back({OpCode::Orthogonal, DType::Float32, {oneTile, workspaceFor, runOrthogonal<float>}});
    table.push_back({OpCode::Orthogonal, DType::Float64, {oneTile, workspaceFor, runOrthogonal<double>}});
}

} // namespace wr::cpu::WR_CPU_VARIANT
