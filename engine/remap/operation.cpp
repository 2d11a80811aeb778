// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/operation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace wr::remap {
namespace {

Status cannot(const Operation& operation, const std::string& why)
{
    return invalidArgument(textOf(operation) + ": " + why);
}

Status checkAxis(const Operation& operation, const Shape& shape, std::int64_t axis, int room = 0)
{
    if (axis < 0 || axis >= shape.rank() + room)
        return cannot(operation, shape.toString() + " has no axis " + std::to_string(axis));
    return {};
}

Result<Shape> reshaped(const Operation& operation, const Shape& from, const Shape* target)
{
    if (operation.numbers.empty()) {
        if (target == nullptr)
            return fail(cannot(operation, "the shape of the target is not known here"));
        if (from.elementCount() != target->elementCount())
            return fail(
                cannot(operation, from.toString() + " and " + target->toString() + " differ in size"));
        return *target;
    }
    const std::optional<std::int64_t> elements = from.elementCount();
    std::vector<std::int64_t> dims = operation.numbers;
    const auto open = std::find(dims.begin(), dims.end(), -1);
    if (std::count(dims.begin(), dims.end(), -1) > 1)
        return fail(cannot(operation, "only one dimension can be left open"));
    if (open != dims.end()) {
        *open = 1;
        const std::optional<std::int64_t> rest = Shape(dims).elementCount();
        if (!rest || !elements || *rest <= 0 || *elements % *rest != 0)
            return fail(cannot(operation, from.toString() + " cannot be divided so"));
        *open = *elements / *rest;
    }
    Shape to(std::move(dims));
    if (!elements || to.elementCount() != elements)
        return fail(cannot(operation, from.toString() + " and " + to.toString() + " differ in size"));
    return to;
}

Result<Shape> permuted(const Operation& operation, const Shape& from)
{
    std::vector<bool> seen(static_cast<std::size_t>(from.rank()), false);
    std::vector<std::int64_t> dims;
    if (operation.numbers.size() != seen.size())
        return fail(cannot(operation, from.toString() + " has " + std::to_string(from.rank()) + " axes"));
    for (const std::int64_t axis : operation.numbers) {
        WR_RETURN_IF_ERROR(checkAxis(operation, from, axis));
        if (seen[static_cast<std::size_t>(axis)])
            return fail(cannot(operation, "axis " + std::to_string(axis) + " comes twice"));
        seen[static_cast<std::size_t>(axis)] = true;
        dims.push_back(from.dim(static_cast<int>(axis)));
    }
    return Shape(std::move(dims));
}

Result<Shape> cut(const Operation& operation, std::vector<std::int64_t> dims)
{
    const auto axis = static_cast<std::size_t>(operation.numbers[0]);
    const std::int64_t size = dims[axis];
    const std::string only = Shape(dims).toString() + " has only " + std::to_string(size) +
                             " entries along axis " + std::to_string(axis);
    if (operation.kind == OperationKind::Take) {
        if (operation.numbers[1] < 0 || operation.numbers[1] >= size)
            return fail(cannot(operation, only));
        dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
        return Shape(std::move(dims));
    }
    const std::int64_t begin = operation.numbers[1];
    const std::int64_t end = operation.numbers[2];
    if (begin < 0 || end < begin)
        return fail(cannot(operation, "it must begin at 0 or later and not end before its beginning"));
    if (end > size)
        return fail(cannot(operation, only));
    dims[axis] = end - begin;
    return Shape(std::move(dims));
}

Result<Shape> padded(const Operation& operation, std::vector<std::int64_t> dims)
{
    constexpr std::int64_t kMost = std::int64_t{1} << 40U;
    const auto axis = static_cast<std::size_t>(operation.numbers[0]);
    const std::int64_t before = operation.numbers[1];
    const std::int64_t after = operation.numbers[2];
    if (before < 0 || after < 0 || before > kMost || after > kMost)
        return fail(cannot(operation, "it can only add a sensible number of entries"));
    if (operation.fill != Fill::Zeros && operation.fill != Fill::Initializer && dims[axis] == 0)
        return fail(cannot(operation, "there is nothing that could be repeated or averaged"));
    dims[axis] += before + after;
    Shape shape(std::move(dims));
    if (!shape.elementCount())
        return fail(cannot(operation, "the result would be too large"));
    return shape;
}

/// The shape for the kinds that change nothing else.
Result<Shape> shapeAfter(const Operation& operation, const Shape& from, const Shape* target)
{
    std::vector<std::int64_t> dims = from.dims();
    switch (operation.kind) {
    case OperationKind::Transpose:
        std::reverse(dims.begin(), dims.end());
        return Shape(std::move(dims));
    case OperationKind::Permute:
        return permuted(operation, from);
    case OperationKind::Reshape:
        return reshaped(operation, from, target);
    case OperationKind::Squeeze:
        WR_RETURN_IF_ERROR(checkAxis(operation, from, operation.numbers[0]));
        if (dims[static_cast<std::size_t>(operation.numbers[0])] != 1)
            return fail(cannot(operation, "that axis of " + from.toString() + " is not of size 1"));
        dims.erase(dims.begin() + operation.numbers[0]);
        return Shape(std::move(dims));
    case OperationKind::Unsqueeze:
        WR_RETURN_IF_ERROR(checkAxis(operation, from, operation.numbers[0], 1));
        dims.insert(dims.begin() + operation.numbers[0], 1);
        return Shape(std::move(dims));
    case OperationKind::Merge: {
        WR_RETURN_IF_ERROR(checkAxis(operation, from, operation.numbers[0], -1));
        const auto axis = static_cast<std::size_t>(operation.numbers[0]);
        dims[axis] *= dims[axis + 1]; // a part of an element count, which is checked
        dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1);
        return Shape(std::move(dims));
    }
    case OperationKind::Slice:
    case OperationKind::Take:
        WR_RETURN_IF_ERROR(checkAxis(operation, from, operation.numbers[0]));
        return cut(operation, std::move(dims));
    case OperationKind::Pad:
        WR_RETURN_IF_ERROR(checkAxis(operation, from, operation.numbers[0]));
        return padded(operation, std::move(dims));
    case OperationKind::Heads: {
        WR_RETURN_IF_ERROR(checkAxis(operation, from, 0));
        const std::int64_t heads = operation.numbers[0];
        if (heads <= 0 || dims[0] % heads != 0 || (dims[0] / heads) % 2 != 0)
            return fail(cannot(operation, from.toString() + " has no " + std::to_string(heads) +
                                              " heads of an even number of rows"));
        return from;
    }
    default:
        return from;
    }
}

} // namespace

Result<TensorSpec> specAfter(const Operation& operation, const TensorSpec& input, const Shape* target)
{
    if (isJoint(operation.kind))
        return fail(cannot(operation, "it is about several tensors"));
    if (!input.shape.elementCount())
        return fail(cannot(operation, "the shape " + input.shape.toString() + " is not known"));
    WR_ASSIGN_OR_RETURN(Shape shape, shapeAfter(operation, input.shape, target));
    TensorSpec after{input.name, input.dtype, std::move(shape)};
    if (operation.kind == OperationKind::Cast)
        after.dtype = operation.dtype;
    const bool computes = operation.kind == OperationKind::Scale ||
                          (operation.kind == OperationKind::Pad && operation.fill == Fill::Mean);
    if (computes && !isFloating(input.dtype))
        return fail(cannot(operation, "only floating-point numbers can be computed with, not " +
                                          std::string(dtypeName(input.dtype))));
    return after;
}

Result<TensorSpec> specAfter(const std::vector<Operation>& operations, const TensorSpec& input,
                             const Shape* target)
{
    TensorSpec spec = input;
    for (const Operation& operation : operations) {
        WR_ASSIGN_OR_RETURN(spec, specAfter(operation, spec, target));
    }
    return spec;
}

Result<TensorSpec> specJoined(const Operation& joint, const std::vector<TensorSpec>& inputs)
{
    if (joint.kind != OperationKind::Concat && joint.kind != OperationKind::Stack)
        return fail(cannot(joint, "it joins nothing"));
    if (inputs.empty())
        return fail(cannot(joint, "there is nothing to join"));
    const bool isStack = joint.kind == OperationKind::Stack;
    const Shape& first = inputs.front().shape;
    WR_RETURN_IF_ERROR(checkAxis(joint, first, joint.numbers[0], isStack ? 1 : 0));
    const auto axis = static_cast<std::size_t>(joint.numbers[0]);
    std::vector<std::int64_t> dims = first.dims();
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        std::vector<std::int64_t> next = inputs[i].shape.dims();
        if (inputs[i].dtype != inputs.front().dtype)
            return fail(cannot(joint, std::string(dtypeName(inputs.front().dtype)) + " and " +
                                          std::string(dtypeName(inputs[i].dtype)) + " do not go together"));
        const bool fits = next.size() == dims.size();
        if (fits && !isStack)
            next[axis] = first.dims()[axis];
        if (!fits || next != first.dims())
            return fail(
                cannot(joint, first.toString() + " and " + inputs[i].shape.toString() + " do not fit"));
        if (!isStack)
            dims[axis] += inputs[i].shape.dims()[axis];
    }
    if (isStack)
        dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis),
                    static_cast<std::int64_t>(inputs.size()));
    Shape shape(std::move(dims));
    if (!shape.elementCount())
        return fail(cannot(joint, "the result would be too large"));
    return TensorSpec{inputs.front().name, inputs.front().dtype, std::move(shape)};
}

namespace {

/// Whether every value of `from` is one of `to`.
bool isWidening(DType from, DType to)
{
    if (from == to)
        return true;
    if (from == DType::Float16 || from == DType::BFloat16)
        return to == DType::Float32 || to == DType::Float64;
    if (from == DType::Float32)
        return to == DType::Float64;
    if (from == DType::Bool)
        return isInteger(to) || isFloating(to);
    if (!isInteger(from))
        return false;
    const bool isSigned = from <= DType::Int64;
    const std::size_t bits = 8 * dtypeSize(from) - (isSigned ? 1 : 0);
    if (isFloating(to))
        return bits <= (to == DType::Float64   ? 53U
                        : to == DType::Float32 ? 24U
                        : to == DType::Float16 ? 11U
                                               : 8U);
    if (!isInteger(to) || (isSigned && to > DType::Int64))
        return false;
    return bits <= 8 * dtypeSize(to) - (to <= DType::Int64 ? 1 : 0);
}

} // namespace

Undoing undoing(const Operation& operation, const TensorSpec& input)
{
    switch (operation.kind) {
    case OperationKind::Slice:
        return operation.numbers[1] == 0 && operation.numbers[0] < input.shape.rank() &&
                       operation.numbers[2] == input.shape.dim(static_cast<int>(operation.numbers[0]))
                   ? Undoing::Exact
                   : Undoing::Never;
    case OperationKind::Take: // of a single entry only the axis is lost
        return operation.numbers[0] < input.shape.rank() &&
                       input.shape.dim(static_cast<int>(operation.numbers[0])) == 1
                   ? Undoing::Exact
                   : Undoing::Never;
    case OperationKind::Cast:
        if (isWidening(input.dtype, operation.dtype))
            return Undoing::Exact;
        return isFloating(input.dtype) && isFloating(operation.dtype) ? Undoing::Rounds : Undoing::Never;
    case OperationKind::Scale:
        if (operation.factor == 0.0)
            return Undoing::Never;
        return operation.factor == 1.0 && operation.offset == 0.0 ? Undoing::Exact : Undoing::Rounds;
    default:
        return Undoing::Exact;
    }
}

std::optional<Operation> inverseOf(const Operation& operation, const TensorSpec& input)
{
    if (undoing(operation, input) == Undoing::Never)
        return {};
    Operation inverse = operation;
    switch (operation.kind) {
    case OperationKind::Permute:
        inverse.numbers.resize(operation.numbers.size());
        for (std::size_t i = 0; i < operation.numbers.size(); ++i)
            inverse.numbers[static_cast<std::size_t>(operation.numbers[i])] = static_cast<std::int64_t>(i);
        return inverse;
    case OperationKind::Reshape:
    case OperationKind::Merge:
        return Operation{OperationKind::Reshape, input.shape.dims()};
    case OperationKind::Squeeze:
    case OperationKind::Take:
        return Operation{OperationKind::Unsqueeze, {operation.numbers[0]}};
    case OperationKind::Unsqueeze:
        inverse.kind = OperationKind::Squeeze;
        return inverse;
    case OperationKind::Cast:
        inverse.dtype = input.dtype;
        return inverse;
    case OperationKind::Pad: {
        const std::int64_t before = operation.numbers[1];
        return Operation{
            OperationKind::Slice,
            {operation.numbers[0], before, before + input.shape.dim(static_cast<int>(operation.numbers[0]))}};
    }
    case OperationKind::Heads:
        inverse.order = operation.order == HeadOrder::Pairs ? HeadOrder::Halves : HeadOrder::Pairs;
        return inverse;
    case OperationKind::Scale:
        inverse.factor = 1.0 / operation.factor;
        inverse.offset = -operation.offset / operation.factor;
        return inverse;
    default:
        return inverse; // a transpose, or a slice of everything
    }
}

} // namespace wr::remap
