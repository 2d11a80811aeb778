// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cpu/case_maker.h"

#include <array>

namespace wr::cpu {
namespace {

using backend::OpAttributes;
using backend::OpCode;

void addBinary(CaseMaker& make, DType in, DType out, Range rangeA, Range rangeB)
{
    const std::vector<std::array<Shape, 3>> shapes{{{{}, {}, {}}},
                                                   {{{5}, {5}, {5}}},
                                                   {{{0}, {0}, {0}}},
                                                   {{{0}, {1}, {0}}},
                                                   {{{}, {7}, {7}}},
                                                   {{{7}, {}, {7}}},
                                                   {{{3, 4}, {4}, {3, 4}}},
                                                   {{{4}, {3, 4}, {3, 4}}},
                                                   {{{3, 1}, {1, 4}, {3, 4}}},
                                                   {{{2, 3, 4}, {3, 1}, {2, 3, 4}}},
                                                   {{{70001}, {70001}, {70001}}},
                                                   {{{300, 257}, {257}, {300, 257}}},
                                                   {{{300, 257}, {300, 1}, {300, 257}}}};
    for (const auto& [a, b, result] : shapes)
        make.add({make.random(in, a, rangeA), make.random(in, b, rangeB)}, result, {}, out);
}

OpAttributes reduction(std::initializer_list<std::int32_t> axes, bool keepDims)
{
    OpAttributes attributes;
    attributes.keepDims = keepDims;
    for (const std::int32_t axis : axes)
        attributes.axes[attributes.axisCount++] = axis;
    return attributes;
}

void addReductions(CaseMaker& make, DType out)
{
    make.add({make.random({6})}, {}, reduction({0}, false), out);
    make.add({make.random({6, 5})}, {5}, reduction({0}, false), out);
    make.add({make.random({6, 5})}, {6}, reduction({1}, false), out);
    make.add({make.random({4, 3, 5})}, {4, 5}, reduction({1}, false), out);
    make.add({make.random({1, 1})}, {1}, reduction({1}, false), out);
    make.add({make.random({70001})}, {}, reduction({0}, false), out);
    make.add({make.random({400, 300})}, {300}, reduction({0}, false), out);
    make.add({make.random({400, 300})}, {400}, reduction({1}, false), out);
}

void addWideReductions(CaseMaker& make)
{
    make.add({make.random({6, 5})}, {}, reduction({0, 1}, false));
    make.add({make.random({6, 5})}, {1, 5}, reduction({0}, true));
    make.add({make.random({4, 3, 5})}, {3}, reduction({0, 2}, false));
    make.add({make.random({4, 3, 5})}, {1, 3, 1}, reduction({0, 2}, true));
    make.add({make.random({4, 3, 5})}, {4, 3, 5}, reduction({}, false));
    make.add({make.random({30, 20, 40})}, {20}, reduction({0, 2}, false));
}

void addMatMul(CaseMaker& make)
{
    for (const auto& [m, k, n] : {std::array<std::int64_t, 3>{1, 1, 1},
                                  {2, 3, 4},
                                  {17, 33, 9},
                                  {64, 784, 50},
                                  {130, 100, 257},
                                  {3, 0, 2},
                                  {0, 4, 3},
                                  {1, 500, 1},
                                  {31, 1, 65},
                                  {15, 1030, 40}, // more than one block of depth
                                  {29, 520, 100},
                                  {70, 1024, 130}, // rows that fall together in the cache
                                  {300, 70, 1024}}) {
        for (int transposed = 0; transposed < 4; ++transposed) {
            OpAttributes attributes;
            attributes.transposeA = (transposed & 1) != 0;
            attributes.transposeB = (transposed & 2) != 0;
            make.add({make.random(attributes.transposeA ? Shape{k, m} : Shape{m, k}),
                      make.random(attributes.transposeB ? Shape{n, k} : Shape{k, n})},
                     {m, n}, attributes);
        }
    }
}

void addClassification(CaseMaker& make, OpCode op)
{
    for (const auto& [rows, classes] :
         {std::array<std::int64_t, 2>{1, 1}, {1, 10}, {4, 10}, {33, 7}, {1000, 11}, {0, 3}}) {
        const Tensor logits = make.random({rows, classes}, rows == 4 ? Range::Wide : Range::Any);
        const Tensor dense = make.random({rows, classes}, Range::Positive);
        const Tensor dy = make.random({rows});
        switch (op) {
        case OpCode::Softmax:
        case OpCode::LogSoftmax:
            make.add({logits}, {rows, classes});
            break;
        case OpCode::SoftmaxCrossEntropyWithLogits:
            make.add({logits, dense}, {rows});
            break;
        case OpCode::SoftmaxCrossEntropyWithLogitsGrad:
            make.add({dy, logits, dense}, {rows, classes});
            break;
        default:
            for (const DType type : {DType::Int32, DType::Int64}) {
                const Tensor labels = make.labels(type, rows, classes);
                if (op == OpCode::SparseSoftmaxCrossEntropyWithLogits)
                    make.add({logits, labels}, {rows});
                else
                    make.add({dy, logits, labels}, {rows, classes});
            }
        }
    }
}

/// Rows in more dimensions than one, and no row dimension at all.
void addDeepRows(CaseMaker& make, OpCode op)
{
    for (const Shape& rows : {Shape{}, Shape{3, 4}, Shape{2, 0, 3}}) {
        std::vector<std::int64_t> dims = rows.dims();
        dims.push_back(6);
        const Shape logits(std::move(dims));
        if (op == OpCode::Softmax || op == OpCode::LogSoftmax)
            make.add({make.random(logits)}, logits);
        else if (op == OpCode::SoftmaxCrossEntropyWithLogits)
            make.add({make.random(logits), make.random(logits, Range::Positive)}, rows);
        else if (op == OpCode::SoftmaxCrossEntropyWithLogitsGrad)
            make.add({make.random(rows), make.random(logits), make.random(logits, Range::Positive)}, logits);
        else if (op == OpCode::SparseSoftmaxCrossEntropyWithLogits)
            make.add({make.random(logits), make.labels(DType::Int64, rows, 6)}, rows);
        else
            make.add({make.random(rows), make.random(logits), make.labels(DType::Int32, rows, 6)}, logits);
    }
}

void addInitialValues(CaseMaker& make, OpCode op)
{
    for (const Shape& shape : sizes()) {
        OpAttributes attributes;
        attributes.seed = 12;
        attributes.seed2 = 34;
        attributes.streamBlock = 5;
        attributes.scalars[0] = op == OpCode::RandomUniform ? -1.0 : 3.0;
        attributes.scalars[1] = op == OpCode::RandomUniform ? 2.0 : 0.5;
        if (op == OpCode::Fill)
            make.add({make.random({})}, shape);
        else if (op == OpCode::Range || op == OpCode::LinSpace) {
            attributes.scalars[1] = op == OpCode::Range ? 2.0 : 9.0;
            if (shape.rank() != 1 || shape.dim(0) == 0)
                continue;
            make.add({}, shape, attributes);
            if (op == OpCode::LinSpace) {
                attributes.scalars[2] = 1.0;
                make.add({}, shape, attributes);
            }
        } else {
            make.add({}, shape, attributes);
        }
    }
}

} // namespace

std::vector<KernelCase> kernelCases(OpCode op, DType dtype)
{
    CaseMaker make(op, dtype);
    if (addSetupCases(make, op) || addTrainCases(make, op) || addUpdateCases(make, op))
        return std::move(make.cases);
    switch (op) {
    case OpCode::Fill:
    case OpCode::RandomUniform:
    case OpCode::RandomNormal:
    case OpCode::TruncatedNormal:
    case OpCode::Range:
    case OpCode::LinSpace:
        addInitialValues(make, op);
        break;
    case OpCode::Pow:
        addBinary(make, dtype, dtype, Range::Positive, Range::Any);
        break;
    case OpCode::Div:
        addBinary(make, dtype, dtype, Range::Any, Range::Positive);
        break;
    case OpCode::Add:
    case OpCode::Sub:
    case OpCode::Mul:
    case OpCode::Maximum:
    case OpCode::Minimum:
        addBinary(make, dtype, dtype, Range::Any, Range::Any);
        break;
    case OpCode::Equal:
    case OpCode::NotEqual:
    case OpCode::Less:
    case OpCode::LessEqual:
    case OpCode::Greater:
    case OpCode::GreaterEqual:
        addBinary(make, dtype, DType::Bool, Range::Small, Range::Small);
        break;
    case OpCode::ReluGrad:
    case OpCode::SigmoidGrad:
    case OpCode::TanhGrad:
        for (const Shape& shape : sizes())
            make.add({make.random(shape), make.random(shape)}, shape);
        break;
    case OpCode::Log:
    case OpCode::Sqrt:
    case OpCode::Rsqrt:
        for (const Shape& shape : sizes())
            make.add({make.random(shape, Range::Positive)}, shape);
        break;
    case OpCode::Cast:
        for (const DType to : {DType::Float32, DType::Float64, DType::Float16, DType::BFloat16, DType::Int32,
                               DType::Int64, DType::UInt8, DType::Bool}) {
            for (const Shape& shape : {Shape{}, Shape{33}, Shape{70001}})
                make.add({make.random(shape, Range::Positive)}, shape, {}, to);
        }
        break;
    case OpCode::MatMul:
        addMatMul(make);
        break;
    case OpCode::BroadcastTo:
        make.add({make.random({})}, {3, 4});
        make.add({make.random({4})}, {3, 4});
        make.add({make.random({3, 1})}, {3, 4});
        make.add({make.random({2, 1, 5})}, {2, 7, 5});
        make.add({make.random({257})}, {300, 257});
        break;
    case OpCode::Reshape:
        make.add({make.random({6, 4})}, {3, 8});
        make.add({make.random({70001})}, {1, 70001});
        break;
    case OpCode::Sum:
    case OpCode::Mean:
    case OpCode::Max:
    case OpCode::Min:
        addReductions(make, dtype);
        addWideReductions(make);
        break;
    case OpCode::Prod:
        make.add({make.random({6, 5})}, {5}, reduction({0}, false));
        make.add({make.random({4, 3, 5})}, {4, 5}, reduction({1}, false));
        make.add({make.random({4, 3, 5}, Range::Small)}, {1, 3, 1}, reduction({0, 2}, true));
        make.add({make.random({0, 3})}, {3}, reduction({0}, false));
        break;
    case OpCode::All:
    case OpCode::Any:
        for (const Range range : {Range::Small, Range::Positive}) {
            make.add({make.random({3, 70}, range)}, {70}, reduction({0}, false));
            make.add({make.random({30, 4}, range)}, {30}, reduction({1}, false));
            make.add({make.random({0, 4}, range)}, {4}, reduction({0}, false));
        }
        break;
    case OpCode::ArgMax:
    case OpCode::ArgMin:
        addReductions(make, DType::Int64);
        break;
    case OpCode::Softmax:
    case OpCode::LogSoftmax:
    case OpCode::SoftmaxCrossEntropyWithLogits:
    case OpCode::SoftmaxCrossEntropyWithLogitsGrad:
    case OpCode::SparseSoftmaxCrossEntropyWithLogits:
    case OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad:
        addClassification(make, op);
        addDeepRows(make, op);
        break;
    default:
        for (const Shape& shape : sizes()) {
            make.add({make.random(shape)}, shape);
            make.add({make.random(shape, Range::Wide)}, shape);
        }
    }
    return std::move(make.cases);
}

} // namespace wr::cpu
