// SPDX-License-Identifier: GPL-3.0-or-later
// A block of c stays in registers while a column of a, broadcast value by value, meets a row of b. b is read
// where it lies when its rows are contiguous and do not fall on one another in the cache; otherwise a panel
// of it is copied first. a is always read where it lies, except where its rows would fall on one another.
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

constexpr std::int64_t kDepthBlock = 512;
// Of a, where it is copied: blocks of rows one after another, in each the values of a column side by side.
constexpr std::int64_t kPackedRows = 288;

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
    std::int64_t depth;
    const T* a;
    std::int64_t aRow;
    std::int64_t aDepth;
    const T* b;
    std::int64_t bDepth;
    T* c;
    std::int64_t cRow;
    std::int64_t columns; ///< of c that count
    bool isAdded;
    const T* bias;
    Finish finish;
};

template <typename T>
Vector<T> finished(Vector<T> sum, const Block<T>& block, int vector)
{
    if (block.finish == Finish::None)
        return sum;
    sum += loadVector(block.bias + vector * kLanes<T>);
    // NaN stays NaN.
    return block.finish == Finish::BiasRelu ? (sum < T(0) ? Vector<T>{} : sum) : sum;
}

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
        for (std::int64_t j = 0; j < block.columns; ++j) {
            T sum = block.isAdded ? to[j] + sums[i * width + j] : sums[i * width + j];
            if (block.finish != Finish::None)
                sum += block.bias[j];
            to[j] = block.finish == Finish::BiasRelu && sum < T(0) ? T(0) : sum;
        }
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
            *to = finished<T>(block.isAdded ? *to + sums.at[i][v] : sums.at[i][v], block, v);
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
    if constexpr (kIsDense) {
        const T* a = block.a;
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
        ColumnOfA<T> a(block.a, block.aRow);
        const std::int64_t step = block.aDepth * static_cast<std::int64_t>(sizeof(T));
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
    alignas(64) T rows[kDepthBlock * kPackedRows];
};

/// Made when a thread multiplies for the first time, and kept.
template <typename T>
Buffers<T>& buffers()
{
    static thread_local const std::unique_ptr<Buffers<T>> kBuffers(new Buffers<T>);
    return *kBuffers;
}

/// Copies `depth` rows of `columns` values of b, filled up with zeros to `width`.
template <typename T>
void packPanel(T* to, const T* b, const Product<T>& product, std::int64_t depth, std::int64_t columns,
               std::int64_t width)
{
    if (product.bColumn == 1) {
        constexpr std::int64_t kAhead =
            12; // rows may lie a page apart, where the processor does not foresee them
        for (std::int64_t p = 0; p < depth; ++p) {
            const T* const from = b + p * product.bDepth;
            __builtin_prefetch(from + kAhead * product.bDepth);
            __builtin_prefetch(from + kAhead * product.bDepth + kLanes<T>);
            for (std::int64_t j = 0; j < columns; ++j)
                to[j] = from[j];
            for (std::int64_t j = columns; j < width; ++j)
                to[j] = T(0);
            to += width;
        }
        return;
    }
    // Columns of b are contiguous, so eight rows of the panel are made of eight values of each.
    constexpr std::int64_t kStrip = 8;
    for (std::int64_t p = 0; p < depth; p += kStrip) {
        const std::int64_t strip = std::min(kStrip, depth - p);
        T* const rows = to + p * width;
        for (std::int64_t j = 0; j < columns; ++j) {
            const T* const from = b + j * product.bColumn + p * product.bDepth;
            for (std::int64_t q = 0; q < strip; ++q)
                rows[q * width + j] = from[q * product.bDepth];
        }
        for (std::int64_t q = 0; q < strip; ++q) {
            for (std::int64_t j = columns; j < width; ++j)
                rows[q * width + j] = T(0);
        }
    }
}

template <typename T>
void packRows(T* to, const T* a, const Product<T>& product, std::int64_t rows, std::int64_t depth)
{
    for (std::int64_t i = 0; i < rows; ++i) {
        const T* const from = a + i * product.aRow;
        for (std::int64_t p = 0; p < depth; ++p)
            to[p * rows + i] = from[p * product.aDepth];
    }
}

/// Squares of four by four, turned over in registers.
void packRows(float* to, const float* a, const Product<float>& product, std::int64_t rows, std::int64_t depth)
{
    typedef float Four __attribute__((vector_size(16), aligned(4), may_alias)); // NOLINT
    typedef std::int32_t Order __attribute__((vector_size(16)));                // NOLINT
    const auto four = [](float* at) -> Four& { return *reinterpret_cast<Four*>(at); };
    const auto row = [&](std::int64_t i, std::int64_t p) {
        return *reinterpret_cast<const Four*>(a + i * product.aRow + p);
    };
    const std::int64_t evenRows = product.aDepth == 1 ? rows / 4 * 4 : 0;
    const std::int64_t evenDepth = depth / 4 * 4;
    for (std::int64_t p = 0; p < evenDepth; p += 4) {
        for (std::int64_t i = 0; i < evenRows; i += 4) {
            const Four low01 = __builtin_shuffle(row(i, p), row(i + 1, p), Order{0, 4, 1, 5});
            const Four high01 = __builtin_shuffle(row(i, p), row(i + 1, p), Order{2, 6, 3, 7});
            const Four low23 = __builtin_shuffle(row(i + 2, p), row(i + 3, p), Order{0, 4, 1, 5});
            const Four high23 = __builtin_shuffle(row(i + 2, p), row(i + 3, p), Order{2, 6, 3, 7});
            float* const corner = to + p * rows + i;
            four(corner) = __builtin_shuffle(low01, low23, Order{0, 1, 4, 5});
            four(corner + rows) = __builtin_shuffle(low01, low23, Order{2, 3, 6, 7});
            four(corner + 2 * rows) = __builtin_shuffle(high01, high23, Order{0, 1, 4, 5});
            four(corner + 3 * rows) = __builtin_shuffle(high01, high23, Order{2, 3, 6, 7});
        }
    }
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t p = i < evenRows ? evenDepth : 0; p < depth; ++p)
            to[p * rows + i] = a[i * product.aRow + p * product.aDepth];
    }
}

template <typename T>
bool packsRows(const Product<T>& product)
{
    constexpr std::int64_t kFewRows = 4;
    return product.aRow != 1 && product.rows > kFewRows && product.rows <= kPackedRows &&
           product.columns >= 4 * kLanes<T> && fallTogether<T>(product.aRow);
}

/// One block of depth, all rows and columns.
template <typename T>
void multiplySlab(const Product<T>& product, std::int64_t firstDepth, std::int64_t depth)
{
    constexpr std::int64_t kWide = 2 * kLanes<T>;
    constexpr std::int64_t kFewRows = 3 * kMostRows; // copying a panel pays when it is read more often
    Buffers<T>& own = buffers<T>();
    const bool copiesRows = packsRows(product);
    const bool isLast = firstDepth + depth == product.depth;
    const T* const a = product.a + firstDepth * product.aDepth;
    const T* const b = product.b + firstDepth * product.bDepth;
    Block<T> block;
    block.depth = depth;
    block.cRow = product.cRow;
    block.isAdded = product.isAdded || firstDepth > 0;
    block.finish = isLast ? product.finish : Finish::None;
    for (std::int64_t column = 0; column < product.columns; column += kWide) {
        block.columns = std::min(kWide, product.columns - column);
        const std::int64_t width = block.columns > kLanes<T> ? kWide : kLanes<T>;
        block.b = b + column * product.bColumn;
        block.bDepth = product.bDepth;
        if (product.bColumn != 1 || block.columns != width || (product.rows > kFewRows && depth > 16) ||
            fallTogether<T>(product.bDepth)) {
            packPanel(own.panel, block.b, product, depth, block.columns, width);
            block.b = own.panel;
            block.bDepth = width;
        }
        block.bias = product.bias != nullptr ? product.bias + column : nullptr;
        std::int64_t row = 0;
        for (std::int64_t left = (product.rows + kMostRows - 1) / kMostRows; left > 0; --left) {
            // Blocks of nearly equal height: a last one of a row or two would be slow.
            const std::int64_t rows = (product.rows - row + left - 1) / left;
            block.a = a + row * product.aRow;
            block.aRow = product.aRow;
            block.aDepth = product.aDepth;
            if (copiesRows) {
                T* const packed = own.rows + row * depth;
                if (column == 0)
                    packRows(packed, block.a, product, rows, depth);
                block.a = packed;
                block.aRow = 1;
                block.aDepth = rows;
            }
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
    std::int64_t done = 0;
    do { // once for a depth of zero, which gives zeros
        const std::int64_t depth = std::min(kDepthBlock, product.depth - done);
        multiplySlab(product, done, depth);
        done += depth;
    } while (done < product.depth);
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

} // namespace wr::cpu::WR_CPU_VARIANT
