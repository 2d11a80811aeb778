// SPDX-License-Identifier: GPL-3.0-or-later
// Gradients of the ops that networks are trained with.
#include "tests/graph/gradient_cases.h"

namespace wr::graph {
namespace {

using backend::OpAttributes;
using backend::OpCode;

std::vector<GradientCase> activationCases()
{
    std::vector<GradientCase> cases;
    const std::vector<std::pair<OpCode, double>> unary{
        {OpCode::Reciprocal, 0.3}, {OpCode::Sin, -3.0},   {OpCode::Cos, -3.0},
        {OpCode::Log1p, -0.5},     {OpCode::Expm1, -2.0}, {OpCode::Erf, -2.0},
        {OpCode::Relu6, -2.0},     {OpCode::Elu, -3.0},   {OpCode::Selu, -3.0}};
    for (const auto& [op, low] : unary)
        cases.push_back({std::string(backend::opName(op)),
                         {{4, 5}},
                         [op = op](GraphBuilder& to, Inputs x) { return to.add(op, {x[0]}); },
                         low,
                         op == OpCode::Relu6 ? 9.0 : 3.0});
    for (const OpCode op : {OpCode::LeakyRelu, OpCode::Gelu}) {
        for (const double scalar : {0.0, 1.0, 0.3}) {
            OpAttributes attributes;
            attributes.scalars[0] = scalar;
            cases.push_back(
                {std::string(backend::opName(op)) + " " + std::to_string(scalar),
                 {{4, 5}},
                 [op, attributes](GraphBuilder& to, Inputs x) { return to.add(op, {x[0]}, attributes); },
                 -3.0,
                 3.0});
        }
    }
    cases.push_back({"SquaredDifference", {{3, 4}, {4}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::SquaredDifference, {x[0], x[1]});
                     }});
    cases.push_back(
        {"Select", {{3, 4}, {4}}, [](GraphBuilder& to, Inputs x) {
             return to.add(OpCode::Select, {to.add(OpCode::Greater, {x[0], to.number(0.0)}), x[0], x[1]});
         }});
    cases.push_back({"a gradient that stops", {{3}}, [](GraphBuilder& to, Inputs x) {
                         // d(x + stop(x))/dx would be 2 by differences, so the stopped part is a constant
                         // here.
                         const NodeId fixed =
                             to.add(OpCode::StopGradient, {to.constant(Tensor::of<double>({1, 2, 3}, {3}))});
                         return to.add(OpCode::Mul, {x[0], fixed});
                     }});
    return cases;
}

std::vector<GradientCase> arrayCases()
{
    std::vector<GradientCase> cases;
    for (int transposed = 0; transposed < 4; ++transposed) {
        OpAttributes attributes;
        attributes.transposeA = (transposed & 1) != 0;
        attributes.transposeB = (transposed & 2) != 0;
        cases.push_back({"BatchMatMul " + std::to_string(transposed),
                         {attributes.transposeA ? Shape{2, 4, 3} : Shape{2, 3, 4},
                          attributes.transposeB ? Shape{2, 5, 4} : Shape{2, 4, 5}},
                         [attributes](GraphBuilder& to, Inputs x) {
                             return to.add(OpCode::BatchMatMul, {x[0], x[1]}, attributes);
                         }});
    }
    cases.push_back({"Transpose of three", {{2, 3, 4}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::Transpose, {x[0]}, axes({2, 0, 1}));
                     }});
    cases.push_back(
        {"Pad", {{2, 3}}, [](GraphBuilder& to, Inputs x) {
             return to.add(OpCode::Pad, {x[0]}, axes({0, 2}), Shape{Shape::kUnknown, 6}, DType::Float64);
         }});
    cases.push_back(
        {"Gather", {{5, 3}}, [](GraphBuilder& to, Inputs x) {
             const NodeId indices = to.constant(Tensor::of<std::int32_t>({4, 0, 4, 2}, Shape{2, 2}));
             return to.add(OpCode::Gather, {x[0], indices});
         }});
    cases.push_back({"TopK", {{3, 6}}, [](GraphBuilder& to, Inputs x) {
                         return to.add(OpCode::TopK, {x[0]}, axes({2}));
                     }});
    for (const bool keep : {false, true})
        cases.push_back(
            {std::string("Min") + (keep ? " kept" : ""), {{3, 4, 2}}, [keep](GraphBuilder& to, Inputs x) {
                 return to.add(OpCode::Min, {x[0]}, axes({1}, keep));
             }});
    for (const OpCode op : {OpCode::Softmax, OpCode::LogSoftmax})
        cases.push_back({std::string(backend::opName(op)) + " of three dimensions",
                         {{2, 3, 4}},
                         [op](GraphBuilder& to, Inputs x) { return to.add(op, {x[0]}); }});
    cases.push_back(
        {"SparseSoftmaxCrossEntropyWithLogits of three dimensions",
         {{2, 2, 4}},
         [](GraphBuilder& to, Inputs x) {
             const NodeId labels = to.constant(Tensor::of<std::int64_t>({3, 0, 1, 2}, Shape{2, 2}));
             return to.add(OpCode::SparseSoftmaxCrossEntropyWithLogits, {x[0], labels});
         }});
    cases.push_back({"SoftmaxCrossEntropyWithLogits of three dimensions",
                     {{2, 2, 4}, {2, 2, 4}},
                     [](GraphBuilder& to, Inputs x) {
                         const NodeId labels = to.add(OpCode::Softmax, {x[1]});
                         return to.add(OpCode::SoftmaxCrossEntropyWithLogits, {x[0], labels});
                     }});
    return cases;
}

struct Place {
    const char* name;
    OpCode op;
    Shape images;
    Shape filter; ///< its last entry is not used by pools
    std::int32_t stride;
    std::int32_t pad;
    std::int32_t dilation;
    std::int64_t size; ///< of the results along each side
};

std::vector<GradientCase> windowCases()
{
    std::vector<GradientCase> cases;
    for (const Place& place :
         {Place{"Conv2D", OpCode::Conv2D, {2, 5, 5, 2}, {3, 3, 2, 3}, 1, 1, 1, 5},
          {"Conv2D in strides", OpCode::Conv2D, {2, 6, 6, 2}, {3, 3, 2, 2}, 2, 0, 1, 3},
          {"Conv2D dilated", OpCode::Conv2D, {1, 6, 6, 2}, {2, 2, 2, 2}, 1, 0, 2, 4},
          {"Conv2D without padding", OpCode::Conv2D, {2, 4, 4, 1}, {2, 2, 1, 3}, 1, 0, 1, 3},
          {"DepthwiseConv2dNative", OpCode::DepthwiseConv2dNative, {2, 5, 5, 3}, {3, 3, 3, 2}, 2, 1, 1, 3},
          {"MaxPool", OpCode::MaxPool, {2, 5, 5, 2}, {2, 2, 2, 1}, 2, 0, 1, 3},
          {"MaxPool that overlaps", OpCode::MaxPool, {2, 5, 5, 2}, {3, 3, 2, 1}, 1, 1, 1, 5},
          {"AvgPool", OpCode::AvgPool, {2, 5, 5, 2}, {3, 3, 2, 1}, 2, 1, 1, 3}}) {
        OpAttributes attributes;
        attributes.axisCount = backend::kMaxRank;
        attributes.axes[backend::WindowY] = static_cast<std::int32_t>(place.filter.dim(0));
        attributes.axes[backend::WindowX] = static_cast<std::int32_t>(place.filter.dim(1));
        attributes.axes[backend::StrideY] = attributes.axes[backend::StrideX] = place.stride;
        attributes.axes[backend::PadTop] = attributes.axes[backend::PadLeft] = place.pad;
        attributes.axes[backend::DilationY] = attributes.axes[backend::DilationX] = place.dilation;
        const bool isPool = place.op == OpCode::MaxPool || place.op == OpCode::AvgPool;
        const Shape results{Shape::kUnknown, place.size, place.size, Shape::kUnknown};
        cases.push_back(
            {place.name,
             isPool ? std::vector<Shape>{place.images} : std::vector<Shape>{place.images, place.filter},
             [place, attributes, isPool, results](GraphBuilder& to, Inputs x) {
                 const std::vector<NodeId> inputs =
                     isPool ? std::vector<NodeId>{x[0]} : std::vector<NodeId>{x[0], x[1]};
                 return to.add(place.op, inputs, attributes, results);
             }});
    }
    return cases;
}

} // namespace

std::vector<GradientCase> trainGradientCases()
{
    std::vector<GradientCase> cases = activationCases();
    for (auto make : {arrayCases, windowCases}) {
        for (GradientCase& one : make())
            cases.push_back(std::move(one));
    }
    return cases;
}

} // namespace wr::graph
