// SPDX-License-Identifier: GPL-3.0-or-later
// The values that recipes make, read from a checkpoint: piece by piece where nothing but types, factors and
// cuts along the first axis are concerned, else one tensor at a time. May be asked from several threads.
#pragma once

#include "engine/checkpoint/tensor_source.h"
#include "engine/checkpoint/wr1_reader.h"
#include "engine/remap/recipe.h"
#include "engine/remap/tensor_operation.h"

#include <functional>
#include <list>
#include <mutex>

namespace wr::remap {

/// What a recipe makes; `read` gives the tensors of the checkpoint by their numbers.
Result<Tensor> makeTensor(const Recipe& recipe, const std::function<Result<Tensor>(std::size_t)>& read,
                          const OperationContext& context = {});

/// Digest of what a recipe makes of a checkpoint's tensors.
Result<checkpoint::Digest> digestOfRecipe(const checkpoint::CheckpointReader& reader, const Recipe& recipe);

/// Borrows the reader. Made by of().
class RecipeSource final : public checkpoint::TensorSource {
public:
    /// InvalidArgument names the recipe that cannot be made. The order of the recipes is kept.
    static Result<std::unique_ptr<RecipeSource>> of(const checkpoint::CheckpointReader& reader,
                                                    std::vector<Recipe> recipes);

    const std::vector<TensorSpec>& specs() const override { return m_specs; }
    Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                             std::vector<std::byte>& scratch) const override;
    Result<Tensor> whole(std::size_t tensor) const override;
    std::optional<checkpoint::Digest> knownDigest(std::size_t tensor) const override;
    std::optional<Statistics> knownStatistics(std::size_t tensor) const override;

    std::optional<checkpoint::Filter> storedFilter(std::size_t tensor) const override;
    std::optional<checkpoint::Frame> storedFrame(std::size_t tensor, std::uint64_t at,
                                                 std::uint32_t size) const override;

    /// Whether parts of it are computed without the rest.
    bool isStreamed(std::size_t tensor) const { return m_pieces[tensor].has_value(); }
    /// The tensor of the checkpoint whose bytes these are, or −1.
    std::ptrdiff_t originOf(std::size_t tensor) const;

private:
    /// A run of elements of the result, and where they come from.
    struct Piece {
        std::size_t source = 0;
        std::uint64_t from = 0;  ///< first element in the source
        std::uint64_t count = 0; ///< elements
        std::vector<Operation> elementwise;
    };

    RecipeSource(const checkpoint::CheckpointReader& reader, std::vector<Recipe> recipes);
    std::optional<std::vector<Piece>> piecesOf(const Recipe& recipe) const;
    Status readPiece(const Piece& piece, std::uint64_t from, std::span<std::byte> into) const;

    const checkpoint::CheckpointReader& m_reader;
    const checkpoint::Wr1Reader* m_frames = nullptr; ///< the same, where its frames may be copied
    std::vector<Recipe> m_recipes;
    std::vector<TensorSpec> m_sources;
    std::vector<TensorSpec> m_specs;
    std::vector<std::optional<std::vector<Piece>>> m_pieces;
    mutable std::mutex m_mutex;
    mutable std::list<std::pair<std::size_t, Tensor>> m_made; ///< the last ones that were made as a whole
};

} // namespace wr::remap
