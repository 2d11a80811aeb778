// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/setup_rules.h"

#include "engine/graph/rule_checks.h"

#include <algorithm>
#include <cmath>

namespace wr::graph {
namespace {

Result<OutputSpec> concat(const Node& node, Inputs inputs)
{
    if (inputs.empty())
        return fail(StatusCode::InvalidArgument, quotedOp(node.op) + " takes at least one input");
    const int axis = node.attributes.axes[0];
    if (axis < 0 || axis >= inputs[0].shape.rank())
        return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": there is no axis " +
                                                     std::to_string(axis) + " in " +
                                                     inputs[0].shape.toString());
    std::vector<std::int64_t> dims = inputs[0].shape.dims();
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], inputs[i]));
        std::vector<std::int64_t> other = inputs[i].shape.dims();
        if (other.size() != dims.size())
            return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": " + inputs[i].shape.toString() +
                                                         " has another rank than " +
                                                         inputs[0].shape.toString());
        auto& sum = dims[static_cast<std::size_t>(axis)];
        auto& part = other[static_cast<std::size_t>(axis)];
        if (sum < 0 || part < 0)
            sum = Shape::kUnknown;
        else if (__builtin_add_overflow(sum, part, &sum))
            return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": the result is too large");
        part = sum;
        WR_RETURN_IF_ERROR(wantCompatible(node, Shape(dims), Shape(std::move(other))));
    }
    return OutputSpec{inputs[0].dtype, Shape(std::move(dims))};
}

Result<OutputSpec> slice(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[0], node.shape.rank(), "the input"));
    std::vector<std::int64_t> dims;
    for (int i = 0; i < node.shape.rank(); ++i) {
        const std::int64_t begin = node.attributes.axes[i];
        const std::int64_t whole = inputs[0].shape.dim(i);
        std::int64_t size = node.shape.dim(i);
        // An unknown size takes the rest, as TensorFlow's −1 does; it stays open where the whole is open.
        if (size == Shape::kUnknown && begin >= 0 && (whole < 0 || begin <= whole))
            size = whole < 0 ? Shape::kUnknown : whole - begin;
        else if (begin < 0 || size < 0 || (whole >= 0 && (size > whole || begin > whole - size)))
            return fail(StatusCode::InvalidArgument,
                        quotedOp(node.op) + ": [" + std::to_string(begin) + ", " +
                            std::to_string(begin + std::max<std::int64_t>(size, 0)) +
                            ") does not lie in dimension " + std::to_string(i) + " of " +
                            inputs[0].shape.toString());
        dims.push_back(size);
    }
    return OutputSpec{inputs[0].dtype, Shape(std::move(dims))};
}

/// Updates hold one row of the variable for each index: updates.shape = indices.shape + var.shape[1:].
Result<OutputSpec> scatter(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 3));
    const OutputSpec& variable = inputs[0];
    const OutputSpec& indices = inputs[1];
    const OutputSpec& updates = inputs[2];
    if (indices.dtype != DType::Int32 && indices.dtype != DType::Int64)
        return fail(StatusCode::InvalidArgument, quotedOp(node.op) +
                                                     ": indices must be int32 or int64, not " +
                                                     std::string(dtypeName(indices.dtype)));
    WR_RETURN_IF_ERROR(wantSameType(node, variable, updates));
    if (variable.shape.rank() < 1)
        return fail(StatusCode::InvalidArgument, quotedOp(node.op) + ": the variable is a scalar");
    std::vector<std::int64_t> wanted = indices.shape.dims();
    const std::vector<std::int64_t> rows = variable.shape.dims();
    wanted.insert(wanted.end(), rows.begin() + 1, rows.end());
    if (!updates.shape.isCompatibleWith(Shape(wanted)))
        return fail(StatusCode::InvalidArgument,
                    "Must have updates.shape = indices.shape + params.shape[1:], got updates.shape " +
                        updates.shape.toString() + ", indices.shape " + indices.shape.toString() +
                        ", params.shape " + variable.shape.toString());
    return variable;
}

Result<OutputSpec> orthogonal(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 1));
    WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    WR_RETURN_IF_ERROR(wantRank(node, inputs[0], 2, "the input"));
    return inputs[0];
}

Result<OutputSpec> eye(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 0));
    if (node.shape.rank() != 2)
        return fail(StatusCode::InvalidArgument,
                    quotedOp(node.op) + " makes a matrix, not " + node.shape.toString());
    return stated(node);
}

/// Whole limits that a double holds exactly and that are values of the type.
Result<OutputSpec> randomUniformInt(const Node& node, Inputs inputs)
{
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, 0));
    if (node.dtype != DType::Int32 && node.dtype != DType::Int64)
        return fail(StatusCode::InvalidArgument,
                    quotedOp(node.op) + " makes int32 or int64, not " + std::string(dtypeName(node.dtype)));
    const double low = node.attributes.scalars[0];
    const double high = node.attributes.scalars[1];
    const double most = node.dtype == DType::Int32 ? 2147483648.0 : 9007199254740992.0;
    if (!(low >= -most && high <= most) || low != std::trunc(low) || high != std::trunc(high))
        return fail(StatusCode::InvalidArgument,
                    quotedOp(node.op) + ": the limits must be whole numbers that " +
                        std::string(dtypeName(node.dtype)) + " holds, below 2^53");
    if (!(low < high))
        return fail(StatusCode::InvalidArgument,
                    "Need minval < maxval, got " + std::to_string(static_cast<std::int64_t>(low)) + " >= " +
                        std::to_string(static_cast<std::int64_t>(high)) + " for " + quotedOp(node.op));
    return stated(node);
}

} // namespace

Result<OutputSpec> inferSetupOutput(const Node& node, std::span<const OutputSpec> inputs)
{
    switch (node.op) {
    case OpCode::RandomUniformInt:
        return randomUniformInt(node, inputs);
    case OpCode::Eye:
        return eye(node, inputs);
    case OpCode::Orthogonal:
        return orthogonal(node, inputs);
    case OpCode::Concat:
        return concat(node, inputs);
    case OpCode::Slice:
        return slice(node, inputs);
    case OpCode::ScatterUpdate:
    case OpCode::ScatterAdd:
    case OpCode::ScatterSub:
    case OpCode::ScatterMul:
    case OpCode::ScatterDiv:
        return scatter(node, inputs);
    default:
        return fail(StatusCode::Internal, "no rule for op " + quotedOp(node.op));
    }
}

} // namespace wr::graph
