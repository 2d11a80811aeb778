// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/index_listing.h"

#include "engine/checkpoint/index_rows.h"
#include "engine/checkpoint/tensor_header.h"

#include <algorithm>

namespace wr::checkpoint {

Result<std::unique_ptr<const IndexListing>> IndexListing::open(std::shared_ptr<File> file,
                                                               std::uint64_t payloadAt, const IndexHead& head)
{
    for (const layout::Section kind : {layout::Rows, layout::Shapes, layout::Stats}) {
        if (!head.sections[kind] || head.sections[kind]->packing != layout::InPieces)
            return fail(notFound("the index is not packed in pieces"));
    }
    const std::optional<SectionPlace>& names = head.sections[layout::Names];
    const std::uint64_t rowBytes = head.sections[layout::Rows]->size;
    if (!names || rowBytes / layout::kRow != head.tensors || rowBytes % layout::kRow != 0)
        return fail(unusableIndex("its sections do not agree"));
    const auto count = static_cast<std::size_t>(head.tensors);
    std::unique_ptr<IndexListing> listing(new IndexListing(std::move(file), payloadAt));
    {
        WR_ASSIGN_OR_RETURN(const Bytes stored, listing->stored(names->offset, names->stored));
        WR_ASSIGN_OR_RETURN(Bytes raw, unpackSection(*names, stored));
        WR_ASSIGN_OR_RETURN(listing->m_names, FrontCodedNames::open(std::move(raw), count));
    }
    const std::size_t pieces = (count + layout::kRowsPerPiece - 1) / layout::kRowsPerPiece;
    WR_RETURN_IF_ERROR(listing->openPart(Rows, head.sections[layout::Rows], pieces));
    WR_RETURN_IF_ERROR(listing->openPart(Shapes, head.sections[layout::Shapes], pieces));
    WR_RETURN_IF_ERROR(listing->openPart(Stats, head.sections[layout::Stats], pieces));
    for (std::size_t i = 0; i < pieces; ++i) {
        const std::size_t rows = std::min(layout::kRowsPerPiece, count - i * layout::kRowsPerPiece);
        if (listing->m_pieces[Rows][i].size != rows * layout::kRow ||
            listing->m_pieces[Shapes][i].size > rows * kMaxRank * sizeof(std::uint64_t) ||
            listing->m_pieces[Stats][i].size > rows * layout::kStatistics)
            return fail(unusableIndex("its pieces do not agree"));
    }
    WR_RETURN_IF_ERROR(listing->checkPart(Rows));
    WR_RETURN_IF_ERROR(listing->checkPart(Shapes));
    return listing;
}

Result<Bytes> IndexListing::stored(std::uint64_t offset, std::uint64_t size) const
{
    Bytes bytes(static_cast<std::size_t>(size));
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(m_payloadAt + offset, bytes));
    if (got != bytes.size())
        return fail(unusableIndex("it is cut off"));
    return bytes;
}

Status IndexListing::openPart(Part part, const std::optional<SectionPlace>& place, std::size_t pieces)
{
    WR_ASSIGN_OR_RETURN(const Bytes front, stored(place->offset, std::min<std::uint64_t>(place->stored, 8)));
    WR_ASSIGN_OR_RETURN(const std::size_t listBytes, pieceListBytes(*place, front));
    WR_ASSIGN_OR_RETURN(const Bytes list, stored(place->offset, listBytes));
    WR_ASSIGN_OR_RETURN(m_pieces[part], readPieceList(*place, list));
    return m_pieces[part].size() == pieces ? Status() : unusableIndex("its pieces do not agree");
}

/// Reads all pieces, to know now that they are whole.
Status IndexListing::checkPart(Part part) const
{
    constexpr std::size_t kAtOnce = std::size_t{1} << 18U;
    const std::vector<SectionPiece>& pieces = m_pieces[part];
    Bytes buffer;
    for (std::size_t i = 0; i < pieces.size();) {
        std::size_t end = i;
        std::size_t size = 0;
        while (end < pieces.size() && (end == i || size + pieces[end].stored <= kAtOnce))
            size += pieces[end++].stored;
        buffer.resize(size);
        WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(m_payloadAt + pieces[i].offset, buffer));
        if (got != size)
            return unusableIndex("it is cut off");
        const std::uint64_t from = pieces[i].offset;
        for (; i < end; ++i) {
            if (!isPieceSound(pieces[i],
                              View(buffer).subspan(static_cast<std::size_t>(pieces[i].offset - from),
                                                   pieces[i].stored)))
                return unusableIndex("a piece's hash is wrong");
        }
    }
    return {};
}

Status IndexListing::unpack(Part part, std::size_t piece, Bytes& into) const
{
    const SectionPiece& place = m_pieces[part][piece];
    m_stored.resize(place.stored);
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(m_payloadAt + place.offset, m_stored));
    if (got != m_stored.size())
        return unusableIndex("it is cut off");
    into.resize(place.size);
    return m_unpacker.unpack(place, m_stored, into.data());
}

Status IndexListing::load(std::size_t piece, Unpacked& into) const
{
    into.piece = SIZE_MAX;
    WR_RETURN_IF_ERROR(unpack(Rows, piece, into.bytes[Rows]));
    WR_RETURN_IF_ERROR(unpack(Shapes, piece, into.bytes[Shapes]));
    if (!unpack(Stats, piece, into.bytes[Stats]).isOk())
        into.bytes[Stats].clear();
    into.statisticsAt.clear();
    std::size_t at = 0;
    for (std::size_t row = 0; row < into.bytes[Rows].size(); row += layout::kRow) {
        constexpr std::size_t kFlags = 3;
        into.statisticsAt.push_back(at);
        if ((static_cast<std::uint8_t>(into.bytes[Rows][row + kFlags]) & layout::HasStatistics) != 0)
            at += layout::kStatistics;
    }
    into.names.clear();
    const std::size_t first = piece * layout::kRowsPerPiece;
    m_names.forEach(first, first + into.statisticsAt.size(),
                    [&](std::size_t, std::string_view name) { into.names.emplace_back(name); });
    into.piece = piece;
    return {};
}

Result<IndexRow> IndexListing::row(std::size_t index) const
{
    const std::size_t piece = index / layout::kRowsPerPiece;
    const std::size_t inPiece = index % layout::kRowsPerPiece;
    const std::lock_guard lock(m_mutex);
    Unpacked& unpacked = m_unpacked[piece % m_unpacked.size()];
    if (unpacked.piece != piece)
        WR_RETURN_IF_ERROR(load(piece, unpacked));
    IndexRow row;
    row.tensor.spec.name = unpacked.names[inPiece];
    Cursor rows(View(unpacked.bytes[Rows]).subspan(inPiece * layout::kRow));
    const View statistics = unpacked.bytes[Stats];
    Cursor own(statistics.subspan(std::min(statistics.size(), unpacked.statisticsAt[inPiece])));
    const std::uint64_t firstShape = m_pieces[Shapes][piece].at / sizeof(std::uint64_t);
    WR_RETURN_IF_ERROR(readIndexRow(rows, own, unpacked.bytes[Shapes], firstShape, row));
    if (!own.ok())
        row.statistics.reset();
    return row;
}

} // namespace wr::checkpoint
