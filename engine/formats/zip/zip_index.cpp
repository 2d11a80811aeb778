// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/zip/zip_index.h"

#include "engine/base/little_endian.h"

#include <algorithm>
#include <array>
#include <zlib.h>

namespace wr::formats {
namespace {

constexpr std::uint64_t kMostListBytes = std::uint64_t{256} << 20U;
constexpr std::uint64_t kMostEntries = 1'000'000;
constexpr std::uint64_t kBestPacking = 1100; // deflate makes at most about a thousand bytes of one
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kListEntryBytes = 46;
constexpr std::size_t kLocalBytes = 30;

std::uint16_t u16(const std::byte* at)
{
    return loadLittle<std::uint16_t>(at);
}
std::uint32_t u32(const std::byte* at)
{
    return loadLittle<std::uint32_t>(at);
}

struct ListPlace {
    std::uint64_t at = 0;
    std::uint64_t size = 0;
    std::uint64_t count = 0;
    std::string comment;
};

/// The list's place as the end of the archive tells it.
Result<ListPlace> findList(File& file, std::uint64_t fileBytes)
{
    const auto wrong = [](const char* what) { return fail(StatusCode::DataLoss, what); };
    const std::uint64_t tailBytes = std::min<std::uint64_t>(fileBytes, kEndBytes + 65'535);
    std::vector<std::byte> tail(static_cast<std::size_t>(tailBytes));
    WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(fileBytes - tailBytes, tail));
    if (got != tail.size() || tail.size() < kEndBytes)
        return wrong("the zip archive is cut off: its list of entries is missing");
    std::size_t end = tail.size() - kEndBytes;
    while (u32(tail.data() + end) != 0x06054B50U ||
           u16(tail.data() + end + 20) != tail.size() - end - kEndBytes) {
        if (end == 0)
            return wrong("the zip archive is cut off: its list of entries is missing; a copy or download "
                         "that stopped, fetch it again");
        --end;
    }
    const std::byte* const at = tail.data() + end;
    ListPlace place{u32(at + 16), u32(at + 12), u16(at + 10), {}};
    const bool isLarge = place.at == UINT32_MAX || place.size == UINT32_MAX || place.count == UINT16_MAX;
    std::uint64_t listEnd = fileBytes - tailBytes + end;
    if (isLarge && end >= 20 && u32(at - 20) == 0x07064B50U) {
        const auto largeAt = loadLittle<std::uint64_t>(at - 20 + 8);
        std::array<std::byte, 56> large{};
        if (largeAt > fileBytes)
            return wrong("the end of the zip archive names a place outside of it");
        WR_ASSIGN_OR_RETURN(const std::size_t largeGot, file.read(largeAt, large));
        if (largeGot != large.size() || u32(large.data()) != 0x06064B50U)
            return wrong("the end of the zip archive is damaged");
        place = {loadLittle<std::uint64_t>(large.data() + 48),
                 loadLittle<std::uint64_t>(large.data() + 40),
                 loadLittle<std::uint64_t>(large.data() + 32),
                 {}};
        listEnd = largeAt;
    }
    if (place.at > listEnd || place.size > listEnd - place.at)
        return wrong("the list of the zip archive lies outside of it");
    if (place.size > kMostListBytes || place.count > kMostEntries ||
        place.count > place.size / kListEntryBytes)
        return wrong("the zip archive declares more entries than its list can hold");
    place.comment.assign(reinterpret_cast<const char*>(at) + kEndBytes, tail.size() - end - kEndBytes);
    return place;
}

/// Numbers that do not fit 32 bits stand in a field of their own.
bool takeLarge(std::span<const std::byte> extra, ZipEntry& entry, std::uint64_t& headerAt)
{
    while (extra.size() >= 4) {
        const std::uint16_t id = u16(extra.data());
        const std::size_t size = u16(extra.data() + 2);
        if (size > extra.size() - 4)
            return false;
        std::span<const std::byte> field = extra.subspan(4, size);
        extra = extra.subspan(4 + size);
        if (id != 1)
            continue;
        for (std::uint64_t* const value : {&entry.bytes, &entry.packedBytes, &headerAt}) {
            if (*value != UINT32_MAX)
                continue;
            if (field.size() < 8)
                return false;
            *value = loadLittle<std::uint64_t>(field.data());
            field = field.subspan(8);
        }
    }
    return true;
}

} // namespace

Status ZipIndex::findBegin(ZipEntry& entry, std::uint64_t headerAt, std::uint64_t listAt) const
{
    const auto wrong = [&](const char* what) { return dataLoss(entry.name + ": " + what); };
    if (headerAt > listAt || kLocalBytes + entry.name.size() > listAt - headerAt)
        return wrong("it lies outside of the zip archive");
    std::vector<std::byte> local(kLocalBytes + entry.name.size());
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(headerAt, local));
    if (got != local.size() || u32(local.data()) != 0x04034B50U ||
        u16(local.data() + 26) != entry.name.size() ||
        !std::equal(entry.name.begin(), entry.name.end(),
                    reinterpret_cast<const char*>(local.data()) + kLocalBytes))
        return wrong("the zip archive's list and the entry do not agree");
    entry.begin = headerAt + local.size() + u16(local.data() + 28);
    if (entry.begin > listAt || entry.packedBytes > listAt - entry.begin)
        return wrong("it reaches outside of the zip archive");
    return {};
}

Status ZipIndex::readList(std::span<const std::byte> list, std::uint64_t count, std::uint64_t listAt)
{
    std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (list.size() < kListEntryBytes || u32(list.data()) != 0x02014B50U)
            return dataLoss("the list of the zip archive is damaged");
        const std::byte* const at = list.data();
        const std::size_t nameBytes = u16(at + 28);
        const std::size_t extraBytes = u16(at + 30);
        const std::size_t all = kListEntryBytes + nameBytes + extraBytes + u16(at + 32);
        if (all > list.size())
            return dataLoss("the list of the zip archive is damaged");
        ZipEntry entry;
        entry.name.assign(reinterpret_cast<const char*>(at) + kListEntryBytes, nameBytes);
        entry.crc = u32(at + 16);
        entry.packedBytes = u32(at + 20);
        entry.bytes = u32(at + 24);
        std::uint64_t headerAt = u32(at + 42);
        if (!takeLarge(list.subspan(kListEntryBytes + nameBytes, extraBytes), entry, headerAt))
            return dataLoss("the list of the zip archive is damaged");
        const std::uint16_t method = u16(at + 10);
        if ((u16(at + 8) & 1U) != 0)
            return unimplemented(entry.name + ": it is encrypted");
        if (method != 0 && method != 8)
            return unimplemented(entry.name + ": it is packed by another method than deflate");
        entry.isDeflated = method == 8;
        WR_RETURN_IF_ERROR(findBegin(entry, headerAt, listAt));
        if (entry.isDeflated ? entry.bytes / kBestPacking > entry.packedBytes
                             : entry.bytes != entry.packedBytes)
            return dataLoss(entry.name + ": it declares more bytes than it can hold");
        if (!m_byName.emplace(entry.name, m_entries.size()).second)
            return dataLoss(entry.name + ": the zip archive has two entries of this name");
        places.emplace_back(headerAt, entry.begin + entry.packedBytes);
        m_entries.push_back(std::move(entry));
        list = list.subspan(all);
    }
    std::sort(places.begin(), places.end());
    for (std::size_t i = 1; i < places.size(); ++i) {
        if (places[i].first < places[i - 1].second)
            return dataLoss("entries of the zip archive lie over each other");
    }
    return {};
}

Result<ZipIndex> ZipIndex::open(std::shared_ptr<File> file, std::uint64_t fileBytes)
{
    WR_ASSIGN_OR_RETURN(const ListPlace place, findList(*file, fileBytes));
    std::vector<std::byte> list(static_cast<std::size_t>(place.size));
    WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(place.at, list));
    if (got != list.size())
        return fail(StatusCode::DataLoss, "the list of the zip archive is cut off");
    ZipIndex index(std::move(file));
    index.m_comment = place.comment;
    WR_RETURN_IF_ERROR(index.readList(list, place.count, place.at));
    return index;
}

const ZipEntry* ZipIndex::find(const std::string& name) const
{
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : &m_entries[found->second];
}

Status ZipIndex::readStored(const ZipEntry& entry, std::uint64_t at, std::span<std::byte> into) const
{
    if (entry.isDeflated || at > entry.bytes || into.size() > entry.bytes - at)
        return dataLoss(entry.name + ": it is shorter than what is read of it");
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(entry.begin + at, into));
    if (got != into.size())
        return dataLoss(entry.name + ": the file became shorter while it was read");
    return endsWrong(entry, at, into) ? dataLoss(entry.name + ": its checksum is wrong") : Status();
}

bool ZipIndex::endsWrong(const ZipEntry& entry, std::uint64_t at, std::span<const std::byte> bytes) const
{
    const std::lock_guard lock(m_run->mutex);
    if (at == 0) {
        m_run->begin = entry.begin;
        m_run->next = 0;
        m_run->crc = 0;
    } else if (m_run->begin != entry.begin || m_run->next != at) {
        return false;
    }
    m_run->next += bytes.size();
    m_run->crc = static_cast<std::uint32_t>(
        crc32_z(m_run->crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    return m_run->next == entry.bytes && !entry.agrees(m_run->crc);
}

Status ZipIndex::readFront(const ZipEntry& entry, std::span<std::byte> into, std::uint32_t& crc) const
{
    const auto sum = [&] {
        crc =
            static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(into.data()), into.size()));
        return Status();
    };
    if (!entry.isDeflated) {
        WR_RETURN_IF_ERROR(readStored(entry, 0, into));
        return sum();
    }
    z_stream stream = {};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return resourceExhausted(entry.name + ": no memory to unpack it");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> closing(&stream, inflateEnd);
    std::vector<std::byte> packed(std::size_t{256} << 10U);
    std::uint64_t at = 0;
    std::size_t done = 0;
    while (done < into.size()) {
        if (stream.avail_in == 0) {
            const auto part =
                static_cast<std::size_t>(std::min<std::uint64_t>(packed.size(), entry.packedBytes - at));
            WR_ASSIGN_OR_RETURN(const std::size_t got,
                                m_file->read(entry.begin + at, std::span(packed).first(part)));
            if (got == 0)
                return dataLoss(entry.name + ": it unpacks to fewer bytes than it declares");
            at += got;
            stream.next_in = reinterpret_cast<Bytef*>(packed.data());
            stream.avail_in = static_cast<uInt>(got);
        }
        const std::size_t room = std::min<std::size_t>(into.size() - done, std::size_t{1} << 30U);
        stream.next_out = reinterpret_cast<Bytef*>(into.data() + done);
        stream.avail_out = static_cast<uInt>(room);
        const int result = inflate(&stream, Z_NO_FLUSH);
        done += room - stream.avail_out;
        if (result == Z_STREAM_END && done < into.size())
            return dataLoss(entry.name + ": it unpacks to fewer bytes than it declares");
        if (result != Z_OK && result != Z_STREAM_END)
            return dataLoss(entry.name + ": its packed bytes are damaged");
    }
    return sum();
}

Result<std::vector<std::byte>> ZipIndex::readSmall(const ZipEntry& entry, std::uint64_t limit) const
{
    if (entry.bytes > limit)
        return fail(StatusCode::ResourceExhausted, entry.name + ": it is larger than any real one");
    std::vector<std::byte> bytes(static_cast<std::size_t>(entry.bytes));
    std::uint32_t crc = 0;
    WR_RETURN_IF_ERROR(readFront(entry, bytes, crc));
    if (!entry.agrees(crc))
        return fail(StatusCode::DataLoss, entry.name + ": its checksum is wrong");
    return bytes;
}

} // namespace wr::formats
