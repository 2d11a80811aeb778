// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cpu/case_maker.h"

#include <array>

namespace wr::cpu {
namespace {

using backend::OpAttributes;
using backend::OpCode;

OpAttributes streamAt(std::uint64_t block)
{
    OpAttributes attributes;
    attributes.seed = 12;
    attributes.seed2 = 34;
    attributes.streamBlock = block;
    return attributes;
}

void addUniformInt(CaseMaker& make, DType dtype)
{
    const double widest = dtype == DType::Int32 ? 0x1p31 : 0x1p53;
    for (const auto& [low, high] : {std::array<double, 2>{0, 3},
                                    {-5, 7},
                                    {6, 7},
                                    {-widest, widest},
                                    {0, widest - 1},
                                    {-widest, -widest + 1}}) {
        for (const Shape& shape : sizes()) {
            OpAttributes attributes = streamAt(5);
            attributes.scalars[0] = low;
            attributes.scalars[1] = high;
            make.add({}, shape, attributes);
        }
    }
}

void addShuffle(CaseMaker& make)
{
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{2}, Shape{5}, Shape{33}, Shape{1, 9},
                               Shape{5, 7}, Shape{4, 0, 3}, Shape{6, 2, 3}, Shape{70001}, Shape{211, 307}})
        make.add({make.random(shape)}, shape, streamAt(0xFFFFFFFFU));
}

void addOrthogonal(CaseMaker& make)
{
    for (const Shape& shape :
         {Shape{1, 1}, Shape{3, 3}, Shape{5, 2}, Shape{2, 5}, Shape{33, 17}, Shape{17, 33}, Shape{64, 64},
          Shape{65, 16}, Shape{0, 3}, Shape{3, 0}, Shape{100, 1}, Shape{1, 100}}) {
        for (const double gain : {1.0, -1.5}) {
            OpAttributes attributes;
            attributes.scalars[0] = gain;
            make.add({make.random(shape)}, shape, attributes);
        }
    }
}

void addEye(CaseMaker& make)
{
    for (const Shape& shape :
         {Shape{1, 1}, Shape{3, 3}, Shape{5, 2}, Shape{2, 5}, Shape{0, 3}, Shape{3, 0}, Shape{300, 257},
          Shape{257, 300}, Shape{1, 40000}, Shape{40000, 1}, Shape{128, 128}}) {
        OpAttributes attributes;
        attributes.scalars[0] = 1.0;
        make.add({}, shape, attributes);
        attributes.scalars[0] = 3.0;
        make.add({}, shape, attributes);
    }
}

OpAttributes axes(std::initializer_list<std::int32_t> list)
{
    OpAttributes attributes;
    for (const std::int32_t axis : list)
        attributes.axes[attributes.axisCount++] = axis;
    return attributes;
}

void addConcat(CaseMaker& make)
{
    const auto join = [&](std::initializer_list<Shape> shapes, std::int32_t axis, const Shape& result) {
        std::vector<Tensor> inputs;
        for (const Shape& shape : shapes)
            inputs.push_back(make.random(shape));
        make.add(std::move(inputs), result, axes({axis}));
    };
    join({{3}}, 0, {3});
    join({{3}, {4}}, 0, {7});
    join({{0}, {4}, {0}, {2}, {0}}, 0, {6});
    join({{0}, {0}}, 0, {0});
    join({{2, 3}, {5, 3}}, 0, {7, 3});
    join({{2, 3}, {2, 1}, {2, 0}, {2, 4}}, 1, {2, 8});
    join({{2, 0}, {2, 3}, {2, 0}}, 1, {2, 3});
    join({{0, 2}, {0, 3}}, 1, {0, 5});
    join({{2, 3, 4}, {2, 5, 4}}, 1, {2, 8, 4});
    join({{2, 3, 4}, {2, 3, 1}, {2, 3, 2}}, 2, {2, 3, 7});
    join({{70001}, {3}, {40000}}, 0, {110004});
    join({{300, 100}, {300, 1}, {300, 157}}, 1, {300, 258});
}

void addSlice(CaseMaker& make)
{
    const auto cut = [&](const Shape& whole, std::initializer_list<std::int32_t> begin, const Shape& part) {
        make.add({make.random(whole)}, part, axes(begin));
    };
    cut({}, {}, {});
    cut({5}, {0}, {5});
    cut({5}, {2}, {3});
    cut({5}, {5}, {0});
    cut({4, 6}, {1, 0}, {2, 6});
    cut({4, 6}, {0, 2}, {4, 3});
    cut({4, 6}, {3, 5}, {1, 1});
    cut({4, 6}, {1, 1}, {0, 4});
    cut({3, 4, 5}, {1, 0, 0}, {2, 4, 5});
    cut({3, 4, 5}, {0, 1, 0}, {3, 2, 5});
    cut({3, 4, 5}, {1, 2, 3}, {2, 2, 2});
    cut({2, 3, 4, 5}, {1, 0, 2, 0}, {1, 3, 2, 5});
    cut({70010}, {7}, {70001});
    cut({300, 257}, {10, 3}, {290, 250});
    cut({300, 257}, {99, 0}, {201, 257});
}

/// Divisors are never 0, and not of one sign where the type has signs.
Tensor divisors(CaseMaker& make, DType dtype, const Shape& shape)
{
    Tensor tensor = make.random(shape, Range::Positive);
    for (std::int64_t i = 0; !isFloating(dtype) && i < tensor.elementCount(); ++i)
        CaseMaker::store(tensor, i, static_cast<double>(i % 3 + 1) * (i % 2 == 0 ? 1 : -1));
    return tensor;
}

void addScatter(CaseMaker& make, OpCode op, DType dtype)
{
    struct Asked {
        Shape variable;
        Shape indices;
    };
    for (const Asked& asked :
         {Asked{{7}, {}}, Asked{{7}, {40}}, Asked{{7}, {0}}, Asked{{1}, {3}}, Asked{{6, 5}, {4}},
          Asked{{6, 5}, {2, 3}}, Asked{{4, 2, 3}, {9}}, Asked{{3, 0}, {2}}, Asked{{20, 5000}, {33}},
          Asked{{0, 4}, {0}}, Asked{{9000}, {20000}}}) {
        for (const DType type : {DType::Int32, DType::Int64}) {
            const std::int64_t rows = asked.variable.dim(0);
            Tensor indices = *Tensor::create(type, asked.indices);
            const Tensor drawn = make.labels(type, indices.elementCount(), std::max<std::int64_t>(rows, 1));
            for (std::int64_t i = 0; i < indices.elementCount(); ++i)
                CaseMaker::store(indices, i, drawn.valueAt(i));
            std::vector<std::int64_t> dims = asked.indices.dims();
            const std::vector<std::int64_t> whole = asked.variable.dims();
            dims.insert(dims.end(), whole.begin() + 1, whole.end());
            const Shape shape(dims);
            make.add({make.random(asked.variable), indices,
                      op == OpCode::ScatterDiv ? divisors(make, dtype, shape) : make.random(shape)},
                     asked.variable);
        }
    }
}

} // namespace

bool addSetupCases(CaseMaker& make, OpCode op)
{
    switch (op) {
    case OpCode::RandomUniformInt:
        addUniformInt(make, make.dtype());
        return true;
    case OpCode::RandomShuffle:
        addShuffle(make);
        return true;
    case OpCode::Orthogonal:
        addOrthogonal(make);
        return true;
    case OpCode::Eye:
        addEye(make);
        return true;
    case OpCode::Concat:
        addConcat(make);
        return true;
    case OpCode::Slice:
        addSlice(make);
        return true;
    case OpCode::ScatterUpdate:
    case OpCode::ScatterAdd:
    case OpCode::ScatterSub:
    case OpCode::ScatterMul:
    case OpCode::ScatterDiv:
        addScatter(make, op, make.dtype());
        return true;
    default:
        return false;
    }
}

} // namespace wr::cpu
