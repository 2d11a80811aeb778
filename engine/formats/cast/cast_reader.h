// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint seen through another floating type: every tensor is cast as it is read, part by part, and what
// that costs is counted, each value once. Borrows the checkpoint. May be used from several threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/cast/float_cast.h"

#include <functional>

namespace wr::formats {

struct TensorCast {
    std::string name;
    DType from = DType::Invalid;
    DType to = DType::Invalid;
    CastLoss loss; ///< of what has been read so far
};

class CastReader final : public checkpoint::ListedReader {
public:
    /// The type that a tensor becomes; its own where it stays. Only floating types change.
    using Choice = std::function<DType(const TensorSpec& spec)>;

    CastReader(const checkpoint::CheckpointReader& from, const Choice& choice);
    std::string formatName() const override { return m_from.formatName(); }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;
    /// The tensors whose type changes, sorted by name.
    std::vector<TensorCast> casts() const;

private:
    struct Counted {
        DType from = DType::Invalid;
        std::map<std::uint64_t, std::uint64_t> ranges; ///< begin → end of elements
        CastLoss loss;
    };
    bool isCast(std::size_t index) const { return m_counted[index].from != m_entries[index].spec.dtype; }
    void cast(std::size_t index, std::uint64_t first, std::span<const std::byte> from,
              std::span<std::byte> to) const;

    const checkpoint::CheckpointReader& m_from;
    mutable std::mutex m_mutex;
    mutable std::vector<Counted> m_counted; ///< of the entries
};

} // namespace wr::formats
