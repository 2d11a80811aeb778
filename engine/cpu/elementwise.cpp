// SPDX-License-Identifier: GPL-3.0-or-later
// Two operands with broadcasting: arithmetic.
#include "engine/cpu/pairs.h"

#include <cmath>
#include <limits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

struct AddOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return static_cast<T>(a + b);
    }
};
struct SubOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return static_cast<T>(a - b);
    }
};
struct MulOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return static_cast<T>(a * b);
    }
};
struct DivOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return a / b;
    }
};
// A NaN in either operand is the result, as in TensorFlow.
struct MaximumOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return a > b || a != a ? a : b;
    }
};
struct MinimumOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return a < b || a != a ? a : b;
    }
};
struct PowOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return std::pow(a, b);
    }
};
struct SquaredDifferenceOf {
    template <typename T>
    static T apply(T a, T b)
    {
        return static_cast<T>((a - b) * (a - b));
    }
};
// Whole numbers by zero are found by the check before a step; here they give 0 and never trap.
struct FloorDivOf {
    template <typename T>
    static T apply(T a, T b)
    {
        if constexpr (std::is_floating_point_v<T>) {
            return std::floor(a / b);
        } else {
            if (b == 0 || (b == -1 && a == std::numeric_limits<T>::min()))
                return b == 0 ? T{0} : a;
            const T quotient = static_cast<T>(a / b);
            return static_cast<T>(quotient - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0));
        }
    }
};
struct FloorModOf {
    template <typename T>
    static T apply(T a, T b)
    {
        if constexpr (std::is_floating_point_v<T>) {
            const T rest = std::fmod(a, b);
            return rest != T{0} && (rest < T{0}) != (b < T{0}) ? rest + b : rest;
        } else {
            if (b == 0 || b == -1)
                return 0;
            const T rest = static_cast<T>(a % b);
            return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
        }
    }
};

template <typename Op>
void addArithmetic(std::vector<KernelEntry>& table, OpCode op)
{
    addFloatingPair<Op>(table, op);
    table.push_back(arithmetic<Op, std::int32_t>(op));
    table.push_back(arithmetic<Op, std::int64_t>(op));
}

template <typename Op>
void addOrdered(std::vector<KernelEntry>& table, OpCode op)
{
    addFloatingPair<Op>(table, op);
    table.push_back({op, DType::Int32, {elementTiles, nullptr, runBinary<Op, std::int32_t, std::int32_t>}});
    table.push_back({op, DType::Int64, {elementTiles, nullptr, runBinary<Op, std::int64_t, std::int64_t>}});
}

} // namespace

void addElementwise(std::vector<KernelEntry>& table)
{
    addArithmetic<AddOf>(table, OpCode::Add);
    addArithmetic<SubOf>(table, OpCode::Sub);
    addArithmetic<MulOf>(table, OpCode::Mul);
    addFloatingPair<DivOf>(table, OpCode::Div);
    addFloatingPair<PowOf>(table, OpCode::Pow);
    addArithmetic<SquaredDifferenceOf>(table, OpCode::SquaredDifference);
    addOrdered<MaximumOf>(table, OpCode::Maximum);
    addOrdered<MinimumOf>(table, OpCode::Minimum);
    addOrdered<FloorDivOf>(table, OpCode::FloorDiv);
    addOrdered<FloorModOf>(table, OpCode::FloorMod);
}

} // namespace wr::cpu::WR_CPU_VARIANT
