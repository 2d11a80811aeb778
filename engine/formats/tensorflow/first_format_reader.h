// SPDX-License-Identifier: GPL-3.0-or-later
// Reads TensorFlow's checkpoints of the first format: tables that hold the values themselves, one file or
// "NAME-00000-of-00004" and its neighbours. May be used from several threads; the last block is kept.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/tensorflow/saved_slices.h"
#include "engine/formats/tensorflow/slice_map.h"
#include "engine/formats/tensorflow/table.h"

#include <mutex>

namespace wr::formats {

class FirstFormatReader final : public checkpoint::ListedReader {
public:
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>> open(Vfs& vfs,
                                                                            const std::string& path);

    std::string formatName() const override { return "TensorFlow V1"; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    struct Piece {
        std::size_t shard = 0;
        std::string key;
        SliceMap map;
    };
    /// A tensor as the lists of all shards tell of it.
    struct Gathered {
        SavedTensor tensor;
        std::vector<std::size_t> shards; ///< of the slices
    };
    using Tensors = std::map<std::string, Gathered>;

    explicit FirstFormatReader(const std::string& path) : ListedReader(path) {}
    Status openShard(Vfs& vfs, const std::string& path, Tensors& tensors);
    Status addTensor(const Gathered& gathered);
    Result<std::shared_ptr<const TableBlock>> blockOf(const Piece& piece) const;

    std::vector<Table> m_shards;
    std::vector<std::vector<Piece>> m_pieces; ///< of the entries

    mutable std::mutex m_mutex; ///< of what follows: neighbours share blocks
    mutable std::shared_ptr<const TableBlock> m_block;
    mutable std::pair<std::size_t, std::size_t> m_blockPlace; ///< shard and block of m_block
};

} // namespace wr::formats
