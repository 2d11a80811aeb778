// SPDX-License-Identifier: GPL-3.0-or-later
// Reads TensorFlow's checkpoints of the second format: an index of entries and files of values. Slices of a
// partitioned variable appear as the one variable that they make. May be used from several threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/tensorflow/bundle_entry.h"
#include "engine/formats/tensorflow/slice_map.h"
#include "engine/formats/tensorflow/table.h"

namespace wr::formats {

class BundleReader final : public checkpoint::ListedReader {
public:
    /// `table` is that of the file `index`, "PREFIX.index". Values that are not there are a warning; reading
    /// them fails.
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>>
    open(Vfs& vfs, const std::string& index, std::uint64_t indexBytes, const Table& table);

    std::string formatName() const override { return "TensorFlow V2"; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    /// Bytes in a file of values; the whole tensor, or one slice.
    struct Piece {
        std::uint64_t shard = 0;
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        std::uint32_t checksum = 0;
    };
    struct Values {
        std::vector<Piece> pieces;
        std::vector<SliceMap> slices; ///< of the pieces; none for a tensor that lies in one piece
    };
    struct Shard {
        std::string path;
        std::shared_ptr<File> file; ///< none when it could not be opened
        std::string problem;        ///< why, where it is not just missing
        std::uint64_t size = 0;
    };
    using Entries = std::map<std::string, BundleEntry, std::less<>>;

    explicit BundleReader(const std::string& path) : ListedReader(path) {}
    static Result<Entries> readEntries(const Table& table, BundleHeader& header);
    Status addTensors(const Entries& entries);
    void addString(const std::string& name, const BundleEntry& entry);
    Status openShards(Vfs& vfs, const std::string& prefix, std::uint64_t shards);
    void warnOfMissingValues(const Entries& entries);
    Status readPiece(const Piece& piece, std::uint64_t at, std::span<std::byte> into) const;
    /// As the file says it, or why the piece cannot lie in it.
    Status checkPlace(const Piece& piece) const;
    Status readChecked(const Piece& piece, std::span<std::byte> into, const Progress& progress,
                       std::uint64_t before, std::uint64_t total) const;

    std::vector<Values> m_values; ///< of the entries
    std::map<std::uint64_t, Shard> m_shards;
};

} // namespace wr::formats
