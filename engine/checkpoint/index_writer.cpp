// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"
#include "engine/base/little_endian.h"
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

Bytes namesSection(const std::vector<IndexRow>& rows)
{
    Bytes bytes;
    std::vector<std::uint32_t> blocks;
    std::string_view previous;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string& name = rows[i].tensor.spec.name;
        if (i % layout::kNamesPerBlock == 0) {
            blocks.push_back(static_cast<std::uint32_t>(bytes.size()));
            previous = {};
        }
        const auto differ = std::mismatch(name.begin(), name.end(), previous.begin(), previous.end()).first;
        const auto shared = static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(differ - name.begin(), 255));
        const std::string_view rest = std::string_view(name).substr(shared);
        appendLittle(bytes, shared);
        appendLittle(bytes, static_cast<std::uint16_t>(rest.size()));
        appendBytes(bytes, std::as_bytes(std::span(rest)));
        previous = name;
    }
    for (const std::uint32_t block : blocks)
        appendLittle(bytes, block);
    return bytes;
}

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
    Bytes stored;
    bool isPacked = false;
};

void pack(Part& part)
{
    Bytes packed(ZSTD_compressBound(part.raw.size()));
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), part.raw.data(), part.raw.size(), 1);
    part.isPacked = ZSTD_isError(size) == 0 && size < part.raw.size() &&
                    (part.raw.size() <= layout::kSurelyFits || part.raw.size() / layout::kMaxPacking <= size);
    if (part.isPacked)
        packed.resize(size);
    part.stored = part.isPacked ? std::move(packed) : part.raw;
}

std::vector<Part> parts(const Index& index)
{
    Part names{layout::Names, namesSection(index.rows), {}};
    Part rows{layout::Rows, {}, {}};
    Part shapes{layout::Shapes, {}, {}};
    Part order{layout::Order, {}, {}};
    Part stats{layout::Stats, {}, {}};
    Part meta{layout::Meta, {}, {}};
    Part frames{layout::Frames, {}, {}};
    for (const IndexRow& row : index.rows) {
        appendRow(rows.raw, row, static_cast<std::uint32_t>(shapes.raw.size() / sizeof(std::uint64_t)));
        for (const std::int64_t dim : row.tensor.spec.shape.dims())
            appendLittle(shapes.raw, static_cast<std::uint64_t>(dim));
        if (row.statistics)
            appendStatistics(stats.raw, *row.statistics);
    }
    for (const std::uint32_t row : index.fileOrder)
        appendLittle(order.raw, row);
    for (const std::uint32_t hash : index.frameHashes)
        appendLittle(frames.raw, hash);
    const std::string json = jsonObject(index.metadata);
    appendBytes(meta.raw, std::as_bytes(std::span(json)));
    std::vector<Part> all;
    for (Part* part : {&names, &rows, &shapes, &order, &stats, &meta, &frames}) {
        pack(*part);
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
        appendLittle(payload, std::uint32_t{part.isPacked ? 1U : 0U});
        appendLittle(payload, at);
        appendLittle(payload, std::uint64_t{part.stored.size()});
        appendLittle(payload, std::uint64_t{part.raw.size()});
        appendLittle(payload, std::uint64_t{XXH64(part.raw.data(), part.raw.size(), 0)});
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
