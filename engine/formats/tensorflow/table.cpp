// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/table.h"

#include "engine/base/crc32c.h"
#include "engine/base/little_endian.h"
#include "engine/formats/protobuf/wire_reader.h"
#include "engine/formats/tensorflow/snappy.h"

#include <algorithm>
#include <array>

namespace wr::formats {
namespace {

constexpr std::size_t kMostKeyBytes = std::size_t{1} << 16U;

/// Splits a block into its entries. Shared prefixes could make a small block into very long keys; real ones
/// do not.
Status findEntries(TableBlock& block)
{
    const auto wrong = [](const char* what) { return dataLoss(what); };
    const std::span<const std::byte> all(block.bytes);
    if (all.size() < 4)
        return wrong("it is shorter than an empty one");
    const auto restarts = std::uint64_t{loadLittle<std::uint32_t>(all.data() + all.size() - 4)};
    if (restarts > (all.size() - 4) / 4)
        return wrong("it declares more restarts than it can hold");
    std::span<const std::byte> rest = all.first(all.size() - 4 - static_cast<std::size_t>(restarts) * 4);
    const std::size_t mostKeys = all.size() * 64 + kMostKeyBytes;
    std::size_t keyBytes = 0;
    std::string key;
    while (!rest.empty()) {
        std::uint64_t shared = 0;
        std::uint64_t unshared = 0;
        std::uint64_t size = 0;
        if (!takeVarint(rest, shared) || !takeVarint(rest, unshared) || !takeVarint(rest, size) ||
            shared > key.size() || unshared > rest.size() || size > rest.size() - unshared)
            return wrong("an entry does not fit");
        const auto own = static_cast<std::size_t>(unshared);
        std::string next = key.substr(0, static_cast<std::size_t>(shared));
        next.append(reinterpret_cast<const char*>(rest.data()), own);
        keyBytes += next.size();
        if (next.size() > kMostKeyBytes || keyBytes > mostKeys)
            return wrong("its keys are longer than any real ones");
        if (!block.entries.empty() && next <= key)
            return wrong("its keys are not in order");
        key = std::move(next);
        const auto begin = static_cast<std::size_t>(rest.data() - all.data()) + own;
        block.entries.push_back({key, begin, static_cast<std::size_t>(size)});
        rest = rest.subspan(own + static_cast<std::size_t>(size));
    }
    return {};
}

} // namespace

Result<TableBlock> Table::blockAt(Place place) const
{
    const auto wrong = [&](const std::string& what) {
        return fail(StatusCode::DataLoss, "the block at byte " + std::to_string(place.offset) + ": " + what);
    };
    std::vector<std::byte> stored(static_cast<std::size_t>(place.size) + kBlockTrailerBytes);
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(place.offset, stored));
    if (got != stored.size())
        return wrong("the file ends within it");
    const std::span<const std::byte> checked = std::span(stored).first(stored.size() - 4);
#if defined(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
    constexpr bool kIsChecked = false;
#else
    constexpr bool kIsChecked = true;
#endif
    if (kIsChecked &&
        maskedChecksum(crc32c(checked)) != loadLittle<std::uint32_t>(stored.data() + checked.size()))
        return wrong("its checksum is wrong");
    const std::byte packing = checked.back();
    TableBlock block;
    if (packing == std::byte{1}) {
        Result<std::vector<std::byte>> unpacked = unpackSnappy(checked.first(checked.size() - 1));
        if (!unpacked)
            return wrong(unpacked.error().message());
        block.bytes = std::move(*unpacked);
    } else if (packing == std::byte{0}) {
        stored.resize(checked.size() - 1);
        block.bytes = std::move(stored);
    } else {
        return wrong("it is packed in an unknown way");
    }
    if (const Status status = findEntries(block); !status.isOk())
        return wrong(status.message());
    return block;
}

Result<Table> Table::open(std::shared_ptr<File> file, std::uint64_t fileBytes)
{
    if (fileBytes < kTableFooterBytes)
        return fail(StatusCode::InvalidArgument, "the file is too short to be a TensorFlow table");
    const std::uint64_t footerAt = fileBytes - kTableFooterBytes;
    std::array<std::byte, kTableFooterBytes> footer{};
    WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(footerAt, footer));
    if (got != footer.size() || loadLittle<std::uint64_t>(footer.data() + 40) != kTableMagic)
        return fail(StatusCode::InvalidArgument, "not a TensorFlow table: its last bytes are others");
    const auto isInside = [&](Place place) {
        return place.offset <= footerAt && place.size <= footerAt - place.offset &&
               kBlockTrailerBytes <= footerAt - place.offset - place.size;
    };
    const auto take = [](std::span<const std::byte>& bytes, Place& place) {
        return takeVarint(bytes, place.offset) && takeVarint(bytes, place.size);
    };
    std::span<const std::byte> handles = std::span<const std::byte>(footer).first(40);
    Place metaIndex;
    Place index;
    if (!take(handles, metaIndex) || !take(handles, index) || !isInside(metaIndex) || !isInside(index))
        return fail(StatusCode::DataLoss, "its last bytes name a place outside the file");
    Table table(std::move(file));
    Result<TableBlock> list = table.blockAt(index);
    if (!list)
        return fail(list.error().withContext("the list of blocks"));
    std::uint64_t end = 0;
    for (const TableBlock::Entry& entry : list->entries) {
        std::span<const std::byte> value = list->value(entry);
        Place place;
        if (!take(value, place) || !isInside(place) || place.offset < end)
            return fail(StatusCode::DataLoss, "its list of blocks names places outside the file or twice");
        end = place.offset + place.size + kBlockTrailerBytes;
        table.m_blocks.push_back(place);
        table.m_lastKeys.push_back(entry.key);
    }
    return table;
}

Result<TableBlock> Table::block(std::size_t index) const
{
    return blockAt(m_blocks[index]);
}

std::size_t Table::blockOf(std::string_view key) const
{
    return static_cast<std::size_t>(std::lower_bound(m_lastKeys.begin(), m_lastKeys.end(), key) -
                                    m_lastKeys.begin());
}

} // namespace wr::formats
