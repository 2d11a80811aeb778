// SPDX-License-Identifier: GPL-3.0-or-later
// A block of c stays in registers while a column of a, broadcast value by value, meets a row of b. b is read
// where it lies when its rows are contiguous and do not fall on one another in the cache; otherwise a panel
// of it is copied first. a is always read where it lies, fewer rows at a time where they fall on one another.
#include "engine/cpu/gemm.h"

#include <cstring>
#include <memory>
#include <utility>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
constexpr int kMostRows = 14; // of 32 registers, 28 hold sums, 2 a row of b
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
constexpr int kMostRows = 6; // of 16 registers, 12 hold sums, 2 a row of b, 1 a value of a
#else
constexpr int kVectorBytes = 16;
constexpr int kMostRows = 6;
#endif

constexpr int kMostFallingRows = 6; // lines of one set, of the eight that a first-level cache holds
constexpr std::int64_t kDepthBlock = 512;

template <typename T>
struct VectorOf {
    typedef T Type __attribute__((vector_size(kVectorBytes), aligned(alignof(T)), may_alias)); // NOLINT
};
template <typename T>
using Vector = typename VectorOf<T>::Type;
template <typename T>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));

template <typename T>
Vector<T> loadVector(const T* from)
{
    return *reinterpret_cast<const Vector<T>*>(from);
}

/// Addresses of kRows values that lie `stride` apart, as few registers as the address modes of x86 allow:
/// groups of six around one base, at 0, 1, 2, 3, 4 and 5 strides.
template <typename T>
struct ColumnOfA {
    const char* base[(kMostRows + 5) / 6];
    std::int64_t one;
    std::int64_t three;
    std::int64_t five;

    ColumnOfA(const T* a, std::int64_t stride)
        : one(stride * static_cast<std::int64_t>(sizeof(T))), three(3 * one), five(5 * one)
    {
        for (int group = 0; group < (kMostRows + 5) / 6; ++group)
            base[group] = reinterpret_cast<const char*>(a) + 6 * group * one;
    }
    T at(int row) const
    {
        const char* const from = base[row / 6];
        switch (row % 6) {
        case 0:
            return *reinterpret_cast<const T*>(from);
        case 1:
            return *reinterpret_cast<const T*>(from + one);
        case 2:
            return *reinterpret_cast<const T*>(from + 2 * one);
        case 3:
            return *reinterpret_cast<const T*>(from + three);
        case 4:
            return *reinterpret_cast<const T*>(from + 4 * one);
        default:
            return *reinterpret_cast<const T*>(from + five);
        }
    }
    void advance(std::int64_t bytes)
    {
        for (const char*& address : base)
            address += bytes;
    }
};

/// What a block of the product is made of.
template <typename T>
struct Block {
    std::int64_t depth; ///< of each segment
    std::int64_t segments;
    std::int64_t aSegment;
    const T* a;
    std::int64_t aRow;
    std::int64_t aDepth;
    const T* b;
    std::int64_t bDepth;
    T* c;
    std::int64_t cRow;
    std::int64_t columns; ///< of c that count
    bool isAdded;
};

template <typename T, int kRows, int kVectors>
struct Sums {
    Vector<T> at[std::size_t{kRows}][std::size_t{kVectors}];
};

template <typename T, int kVectors>
struct RowOfB {
    Vector<T> at[std::size_t{kVectors}];
    explicit RowOfB(const T* from)
    {
        for (int v = 0; v < kVectors; ++v)
            at[v] = loadVector(from + v * kLanes<T>);
    }
};

/// A panel that c's right edge cuts through.
template <typename T>
void storeEdge(const Block<T>& block, const T* sums, int rows, std::int64_t width)
{
    for (int i = 0; i < rows; ++i) {
        T* const to = block.c + i * block.cRow;
        for (std::int64_t j = 0; j < block.columns; ++j)
            to[j] = block.isAdded ? to[j] + sums[i * width + j] : sums[i * width + j];
    }
}

template <typename T, int kRows, int kVectors>
[[gnu::always_inline]] inline void storeSums(const Block<T>& block, const Sums<T, kRows, kVectors>& sums)
{
    constexpr int kWidth = kVectors * kLanes<T>;
    if (block.columns != kWidth) {
        const Sums<T, kRows, kVectors> copy = sums;
        storeEdge(block, reinterpret_cast<const T*>(&copy), kRows, kWidth);
        return;
    }
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) {
            auto* const to = reinterpret_cast<Vector<T>*>(block.c + i * block.cRow + v * kLanes<T>);
            *to = block.isAdded ? *to + sums.at[i][v] : sums.at[i][v];
        }
    }
}

/// The sums of kRows rows and kVectors vectors of columns. kIsDense: the values of a column of a are next to
/// one another.
template <typename T, int kRows, int kVectors, bool kIsDense>
void multiplyBlock(const Block<T>& block)
{
    Sums<T, kRows, kVectors> sums;
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v)
            sums.at[i][v] = Vector<T>{};
    }
    const T* b = block.b;
    const T* segment = block.a;
    const std::int64_t step = block.aDepth * static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t s = block.segments; s > 0; --s) {
        if constexpr (kIsDense) {
            const T* a = segment;
            for (std::int64_t p = block.depth; p > 0; --p) {
                const RowOfB<T, kVectors> row(b);
#pragma GCC unroll 16
                for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
                    for (int v = 0; v < kVectors; ++v)
                        sums.at[i][v] += a[i] * row.at[v];
                }
                a += block.aDepth;
                b += block.bDepth;
            }
        } else {
            ColumnOfA<T> a(segment, block.aRow);
            for (std::int64_t p = block.depth; p > 0; --p) {
                const RowOfB<T, kVectors> row(b);
#pragma GCC unroll 16
                for (int i = 0; i < kRows; ++i) {
                    const T value = a.at(i);
#pragma GCC unroll 2
                    for (int v = 0; v < kVectors; ++v)
                        sums.at[i][v] += value * row.at[v];
                }
                a.advance(step);
                b += block.bDepth;
            }
        }
        segment += block.aSegment;
    }
    storeSums<T, kRows, kVectors>(block, sums);
}

template <typename T>
using BlockKernel = void (*)(const Block<T>&);

template <typename T, int kVectors, bool kIsDense, int... kRows>
BlockKernel<T> kernelOf(int rows, std::integer_sequence<int, kRows...> /*numbers*/)
{
    static constexpr BlockKernel<T> kKernels[] = {multiplyBlock<T, kRows + 1, kVectors, kIsDense>...};
    return kKernels[rows - 1];
}

template <typename T>
BlockKernel<T> kernelOf(int rows, int vectors, bool isDense)
{
    constexpr std::make_integer_sequence<int, kMostRows> kNumbers;
    if (vectors == 2)
        return isDense ? kernelOf<T, 2, true>(rows, kNumbers) : kernelOf<T, 2, false>(rows, kNumbers);
    return isDense ? kernelOf<T, 1, true>(rows, kNumbers) : kernelOf<T, 1, false>(rows, kNumbers);
}

/// Whether values this far apart share few sets of a first-level cache of 32 KiB in 8 ways.
template <typename T>
bool fallTogether(std::int64_t stride)
{
    return stride * static_cast<std::int64_t>(sizeof(T)) % 1024 == 0;
}

template <typename T>
struct Buffers {
    alignas(64) T panel[kDepthBlock * 2 * kLanes<T>];
};

/// Made when a thread multiplies for the first time, and kept.
template <typename T>
Buffers<T>& buffers()
{
    static thread_local const std::unique_ptr<Buffers<T>> kBuffers(new Buffers<T>);
    return *kBuffers;
}

/// Copies `depth` rows of b from where they lie side by side.
template <typename T>
void packRows(T* to, const T* b, std::int64_t bDepth, std::int64_t depth, std::int64_t columns,
              std::int64_t width)
{
    constexpr std::int64_t kAhead =
        12; // rows may lie a page apart, where the processor does not foresee them
    for (std::int64_t p = 0; p < depth; ++p) {
        const T* const from = b + p * bDepth;
        __builtin_prefetch(from + kAhead * bDepth);
        __builtin_prefetch(from + kAhead * bDepth + kLanes<T>);
        for (std::int64_t j = 0; j < columns; ++j)
            to[p * width + j] = from[j];
    }
}

/// Turns columns of b, each of `depth` neighbouring values, into rows.
template <typename T>
void turnColumns(T* to, const T* b, std::int64_t bColumn, std::int64_t depth, std::int64_t columns,
                 std::int64_t width)
{
    for (std::int64_t j = 0; j < columns; ++j) {
        for (std::int64_t p = 0; p < depth; ++p)
            to[p * width + j] = b[j * bColumn + p];
    }
}

/// The same in squares of four by four, turned over in registers.
void turnColumns(float* to, const float* b, std::int64_t bColumn, std::int64_t depth, std::int64_t columns,
                 std::int64_t width)
{
    typedef float Four __attribute__((vector_size(16), aligned(4), may_alias)); // NOLINT
    typedef std::int32_t Order __attribute__((vector_size(16)));                // NOLINT
    const auto from = [&](std::int64_t j, std::int64_t p) {
        return *reinterpret_cast<const Four*>(b + j * bColumn + p);
    };
    const auto four = [](float* at) -> Four& { return *reinterpret_cast<Four*>(at); };
    const std::int64_t evenColumns = columns / 4 * 4;
    const std::int64_t evenDepth = depth / 4 * 4;
    for (std::int64_t j = 0; j < evenColumns; j += 4) {
        for (std::int64_t p = 0; p < evenDepth; p += 4) {
            const Four low01 = __builtin_shuffle(from(j, p), from(j + 1, p), Order{0, 4, 1, 5});
            const Four high01 = __builtin_shuffle(from(j, p), from(j + 1, p), Order{2, 6, 3, 7});
            const Four low23 = __builtin_shuffle(from(j + 2, p), from(j + 3, p), Order{0, 4, 1, 5});
            const Four high23 = __builtin_shuffle(from(j + 2, p), from(j + 3, p), Order{2, 6, 3, 7});
            float* const corner = to + p * width + j;
            four(corner) = __builtin_shuffle(low01, low23, Order{0, 1, 4, 5});
            four(corner + width) = __builtin_shuffle(low01, low23, Order{2, 3, 6, 7});
            four(corner + 2 * width) = __builtin_shuffle(high01, high23, Order{0, 1, 4, 5});
            four(corner + 3 * width) = __builtin_shuffle(high01, high23, Order{2, 3, 6, 7});
        }
    }
    for (std::int64_t j = 0; j < columns; ++j) {
        for (std::int64_t p = j < evenColumns ? evenDepth : 0; p < depth; ++p)
            to[p * width + j] = b[j * bColumn + p];
    }
}

/// Copies `depth` rows of `columns` values of b, filled up with zeros to `width`.
template <typename T>
void packPanel(T* to, const T* b, const Product<T>& product, std::int64_t depth, std::int64_t columns,
               std::int64_t width)
{
    if (product.bColumn == 1) {
        packRows(to, b, product.bDepth, depth, columns, width);
    } else if (product.bDepth == 1) {
        constexpr std::int64_t kPart = 64; // rows of the panel that stay in the first-level cache
        for (std::int64_t p = 0; p < depth; p += kPart)
            turnColumns(to + p * width, b + p, product.bColumn, std::min(kPart, depth - p), columns, width);
    } else {
        for (std::int64_t p = 0; p < depth; ++p) {
            for (std::int64_t j = 0; j < columns; ++j)
                to[p * width + j] = b[p * product.bDepth + j * product.bColumn];
        }
    }
    for (std::int64_t p = 0; p < depth && columns < width; ++p)
        std::fill(to + p * width + columns, to + (p + 1) * width, T(0));
}

/// A stretch of depth, all rows and columns: `segments` whole ones from `firstSegment` on, or a part of one.
struct Slab {
    std::int64_t firstSegment = 0;
    std::int64_t segments = 1;
    std::int64_t firstDepth = 0;
    std::int64_t depth = 0;
};

template <typename T>
void multiplySlab(const Product<T>& product, const Slab& slab)
{
    constexpr std::int64_t kWide = 2 * kLanes<T>;
    constexpr std::int64_t kFewRows = 3 * kMostRows; // copying a panel pays when it is read more often
    T* const packed = buffers<T>().panel;
    const int mostRows = product.aRow != 1 && fallTogether<T>(product.aRow)
                             ? std::min(kMostFallingRows, kMostRows)
                             : kMostRows;
    const std::int64_t firstRow = slab.firstSegment * product.depth + slab.firstDepth;
    const std::int64_t depth = slab.segments * slab.depth; // rows of b
    const T* const a = product.a + slab.firstSegment * product.aSegment + slab.firstDepth * product.aDepth;
    const T* const b = product.b + firstRow * product.bDepth;
    Block<T> block;
    block.depth = slab.depth;
    block.segments = slab.segments;
    block.aSegment = product.aSegment;
    block.aRow = product.aRow;
    block.aDepth = product.aDepth;
    block.cRow = product.cRow;
    block.isAdded = product.isAdded || firstRow > 0;
    for (std::int64_t column = 0; column < product.columns; column += kWide) {
        block.columns = std::min(kWide, product.columns - column);
        const std::int64_t width = block.columns > kLanes<T> ? kWide : kLanes<T>;
        block.b = b + column * product.bColumn;
        block.bDepth = product.bDepth;
        const bool isShort = block.columns != width && !product.isOpenEnded;
        const bool isSpread = block.bDepth != width && product.rows > kFewRows && depth > 16;
        if (product.bColumn != 1 || isShort || isSpread || fallTogether<T>(product.bDepth)) {
            packPanel(packed, block.b, product, depth, block.columns, width);
            block.b = packed;
            block.bDepth = width;
        }
        std::int64_t row = 0;
        for (std::int64_t left = (product.rows + mostRows - 1) / mostRows; left > 0; --left) {
            // Blocks of nearly equal height: a last one of a row or two would be slow.
            const std::int64_t rows = (product.rows - row + left - 1) / left;
            block.a = a + row * product.aRow;
            block.c = product.c + row * product.cRow + column;
            kernelOf<T>(static_cast<int>(rows), width == kWide ? 2 : 1, block.aRow == 1)(block);
            row += rows;
        }
    }
}

template <typename T>
void multiplyAll(const Product<T>& product)
{
    if (product.rows <= 0 || product.columns <= 0)
        return;
    if (product.depth <= kDepthBlock && product.segments > 1) {
        const std::int64_t together = kDepthBlock / std::max<std::int64_t>(product.depth, 1);
        for (std::int64_t first = 0; first < product.segments; first += together)
            multiplySlab(product, {first, std::min(together, product.segments - first), 0, product.depth});
        return;
    }
    for (std::int64_t segment = 0; segment < product.segments; ++segment) {
        std::int64_t done = 0;
        do { // once for a depth of zero, which gives zeros
            const std::int64_t depth = std::min(kDepthBlock, product.depth - done);
            multiplySlab(product, {segment, 1, done, depth});
            done += depth;
        } while (done < product.depth);
    }
}

} // namespace

void multiply(const Product<float>& product)
{
    multiplyAll(product);
}

void multiply(const Product<double>& product)
{
    multiplyAll(product);
}

std::int64_t panelColumns(DType dtype)
{
    return 2 * kVectorBytes / static_cast<std::int64_t>(dtypeSize(dtype));
}

std::int64_t wholeColumns(DType dtype, std::int64_t columns)
{
    const std::int64_t wide = panelColumns(dtype);
    return columns > wide / 2 ? wide : wide / 2;
}

} // namespace wr::cpu::WR_CPU_VARIANT
