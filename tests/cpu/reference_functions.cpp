// SPDX-License-Identifier: GPL-3.0-or-later
// Ops of one or two numbers, by the standard library in double precision.
#include "tests/cpu/kernel_case.h"

#include <algorithm>
#include <cmath>

namespace wr::cpu {

using backend::OpCode;

double referenceOf(OpCode op, double a, double b)
{
    switch (op) {
    case OpCode::Add:
        return a + b;
    case OpCode::Sub:
        return a - b;
    case OpCode::Mul:
        return a * b;
    case OpCode::Div:
        return a / b;
    case OpCode::Maximum:
        return std::max(a, b);
    case OpCode::Minimum:
        return std::min(a, b);
    case OpCode::Pow:
        return std::pow(a, b);
    case OpCode::FloorDiv:
        return std::floor(a / b);
    case OpCode::FloorMod: {
        const double rest = std::fmod(a, b);
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case OpCode::SquaredDifference:
        return (a - b) * (a - b);
    case OpCode::LogicalAnd:
        return a != 0 && b != 0 ? 1 : 0;
    case OpCode::LogicalOr:
        return a != 0 || b != 0 ? 1 : 0;
    case OpCode::Relu6Grad:
        return b > 0 && b < 6 ? a : 0;
    case OpCode::EluGrad:
        return b < 0 ? a * (b + 1) : a;
    case OpCode::SeluGrad:
        return b < 0 ? a * (b + 1.0507009873554805 * 1.6732632423543772) : a * 1.0507009873554805;
    case OpCode::Equal:
        return a == b ? 1 : 0;
    case OpCode::NotEqual:
        return a != b ? 1 : 0;
    case OpCode::Less:
        return a < b ? 1 : 0;
    case OpCode::LessEqual:
        return a <= b ? 1 : 0;
    case OpCode::Greater:
        return a > b ? 1 : 0;
    case OpCode::GreaterEqual:
        return a >= b ? 1 : 0;
    case OpCode::ReluGrad:
        return b > 0 ? a : 0;
    case OpCode::SigmoidGrad:
        return a * b * (1 - b);
    case OpCode::TanhGrad:
        return a * (1 - b * b);
    default:
        return NAN;
    }
}

double referenceOf(OpCode op, double x)
{
    switch (op) {
    case OpCode::Neg:
        return -x;
    case OpCode::Exp:
        return std::exp(x);
    case OpCode::Log:
        return std::log(x);
    case OpCode::Sqrt:
        return std::sqrt(x);
    case OpCode::Rsqrt:
        return 1.0 / std::sqrt(x);
    case OpCode::Square:
        return x * x;
    case OpCode::Abs:
        return std::abs(x);
    case OpCode::Sign:
        return x > 0 ? 1 : x < 0 ? -1 : 0;
    case OpCode::Relu:
        return std::max(x, 0.0);
    case OpCode::Sigmoid:
        return 1.0 / (1.0 + std::exp(-x));
    case OpCode::Tanh:
        return std::tanh(x);
    case OpCode::IsNan:
        return std::isnan(x) ? 1 : 0;
    case OpCode::IsInf:
        return std::isinf(x) ? 1 : 0;
    case OpCode::IsFinite:
        return std::isfinite(x) ? 1 : 0;
    case OpCode::LogicalNot:
        return x != 0 ? 0 : 1;
    case OpCode::Reciprocal:
        return 1 / x;
    case OpCode::Floor:
        return std::floor(x);
    case OpCode::Ceil:
        return std::ceil(x);
    case OpCode::Rint:
        return std::nearbyint(x);
    case OpCode::Sin:
        return std::sin(x);
    case OpCode::Cos:
        return std::cos(x);
    case OpCode::Log1p:
        return std::log1p(x);
    case OpCode::Expm1:
        return std::expm1(x);
    case OpCode::Erf:
        return std::erf(x);
    case OpCode::Relu6:
        return std::min(std::max(x, 0.0), 6.0);
    case OpCode::Elu:
        return x > 0 ? x : std::expm1(x);
    case OpCode::Selu:
        return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x));
    case OpCode::Softplus:
        return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    default:
        return x; // Identity, Reshape, Assign
    }
}

} // namespace wr::cpu
