// SPDX-License-Identifier: GPL-3.0-or-later
// ScatterUpdate and its like: rows of a variable changed one index after another. Tiles are columns, so that
// a row that is named twice is changed in order whatever thread has it. The executor has refused indices
// outside the variable and whole numbers divided by zero before a kernel runs.
#include "engine/cpu/kernel_list.h"

#include <type_traits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

constexpr std::int64_t kColumns = 4096;

std::int64_t rowWidth(const TensorView& variable)
{
    std::int64_t width = 1;
    for (std::int32_t i = 1; i < variable.rank; ++i)
        width *= variable.dims[i];
    return width;
}

std::int64_t columnTiles(const KernelArgs& args)
{
    return tilesOf(rowWidth(args.inputs[0]), kColumns);
}

// Whole numbers wrap around instead of overflowing, which is undefined for signed ones.
template <typename T, typename Op>
T wrapped(T a, T b, Op op)
{
    if constexpr (std::is_floating_point_v<T>) {
        return op(a, b);
    } else {
        using Unsigned = std::make_unsigned_t<T>;
        return static_cast<T>(op(static_cast<std::uint64_t>(static_cast<Unsigned>(a)),
                                 static_cast<std::uint64_t>(static_cast<Unsigned>(b))));
    }
}

struct Update {
    template <typename T>
    static T apply(T /*a*/, T b)
    {
        return b;
    }
};
struct Add {
    template <typename T>
    static T apply(T a, T b)
    {
        return wrapped(a, b, [](auto x, auto y) { return x + y; });
    }
};
struct Sub {
    template <typename T>
    static T apply(T a, T b)
    {
        return wrapped(a, b, [](auto x, auto y) { return x - y; });
    }
};
struct Mul {
    template <typename T>
    static T apply(T a, T b)
    {
        return wrapped(a, b, [](auto x, auto y) { return x * y; });
    }
};
struct Div {
    template <typename T>
    static T apply(T a, T b)
    {
        if constexpr (std::is_floating_point_v<T>) {
            return a / b;
        } else {
            if (b == T{0})
                return a;
            if (std::is_signed_v<T> && b == static_cast<T>(-1)) // the least number has no opposite
                return Sub::apply(T{0}, a);
            return static_cast<T>(a / b);
        }
    }
};

template <typename T, typename Op, typename Index>
void scatterRows(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t rows = args.inputs[0].dims[0];
    const std::int64_t width = rowWidth(args.inputs[0]);
    const std::int64_t first = begin * kColumns;
    const std::int64_t last = std::min(end * kColumns, width);
    const Index* const indices = in<Index>(args, 1);
    const T* const updates = in<T>(args, 2);
    T* const variable = out<T>(args);
    for (std::int64_t i = 0; i < args.inputs[1].elements; ++i) {
        const auto row = static_cast<std::int64_t>(indices[i]);
        if (row < 0 || row >= rows)
            continue;
        T* const to = variable + row * width;
        const T* const from = updates + i * width;
        for (std::int64_t column = first; column < last; ++column)
            to[column] = Op::apply(to[column], from[column]);
    }
}

template <typename T, typename Op>
void runScatter(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    if (args.inputs[1].dtype == DType::Int32)
        scatterRows<T, Op, std::int32_t>(args, begin, end);
    else
        scatterRows<T, Op, std::int64_t>(args, begin, end);
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::ScatterUpdate, dtype, {columnTiles, nullptr, runScatter<T, Update>}});
    if (dtype == DType::Bool) // truths are not counted
        return;
    table.push_back({OpCode::ScatterAdd, dtype, {columnTiles, nullptr, runScatter<T, Add>}});
    table.push_back({OpCode::ScatterSub, dtype, {columnTiles, nullptr, runScatter<T, Sub>}});
    table.push_back({OpCode::ScatterMul, dtype, {columnTiles, nullptr, runScatter<T, Mul>}});
    table.push_back({OpCode::ScatterDiv, dtype, {columnTiles, nullptr, runScatter<T, Div>}});
}

} // namespace

void addScatters(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
    addFor<std::int32_t>(table, DType::Int32);
    addFor<std::int64_t>(table, DType::Int64);
    addFor<std::uint8_t>(table, DType::UInt8);
    addFor<std::uint8_t>(table, DType::Bool);
}

} // namespace wr::cpu::WR_CPU_VARIANT
