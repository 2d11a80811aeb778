// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/content_stream.h"

#include <algorithm>

namespace wr::checkpoint {

ContentStream::ContentStream(std::shared_ptr<File> file, FrameTable table)
    : m_file(std::move(file)), m_table(std::move(table))
{
}

std::size_t ContentStream::frameAt(std::uint64_t offset) const
{
    const auto found =
        std::partition_point(m_table.frames.begin(), m_table.frames.end(), [offset](const FramePlace& frame) {
            return frame.contentOffset + frame.contentSize <= offset;
        });
    return static_cast<std::size_t>(found - m_table.frames.begin());
}

std::optional<Frame> ContentStream::frameAlone(std::uint64_t offset, std::uint32_t size) const
{
    for (std::size_t i = frameAt(offset); i < m_table.frames.size(); ++i) {
        const FramePlace& place = m_table.frames[i];
        if (place.contentSize == 0)
            continue;
        if (place.contentOffset != offset || place.contentSize != size)
            return {};
        Frame frame{std::vector<std::byte>(place.fileSize), place.contentSize, place.checksum};
        const Result<std::size_t> got = m_file->read(place.fileOffset, frame.bytes);
        if (!got || *got != frame.bytes.size())
            return {};
        return frame;
    }
    return {};
}

Status ContentStream::read(std::uint64_t offset, std::span<std::byte> into, StreamScratch& scratch) const
{
    std::vector<std::byte>& packed = scratch.packed;
    std::vector<std::byte>& content = scratch.content;
    std::size_t done = 0;
    for (std::size_t i = frameAt(offset); done < into.size(); ++i) {
        if (i >= m_table.frames.size())
            return dataLoss("the content ends too early");
        const FramePlace& frame = m_table.frames[i];
        if (frame.contentSize == 0)
            continue;
        if (frame.contentOffset > offset + done)
            return dataLoss("the frames that hold it are lost");
        const auto where = [&](const Status& status) {
            return status.withContext("frame " + std::to_string(i) + " of " +
                                      std::to_string(m_table.frames.size()) + ", byte " +
                                      std::to_string(frame.fileOffset));
        };
        packed.resize(frame.fileSize);
        WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(frame.fileOffset, packed));
        if (got != packed.size())
            return where(dataLoss("the file ends too early"));
        const std::size_t skipped = static_cast<std::size_t>(offset + done - frame.contentOffset);
        const std::size_t wanted = std::min<std::size_t>(frame.contentSize - skipped, into.size() - done);
        if (wanted == frame.contentSize) {
            if (const Status status =
                    scratch.decoder.decode(packed, into.subspan(done, wanted), frame.checksum);
                !status.isOk())
                return where(status);
        } else {
            content.resize(frame.contentSize);
            if (const Status status = scratch.decoder.decode(packed, content, frame.checksum); !status.isOk())
                return where(status);
            std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(skipped), wanted,
                        into.begin() + static_cast<std::ptrdiff_t>(done));
        }
        done += wanted;
    }
    return {};
}

} // namespace wr::checkpoint
