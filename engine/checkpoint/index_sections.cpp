// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/index_sections.h"

#include "engine/base/crc32c.h"

#include <cstring>
#include <xxhash.h>
#include <zstd.h>

namespace wr::checkpoint {
namespace {

constexpr std::uint64_t kMaxSectionBytes = std::uint64_t{1} << 30U;
constexpr std::size_t kListHead = 8;

Status readLocator(View bytes, std::uint64_t payloadAt, std::uint64_t payloadBytes, Index& index)
{
    Cursor cursor(bytes);
    const bool placed = cursor.take<std::uint64_t>() == payloadAt;
    const bool sized = cursor.take<std::uint64_t>() == payloadBytes;
    index.contentSize = cursor.take<std::uint64_t>();
    index.headerBytes = cursor.take<std::uint64_t>();
    cursor.take<std::uint64_t>();
    index.frameCount = cursor.take<std::uint32_t>();
    cursor.take<std::uint64_t>();
    if (cursor.take<std::uint32_t>() != crc32c(bytes.first(layout::kLocatorChecked)) ||
        std::memcmp(bytes.data() + layout::kLocatorChecked + 4, layout::kLocatorMagic.data(),
                    layout::kLocatorMagic.size()) != 0)
        return unusableIndex("its locator is damaged");
    return placed && sized ? Status() : unusableIndex("it stands at another place than it says");
}

Status readPlace(Cursor& table, std::uint64_t payloadBytes, IndexHead& head)
{
    const auto kind = table.take<std::uint32_t>();
    SectionPlace place;
    place.packing = table.take<std::uint32_t>();
    place.offset = table.take<std::uint64_t>();
    place.stored = table.take<std::uint64_t>();
    place.size = table.take<std::uint64_t>();
    place.hash = table.take<std::uint64_t>();
    if (!table.ok() || place.offset > payloadBytes || place.stored > payloadBytes - place.offset)
        return unusableIndex("a section lies outside of it");
    if (kind == 0 || kind >= head.sections.size())
        return {}; // of a later version
    if (head.sections[kind])
        return unusableIndex("a section stands there twice");
    if (place.packing == layout::Unpacked && place.size != place.stored)
        return unusableIndex("a section's sizes differ");
    if (place.size > kMaxSectionBytes ||
        (place.size > layout::kSurelyFits && place.size / layout::kMaxPacking > place.stored))
        return unusableIndex("a section claims an unlikely size");
    head.sections[kind] = place;
    return {};
}

} // namespace

Status unusableIndex(const char* why)
{
    return dataLoss(std::string("the index cannot be used: ") + why);
}

Result<IndexHead> readIndexHead(View front, View locator, std::uint64_t fileOffset, std::uint64_t frameBytes)
{
    if (!isIndexFrame(front) || frameBytes < layout::kFrameHeader + layout::kHead + layout::kLocator ||
        front.size() < layout::kFrameHeader + layout::kHead || locator.size() != layout::kLocator ||
        loadLittle<std::uint32_t>(front.data() + 4) != frameBytes - layout::kFrameHeader)
        return fail(unusableIndex("its beginning is damaged"));
    const std::uint64_t payloadBytes = frameBytes - layout::kFrameHeader;
    const View payload = front.subspan(layout::kFrameHeader);
    IndexHead head;
    WR_RETURN_IF_ERROR(readLocator(locator, fileOffset + layout::kFrameHeader, payloadBytes, head.index));
    Cursor cursor(payload.subspan(layout::kMagic.size()));
    const auto flags = cursor.take<std::uint32_t>();
    head.index.isCompact = (flags & layout::Compact) != 0;
    head.index.isDelta = (flags & layout::Delta) != 0;
    const auto sectionCount = cursor.take<std::uint32_t>();
    std::memcpy(head.index.uuid.data(), cursor.take(head.index.uuid.size()).data(), head.index.uuid.size());
    head.index.headerHash = cursor.take<std::uint64_t>();
    head.tensors = cursor.take<std::uint64_t>();
    const auto hash = cursor.take<std::uint64_t>();
    head.storedHash = cursor.take<std::uint64_t>();
    head.tableEnd = layout::kHead + layout::kSection * std::size_t{sectionCount};
    if (sectionCount > layout::kMaxSections || head.tableEnd > payloadBytes - layout::kLocator ||
        head.tableEnd > payload.size())
        return fail(unusableIndex("it claims too many sections"));
    if (layout::headHash(payload.first(head.tableEnd)) != hash)
        return fail(unusableIndex("its head is damaged"));
    Cursor table(payload.subspan(layout::kHead));
    for (std::uint32_t i = 0; i < sectionCount; ++i)
        WR_RETURN_IF_ERROR(readPlace(table, payloadBytes, head));
    return head;
}

Result<std::size_t> pieceListBytes(const SectionPlace& place, View front)
{
    if (front.size() < kListHead || place.stored < kListHead)
        return fail(unusableIndex("a section is cut off"));
    const std::uint64_t bytes =
        kListHead + layout::kPiece * std::uint64_t{loadLittle<std::uint32_t>(front.data())};
    if (bytes > place.stored)
        return fail(unusableIndex("a section's pieces are cut off"));
    return static_cast<std::size_t>(bytes);
}

Result<std::vector<SectionPiece>> readPieceList(const SectionPlace& place, View list)
{
    if (XXH64(list.data(), list.size(), 0) != place.hash)
        return fail(unusableIndex("the hash of a section's pieces is wrong"));
    Cursor cursor(list.subspan(kListHead));
    std::vector<SectionPiece> pieces((list.size() - kListHead) / layout::kPiece);
    std::uint64_t stored = list.size();
    std::uint64_t at = 0;
    for (SectionPiece& piece : pieces) {
        piece.stored = cursor.take<std::uint32_t>();
        piece.size = cursor.take<std::uint32_t>();
        piece.hash = cursor.take<std::uint32_t>();
        piece.offset = place.offset + stored;
        piece.at = at;
        stored += piece.stored;
        at += piece.size;
    }
    if (stored != place.stored || at != place.size)
        return fail(unusableIndex("a section's pieces do not add up"));
    return pieces;
}

bool isPieceSound(const SectionPiece& piece, View stored)
{
    return stored.size() == piece.stored && frameHash(stored) == piece.hash;
}

PieceUnpacker::PieceUnpacker() : m_context(ZSTD_createDCtx()) {}

PieceUnpacker::~PieceUnpacker()
{
    ZSTD_freeDCtx(m_context);
}

Status PieceUnpacker::unpack(const SectionPiece& piece, View stored, std::byte* into)
{
    if (!isPieceSound(piece, stored))
        return unusableIndex("a piece's hash is wrong");
    if (piece.stored == piece.size) {
        if (!stored.empty())
            std::memcpy(into, stored.data(), stored.size());
        return {};
    }
    if (m_context == nullptr)
        return resourceExhausted("out of memory for the index");
    return ZSTD_decompressDCtx(m_context, into, piece.size, stored.data(), stored.size()) == piece.size
               ? Status()
               : unusableIndex("a piece cannot be unpacked");
}

Result<Bytes> unpackSection(const SectionPlace& place, View stored)
{
    Bytes bytes(static_cast<std::size_t>(place.size));
    switch (place.packing) {
    case layout::Unpacked:
        std::copy(stored.begin(), stored.end(), bytes.begin());
        break;
    case layout::OneFrame:
        if (ZSTD_decompress(bytes.data(), bytes.size(), stored.data(), stored.size()) != bytes.size())
            return fail(unusableIndex("a section cannot be unpacked"));
        break;
    case layout::InPieces: {
        WR_ASSIGN_OR_RETURN(const std::size_t listBytes, pieceListBytes(place, stored));
        WR_ASSIGN_OR_RETURN(const std::vector<SectionPiece> pieces,
                            readPieceList(place, stored.first(listBytes)));
        PieceUnpacker unpacker;
        for (const SectionPiece& piece : pieces)
            WR_RETURN_IF_ERROR(unpacker.unpack(
                piece, stored.subspan(static_cast<std::size_t>(piece.offset - place.offset), piece.stored),
                bytes.data() + piece.at));
        return bytes;
    }
    default:
        return fail(unusableIndex("a section uses an unknown packing"));
    }
    if (XXH64(bytes.data(), bytes.size(), 0) != place.hash)
        return fail(unusableIndex("a section's hash is wrong"));
    return bytes;
}

} // namespace wr::checkpoint
