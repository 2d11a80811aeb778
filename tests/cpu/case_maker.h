// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the cases of one row of the table of kernels, with values that are the same in each run. For tests.
#pragma once

#include "tests/cpu/kernel_case.h"

#include <cmath>

namespace wr::cpu {

enum class Range { Any, Positive, Small, Wide };

class CaseMaker {
public:
    CaseMaker(backend::OpCode op, DType dtype) : m_op(op), m_dtype(dtype) {}

    Tensor random(DType dtype, const Shape& shape, Range range = Range::Any)
    {
        Tensor tensor = *Tensor::create(dtype, shape);
        for (std::int64_t i = 0; i < tensor.elementCount(); ++i)
            store(tensor, i, draw(range));
        return tensor;
    }
    Tensor random(const Shape& shape, Range range = Range::Any) { return random(m_dtype, shape, range); }
    Tensor labels(DType dtype, std::int64_t count, std::int64_t classes)
    {
        return labels(dtype, Shape{count}, classes);
    }
    Tensor labels(DType dtype, const Shape& shape, std::int64_t classes)
    {
        Tensor tensor = *Tensor::create(dtype, shape);
        for (std::int64_t i = 0; i < tensor.elementCount(); ++i)
            store(tensor, i, static_cast<double>(m_random() % static_cast<std::uint64_t>(classes)));
        return tensor;
    }
    Tensor scalar(double value)
    {
        Tensor tensor = *Tensor::create(m_dtype, {});
        store(tensor, 0, value);
        return tensor;
    }
    void add(std::vector<Tensor> inputs, const Shape& out, const backend::OpAttributes& attributes = {},
             DType outType = DType::Invalid)
    {
        KernelCase c;
        c.op = m_op;
        c.dtype = m_dtype;
        c.inputs = std::move(inputs);
        c.outShape = out;
        c.outType = outType == DType::Invalid ? m_dtype : outType;
        c.attributes = attributes;
        cases.push_back(std::move(c));
    }
    DType dtype() const { return m_dtype; }
    backend::OpCode op() const { return m_op; }
    std::vector<KernelCase> cases;

    /// A power of two times a few eighths: without rounding in either type of two bytes.
    static std::uint16_t shortBits(double value, DType dtype)
    {
        int exponent = 0;
        const double part = std::frexp(std::abs(value), &exponent); // [0.5, 1)
        const auto eighths = static_cast<unsigned>(part * 16.0) & 7U;
        const bool isHalf = dtype == DType::Float16;
        const int biased = exponent - 1 + (isHalf ? 15 : 127);
        const unsigned sign = value < 0.0 ? 0x8000U : 0U;
        if (part == 0.0 || biased < 1 || biased > (isHalf ? 30 : 254))
            return static_cast<std::uint16_t>(sign);
        return static_cast<std::uint16_t>(sign | static_cast<unsigned>(biased) << (isHalf ? 10U : 7U) |
                                          eighths << (isHalf ? 7U : 4U));
    }

    static void store(Tensor& tensor, std::int64_t i, double value)
    {
        switch (tensor.dtype()) {
        case DType::Float32:
            tensor.data<float>()[i] = static_cast<float>(value);
            break;
        case DType::Float64:
            tensor.data<double>()[i] = value;
            break;
        case DType::Int32:
            tensor.data<std::int32_t>()[i] = static_cast<std::int32_t>(value);
            break;
        case DType::Int64:
            tensor.data<std::int64_t>()[i] = static_cast<std::int64_t>(value);
            break;
        case DType::UInt8:
            tensor.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(std::abs(value));
            break;
        case DType::Bool:
            tensor.data<bool>()[i] = std::abs(value) >= 1.0;
            break;
        case DType::Float16:
        case DType::BFloat16:
            reinterpret_cast<std::uint16_t*>(tensor.mutableBytes().data())[i] =
                shortBits(value, tensor.dtype());
            break;
        default:
            break;
        }
    }

private:
    double draw(Range range)
    {
        const double unit = static_cast<double>(m_random()) / static_cast<double>(std::mt19937_64::max());
        switch (range) {
        case Range::Positive:
            return 0.01 + 4.0 * unit;
        case Range::Small:
            return std::floor(unit * 5.0) - 2.0;
        case Range::Wide:
            return (unit - 0.5) * 160.0;
        case Range::Any:
            break;
        }
        return (unit - 0.5) * 8.0;
    }

    backend::OpCode m_op;
    DType m_dtype;
    std::mt19937_64 m_random{42};
};

/// Scalars, empty tensors, tiles that are not full.
inline const std::vector<Shape>& sizes()
{
    static const std::vector<Shape> kSizes{{},   {1},    {0},       {7},     {16},
                                           {33}, {5, 7}, {2, 0, 3}, {70001}, {211, 307}};
    return kSizes;
}

/// The cases of the ops that make initial values, join, cut and scatter; false for any other op.
bool addSetupCases(CaseMaker& make, backend::OpCode op);
/// The cases of Assign, its kin and the optimizers' updates; false for any other op.
bool addUpdateCases(CaseMaker& make, backend::OpCode op);

/// The cases of the ops that networks are trained with; false for any other op.
bool addTrainCases(CaseMaker& make, backend::OpCode op);

} // namespace wr::cpu
