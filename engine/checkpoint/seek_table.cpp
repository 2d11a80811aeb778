// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/seek_table.h"

#include "engine/base/little_endian.h"

#include <algorithm>

namespace wr::checkpoint {
namespace {

constexpr std::byte kChecksums{0x80};
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kEntryBytes = 12;
constexpr std::size_t kFooterBytes = 9;
constexpr std::size_t kMinFrameBytes = 8;

Status noTable(const char* why)
{
    return dataLoss(std::string("the table of frames at the end cannot be used: ") + why);
}

Status readExactly(File& file, std::uint64_t offset, std::span<std::byte> into)
{
    WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(offset, into));
    return got == into.size() ? Status() : dataLoss("the file ends too early");
}

} // namespace

void FrameTable::append(std::uint32_t fileSize, std::uint32_t contentSize_, std::uint32_t checksum)
{
    FramePlace place;
    place.fileOffset = this->fileSize();
    place.contentOffset = contentSize;
    place.fileSize = fileSize;
    place.contentSize = contentSize_;
    place.checksum = checksum;
    frames.push_back(place);
    contentSize += contentSize_;
}

std::uint64_t FrameTable::fileSize() const
{
    return frames.empty() ? 0 : frames.back().fileOffset + frames.back().fileSize;
}

std::vector<std::byte> encodeSeekTable(const FrameTable& table)
{
    std::vector<std::byte> bytes;
    bytes.reserve(kHeaderBytes + kEntryBytes * table.frames.size() + kFooterBytes);
    appendLittle(bytes, kSeekTableMagic);
    appendLittle(bytes, static_cast<std::uint32_t>(kEntryBytes * table.frames.size() + kFooterBytes));
    for (const FramePlace& frame : table.frames) {
        appendLittle(bytes, frame.fileSize);
        appendLittle(bytes, frame.contentSize);
        appendLittle(bytes, frame.checksum);
    }
    appendLittle(bytes, static_cast<std::uint32_t>(table.frames.size()));
    bytes.push_back(kChecksums);
    appendLittle(bytes, kSeekFooterMagic);
    return bytes;
}

Result<FrameTable> readSeekTable(File& file, std::uint64_t fileBytes)
{
    std::array<std::byte, kFooterBytes> footer{};
    if (fileBytes < kHeaderBytes + kFooterBytes)
        return fail(noTable("the file is too short"));
    WR_RETURN_IF_ERROR(readExactly(file, fileBytes - kFooterBytes, footer));
    const std::uint64_t count = loadLittle<std::uint32_t>(footer.data());
    if (loadLittle<std::uint32_t>(footer.data() + 5) != kSeekFooterMagic)
        return fail(noTable("it is not there"));
    if (footer[4] != kChecksums)
        return fail(noTable("it carries no checksums"));
    const std::uint64_t tableBytes = kHeaderBytes + kEntryBytes * count + kFooterBytes;
    if (count > fileBytes / (kMinFrameBytes + kEntryBytes) || tableBytes > fileBytes)
        return fail(noTable("it is longer than the file"));
    std::vector<std::byte> bytes(static_cast<std::size_t>(tableBytes));
    WR_RETURN_IF_ERROR(readExactly(file, fileBytes - tableBytes, bytes));
    if (loadLittle<std::uint32_t>(bytes.data()) != kSeekTableMagic ||
        loadLittle<std::uint32_t>(bytes.data() + 4) != tableBytes - kHeaderBytes)
        return fail(noTable("its beginning is damaged"));
    FrameTable table;
    table.frames.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::byte* const entry = bytes.data() + kHeaderBytes + i * kEntryBytes;
        const auto size = loadLittle<std::uint32_t>(entry);
        const auto content = loadLittle<std::uint32_t>(entry + 4);
        const auto checksum = loadLittle<std::uint32_t>(entry + 8);
        if (size < kMinFrameBytes || content > kMaxFrameContent || (content == 0 && checksum != 0))
            return fail(noTable("an entry breaks the format's limits"));
        table.append(size, content, checksum);
    }
    if (table.fileSize() + tableBytes != fileBytes)
        return fail(noTable("its entries do not add up to the file's size"));
    return table;
}

Result<FrameTable> walkFrames(File& file, std::uint64_t fileBytes)
{
    constexpr std::uint64_t kLargestFrame = 2 * kMaxFrameContent;
    constexpr std::uint64_t kWindow = 8 * kMaxFrameContent;
    FrameTable table;
    std::vector<std::byte> window;
    std::uint64_t windowAt = 0;
    for (std::uint64_t at = 0; at < fileBytes;) {
        const std::uint64_t wanted = std::min(kLargestFrame, fileBytes - at);
        if (at < windowAt || at + wanted > windowAt + window.size()) {
            window.resize(static_cast<std::size_t>(std::min(kWindow, fileBytes - at)));
            windowAt = at;
            WR_RETURN_IF_ERROR(readExactly(file, at, window));
        }
        const auto from = static_cast<std::size_t>(at - windowAt);
        const Result<FrameExtent> extent = frameExtent(std::span(window).subspan(from));
        const std::string where =
            "frame " + std::to_string(table.frames.size()) + " at byte " + std::to_string(at);
        if (!extent)
            return fail(extent.error().withContext(where));
        if (extent->compressedSize > fileBytes - at)
            return fail(StatusCode::DataLoss, where + ": it is cut off");
        if (extent->isSkippable && loadLittle<std::uint32_t>(window.data() + from) == kSeekTableMagic &&
            at + extent->compressedSize == fileBytes)
            break;
        if (extent->compressedSize > UINT32_MAX)
            return fail(StatusCode::DataLoss, where + ": it is too long");
        table.append(static_cast<std::uint32_t>(extent->compressedSize),
                     static_cast<std::uint32_t>(extent->contentSize), extent->checksum);
        at += extent->compressedSize;
    }
    return table;
}

} // namespace wr::checkpoint
