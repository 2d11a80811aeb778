// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/graph/gradient_cases.h"

namespace wr::graph {

using backend::OpAttributes;
using backend::OpCode;

backend::OpAttributes axes(std::initializer_list<std::int32_t> list, bool keepDims)
{
    OpAttributes attributes;
    for (const std::int32_t axis : list)
        attributes.axes[attributes.axisCount++] = axis;
    attributes.keepDims = keepDims;
    return attributes;
}

namespace {

OpAttributes transposed(bool a, bool b)
{
    OpAttributes attributes;
    attributes.transposeA = a;
    attributes.transposeB = b;
    return attributes;
}

std::vector<GradientCase> elementwiseCases()
{
    std::vector<GradientCase> cases;
    const std::vector<std::pair<Shape, Shape>> pairs{
        {{3, 4}, {3, 4}}, {{3, 4}, {4}},    {{4}, {3, 4}},       {{3, 1}, {1, 4}}, {{3, 4}, {}},
        {{}, {3, 4}},     {{1, 1}, {3, 4}}, {{2, 3, 4}, {3, 1}}, {{1}, {2, 3, 4}}, {{}, {}}};
    for (const OpCode op : {OpCode::Add, OpCode::Sub, OpCode::Mul, OpCode::Div, OpCode::Pow, OpCode::Maximum,
                            OpCode::Minimum}) {
        const bool positive = op == OpCode::Div || op == OpCode::Pow;
        for (const auto& [a, b] : pairs)
            cases.push_back({std::string(backend::opName(op)) + " " + a.toString() + " " + b.toString(),
                             {a, b},
                             [op](GraphBuilder& to, Inputs x) {
                                 return to.add(op, {x[0], x[1]});
                             },
                             positive ? 0.5 : -2.0,
                             2.0});
    }
    const std::vector<std::pair<OpCode, double>> unary{
        {OpCode::Identity, -2.0}, {OpCode::Neg, -2.0},     {OpCode::Exp, -2.0},    {OpCode::Log, 0.3},
        {OpCode::Sqrt, 0.3},      {OpCode::Rsqrt, 0.3},    {OpCode::Square, -2.0}, {OpCode::Abs, -2.0},
        {OpCode::Relu, -2.0},     {OpCode::Sigmoid, -4.0}, {OpCode::Tanh, -2.0},   {OpCode::Softplus, -4.0}};
    for (const auto& [op, low] : unary) {
        for (const Shape& shape : {Shape{5, 3}, Shape{}, Shape{2, 3, 2}})
            cases.push_back({std::string(backend::opName(op)) + " " + shape.toString(),
                             {shape},
                             [op = op](GraphBuilder& to, Inputs x) { return to.add(op, {x[0]}); },
                             low,
                             4.0});
    }
    cases.push_back({"Cast", {{3, 2}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::Cast, {x[0]}, {}, {}, DType::Float64);
                     }});
    return cases;
}

std::vector<GradientCase> matrixCases()
{
    std::vector<GradientCase> cases;
    for (const bool ta : {false, true}) {
        for (const bool tb : {false, true})
            cases.push_back({std::string("MatMul") + (ta ? " transposeA" : "") + (tb ? " transposeB" : ""),
                             {ta ? Shape{4, 3} : Shape{3, 4}, tb ? Shape{5, 4} : Shape{4, 5}},
                             [ta, tb](GraphBuilder& to, Inputs x) {
                                 return to.add(OpCode::MatMul, {x[0], x[1]}, transposed(ta, tb));
                             }});
    }
    cases.push_back({"MatMul of one input with itself", {{3, 4}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::MatMul, {x[0], x[0]}, transposed(false, true));
                     }});
    cases.push_back({"Transpose", {{3, 4}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::Transpose, {x[0]});
                     }});
    cases.push_back({"Reshape", {{3, 4}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::Reshape, {x[0]}, {}, Shape{2, 6});
                     }});
    cases.push_back({"Reshape to a row", {{3, 4}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::Reshape, {x[0]}, {}, Shape{12});
                     }});
    cases.push_back({"BroadcastTo", {{4}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::BroadcastTo, {x[0]}, {}, Shape{3, 4});
                     }});
    cases.push_back({"BroadcastTo of a column", {{3, 1}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::BroadcastTo, {x[0]}, {}, Shape{2, 3, 4});
                     }});
    for (const OpCode op : {OpCode::Sum, OpCode::Mean, OpCode::Max, OpCode::Prod}) {
        for (const bool keep : {false, true}) {
            const std::vector<std::pair<std::string, OpAttributes>> which{
                {"rows", axes({0}, keep)},     {"columns", axes({1}, keep)}, {"all", axes({0, 1, 2}, keep)},
                {"outer", axes({0, 2}, keep)}, {"last", axes({2}, keep)},    {"none", axes({}, keep)},
                {"inner", axes({1, 2}, keep)}};
            for (const auto& [name, attributes] : which)
                cases.push_back({std::string(backend::opName(op)) + " " + name + (keep ? " kept" : ""),
                                 {{3, 4, 2}},
                                 [op = op, attributes = attributes](GraphBuilder& to, Inputs x) {
                                     return to.add(op, {x[0]}, attributes);
                                 }});
        }
    }
    for (const OpCode op : {OpCode::Softmax, OpCode::LogSoftmax})
        cases.push_back({std::string(backend::opName(op)), {{3, 5}}, [op](GraphBuilder& to, Inputs x) {
                             return to.add(op, {x[0]});
                         }});
    cases.push_back({"SoftmaxCrossEntropyWithLogits", {{3, 5}, {3, 5}}, [](GraphBuilder& to, Inputs x) {
                         // The labels are made a distribution, as the op wants them.
                         const NodeId labels = to.add(OpCode::Softmax, {x[1]});
                         return to.add(OpCode::SoftmaxCrossEntropyWithLogits, {x[0], labels});
                     }});
    for (const DType dtype : {DType::Int32, DType::Int64})
        cases.push_back({"SparseSoftmaxCrossEntropyWithLogits " + std::string(dtypeName(dtype)),
                         {{3, 5}},
                         [dtype](GraphBuilder& to, Inputs x) {
                             const NodeId labels = to.constant(
                                 dtype == DType::Int32 ? Tensor::of<std::int32_t>({4, 0, 2}, Shape{3})
                                                       : Tensor::of<std::int64_t>({4, 0, 2}, Shape{3}));
                             return to.add(OpCode::SparseSoftmaxCrossEntropyWithLogits, {x[0], labels});
                         }});
    return cases;
}

std::vector<GradientCase> partCases()
{
    std::vector<GradientCase> cases;
    const auto join = [&](const char* name, std::vector<Shape> shapes, std::int32_t axis) {
        cases.push_back({name, std::move(shapes), [axis](GraphBuilder& to, Inputs x) {
                             return to.add(OpCode::Concat, x, axes({axis}));
                         }});
    };
    join("Concat of one", {{3, 2}}, 0);
    join("Concat of columns", {{3, 2}, {3, 1}, {3, 4}}, 1);
    join("Concat in the middle", {{2, 3, 2}, {2, 1, 2}}, 1);
    join("Concat of the last", {{2, 3, 2}, {2, 3, 5}}, 2);
    cases.push_back(
        {"Concat of one input with itself", {{3, 2}}, [](GraphBuilder& to, Inputs x) {
             return to.add(OpCode::Concat, {x[0], to.add(OpCode::Square, {x[0]}), x[0]}, axes({1}));
         }});
    const auto cut = [&](const char* name, const Shape& whole, std::initializer_list<std::int32_t> begin,
                         const Shape& part) {
        cases.push_back({name, {whole}, [attributes = axes(begin), part](GraphBuilder& to, Inputs x) {
                             return to.add(OpCode::Slice, {x[0]}, attributes, part);
                         }});
    };
    constexpr std::int64_t kRest = Shape::kUnknown;
    cut("Slice of all", {3, 4}, {0, 0}, {3, 4});
    cut("Slice of the front", {5, 4}, {0, 0}, {2, 4});
    cut("Slice of the back", {5, 4}, {3, 0}, {2, 4});
    cut("Slice of columns", {3, 6}, {0, 2}, {kRest, 3});
    cut("Slice of the middle", {5, 6}, {1, 2}, {3, 2});
    cut("Slice of the rest", {5, 6}, {2, 1}, {kRest, kRest});
    cut("Slice of a cube", {3, 4, 5}, {1, 0, 2}, {1, 4, 2});
    cut("Slice of one place", {4, 3, 2}, {3, 2, 1}, {1, 1, 1});
    cases.push_back({"Slices that overlap", {{4, 6}}, [](GraphBuilder& to, Inputs x) {
                         const NodeId a = to.add(OpCode::Slice, {x[0]}, axes({0, 0}), Shape{kRest, 4});
                         const NodeId b = to.add(OpCode::Slice, {x[0]}, axes({0, 2}), Shape{kRest, 4});
                         return to.add(OpCode::Mul, {a, b});
                     }});
    return cases;
}

std::vector<GradientCase> composedCases()
{
    return {
        {"one input three times",
         {{3, 2}},
         [](GraphBuilder& to, Inputs x) {
             const NodeId square = to.add(OpCode::Mul, {x[0], x[0]});
             return to.add(OpCode::Add, {square, to.add(OpCode::Tanh, {x[0]})});
         }},
        {"a chain of ten",
         {{4}},
         [](GraphBuilder& to, Inputs x) {
             NodeId y = x[0];
             for (int i = 0; i < 10; ++i)
                 y = to.add(i % 2 == 0 ? OpCode::Tanh : OpCode::Neg, {y});
             return y;
         }},
        {"two layers with a loss",
         {{6, 4}, {4, 5}, {5}, {5, 3}, {3}},
         [](GraphBuilder& to, Inputs x) {
             const NodeId hidden =
                 to.add(OpCode::Sigmoid, {to.add(OpCode::Add, {to.add(OpCode::MatMul, {x[0], x[1]}), x[2]})});
             const NodeId logits = to.add(OpCode::Add, {to.add(OpCode::MatMul, {hidden, x[3]}), x[4]});
             const NodeId labels = to.constant(Tensor::of<std::int64_t>({0, 1, 2, 2, 1, 0}, Shape{6}));
             return to.add(OpCode::Mean,
                           {to.add(OpCode::SparseSoftmaxCrossEntropyWithLogits, {logits, labels})},
                           axes({0}));
         }},
        {"standardised rows",
         {{5, 3}},
         [](GraphBuilder& to, Inputs x) {
             const NodeId mean = to.add(OpCode::Mean, {x[0]}, axes({1}, true));
             const NodeId centred = to.add(OpCode::Sub, {x[0], mean});
             const NodeId variance =
                 to.add(OpCode::Mean, {to.add(OpCode::Square, {centred})}, axes({1}, true));
             return to.add(OpCode::Mul, {centred, to.add(OpCode::Rsqrt,
                                                         {to.add(OpCode::Add, {variance, to.number(0.1)})})});
         }},
        {"a difference and a quotient",
         {{3, 2}, {2}},
         [](GraphBuilder& to, Inputs x) {
             const NodeId bottom = to.add(OpCode::Add, {to.add(OpCode::Square, {x[1]}), to.number(1.0)});
             return to.add(OpCode::Div, {to.add(OpCode::Sub, {x[0], x[1]}), bottom});
         }},
    };
}

} // namespace

std::vector<GradientCase> gradientCases()
{
    std::vector<GradientCase> cases = elementwiseCases();
    for (auto make : {matrixCases, partCases, composedCases, trainGradientCases}) {
        for (GradientCase& one : make())
            cases.push_back(std::move(one));
    }
    return cases;
}

} // namespace wr::graph
