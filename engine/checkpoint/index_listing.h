// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of an index of very many tensors, read and unpacked a piece at a time when they are asked for.
// Opening checks names, rows and shapes; statistics are checked when they are read, and left out where they
// are damaged. May be used from several threads.
#pragma once

#include "engine/base/vfs.h"
#include "engine/checkpoint/front_coded_names.h"
#include "engine/checkpoint/index_sections.h"

#include <mutex>

namespace wr::checkpoint {

class IndexListing {
public:
    /// `payloadAt`: where the payload of the index begins in the file. NotFound when the index is not packed
    /// in pieces, DataLoss when it is damaged.
    static Result<std::unique_ptr<const IndexListing>> open(std::shared_ptr<File> file,
                                                            std::uint64_t payloadAt, const IndexHead& head);

    const FrontCodedNames& names() const { return m_names; }
    /// The row with its name. DataLoss where its piece cannot be read any more.
    Result<IndexRow> row(std::size_t index) const;

private:
    enum Part : std::uint8_t { Rows, Shapes, Stats, Parts };
    /// The rows of one piece, unpacked.
    struct Unpacked {
        std::size_t piece = SIZE_MAX;
        std::vector<std::string> names;
        std::array<Bytes, Parts> bytes;
        std::vector<std::size_t> statisticsAt; ///< for each row where its statistics begin
    };

    IndexListing(std::shared_ptr<File> file, std::uint64_t payloadAt)
        : m_file(std::move(file)), m_payloadAt(payloadAt)
    {
    }
    Status openPart(Part part, const std::optional<SectionPlace>& place, std::size_t pieces);
    Status checkPart(Part part) const;
    Result<Bytes> stored(std::uint64_t offset, std::uint64_t size) const;
    Status unpack(Part part, std::size_t piece, Bytes& into) const;
    Status load(std::size_t piece, Unpacked& into) const;

    std::shared_ptr<File> m_file;
    std::uint64_t m_payloadAt;
    FrontCodedNames m_names;
    std::array<std::vector<SectionPiece>, Parts> m_pieces;
    mutable std::mutex m_mutex; ///< guards what follows
    mutable PieceUnpacker m_unpacker;
    mutable Bytes m_stored;
    mutable std::array<Unpacked, 32> m_unpacked; ///< by the piece's number
};

} // namespace wr::checkpoint
