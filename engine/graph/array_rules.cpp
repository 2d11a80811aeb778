// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/array_rules.h"

#include "engine/graph/rule_checks.h"

#include <algorithm>

namespace wr::graph {
namespace {

Result<OutputSpec> batchMatMul(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 2));
    WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], inputs[1]));
    WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    const Shape& a = inputs[0].shape;
    const Shape& b = inputs[1].shape;
    const int rank = a.rank();
    if (rank < 2 || b.rank() != rank)
        return fail(StatusCode::InvalidArgument,
                    "BatchMatMul takes two tensors of one rank, at least 2, not " + a.toString() + " and " +
                        b.toString());
    std::vector<std::int64_t> dims;
    for (int axis = 0; axis < rank - 2; ++axis) {
        if (a.dim(axis) >= 0 && b.dim(axis) >= 0 && a.dim(axis) != b.dim(axis))
            return fail(StatusCode::InvalidArgument,
                        "BatchMatMul: the batches of " + a.toString() + " and " + b.toString() + " differ");
        dims.push_back(a.dim(axis) >= 0 ? a.dim(axis) : b.dim(axis));
    }
    const bool ta = node.attributes.transposeA;
    const bool tb = node.attributes.transposeB;
    const std::int64_t ka = a.dim(rank - (ta ? 2 : 1));
    const std::int64_t kb = b.dim(rank - (tb ? 1 : 2));
    if (ka >= 0 && kb >= 0 && ka != kb)
        return fail(StatusCode::InvalidArgument, "Dimensions must be equal, but are " + std::to_string(ka) +
                                                     " and " + std::to_string(kb) + " for BatchMatMul of " +
                                                     a.toString() + " and " + b.toString());
    dims.push_back(a.dim(rank - (ta ? 1 : 2)));
    dims.push_back(b.dim(rank - (tb ? 2 : 1)));
    return OutputSpec{inputs[0].dtype, Shape(std::move(dims))};
}

Result<OutputSpec> transpose(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    const Shape& x = inputs[0].shape;
    if (node.attributes.axisCount == 0) {
        WR_RETURN_IF_ERROR(wantRank(node, inputs[0], 2, "the input"));
        return OutputSpec{inputs[0].dtype, Shape{x.dim(1), x.dim(0)}};
    }
    const std::string what = "Transpose: the order of the axes must hold each of 0 to " +
                             std::to_string(x.rank() - 1) + " once for an input of shape " + x.toString();
    if (node.attributes.axisCount != x.rank())
        return fail(StatusCode::InvalidArgument, what);
    std::vector<std::int64_t> dims;
    std::vector<bool> seen(static_cast<std::size_t>(x.rank()), false);
    for (int i = 0; i < x.rank(); ++i) {
        const std::int32_t axis = node.attributes.axes[i];
        if (axis < 0 || axis >= x.rank() || seen[static_cast<std::size_t>(axis)])
            return fail(StatusCode::InvalidArgument, what);
        seen[static_cast<std::size_t>(axis)] = true;
        dims.push_back(x.dim(axis));
    }
    return OutputSpec{inputs[0].dtype, Shape(std::move(dims))};
}

/// The node states the padded sizes; an unknown one is that of the input, which is not padded there.
Result<OutputSpec> pad(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[0], node.shape.rank(), "the input"));
    std::vector<std::int64_t> dims;
    for (int axis = 0; axis < node.shape.rank(); ++axis) {
        const std::int64_t before = node.attributes.axes[axis];
        const std::int64_t whole = inputs[0].shape.dim(axis);
        const std::int64_t size = node.shape.dim(axis) < 0 ? whole : node.shape.dim(axis);
        if (before < 0 || (whole >= 0 && size >= 0 && (size < whole || before > size - whole)))
            return fail(StatusCode::InvalidArgument, "Pad: " + std::to_string(before) + " before dimension " +
                                                         std::to_string(axis) + " of " +
                                                         inputs[0].shape.toString() + " do not fit into " +
                                                         node.shape.toString());
        dims.push_back(size);
    }
    return OutputSpec{inputs[0].dtype, Shape(std::move(dims))};
}

Status wantIndices(const Node& node, const OutputSpec& indices)
{
    if (indices.dtype == DType::Int32 || indices.dtype == DType::Int64 ||
        (node.op == OpCode::OneHot && indices.dtype == DType::UInt8))
        return {};
    return invalidArgument(quotedOp(node.op) + ": indices must be int32 or int64, not " +
                           std::string(dtypeName(indices.dtype)));
}

Result<OutputSpec> gather(const Node& node, Inputs inputs)
{
    const bool isGrad = node.op == OpCode::GatherGrad;
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, isGrad ? 3 : 2));
    WR_RETURN_IF_ERROR(wantIndices(node, inputs[1]));
    const Shape& params = inputs[0].shape;
    if (params.rank() < 1)
        return fail(StatusCode::InvalidArgument, "Gather: params must be at least a vector, not a scalar");
    std::vector<std::int64_t> dims = inputs[1].shape.dims();
    dims.insert(dims.end(), params.dims().begin() + 1, params.dims().end());
    if (dims.size() > static_cast<std::size_t>(backend::kMaxRank))
        return fail(StatusCode::InvalidArgument,
                    "Gather: the result has more than " + std::to_string(backend::kMaxRank) + " dimensions");
    if (!isGrad)
        return OutputSpec{inputs[0].dtype, Shape(std::move(dims))};
    WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], inputs[2]));
    WR_RETURN_IF_ERROR(wantCompatible(node, Shape(std::move(dims)), inputs[2].shape));
    return inputs[0];
}

Result<OutputSpec> oneHot(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    WR_RETURN_IF_ERROR(wantIndices(node, inputs[0]));
    std::vector<std::int64_t> dims = inputs[0].shape.dims();
    if (dims.size() >= static_cast<std::size_t>(backend::kMaxRank) || node.attributes.axes[0] < 0)
        return fail(StatusCode::InvalidArgument, "OneHot: depth must not be negative, and indices of shape " +
                                                     inputs[0].shape.toString() +
                                                     " have room for one axis more");
    dims.push_back(node.attributes.axes[0]);
    return OutputSpec{node.dtype, Shape(std::move(dims))};
}

Result<OutputSpec> topK(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    const std::int64_t k = node.attributes.axes[0];
    if (inputs[0].shape.rank() < 1)
        return fail(StatusCode::InvalidArgument, "input must have at least k columns, but it is a scalar");
    std::vector<std::int64_t> dims = inputs[0].shape.dims();
    if (k < 0 || (dims.back() >= 0 && dims.back() < k))
        return fail(StatusCode::InvalidArgument, "input must have at least k columns. Had " +
                                                     std::to_string(dims.back()) + ", needed " +
                                                     std::to_string(k));
    dims.back() = k;
    return OutputSpec{node.op == OpCode::TopK ? inputs[0].dtype : DType::Int32, Shape(std::move(dims))};
}

Result<OutputSpec> inTopK(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 2));
    WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[0], 2, "predictions"));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[1], 1, "targets"));
    WR_RETURN_IF_ERROR(wantIndices(node, inputs[1]));
    WR_RETURN_IF_ERROR(wantCompatible(node, Shape{inputs[0].shape.dim(0)}, inputs[1].shape));
    return OutputSpec{DType::Bool, Shape{inputs[0].shape.dim(0)}};
}

} // namespace

Result<OutputSpec> inferArrayOutput(const Node& node, Inputs inputs)
{
    switch (node.op) {
    case OpCode::BatchMatMul:
        return batchMatMul(node, inputs);
    case OpCode::Transpose:
        return transpose(node, inputs);
    case OpCode::Pad:
        return pad(node, inputs);
    case OpCode::Gather:
    case OpCode::GatherGrad:
        return gather(node, inputs);
    case OpCode::OneHot:
        return oneHot(node, inputs);
    case OpCode::TopK:
    case OpCode::TopKIndices:
        return topK(node, inputs);
    case OpCode::InTopK:
        return inTopK(node, inputs);
    default:
        return inferWindowOutput(node, inputs);
    }
}

} // namespace wr::graph
