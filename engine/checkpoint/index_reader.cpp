// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/little_endian.h"
#include "engine/checkpoint/front_coded_names.h"
#include "engine/checkpoint/index_rows.h"
#include "engine/checkpoint/json_text.h"
#include "engine/checkpoint/tensor_header.h"

#include <bit>
#include <cstring>
#include <xxhash.h>

namespace wr::checkpoint {
namespace {

Statistics readStatistics(Cursor& cursor)
{
    Statistics s;
    for (double* value : {&s.mean, &s.stddev, &s.absMax, &s.min, &s.max, &s.l2})
        *value = std::bit_cast<double>(cursor.take<std::uint64_t>());
    for (std::uint64_t* value : {&s.nanCount, &s.infCount, &s.zeroCount, &s.fingerprint, &s.fingerprintBf16})
        *value = cursor.take<std::uint64_t>();
    for (float* value : {&s.p01, &s.p50, &s.p99})
        *value = std::bit_cast<float>(cursor.take<std::uint32_t>());
    cursor.take<std::uint32_t>();
    return s;
}

} // namespace

Status readIndexRow(Cursor& rows, Cursor& statistics, View shapes, std::uint64_t firstShape, IndexRow& row)
{
    const auto dtype = rows.take<std::uint8_t>();
    const auto filter = rows.take<std::uint8_t>();
    const auto rank = rows.take<std::uint8_t>();
    const auto flags = rows.take<std::uint8_t>();
    const std::uint64_t shapeAt =
        (std::uint64_t{rows.take<std::uint32_t>()} - firstShape) * sizeof(std::uint64_t);
    row.contentOffset = rows.take<std::uint64_t>();
    row.contentBytes = rows.take<std::uint64_t>();
    row.logicalBytes = rows.take<std::uint64_t>();
    row.firstFrame = rows.take<std::uint32_t>();
    row.frameCount = rows.take<std::uint32_t>();
    const View digest = rows.take(row.digest.size());
    row.baseRow = rows.take<std::uint32_t>();
    rows.take<std::uint32_t>();
    if (!rows.ok() || dtype > static_cast<std::uint8_t>(DType::Bool) ||
        filter > static_cast<std::uint8_t>(Filter::Same) || rank > kMaxRank || shapeAt > shapes.size())
        return unusableIndex("a row is damaged");
    std::memcpy(row.digest.data(), digest.data(), row.digest.size());
    row.tensor.spec.dtype = static_cast<DType>(dtype);
    row.tensor.filter = static_cast<Filter>(filter);
    row.isPacked = (flags & layout::Packed) != 0;
    Cursor dims(shapes.subspan(static_cast<std::size_t>(shapeAt)));
    std::vector<std::int64_t> shape(rank);
    for (std::int64_t& dim : shape)
        dim = static_cast<std::int64_t>(dims.take<std::uint64_t>());
    row.tensor.spec.shape = Shape(std::move(shape));
    if ((flags & layout::HasStatistics) != 0)
        row.statistics = readStatistics(statistics);
    return dims.ok() ? Status() : unusableIndex("a row points outside of its section");
}

bool isIndexFrame(std::span<const std::byte> bytes)
{
    return bytes.size() >= layout::kFrameHeader + layout::kMagic.size() &&
           loadLittle<std::uint32_t>(bytes.data()) == layout::kFrameMagic &&
           std::memcmp(bytes.data() + layout::kFrameHeader, layout::kMagic.data(), layout::kMagic.size()) ==
               0;
}

Result<Index> decodeIndex(std::span<const std::byte> frame, std::uint64_t fileOffset)
{
    if (frame.size() < layout::kLocator)
        return fail(unusableIndex("its beginning is damaged"));
    WR_ASSIGN_OR_RETURN(IndexHead head,
                        readIndexHead(frame, frame.last(layout::kLocator), fileOffset, frame.size()));
    const View payload = frame.subspan(layout::kFrameHeader);
    const View stored = payload.subspan(head.tableEnd, payload.size() - layout::kLocator - head.tableEnd);
    if (head.storedHash != 0 && XXH64(stored.data(), stored.size(), 0) != head.storedHash)
        return fail(unusableIndex("the hash of its sections is wrong"));
    std::array<Bytes, layout::kKinds> sections;
    for (std::size_t kind = 0; kind < sections.size(); ++kind) {
        if (const std::optional<SectionPlace>& place = head.sections[kind]) {
            WR_ASSIGN_OR_RETURN(
                sections[kind],
                unpackSection(*place, payload.subspan(static_cast<std::size_t>(place->offset),
                                                      static_cast<std::size_t>(place->stored))));
        }
    }
    const std::uint64_t tensors = head.tensors;
    if (sections[layout::Rows].size() / layout::kRow != tensors ||
        sections[layout::Rows].size() % layout::kRow != 0 ||
        sections[layout::Order].size() != tensors * sizeof(std::uint32_t))
        return fail(unusableIndex("its sections do not agree"));
    Index index = std::move(head.index);
    index.rows.resize(static_cast<std::size_t>(tensors));
    WR_ASSIGN_OR_RETURN(const FrontCodedNames names,
                        FrontCodedNames::open(std::move(sections[layout::Names]), index.rows.size()));
    names.forEach(0, index.rows.size(),
                  [&](std::size_t i, std::string_view name) { index.rows[i].tensor.spec.name = name; });
    Cursor rows(sections[layout::Rows]);
    Cursor statistics(sections[layout::Stats]);
    for (IndexRow& row : index.rows)
        WR_RETURN_IF_ERROR(readIndexRow(rows, statistics, sections[layout::Shapes], 0, row));
    if (!statistics.ok())
        return fail(unusableIndex("a row points outside of its section"));
    Cursor order(sections[layout::Order]);
    std::vector<bool> seen(index.rows.size());
    for (std::size_t i = 0; i < index.rows.size(); ++i) {
        const auto row = order.take<std::uint32_t>();
        if (row >= seen.size() || seen[row])
            return fail(unusableIndex("its file order is damaged"));
        seen[row] = true;
        index.fileOrder.push_back(row);
    }
    const Bytes& frames = sections[layout::Frames];
    if (frames.size() != 0 && frames.size() != std::size_t{index.frameCount} * sizeof(std::uint32_t))
        return fail(unusableIndex("its sections do not agree"));
    Cursor hashes(frames);
    for (std::size_t i = 0; i < frames.size() / sizeof(std::uint32_t); ++i)
        index.frameHashes.push_back(hashes.take<std::uint32_t>());
    const Bytes& meta = sections[layout::Meta];
    WR_ASSIGN_OR_RETURN(index.metadata,
                        parseJsonObject({reinterpret_cast<const char*>(meta.data()), meta.size()}));
    return index;
}

} // namespace wr::checkpoint
