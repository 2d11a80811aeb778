// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/recipe_source.h"

#include "engine/checkpoint/digest.h"

#include <algorithm>
#include <cstring>

namespace wr::remap {
namespace {

constexpr std::size_t kMostMade = 2; ///< whole tensors kept: neighbours are written at the same time

std::uint64_t elementsOf(const Shape& shape)
{
    return static_cast<std::uint64_t>(shape.elementCount().value_or(0));
}

/// Elements before the axis, all of which must be one for what follows it to be one run.
bool isOutermost(const Shape& shape, std::int64_t axis)
{
    return std::all_of(shape.dims().begin(), shape.dims().begin() + axis,
                       [](std::int64_t dim) { return dim == 1; });
}

} // namespace

Result<Tensor> makeTensor(const Recipe& recipe, const std::function<Result<Tensor>(std::size_t)>& read,
                          const OperationContext& context)
{
    std::vector<Tensor> inputs;
    for (const RecipeInput& input : recipe.inputs) {
        WR_ASSIGN_OR_RETURN(const Tensor tensor, read(input.source));
        WR_ASSIGN_OR_RETURN(Tensor prepared, applyOperations(input.operations, tensor, context));
        inputs.push_back(std::move(prepared));
    }
    if (inputs.empty() || (inputs.size() > 1 && !recipe.joint))
        return fail(StatusCode::InvalidArgument, "several tensors need concat or stack");
    if (!recipe.joint)
        return applyOperations(recipe.after, inputs.front(), context);
    WR_ASSIGN_OR_RETURN(const Tensor joined, joinTensors(*recipe.joint, inputs));
    inputs.clear();
    return applyOperations(recipe.after, joined, context);
}

Result<checkpoint::Digest> digestOfRecipe(const checkpoint::CheckpointReader& reader, const Recipe& recipe)
{
    WR_ASSIGN_OR_RETURN(const Tensor made,
                        makeTensor(recipe, [&reader](std::size_t source) { return reader.read(source); }));
    return checkpoint::digestOf(made.bytes());
}

RecipeSource::RecipeSource(const checkpoint::CheckpointReader& reader, std::vector<Recipe> recipes)
    : m_reader(reader), m_frames(dynamic_cast<const checkpoint::Wr1Reader*>(&reader)),
      m_recipes(std::move(recipes))
{
    for (const checkpoint::TensorEntry& entry : reader.tensors())
        m_sources.push_back(entry.spec);
}

Result<std::unique_ptr<RecipeSource>> RecipeSource::of(const checkpoint::CheckpointReader& reader,
                                                       std::vector<Recipe> recipes)
{
    std::unique_ptr<RecipeSource> source(new RecipeSource(reader, std::move(recipes)));
    for (const Recipe& recipe : source->m_recipes) {
        Result<TensorSpec> spec = specOf(recipe, source->m_sources);
        if (!spec)
            return fail(spec.error().withContext(recipe.target));
        source->m_specs.push_back(std::move(*spec));
        source->m_pieces.push_back(source->piecesOf(recipe));
    }
    return source;
}

std::optional<std::vector<RecipeSource::Piece>> RecipeSource::piecesOf(const Recipe& recipe) const
{
    std::vector<Piece> pieces;
    std::vector<TensorSpec> prepared;
    for (const RecipeInput& input : recipe.inputs) {
        TensorSpec spec = m_sources[input.source];
        Piece piece{input.source, 0, elementsOf(spec.shape), {}};
        for (const Operation& operation : input.operations) {
            const bool cuts = operation.kind == OperationKind::Slice || operation.kind == OperationKind::Take;
            if (cuts && isOutermost(spec.shape, operation.numbers[0])) {
                const std::uint64_t entry =
                    elementsOf(spec.shape) /
                    std::max<std::uint64_t>(1, static_cast<std::uint64_t>(
                                                   spec.shape.dim(static_cast<int>(operation.numbers[0]))));
                piece.from += static_cast<std::uint64_t>(operation.numbers[1]) * entry;
            } else if (isElementwise(operation.kind)) {
                piece.elementwise.push_back(operation);
            } else if (!keepsBytes(operation.kind)) {
                return {};
            }
            const Result<TensorSpec> after = specAfter(operation, spec);
            if (!after)
                return {};
            spec = *after;
        }
        piece.count = elementsOf(spec.shape);
        pieces.push_back(std::move(piece));
        prepared.push_back(std::move(spec));
    }
    if (recipe.joint && !isOutermost(prepared.front().shape, recipe.joint->numbers[0]))
        return {};
    for (const Operation& operation : recipe.after) {
        if (!isElementwise(operation.kind) && !keepsBytes(operation.kind))
            return {};
        for (Piece& piece : pieces) {
            if (isElementwise(operation.kind))
                piece.elementwise.push_back(operation);
        }
    }
    return pieces;
}

Status RecipeSource::readPiece(const Piece& piece, std::uint64_t from, std::span<std::byte> into) const
{
    const DType dtype = m_sources[piece.source].dtype;
    const std::uint64_t at = (piece.from + from) * dtypeSize(dtype);
    if (piece.elementwise.empty())
        return m_reader.readPart(piece.source, at, into);
    const Result<TensorSpec> made =
        specAfter(piece.elementwise, {{}, dtype, Shape{static_cast<std::int64_t>(piece.count)}});
    if (!made)
        return made.error();
    const auto count = static_cast<std::int64_t>(into.size() / dtypeSize(made->dtype));
    WR_ASSIGN_OR_RETURN(Tensor part, Tensor::create(dtype, Shape{count}));
    WR_RETURN_IF_ERROR(m_reader.readPart(piece.source, at, part.mutableBytes()));
    WR_ASSIGN_OR_RETURN(const Tensor done, applyOperations(piece.elementwise, part));
    std::memcpy(into.data(), done.bytes().data(), into.size());
    return {};
}

Result<std::span<const std::byte>> RecipeSource::bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                                       std::vector<std::byte>& scratch) const
{
    scratch.resize(size);
    if (!m_pieces[tensor]) {
        WR_ASSIGN_OR_RETURN(const Tensor made, whole(tensor));
        std::memcpy(scratch.data(), made.bytes().data() + at, size);
        return std::span<const std::byte>(scratch);
    }
    const std::size_t element = dtypeSize(m_specs[tensor].dtype);
    // Whole elements around the bytes that are asked for.
    const std::uint64_t first = at / element;
    const std::uint64_t last = (at + size + element - 1) / element;
    std::vector<std::byte> around;
    const bool isAligned = at % element == 0 && size % element == 0;
    if (!isAligned)
        around.resize((last - first) * element);
    const std::span<std::byte> into =
        isAligned ? std::span<std::byte>(scratch) : std::span<std::byte>(around);
    std::uint64_t begin = 0; // of the piece, in elements of the result
    for (const Piece& piece : *m_pieces[tensor]) {
        const std::uint64_t from = std::max(first, begin);
        const std::uint64_t to = std::min(last, begin + piece.count);
        if (from < to)
            WR_RETURN_IF_ERROR(readPiece(piece, from - begin,
                                         into.subspan((from - first) * element, (to - from) * element)));
        begin += piece.count;
    }
    if (!isAligned)
        std::memcpy(scratch.data(), around.data() + (at - first * element), size);
    return std::span<const std::byte>(scratch);
}

Result<Tensor> RecipeSource::whole(std::size_t tensor) const
{
    const std::lock_guard<std::mutex> lock(m_mutex);
    const auto found = std::find_if(m_made.begin(), m_made.end(),
                                    [tensor](const auto& made) { return made.first == tensor; });
    if (found != m_made.end()) {
        m_made.splice(m_made.begin(), m_made, found);
        return m_made.front().second;
    }
    Result<Tensor> made =
        makeTensor(m_recipes[tensor], [this](std::size_t source) { return m_reader.read(source); });
    if (!made)
        return fail(made.error().withContext(m_specs[tensor].name));
    if (!m_pieces[tensor]) {
        m_made.emplace_front(tensor, *made);
        if (m_made.size() > kMostMade)
            m_made.pop_back();
    }
    return made;
}

std::ptrdiff_t RecipeSource::originOf(std::size_t tensor) const
{
    const std::optional<std::vector<Piece>>& pieces = m_pieces[tensor];
    if (!pieces || pieces->size() != 1)
        return -1;
    const Piece& piece = pieces->front();
    const bool isAll = piece.elementwise.empty() && piece.from == 0 &&
                       piece.count == elementsOf(m_sources[piece.source].shape);
    return isAll ? static_cast<std::ptrdiff_t>(piece.source) : -1;
}

std::optional<checkpoint::Digest> RecipeSource::knownDigest(std::size_t tensor) const
{
    const std::ptrdiff_t origin = originOf(tensor);
    return origin < 0 ? std::nullopt : m_reader.tensors()[static_cast<std::size_t>(origin)].digest;
}

std::optional<checkpoint::Filter> RecipeSource::storedFilter(std::size_t tensor) const
{
    const std::ptrdiff_t origin = m_frames == nullptr ? -1 : originOf(tensor);
    if (origin < 0)
        return {};
    const std::optional<checkpoint::Filter> filter = m_frames->filterOf(static_cast<std::size_t>(origin));
    return filter && checkpoint::isOfDelta(*filter) ? std::nullopt : filter;
}

std::optional<checkpoint::Frame> RecipeSource::storedFrame(std::size_t tensor, std::uint64_t at,
                                                           std::uint32_t size) const
{
    const std::ptrdiff_t origin = m_frames == nullptr ? -1 : originOf(tensor);
    return origin < 0 ? std::nullopt : m_frames->frameOf(static_cast<std::size_t>(origin), at, size);
}

std::optional<Statistics> RecipeSource::knownStatistics(std::size_t tensor) const
{
    const std::ptrdiff_t origin = originOf(tensor);
    return origin < 0 ? std::nullopt : m_reader.tensors()[static_cast<std::size_t>(origin)].statistics;
}

} // namespace wr::remap
