// SPDX-License-Identifier: GPL-3.0-or-later
// What may happen to a tensor on its way from one name to another: transposes, reshapes, slices and the like.
// An operation knows its spelling, the shape that it makes, and whether it can be undone; values are moved in
// value_flow. Values; any thread.
#pragma once

#include "engine/tensor/tensor.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

enum class OperationKind : std::uint8_t {
    Transpose, ///< transpose: all axes the other way round
    Permute,   ///< permute(1, 0, 2): axis n of the result is axis numbers[n]
    Reshape,   ///< reshape(2, -1): at most one −1; reshape(): to the shape of the target
    Squeeze,   ///< squeeze(axis): an axis of size 1 goes
    Unsqueeze, ///< unsqueeze(axis): an axis of size 1 comes
    Merge,     ///< merge(axis): this axis and the next become one
    Cast,      ///< cast(float16)
    Slice,     ///< slice(axis, begin, end)
    Take,      ///< take(axis, index): one entry, the axis goes
    Pad,       ///< pad(axis, before, after, zeros|mean|repeat|initializer)
    Heads,     ///< heads(count, pairs|halves): the rows of each head, from halves to pairs or back (RoPE)
    Scale,     ///< scale(factor) or scale(factor, offset)
    // Several tensors become one, or one several; at most one of these in a rule.
    Concat,  ///< concat(axis)
    Stack,   ///< stack(axis): a new axis
    Split,   ///< split(axis) in equal parts, split(axis, size, size, …)
    Unstack, ///< unstack(axis): that axis goes
};

enum class Fill : std::uint8_t { Zeros, Mean, Repeat, Initializer };
enum class HeadOrder : std::uint8_t { Pairs, Halves };

struct Operation {
    OperationKind kind = OperationKind::Transpose;
    std::vector<std::int64_t> numbers;  ///< as in the spellings above
    DType dtype = DType::Invalid;       ///< Cast
    Fill fill = Fill::Zeros;            ///< Pad
    HeadOrder order = HeadOrder::Pairs; ///< Heads: the order of the result
    double factor = 1.0;                ///< Scale
    double offset = 0.0;

    friend bool operator==(const Operation&, const Operation&) = default;
};

enum class Undoing : std::uint8_t {
    Exact,  ///< there is an operation that gives back the same bits
    Rounds, ///< there is one that comes close
    Never,  ///< values are lost
};

bool isJoint(OperationKind kind);
/// "permute(1, 0, 2)".
std::string textOf(const Operation& operation);
std::string textOf(const std::vector<Operation>& operations); ///< with spaces between
/// The inverse of textOf() for operations with spaces between; InvalidArgument says which word is wrong and
/// why.
Result<std::vector<Operation>> parseOperations(std::string_view text);

/// Type and shape that `input` has afterwards; for operations that are no joints. `target`: the shape that is
/// wanted, if it is known. InvalidArgument says why it cannot be: "slice(0, 0, 5): [4, 4] has only 4 entries
/// along axis 0".
Result<TensorSpec> specAfter(const Operation& operation, const TensorSpec& input,
                             const Shape* target = nullptr);
/// Of all of them, one after the other.
Result<TensorSpec> specAfter(const std::vector<Operation>& operations, const TensorSpec& input,
                             const Shape* target = nullptr);
/// What concat and stack make of several.
Result<TensorSpec> specJoined(const Operation& joint, const std::vector<TensorSpec>& inputs);

Undoing undoing(const Operation& operation, const TensorSpec& input);
/// What undoes `operation` on an `input` of that type and shape; none where values are lost.
std::optional<Operation> inverseOf(const Operation& operation, const TensorSpec& input);

inline Operation transposed()
{
    return {OperationKind::Transpose, {}};
}
inline Operation castTo(DType dtype)
{
    Operation operation{OperationKind::Cast, {}};
    operation.dtype = dtype;
    return operation;
}
inline Operation headsTo(HeadOrder order, std::int64_t count)
{
    Operation operation{OperationKind::Heads, {count}};
    operation.order = order;
    return operation;
}

} // namespace wr::remap
