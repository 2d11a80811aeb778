// SPDX-License-Identifier: GPL-3.0-or-later
// Cases of the ops that networks are trained with: activations, questions, rearranging, selecting, windows.
#include "tests/cpu/case_maker.h"

#include <array>
#include <limits>

namespace wr::cpu {
namespace {

using backend::OpAttributes;
using backend::OpCode;

OpAttributes axes(std::initializer_list<std::int32_t> list)
{
    OpAttributes attributes;
    for (const std::int32_t axis : list)
        attributes.axes[attributes.axisCount++] = axis;
    return attributes;
}

void addPairs(CaseMaker& make, Range range, DType out)
{
    for (const auto& [a, b, result] : {std::array<Shape, 3>{Shape{}, Shape{}, Shape{}},
                                       {Shape{33}, Shape{33}, Shape{33}},
                                       {Shape{3, 1}, Shape{1, 4}, Shape{3, 4}},
                                       {Shape{0}, Shape{1}, Shape{0}},
                                       {Shape{70001}, Shape{}, Shape{70001}}})
        make.add({make.random(a, range), make.random(b, range)}, result, {}, out);
}

void addSlopes(CaseMaker& make, std::initializer_list<double> scalars)
{
    for (const double scalar : scalars) {
        for (const Shape& shape : {Shape{}, Shape{0}, Shape{33}, Shape{70001}}) {
            OpAttributes attributes;
            attributes.scalars[0] = scalar;
            if (make.op() == OpCode::LeakyRelu || make.op() == OpCode::Gelu)
                make.add({make.random(shape)}, shape, attributes);
            else
                make.add({make.random(shape), make.random(shape)}, shape, attributes);
        }
    }
}

void addQuestions(CaseMaker& make)
{
    Tensor odd = make.random({40});
    const double inf = std::numeric_limits<double>::infinity();
    const std::array<double, 6> values{inf, -inf, std::numeric_limits<double>::quiet_NaN(), 0.0, -0.0, 1e30};
    for (std::size_t i = 0; i < values.size(); ++i)
        CaseMaker::store(odd, static_cast<std::int64_t>(i * 5), values[i]);
    make.add({odd}, {40}, {}, DType::Bool);
    make.add({make.random({70001})}, {70001}, {}, DType::Bool);
}

void addSelects(CaseMaker& make)
{
    for (const auto& [c, a, b, result] : {std::array<Shape, 4>{Shape{}, Shape{}, Shape{}, Shape{}},
                                          {Shape{33}, Shape{33}, Shape{33}, Shape{33}},
                                          {Shape{3, 1}, Shape{4}, Shape{3, 4}, Shape{3, 4}},
                                          {Shape{3, 4}, Shape{}, Shape{3, 1}, Shape{3, 4}},
                                          {Shape{70001}, Shape{70001}, Shape{}, Shape{70001}}})
        make.add({make.random(DType::Bool, c, Range::Small), make.random(a), make.random(b)}, result);
}

void addBatches(CaseMaker& make)
{
    for (const auto& [batch, m, k, n] : {std::array<std::int64_t, 4>{1, 2, 3, 4},
                                         {3, 17, 33, 9},
                                         {0, 2, 3, 2},
                                         {5, 40, 0, 3},
                                         {4, 70, 64, 90}}) {
        for (int transposed = 0; transposed < 4; ++transposed) {
            OpAttributes attributes;
            attributes.transposeA = (transposed & 1) != 0;
            attributes.transposeB = (transposed & 2) != 0;
            make.add({make.random(attributes.transposeA ? Shape{batch, k, m} : Shape{batch, m, k}),
                      make.random(attributes.transposeB ? Shape{batch, n, k} : Shape{batch, k, n})},
                     {batch, m, n}, attributes);
        }
    }
    make.add({make.random({2, 3, 4, 5}), make.random({2, 3, 5, 6})}, {2, 3, 4, 6});
}

void addTransposes(CaseMaker& make)
{
    for (const auto& [rows, columns] :
         {std::array<std::int64_t, 2>{1, 1}, {3, 5}, {65, 33}, {300, 257}, {0, 4}})
        make.add({make.random({rows, columns})}, {columns, rows});
    make.add({make.random({2, 3, 4})}, {4, 2, 3}, axes({2, 0, 1}));
    make.add({make.random({2, 3, 4})}, {3, 2, 4}, axes({1, 0, 2}));
    make.add({make.random({2, 3, 4})}, {4, 3, 2}, axes({2, 1, 0}));
    make.add({make.random({7})}, {7}, axes({0}));
    make.add({make.random({})}, {});
    make.add({make.random({4, 70, 3, 40})}, {4, 3, 40, 70}, axes({0, 2, 3, 1}));
    make.add({make.random({2, 0, 3})}, {3, 2, 0}, axes({2, 0, 1}));
}

void addPads(CaseMaker& make)
{
    OpAttributes attributes = axes({1, 0, 2});
    attributes.scalars[0] = make.dtype() == DType::Bool ? 1.0 : 3.0;
    make.add({make.random({2, 3, 4})}, {4, 3, 9}, attributes);
    make.add({make.random({2, 0, 4})}, {4, 3, 9}, attributes);
    make.add({make.random({5})}, {8}, axes({3}));
    make.add({make.random({})}, {}, axes({}));
    make.add({make.random({300, 200})}, {303, 211}, axes({2, 5}));
}

void addGathers(CaseMaker& make)
{
    for (const DType type : {DType::Int32, DType::Int64}) {
        make.add({make.random({5, 3}), make.labels(type, 7, 5)}, {7, 3});
        make.add({make.random({5}), make.labels(type, 7, 5)}, {7});
        make.add({make.random({5, 2, 3}), make.labels(type, 0, 5)}, {0, 2, 3});
        make.add({make.random({1000, 64}), make.labels(type, 700, 1000)}, {700, 64});
        Tensor beyond = make.labels(type, 4, 5);
        CaseMaker::store(beyond, 1, 5.0);
        CaseMaker::store(beyond, 2, -1.0);
        make.add({make.random({5, 3}), beyond}, {4, 3});
    }
}

void addGatherGrads(CaseMaker& make)
{
    for (const DType type : {DType::Int32, DType::Int64}) {
        make.add({make.random({5, 3}), make.labels(type, 17, 5), make.random({17, 3})}, {5, 3});
        make.add({make.random({5}), make.labels(type, 0, 5), make.random({0})}, {5});
        make.add({make.random({1000, 64}), make.labels(type, 700, 1000), make.random({700, 64})}, {1000, 64});
    }
}

void addOneHots(CaseMaker& make)
{
    for (const DType type : {DType::UInt8, DType::Int32, DType::Int64}) {
        OpAttributes attributes = axes({6});
        attributes.scalars[0] = 1.0;
        make.add({make.labels(type, 9, 7)}, {9, 6}, attributes);
        make.add({make.labels(type, 0, 7)}, {0, 6}, attributes);
        attributes.scalars[1] = make.dtype() == DType::Bool || make.dtype() == DType::UInt8 ? 0.0 : -2.0;
        make.add({make.labels(type, 20000, 6)}, {20000, 6}, attributes);
    }
}

void addTops(CaseMaker& make, DType out)
{
    for (const auto& [shape, k] : {std::pair<Shape, std::int32_t>{{7}, 1},
                                   {{7}, 7},
                                   {{4, 5}, 2},
                                   {{3, 2, 9}, 3},
                                   {{100, 50}, 10},
                                   {{0, 3}, 2},
                                   {{3, 4}, 0}}) {
        std::vector<std::int64_t> dims = shape.dims();
        dims.back() = k;
        make.add({make.random(shape, Range::Small)}, Shape(dims), axes({k}), out);
        make.add({make.random(shape)}, Shape(dims), axes({k}), out);
    }
}

void addInTops(CaseMaker& make)
{
    for (const DType type : {DType::Int32, DType::Int64}) {
        for (const std::int32_t k : {1, 3}) {
            make.add({make.random({40, 6}, Range::Small), make.labels(type, 40, 7)}, {40}, axes({k}),
                     DType::Bool);
            make.add({make.random({0, 6}), make.labels(type, 0, 6)}, {0}, axes({k}), DType::Bool);
        }
    }
}

struct WindowCase {
    std::array<std::int64_t, 4> images; ///< n, height, width, channels
    std::array<std::int32_t, 2> window;
    std::array<std::int32_t, 2> stride;
    std::array<std::int32_t, 2> dilation;
    bool isSame;
    std::int64_t outputs; ///< or the multiplier
};

/// Sizes of both ways of padding, strides that leave a rest, dilation, one channel and many.
const std::vector<WindowCase>& windowCases()
{
    static const std::vector<WindowCase> kCases{{{1, 1, 1, 1}, {1, 1}, {1, 1}, {1, 1}, false, 1},
                                                {{2, 6, 5, 1}, {3, 3}, {1, 1}, {1, 1}, true, 4},
                                                {{2, 6, 5, 3}, {3, 2}, {1, 1}, {1, 1}, false, 5},
                                                {{3, 7, 9, 2}, {3, 3}, {2, 2}, {1, 1}, true, 3},
                                                {{1, 8, 8, 4}, {2, 2}, {2, 3}, {1, 1}, false, 2},
                                                {{2, 9, 8, 2}, {3, 3}, {1, 1}, {2, 2}, true, 3},
                                                {{2, 9, 8, 2}, {2, 3}, {1, 1}, {3, 2}, false, 3},
                                                {{0, 5, 5, 2}, {3, 3}, {1, 1}, {1, 1}, true, 2},
                                                {{2, 14, 14, 32}, {5, 5}, {1, 1}, {1, 1}, true, 40},
                                                {{5, 10, 10, 9}, {3, 3}, {1, 1}, {1, 1}, true, 7},
                                                {{1, 4, 4, 2}, {4, 4}, {4, 4}, {1, 1}, true, 2},
                                                {{2, 5, 5, 3}, {1, 1}, {2, 2}, {1, 1}, true, 4}};
    return kCases;
}

void addWindows(CaseMaker& make, OpCode op)
{
    const bool isPool = op >= OpCode::MaxPool && op <= OpCode::AvgPoolGrad;
    const bool isDepthwise =
        op >= OpCode::DepthwiseConv2dNative && op <= OpCode::DepthwiseConv2dNativeBackpropFilter;
    for (const WindowCase& one : windowCases()) {
        if (isPool && (one.dilation[0] > 1 || one.dilation[1] > 1))
            continue;
        OpAttributes attributes;
        attributes.axisCount = backend::kMaxRank;
        attributes.axes[backend::WindowY] = one.window[0];
        attributes.axes[backend::WindowX] = one.window[1];
        attributes.axes[backend::StrideY] = one.stride[0];
        attributes.axes[backend::StrideX] = one.stride[1];
        attributes.axes[backend::DilationY] = one.dilation[0];
        attributes.axes[backend::DilationX] = one.dilation[1];
        std::array<std::int64_t, 2> size{};
        for (std::size_t side = 0; side < 2; ++side) {
            const std::int64_t length = one.images[side + 1];
            const std::int64_t reach = (one.window[side] - 1) * one.dilation[side] + 1;
            size[side] = one.isSame ? (length + one.stride[side] - 1) / one.stride[side]
                                    : (length - reach) / one.stride[side] + 1;
            const std::int64_t padding =
                one.isSame ? std::max<std::int64_t>(0, (size[side] - 1) * one.stride[side] + reach - length)
                           : 0;
            attributes.axes[side == 0 ? backend::PadTop : backend::PadLeft] =
                static_cast<std::int32_t>(padding / 2);
        }
        const Shape images{one.images[0], one.images[1], one.images[2], one.images[3]};
        const std::int64_t channels = isPool        ? one.images[3]
                                      : isDepthwise ? one.images[3] * one.outputs
                                                    : one.outputs;
        const Shape results{one.images[0], size[0], size[1], channels};
        const Shape filter{one.window[0], one.window[1], one.images[3], one.outputs};
        const Tensor x = make.random(images, op == OpCode::MaxPoolGrad ? Range::Small : Range::Any);
        switch (op) {
        case OpCode::MaxPool:
        case OpCode::AvgPool:
            make.add({x}, results, attributes);
            break;
        case OpCode::MaxPoolGrad: { // its second input must be what MaxPool gives
            KernelCase forward;
            forward.op = OpCode::MaxPool;
            forward.dtype = forward.outType = make.dtype();
            forward.inputs = {x};
            forward.outShape = results;
            forward.attributes = attributes;
            const Expectation maxima = expectationOf(forward);
            Tensor y = *Tensor::create(make.dtype(), results);
            for (std::int64_t i = 0; i < y.elementCount(); ++i)
                CaseMaker::store(y, i, maxima.values[static_cast<std::size_t>(i)]);
            make.add({x, y, make.random(results)}, images, attributes);
            break;
        }
        case OpCode::AvgPoolGrad:
            make.add({x, make.random(results)}, images, attributes);
            break;
        case OpCode::Conv2D:
        case OpCode::DepthwiseConv2dNative:
            make.add({x, make.random(filter)}, results, attributes);
            break;
        default: {
            const bool isInput =
                op == OpCode::Conv2DBackpropInput || op == OpCode::DepthwiseConv2dNativeBackpropInput;
            make.add({x, make.random(filter), make.random(results)}, isInput ? images : filter, attributes);
        }
        }
    }
}

} // namespace

bool addTrainCases(CaseMaker& make, OpCode op)
{
    switch (op) {
    case OpCode::FloorDiv:
    case OpCode::FloorMod:
        for (const Shape& shape : {Shape{}, Shape{33}, Shape{70001}})
            make.add({make.random(shape, Range::Wide), make.random(shape, Range::Positive)}, shape);
        return true;
    case OpCode::SquaredDifference:
        addPairs(make, Range::Any, make.dtype());
        return true;
    case OpCode::LogicalAnd:
    case OpCode::LogicalOr:
        addPairs(make, Range::Small, DType::Bool);
        return true;
    case OpCode::LogicalNot:
        make.add({make.random({33}, Range::Small)}, {33}, {}, DType::Bool);
        return true;
    case OpCode::IsNan:
    case OpCode::IsInf:
    case OpCode::IsFinite:
        addQuestions(make);
        return true;
    case OpCode::Select:
        addSelects(make);
        return true;
    case OpCode::Reciprocal:
    case OpCode::Log1p:
        for (const Shape& shape : sizes())
            make.add({make.random(shape, Range::Positive)}, shape);
        return true;
    case OpCode::Relu6Grad:
    case OpCode::EluGrad:
    case OpCode::SeluGrad:
        for (const Shape& shape : sizes())
            make.add({make.random(shape), make.random(shape)}, shape);
        return true;
    case OpCode::LeakyRelu:
    case OpCode::LeakyReluGrad:
        addSlopes(make, {0.0, 0.2});
        return true;
    case OpCode::Gelu:
    case OpCode::GeluGrad:
        addSlopes(make, {0.0, 1.0});
        return true;
    case OpCode::BatchMatMul:
        addBatches(make);
        return true;
    case OpCode::Transpose:
        addTransposes(make);
        return true;
    case OpCode::Pad:
        addPads(make);
        return true;
    case OpCode::Gather:
        addGathers(make);
        return true;
    case OpCode::GatherGrad:
        addGatherGrads(make);
        return true;
    case OpCode::OneHot:
        addOneHots(make);
        return true;
    case OpCode::TopK:
        addTops(make, make.dtype());
        return true;
    case OpCode::TopKIndices:
        addTops(make, DType::Int32);
        return true;
    case OpCode::InTopK:
        addInTops(make);
        return true;
    default:
        if (op < OpCode::Conv2D || op > OpCode::AvgPoolGrad)
            return false;
        addWindows(make, op);
        return true;
    }
}

} // namespace wr::cpu
