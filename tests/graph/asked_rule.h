// SPDX-License-Identifier: GPL-3.0-or-later
// What a rule of shapes and types is asked, in few words. For tests.
#pragma once

#include "engine/graph/op_rules.h"

#include <QMetaType>
#include <QString>

#include <initializer_list>
#include <string>
#include <vector>

namespace wr::graph {

inline constexpr std::int64_t kAny = Shape::kUnknown;

inline OutputSpec f32(const Shape& shape)
{
    return {DType::Float32, shape};
}
inline OutputSpec f64(const Shape& shape)
{
    return {DType::Float64, shape};
}
inline OutputSpec i32(const Shape& shape)
{
    return {DType::Int32, shape};
}
inline OutputSpec i64(const Shape& shape)
{
    return {DType::Int64, shape};
}
inline OutputSpec truth(const Shape& shape)
{
    return {DType::Bool, shape};
}

/// An op with its inputs, and what it states itself.
struct Asked {
    backend::OpCode op = backend::OpCode::NoOp;
    std::vector<OutputSpec> inputs;
    backend::OpAttributes attributes;
    OutputSpec stated;
};

inline backend::OpAttributes axes(std::initializer_list<std::int32_t> list, bool keepDims = false)
{
    backend::OpAttributes attributes;
    for (const std::int32_t axis : list)
        attributes.axes[attributes.axisCount++] = axis;
    attributes.keepDims = keepDims;
    return attributes;
}

inline backend::OpAttributes transposed(bool a, bool b)
{
    backend::OpAttributes attributes;
    attributes.transposeA = a;
    attributes.transposeB = b;
    return attributes;
}

inline Result<OutputSpec> infer(const Asked& asked)
{
    Node node;
    node.op = asked.op;
    node.attributes = asked.attributes;
    node.dtype = asked.stated.dtype;
    node.shape = asked.stated.shape;
    return inferOutput(node, asked.inputs);
}

inline QString described(const OutputSpec& spec)
{
    return QString::fromStdString(std::string(dtypeName(spec.dtype)) + " " + spec.shape.toString());
}

} // namespace wr::graph

Q_DECLARE_METATYPE(wr::graph::Asked)
Q_DECLARE_METATYPE(wr::graph::OutputSpec)
