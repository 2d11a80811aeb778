// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"
#include "engine/base/little_endian.h"
#include "engine/checkpoint/index.h"
#include "engine/checkpoint/index_layout.h"
#include "engine/checkpoint/json_text.h"
#include "engine/checkpoint/tensor_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <xxhash.h>
#include <zstd.h>

namespace wr::checkpoint {
namespace {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

constexpr std::uint64_t kMaxSectionBytes = std::uint64_t{1} << 30U;
constexpr std::uint32_t kMaxSections = 64;

Status unusable(const char* why)
{
    return dataLoss(std::string("the index cannot be used: ") + why);
}

/// Reads numbers one after another; ok() tells whether all of them were there.
class Cursor {
public:
    explicit Cursor(View bytes) : m_bytes(bytes) {}
    template <typename T>
    T take()
    {
        if (m_bytes.size() - m_at < sizeof(T)) {
            m_isOk = false;
            return 0;
        }
        m_at += sizeof(T);
        return loadLittle<T>(m_bytes.data() + m_at - sizeof(T));
    }
    View take(std::size_t size)
    {
        if (m_bytes.size() - m_at < size) {
            m_isOk = false;
            return {};
        }
        m_at += size;
        return m_bytes.subspan(m_at - size, size);
    }
    bool ok() const { return m_isOk; }

private:
    View m_bytes;
    std::size_t m_at = 0;
    bool m_isOk = true;
};

struct Sections {
    std::array<Bytes, 8> raw; ///< by kind
    std::array<bool, 8> isThere{};
};

Status readSection(View payload, Cursor& table, Sections& sections)
{
    const auto kind = table.take<std::uint32_t>();
    const auto codec = table.take<std::uint32_t>();
    const auto offset = table.take<std::uint64_t>();
    const auto stored = table.take<std::uint64_t>();
    const auto raw = table.take<std::uint64_t>();
    const auto hash = table.take<std::uint64_t>();
    if (!table.ok() || offset > payload.size() || stored > payload.size() - offset)
        return unusable("a section lies outside of it");
    if (kind == 0 || kind >= sections.raw.size())
        return {}; // of a later version
    if (sections.isThere[kind])
        return unusable("a section stands there twice");
    const View from = payload.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(stored));
    Bytes bytes;
    if (codec == 0) {
        if (raw != stored)
            return unusable("a section's sizes differ");
        bytes.assign(from.begin(), from.end());
    } else if (codec == 1) {
        if (raw > kMaxSectionBytes || (raw > layout::kSurelyFits && raw / layout::kMaxPacking > stored))
            return unusable("a section claims an unlikely size");
        bytes.resize(static_cast<std::size_t>(raw));
        if (ZSTD_decompress(bytes.data(), bytes.size(), from.data(), from.size()) != raw)
            return unusable("a section cannot be unpacked");
    } else {
        return unusable("a section uses an unknown packing");
    }
    if (XXH64(bytes.data(), bytes.size(), 0) != hash)
        return unusable("a section's hash is wrong");
    sections.isThere[kind] = true;
    sections.raw[kind] = std::move(bytes);
    return {};
}

Status readNames(View bytes, std::vector<IndexRow>& rows)
{
    const std::size_t blocks = (rows.size() + layout::kNamesPerBlock - 1) / layout::kNamesPerBlock;
    if (bytes.size() < blocks * sizeof(std::uint32_t))
        return unusable("names are missing");
    Cursor cursor(bytes.first(bytes.size() - blocks * sizeof(std::uint32_t)));
    std::string name;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i % layout::kNamesPerBlock == 0)
            name.clear();
        const std::size_t shared = cursor.take<std::uint8_t>();
        const View rest = cursor.take(std::size_t{cursor.take<std::uint16_t>()});
        if (!cursor.ok() || shared > name.size())
            return unusable("a name is cut off");
        name.resize(shared);
        name.append(reinterpret_cast<const char*>(rest.data()), rest.size());
        if (i > 0 && name <= rows[i - 1].tensor.spec.name)
            return unusable("its names are not in order");
        rows[i].tensor.spec.name = name;
    }
    return {};
}

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

Status readRows(const Sections& sections, std::vector<IndexRow>& rows)
{
    Cursor cursor(sections.raw[layout::Rows]);
    Cursor stats(sections.raw[layout::Stats]);
    const View shapes = sections.raw[layout::Shapes];
    for (IndexRow& row : rows) {
        const auto dtype = cursor.take<std::uint8_t>();
        const auto filter = cursor.take<std::uint8_t>();
        const auto rank = cursor.take<std::uint8_t>();
        const auto flags = cursor.take<std::uint8_t>();
        const std::uint64_t shapeAt = std::uint64_t{cursor.take<std::uint32_t>()} * sizeof(std::uint64_t);
        row.contentOffset = cursor.take<std::uint64_t>();
        row.contentBytes = cursor.take<std::uint64_t>();
        row.logicalBytes = cursor.take<std::uint64_t>();
        row.firstFrame = cursor.take<std::uint32_t>();
        row.frameCount = cursor.take<std::uint32_t>();
        const View digest = cursor.take(row.digest.size());
        row.baseRow = cursor.take<std::uint32_t>();
        cursor.take<std::uint32_t>();
        if (!cursor.ok() || dtype > static_cast<std::uint8_t>(DType::Bool) ||
            filter > static_cast<std::uint8_t>(Filter::Same) || rank > kMaxRank || shapeAt > shapes.size())
            return unusable("a row is damaged");
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
            row.statistics = readStatistics(stats);
        if (!dims.ok() || !stats.ok())
            return unusable("a row points outside of its section");
    }
    return {};
}

Status readLocator(View payload, std::uint64_t payloadAt, Index& index)
{
    const View bytes = payload.last(layout::kLocator);
    Cursor cursor(bytes);
    const bool placed = cursor.take<std::uint64_t>() == payloadAt;
    const bool sized = cursor.take<std::uint64_t>() == payload.size();
    index.contentSize = cursor.take<std::uint64_t>();
    index.headerBytes = cursor.take<std::uint64_t>();
    cursor.take<std::uint64_t>();
    index.frameCount = cursor.take<std::uint32_t>();
    cursor.take<std::uint64_t>();
    if (cursor.take<std::uint32_t>() != crc32c(bytes.first(layout::kLocatorChecked)) ||
        std::memcmp(bytes.data() + layout::kLocatorChecked + 4, layout::kLocatorMagic.data(),
                    layout::kLocatorMagic.size()) != 0)
        return unusable("its locator is damaged");
    return placed && sized ? Status() : unusable("it stands at another place than it says");
}

} // namespace

bool isIndexFrame(std::span<const std::byte> bytes)
{
    return bytes.size() >= layout::kFrameHeader + layout::kMagic.size() &&
           loadLittle<std::uint32_t>(bytes.data()) == layout::kFrameMagic &&
           std::memcmp(bytes.data() + layout::kFrameHeader, layout::kMagic.data(), layout::kMagic.size()) ==
               0;
}

Result<Index> decodeIndex(std::span<const std::byte> frame, std::uint64_t fileOffset)
{
    if (!isIndexFrame(frame) || frame.size() < layout::kFrameHeader + layout::kHead + layout::kLocator ||
        loadLittle<std::uint32_t>(frame.data() + 4) != frame.size() - layout::kFrameHeader)
        return fail(unusable("its beginning is damaged"));
    const View payload = frame.subspan(layout::kFrameHeader);
    Index index;
    WR_RETURN_IF_ERROR(readLocator(payload, fileOffset + layout::kFrameHeader, index));
    Cursor head(payload.subspan(layout::kMagic.size()));
    const auto flags = head.take<std::uint32_t>();
    index.isCompact = (flags & layout::Compact) != 0;
    index.isDelta = (flags & layout::Delta) != 0;
    const auto sectionCount = head.take<std::uint32_t>();
    std::memcpy(index.uuid.data(), head.take(index.uuid.size()).data(), index.uuid.size());
    index.headerHash = head.take<std::uint64_t>();
    const auto tensors = head.take<std::uint64_t>();
    const auto hash = head.take<std::uint64_t>();
    const std::size_t tableEnd = layout::kHead + layout::kSection * std::size_t{sectionCount};
    if (sectionCount > kMaxSections || tableEnd > payload.size())
        return fail(unusable("it claims too many sections"));
    if (layout::headHash(payload.first(tableEnd)) != hash)
        return fail(unusable("its head is damaged"));
    const auto storedHash = head.take<std::uint64_t>();
    if (tableEnd > payload.size() - layout::kLocator)
        return fail(unusable("it claims too many sections"));
    const View stored = payload.subspan(tableEnd, payload.size() - layout::kLocator - tableEnd);
    if (storedHash != 0 && XXH64(stored.data(), stored.size(), 0) != storedHash)
        return fail(unusable("the hash of its sections is wrong"));
    Sections sections;
    Cursor table(payload.subspan(layout::kHead));
    for (std::uint32_t i = 0; i < sectionCount; ++i)
        WR_RETURN_IF_ERROR(readSection(payload, table, sections));
    if (sections.raw[layout::Rows].size() / layout::kRow != tensors ||
        sections.raw[layout::Rows].size() % layout::kRow != 0 ||
        sections.raw[layout::Order].size() != tensors * sizeof(std::uint32_t))
        return fail(unusable("its sections do not agree"));
    index.rows.resize(static_cast<std::size_t>(tensors));
    WR_RETURN_IF_ERROR(readNames(sections.raw[layout::Names], index.rows));
    WR_RETURN_IF_ERROR(readRows(sections, index.rows));
    Cursor order(sections.raw[layout::Order]);
    std::vector<bool> seen(index.rows.size());
    for (std::size_t i = 0; i < index.rows.size(); ++i) {
        const auto row = order.take<std::uint32_t>();
        if (row >= seen.size() || seen[row])
            return fail(unusable("its file order is damaged"));
        seen[row] = true;
        index.fileOrder.push_back(row);
    }
    const Bytes& frames = sections.raw[layout::Frames];
    if (frames.size() != 0 && frames.size() != std::size_t{index.frameCount} * sizeof(std::uint32_t))
        return fail(unusable("its sections do not agree"));
    Cursor hashes(frames);
    for (std::size_t i = 0; i < frames.size() / sizeof(std::uint32_t); ++i)
        index.frameHashes.push_back(hashes.take<std::uint32_t>());
    const Bytes& meta = sections.raw[layout::Meta];
    WR_ASSIGN_OR_RETURN(index.metadata,
                        parseJsonObject({reinterpret_cast<const char*>(meta.data()), meta.size()}));
    return index;
}

} // namespace wr::checkpoint
