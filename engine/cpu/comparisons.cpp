// SPDX-License-Identifier: GPL-3.0-or-later
// Questions about elements, answered by bool: comparisons, logic, what kind of number it is; and the choice
// between two values by such an answer.
#include "engine/cpu/pairs.h"

#include <cmath>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

struct EqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a == b;
    }
};
struct NotEqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a != b;
    }
};
struct LessOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a < b;
    }
};
struct LessEqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a <= b;
    }
};
struct GreaterOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a > b;
    }
};
struct GreaterEqualOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return a >= b;
    }
};
struct AndOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return static_cast<std::uint8_t>(a & b);
    }
};
struct OrOf {
    template <typename T>
    static std::uint8_t apply(T a, T b)
    {
        return static_cast<std::uint8_t>(a | b);
    }
};

template <typename Op>
void addComparison(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back(comparison<Op, float>(op));
    table.push_back(comparison<Op, double>(op));
    table.push_back(comparison<Op, std::int32_t>(op));
    table.push_back(comparison<Op, std::int64_t>(op));
    table.push_back(comparison<Op, std::uint8_t>(op));
    table.push_back(comparison<Op, std::uint8_t>(op, DType::Bool));
}

struct NotOf {
    template <typename T>
    static std::uint8_t apply(T x)
    {
        return x == T{0};
    }
};
// By differences, which the compiler vectorises: x − x is 0 for finite x only.
struct IsNanOf {
    template <typename T>
    static std::uint8_t apply(T x)
    {
        return x != x;
    }
};
struct IsInfOf {
    template <typename T>
    static std::uint8_t apply(T x)
    {
        return x == x && x - x != T{0};
    }
};
struct IsFiniteOf {
    template <typename T>
    static std::uint8_t apply(T x)
    {
        return x - x == T{0};
    }
};

template <typename Op, typename T>
void runQuestion(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    const T* const x = in<T>(args, 0);
    auto* const y = out<std::uint8_t>(args);
    for (std::int64_t i = span.first; i < span.last; ++i)
        y[i] = Op::apply(x[i]);
}

template <typename Op>
void addQuestion(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back({op, DType::Float32, {elementTiles, nullptr, runQuestion<Op, float>}});
    table.push_back({op, DType::Float64, {elementTiles, nullptr, runQuestion<Op, double>}});
}

template <typename T>
void runSelect(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    const BroadcastWalk<3> walk(args.outputs[0], args.inputs);
    walk.run(span.first, span.last,
             [&](std::int64_t first, const std::int64_t* offsets, const std::int64_t* strides,
                 std::int64_t count) {
                 const auto* const condition = in<std::uint8_t>(args, 0) + offsets[0];
                 const T* const a = in<T>(args, 1) + offsets[1];
                 const T* const b = in<T>(args, 2) + offsets[2];
                 T* const y = out<T>(args) + first;
                 for (std::int64_t i = 0; i < count; ++i)
                     y[i] = condition[i * strides[0]] != 0 ? a[i * strides[1]] : b[i * strides[2]];
             });
}

template <typename T>
KernelEntry select(DType dtype)
{
    return {OpCode::Select, dtype, {elementTiles, nullptr, runSelect<T>}};
}

} // namespace

void addComparisons(std::vector<KernelEntry>& table)
{
    addComparison<EqualOf>(table, OpCode::Equal);
    addComparison<NotEqualOf>(table, OpCode::NotEqual);
    addComparison<LessOf>(table, OpCode::Less);
    addComparison<LessEqualOf>(table, OpCode::LessEqual);
    addComparison<GreaterOf>(table, OpCode::Greater);
    addComparison<GreaterEqualOf>(table, OpCode::GreaterEqual);
    table.push_back(comparison<AndOf, std::uint8_t>(OpCode::LogicalAnd, DType::Bool));
    table.push_back(comparison<OrOf, std::uint8_t>(OpCode::LogicalOr, DType::Bool));
    table.push_back(
        {OpCode::LogicalNot, DType::Bool, {elementTiles, nullptr, runQuestion<NotOf, std::uint8_t>}});
    addQuestion<IsNanOf>(table, OpCode::IsNan);
    addQuestion<IsInfOf>(table, OpCode::IsInf);
    addQuestion<IsFiniteOf>(table, OpCode::IsFinite);
    table.push_back(select<float>(DType::Float32));
    table.push_back(select<double>(DType::Float64));
    table.push_back(select<std::int32_t>(DType::Int32));
    table.push_back(select<std::int64_t>(DType::Int64));
    table.push_back(select<std::uint8_t>(DType::UInt8));
    table.push_back(select<std::uint8_t>(DType::Bool));
}

} // namespace wr::cpu::WR_CPU_VARIANT
