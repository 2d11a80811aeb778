// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/tensor_operation.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace wr::remap {
namespace {

constexpr std::int64_t kTile = 32; ///< elements a side: both sides of a tile fit the first cache

/// A tensor along one axis: `outer` blocks of `size` entries of `inner` bytes.
struct AxisView {
    std::size_t outer = 1;
    std::size_t size = 1;
    std::size_t inner = 1;

    AxisView(const Shape& shape, std::size_t axis, std::size_t elementBytes) : inner(elementBytes)
    {
        for (std::size_t i = 0; i < shape.dims().size(); ++i) {
            const auto dim = static_cast<std::size_t>(shape.dims()[i]);
            (i < axis ? outer : i == axis ? size : inner) *= dim;
        }
    }
    std::size_t block() const { return size * inner; }
};

/// The same elements under another shape.
Result<Tensor> reshaped(const Tensor& input, const TensorSpec& spec)
{
    // Copying a Tensor shares its buffer; a view of it keeps it alive.
    auto shared = std::make_shared<Tensor>(input);
    std::shared_ptr<std::byte[]> owner(shared, shared->mutableBytes().data());
    return Tensor::view(spec.dtype, spec.shape, std::move(owner));
}

/// Axes of the input in the order of the result, with neighbours that stay together merged.
struct Permutation {
    std::vector<std::int64_t> dims;    ///< of the result
    std::vector<std::int64_t> strides; ///< of the input along them, in elements

    Permutation(const Shape& from, const std::vector<std::int64_t>& order)
    {
        std::vector<std::int64_t> stride(order.size(), 1);
        for (std::size_t i = order.size(); i-- > 1;)
            stride[i - 1] = stride[i] * from.dims()[i];
        for (const std::int64_t axis : order) {
            const std::int64_t dim = from.dims()[static_cast<std::size_t>(axis)];
            if (dim == 1)
                continue;
            const std::int64_t step = stride[static_cast<std::size_t>(axis)];
            if (!dims.empty() && strides.back() == step * dim) {
                dims.back() *= dim;
                strides.back() = step;
            } else {
                dims.push_back(dim);
                strides.push_back(step);
            }
        }
    }
};

/// Copies a plane of `rows` × `columns`; rows lie `toRow` and `fromRow` elements apart, columns 1 and
/// `fromColumn`.
template <typename T>
void copyPlane(const T* from, T* to, std::int64_t rows, std::int64_t columns, std::int64_t fromRow,
               std::int64_t fromColumn, std::int64_t toRow)
{
    for (std::int64_t r = 0; r < rows; r += kTile) {
        const std::int64_t lastRow = std::min(rows, r + kTile);
        for (std::int64_t c = 0; c < columns; c += kTile) {
            const std::int64_t lastColumn = std::min(columns, c + kTile);
            for (std::int64_t row = r; row < lastRow; ++row) {
                for (std::int64_t column = c; column < lastColumn; ++column)
                    to[row * toRow + column] = from[row * fromRow + column * fromColumn];
            }
        }
    }
}

template <typename T>
void permute(const Tensor& input, Tensor& output, const Permutation& way)
{
    const auto* from = reinterpret_cast<const T*>(input.bytes().data());
    auto* to = reinterpret_cast<T*>(output.mutableBytes().data());
    const std::size_t rank = way.dims.size();
    if (rank == 0) {
        std::copy_n(from, static_cast<std::size_t>(output.elementCount()), to);
        return;
    }
    std::vector<std::int64_t> toStrides(rank, 1);
    for (std::size_t i = rank; i-- > 1;)
        toStrides[i - 1] = toStrides[i] * way.dims[i];
    // The plane: the last axis of the result and the one that is last in the input.
    const std::size_t column = rank - 1;
    const std::size_t row =
        rank == 1 ? 0
                  : static_cast<std::size_t>(std::min_element(way.strides.begin(), way.strides.end() - 1) -
                                             way.strides.begin());
    std::vector<std::int64_t> at(rank, 0);
    std::int64_t fromAt = 0;
    std::int64_t toAt = 0;
    while (true) {
        if (rank == 1)
            copyPlane(from, to, 1, way.dims[0], 0, way.strides[0], 0);
        else
            copyPlane(from + fromAt, to + toAt, way.dims[row], way.dims[column], way.strides[row],
                      way.strides[column], toStrides[row]);
        std::size_t axis = rank;
        while (axis-- > 0) {
            if (axis == row || axis == column)
                continue;
            fromAt += way.strides[axis];
            toAt += toStrides[axis];
            if (++at[axis] < way.dims[axis])
                break;
            fromAt -= way.strides[axis] * way.dims[axis];
            toAt -= toStrides[axis] * way.dims[axis];
            at[axis] = 0;
        }
        if (axis == static_cast<std::size_t>(-1))
            return;
    }
}

Result<Tensor> permuted(const Tensor& input, const TensorSpec& spec, const std::vector<std::int64_t>& order)
{
    const Permutation way(input.shape(), order);
    if (way.dims.size() <= 1) // nothing moves
        return reshaped(input, spec);
    WR_ASSIGN_OR_RETURN(Tensor output, Tensor::create(spec.dtype, spec.shape));
    if (output.elementCount() == 0)
        return output;
    switch (dtypeSize(spec.dtype)) {
    case 1:
        permute<std::uint8_t>(input, output, way);
        break;
    case 2:
        permute<std::uint16_t>(input, output, way);
        break;
    case 4:
        permute<std::uint32_t>(input, output, way);
        break;
    default:
        permute<std::uint64_t>(input, output, way);
    }
    return output;
}

Result<Tensor> cut(const Tensor& input, const TensorSpec& spec, std::size_t axis, std::int64_t begin,
                   std::int64_t end)
{
    WR_ASSIGN_OR_RETURN(Tensor output, Tensor::create(spec.dtype, spec.shape));
    const AxisView view(input.shape(), axis, dtypeSize(spec.dtype));
    const std::size_t piece = static_cast<std::size_t>(end - begin) * view.inner;
    for (std::size_t block = 0; block < view.outer && piece > 0; ++block)
        std::memcpy(output.mutableBytes().data() + block * piece,
                    input.bytes().data() + block * view.block() +
                        static_cast<std::size_t>(begin) * view.inner,
                    piece);
    return output;
}

/// The mean of the entries along the axis, as an entry of the type.
void meanEntry(const Tensor& input, const AxisView& view, std::size_t block, std::span<std::byte> into)
{
    const std::size_t elementBytes = dtypeSize(input.dtype());
    const std::size_t width = view.inner / elementBytes;
    std::vector<double> sums(width, 0.0);
    const std::size_t first = block * view.block() / elementBytes;
    for (std::size_t entry = 0; entry < view.size; ++entry) {
        for (std::size_t i = 0; i < width; ++i)
            sums[i] += input.valueAt(static_cast<std::int64_t>(first + entry * width + i));
    }
    for (double& sum : sums)
        sum /= static_cast<double>(view.size);
    castElements(DType::Float64, std::as_bytes(std::span(sums)), input.dtype(), into);
}

Result<Tensor> padded(const Operation& operation, const Tensor& input, const TensorSpec& spec,
                      const OperationContext& context)
{
    WR_ASSIGN_OR_RETURN(Tensor output, Tensor::zeros(spec.dtype, spec.shape));
    if (operation.fill == Fill::Initializer) {
        if (context.initial == nullptr || context.initial->shape() != spec.shape ||
            context.initial->dtype() != spec.dtype)
            return fail(StatusCode::FailedPrecondition,
                        textOf(operation) + ": initial values of type and shape " +
                            std::string(dtypeName(spec.dtype)) + " " + spec.shape.toString() + " are needed");
        std::memcpy(output.mutableBytes().data(), context.initial->bytes().data(), output.byteSize());
    }
    const auto axis = static_cast<std::size_t>(operation.numbers[0]);
    const auto before = static_cast<std::size_t>(operation.numbers[1]);
    const AxisView from(input.shape(), axis, dtypeSize(spec.dtype));
    const AxisView to(spec.shape, axis, dtypeSize(spec.dtype));
    std::vector<std::byte> mean(from.inner);
    for (std::size_t block = 0; block < from.outer && to.block() > 0; ++block) {
        std::byte* const into = output.mutableBytes().data() + block * to.block();
        const std::byte* const own = input.bytes().data() + block * from.block();
        if (from.block() > 0)
            std::memcpy(into + before * to.inner, own, from.block());
        if (operation.fill == Fill::Mean)
            meanEntry(input, from, block, mean);
        for (std::size_t entry = 0; entry < to.size; ++entry) {
            const bool isOwn = entry >= before && entry < before + from.size;
            if (isOwn || (operation.fill != Fill::Mean && operation.fill != Fill::Repeat))
                continue;
            // Repeated entries go on in both directions: 1 2 0 1 2 0 1.
            const std::size_t repeated = (entry + from.size - before % from.size) % from.size;
            std::memcpy(into + entry * to.inner,
                        operation.fill == Fill::Mean ? mean.data() : own + repeated * from.inner, to.inner);
        }
    }
    return output;
}

/// Rows of each head as [2, half] become [half, 2], or the other way round.
Result<Tensor> headsReordered(const Operation& operation, const Tensor& input, const TensorSpec& spec)
{
    const std::int64_t heads = operation.numbers[0];
    const std::int64_t half = spec.shape.dim(0) / heads / 2;
    std::int64_t inner = 1;
    for (int axis = 1; axis < spec.shape.rank(); ++axis)
        inner *= spec.shape.dim(axis);
    const bool toPairs = operation.order == HeadOrder::Pairs;
    const Shape split = toPairs ? Shape{heads, 2, half, inner} : Shape{heads, half, 2, inner};
    const Shape swapped = toPairs ? Shape{heads, half, 2, inner} : Shape{heads, 2, half, inner};
    WR_ASSIGN_OR_RETURN(const Tensor view, reshaped(input, {{}, spec.dtype, split}));
    WR_ASSIGN_OR_RETURN(const Tensor moved, permuted(view, {{}, spec.dtype, swapped}, {0, 2, 1, 3}));
    return reshaped(moved, spec);
}

} // namespace

bool keepsBytes(OperationKind kind)
{
    return kind == OperationKind::Reshape || kind == OperationKind::Squeeze ||
           kind == OperationKind::Unsqueeze || kind == OperationKind::Merge;
}

bool isElementwise(OperationKind kind)
{
    return kind == OperationKind::Cast || kind == OperationKind::Scale;
}

Result<Tensor> applyOperations(const Operation& operation, const Tensor& input,
                               const OperationContext& context)
{
    WR_ASSIGN_OR_RETURN(const TensorSpec spec,
                        specAfter(operation, {{}, input.dtype(), input.shape()}, context.target));
    const std::vector<std::int64_t>& numbers = operation.numbers;
    switch (operation.kind) {
    case OperationKind::Transpose: {
        std::vector<std::int64_t> order(static_cast<std::size_t>(input.shape().rank()));
        std::iota(order.rbegin(), order.rend(), 0);
        return permuted(input, spec, order);
    }
    case OperationKind::Permute:
        return permuted(input, spec, numbers);
    case OperationKind::Cast: {
        if (operation.dtype == input.dtype())
            return input;
        WR_ASSIGN_OR_RETURN(Tensor output, Tensor::create(spec.dtype, spec.shape));
        castElements(input.dtype(), input.bytes(), spec.dtype, output.mutableBytes(), context.losses);
        return output;
    }
    case OperationKind::Slice:
        return cut(input, spec, static_cast<std::size_t>(numbers[0]), numbers[1], numbers[2]);
    case OperationKind::Take:
        return cut(input, spec, static_cast<std::size_t>(numbers[0]), numbers[1], numbers[1] + 1);
    case OperationKind::Pad:
        return padded(operation, input, spec, context);
    case OperationKind::Heads:
        return headsReordered(operation, input, spec);
    case OperationKind::Scale: {
        WR_ASSIGN_OR_RETURN(Tensor output, input.clone());
        scaleElements(spec.dtype, output.mutableBytes(), operation.factor, operation.offset);
        return output;
    }
    default:
        return reshaped(input, spec);
    }
}

Result<Tensor> applyOperations(const std::vector<Operation>& operations, const Tensor& input,
                               const OperationContext& context)
{
    Tensor tensor = input;
    for (const Operation& operation : operations) {
        WR_ASSIGN_OR_RETURN(tensor, applyOperations(operation, tensor, context));
    }
    return tensor;
}

Result<Tensor> joinTensors(const Operation& joint, std::span<const Tensor> inputs)
{
    std::vector<TensorSpec> specs;
    for (const Tensor& input : inputs)
        specs.push_back({{}, input.dtype(), input.shape()});
    WR_ASSIGN_OR_RETURN(const TensorSpec spec, specJoined(joint, specs));
    WR_ASSIGN_OR_RETURN(Tensor output, Tensor::create(spec.dtype, spec.shape));
    const auto axis = static_cast<std::size_t>(joint.numbers[0]);
    const AxisView to(spec.shape, axis, dtypeSize(spec.dtype));
    std::size_t at = 0;
    for (const Tensor& input : inputs) {
        if (to.outer == 0 || input.byteSize() == 0)
            continue;
        const std::size_t piece = input.byteSize() / to.outer;
        for (std::size_t block = 0; block < to.outer; ++block)
            std::memcpy(output.mutableBytes().data() + block * to.block() + at,
                        input.bytes().data() + block * piece, piece);
        at += piece;
    }
    return output;
}

} // namespace wr::remap
