// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"
#include "engine/base/little_endian.h"
#include "engine/checkpoint/front_coded_names.h"
#include "engine/checkpoint/index.h"
#include "engine/checkpoint/index_layout.h"
#include "engine/checkpoint/json_text.h"

#include <algorithm>
#include <bit>
#include <xxhash.h>
#include <zstd.h>

namespace wr::checkpoint {

std::uint64_t layout::headHash(std::span<const std::byte> payload)
{
    XXH64_state_t* const state = XXH64_createState();
    XXH64_reset(state, 0);
    XXH64_update(state, payload.data(), kHeadChecked);
    XXH64_update(state, payload.data() + kHead, payload.size() - kHead);
    const std::uint64_t hash = XXH64_digest(state);
    XXH64_freeState(state);
    return hash;
}

std::uint32_t frameHash(std::span<const std::byte> frame)
{
    return static_cast<std::uint32_t>(XXH3_64bits(frame.data(), frame.size()));
}

namespace {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

void appendRow(Bytes& bytes, const IndexRow& row, std::uint32_t shapeIndex)
{
    std::uint8_t flags = 0;
    if (row.isPacked)
        flags |= layout::Packed;
    if (row.statistics) {
        flags |= layout::HasStatistics;
        if (row.statistics->nanCount + row.statistics->infCount > 0)
            flags |= layout::HasNonFinite;
    }
    appendLittle(bytes, static_cast<std::uint8_t>(row.tensor.spec.dtype));
    appendLittle(bytes, static_cast<std::uint8_t>(row.tensor.filter));
    appendLittle(bytes, static_cast<std::uint8_t>(row.tensor.spec.shape.rank()));
    appendLittle(bytes, flags);
    appendLittle(bytes, shapeIndex);
    appendLittle(bytes, row.contentOffset);
    appendLittle(bytes, row.contentBytes);
    appendLittle(bytes, row.logicalBytes);
    appendLittle(bytes, row.firstFrame);
    appendLittle(bytes, row.frameCount);
    appendBytes(bytes, std::as_bytes(std::span(row.digest)));
    appendLittle(bytes, row.baseRow);
    appendLittle(bytes, std::uint32_t{0});
}

void appendStatistics(Bytes& bytes, const Statistics& s)
{
    for (const double value : {s.mean, s.stddev, s.absMax, s.min, s.max, s.l2})
        appendLittle(bytes, std::bit_cast<std::uint64_t>(value));
    for (const std::uint64_t value : {s.nanCount, s.infCount, s.zeroCount, s.fingerprint, s.fingerprintBf16})
        appendLittle(bytes, value);
    for (const float value : {s.p01, s.p50, s.p99})
        appendLittle(bytes, std::bit_cast<std::uint32_t>(value));
    appendLittle(bytes, std::uint32_t{0});
}

struct Part {
    layout::Section kind;
    Bytes raw;
    std::vector<std::size_t> ends; ///< of its pieces, where it is packed in pieces
    Bytes stored;
    layout::Packing packing = layout::Unpacked;
    std::uint64_t hash = 0;
};

void pack(Part& part)
{
    Bytes packed(ZSTD_compressBound(part.raw.size()));
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), part.raw.data(), part.raw.size(), 1);
    const bool pays =
        ZSTD_isError(size) == 0 && size < part.raw.size() &&
        (part.raw.size() <= layout::kSurelyFits || part.raw.size() / layout::kMaxPacking <= size);
    packed.resize(pays ? size : 0);
    part.packing = pays ? layout::OneFrame : layout::Unpacked;
    part.stored = pays ? std::move(packed) : part.raw;
    part.hash = XXH64(part.raw.data(), part.raw.size(), 0);
}

/// The list of pieces and the pieces, each packed where that pays.
void packInPieces(Part& part)
{
    ZSTD_CCtx* const context = ZSTD_createCCtx();
    Bytes list;
    Bytes pieces;
    Bytes packed;
    appendLittle(list, static_cast<std::uint32_t>(part.ends.size()));
    appendLittle(list, std::uint32_t{0});
    std::size_t begin = 0;
    for (const std::size_t end : part.ends) {
        View piece = View(part.raw).subspan(begin, end - begin);
        packed.resize(ZSTD_compressBound(piece.size()));
        const std::size_t size =
            context == nullptr || piece.empty()
                ? piece.size()
                : ZSTD_compressCCtx(context, packed.data(), packed.size(), piece.data(), piece.size(), 1);
        const bool pays = ZSTD_isError(size) == 0 && size < piece.size();
        appendLittle(list, static_cast<std::uint32_t>(pays ? size : piece.size()));
        appendLittle(list, static_cast<std::uint32_t>(piece.size()));
        if (pays)
            piece = View(packed).first(size);
        appendLittle(list, frameHash(piece));
        appendBytes(pieces, piece);
        begin = end;
    }
    ZSTD_freeCCtx(context);
    part.packing = layout::InPieces;
    part.hash = XXH64(list.data(), list.size(), 0);
    part.stored = std::move(list);
    appendBytes(part.stored, pieces);
}

std::vector<Part> parts(const Index& index)
{
    Part names{layout::Names, {}, {}, {}};
    Part rows{layout::Rows, {}, {}, {}};
    Part shapes{layout::Shapes, {}, {}, {}};
    Part order{layout::Order, {}, {}, {}};
    Part stats{layout::Stats, {}, {}, {}};
    Part meta{layout::Meta, {}, {}, {}};
    Part frames{layout::Frames, {}, {}, {}};
    NamesEncoder encoder;
    const bool areMany = index.rows.size() >= layout::kManyRows;
    for (std::size_t i = 0; i < index.rows.size(); ++i) {
        const IndexRow& row = index.rows[i];
        encoder.append(row.tensor.spec.name);
        appendRow(rows.raw, row, static_cast<std::uint32_t>(shapes.raw.size() / sizeof(std::uint64_t)));
        for (const std::int64_t dim : row.tensor.spec.shape.dims())
            appendLittle(shapes.raw, static_cast<std::uint64_t>(dim));
        if (row.statistics)
            appendStatistics(stats.raw, *row.statistics);
        if (areMany && ((i + 1) % layout::kRowsPerPiece == 0 || i + 1 == index.rows.size())) {
            for (Part* part : {&rows, &shapes, &stats})
                part->ends.push_back(part->raw.size());
        }
    }
    names.raw = encoder.finish();
    for (const std::uint32_t row : index.fileOrder)
        appendLittle(order.raw, row);
    for (const std::uint32_t hash : index.frameHashes)
        appendLittle(frames.raw, hash);
    const std::string json = jsonObject(index.metadata);
    appendBytes(meta.raw, std::as_bytes(std::span(json)));
    std::vector<Part> all;
    for (Part* part : {&names, &rows, &shapes, &order, &stats, &meta, &frames}) {
        if (part->ends.empty())
            pack(*part);
        else
            packInPieces(*part);
        all.push_back(std::move(*part));
    }
    return all;
}

} // namespace

Result<std::vector<std::byte>> encodeIndex(const Index& index, std::uint64_t fileOffset)
{
    const std::vector<Part> all = parts(index);
    Bytes payload;
    appendBytes(payload, std::as_bytes(std::span(layout::kMagic)));
    appendLittle(payload, static_cast<std::uint32_t>((index.isCompact ? layout::Compact : 0U) |
                                                     (index.isDelta ? layout::Delta : 0U) | layout::HasStats |
                                                     layout::HasDigests));
    appendLittle(payload, static_cast<std::uint32_t>(all.size()));
    appendBytes(payload, std::as_bytes(std::span(index.uuid)));
    appendLittle(payload, index.headerHash);
    appendLittle(payload, std::uint64_t{index.rows.size()});
    payload.resize(layout::kHead);
    std::uint64_t at = layout::kHead + layout::kSection * all.size();
    for (const Part& part : all) {
        appendLittle(payload, static_cast<std::uint32_t>(part.kind));
        appendLittle(payload, static_cast<std::uint32_t>(part.packing));
        appendLittle(payload, at);
        appendLittle(payload, std::uint64_t{part.stored.size()});
        appendLittle(payload, std::uint64_t{part.raw.size()});
        appendLittle(payload, part.hash);
        at += part.stored.size();
    }
    storeLittle(payload.data() + layout::kHeadChecked, layout::headHash(payload));
    const std::size_t sectionsAt = payload.size();
    for (const Part& part : all)
        appendBytes(payload, part.stored);
    storeLittle(payload.data() + layout::kStoredHash,
                std::uint64_t{XXH64(payload.data() + sectionsAt, payload.size() - sectionsAt, 0)});

    Bytes locator;
    appendLittle(locator, fileOffset + layout::kFrameHeader);
    appendLittle(locator, std::uint64_t{payload.size() + layout::kLocator});
    appendLittle(locator, index.contentSize);
    appendLittle(locator, index.headerBytes);
    appendLittle(locator, std::uint64_t{index.rows.size()});
    appendLittle(locator, index.frameCount);
    appendLittle(locator, layout::kChunkLog2);
    appendLittle(locator, static_cast<std::uint32_t>(index.isCompact ? layout::Compact : 0U));
    appendLittle(locator, crc32c(locator));
    appendBytes(locator, std::as_bytes(std::span(layout::kLocatorMagic)));
    appendBytes(payload, locator);
    if (payload.size() > UINT32_MAX)
        return fail(StatusCode::OutOfRange, "the index of so many tensors passes 4 GiB");

    Bytes frame;
    frame.reserve(payload.size() + layout::kFrameHeader);
    appendLittle(frame, layout::kFrameMagic);
    appendLittle(frame, static_cast<std::uint32_t>(payload.size()));
    appendBytes(frame, payload);
    return frame;
}

} // namespace wr::checkpoint
