// SPDX-License-Identifier: GPL-3.0-or-later
// What the rules of several ops ask of their inputs, and how they refuse: InvalidArgument that names the op,
// the shapes and the types. Pure functions; any thread.
#pragma once

#include "engine/graph/op_rules.h"

#include <string>

namespace wr::graph {

using backend::OpCode;
using Inputs = std::span<const OutputSpec>;

inline std::string quotedOp(OpCode op)
{
    return std::string(backend::opName(op));
}

inline Status wantInputs(const Node& node, Inputs inputs, std::size_t count)
{
    if (inputs.size() == count)
        return {};
    return invalidArgument(quotedOp(node.op) + " takes " + std::to_string(count) + " inputs, not " +
                           std::to_string(inputs.size()));
}

inline Status wantSameType(const Node& node, const OutputSpec& a, const OutputSpec& b)
{
    if (a.dtype == b.dtype)
        return {};
    return invalidArgument(quotedOp(node.op) + " needs both inputs of one type, not " +
                           std::string(dtypeName(a.dtype)) + " and " + std::string(dtypeName(b.dtype)));
}

inline Status wantRank(const Node& node, const OutputSpec& input, int rank, const char* which)
{
    if (input.shape.rank() == rank)
        return {};
    return invalidArgument(quotedOp(node.op) + ": " + which + " must have rank " + std::to_string(rank) +
                           ", but its shape is " + input.shape.toString());
}

inline Status wantFloating(const Node& node, const OutputSpec& input)
{
    if (isFloating(input.dtype))
        return {};
    return invalidArgument(quotedOp(node.op) + " needs a floating-point input, not " +
                           std::string(dtypeName(input.dtype)));
}

inline Status wantCompatible(const Node& node, const Shape& a, const Shape& b)
{
    if (a.isCompatibleWith(b))
        return {};
    return invalidArgument(quotedOp(node.op) + ": shapes " + a.toString() + " and " + b.toString() +
                           " are not the same");
}

/// The type and shape that the node itself states.
inline Result<OutputSpec> stated(const Node& node)
{
    if (node.dtype == DType::Invalid)
        return fail(StatusCode::Internal, quotedOp(node.op) + " states no type");
    if (node.shape.rank() > backend::kMaxRank)
        return fail(StatusCode::InvalidArgument, "shape " + node.shape.toString() + " has more than " +
                                                     std::to_string(backend::kMaxRank) + " dimensions");
    return OutputSpec{node.dtype, node.shape};
}

} // namespace wr::graph
