// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/frame_scan.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/index.h"
#include "engine/checkpoint/index_layout.h"

#include <algorithm>

namespace wr::checkpoint {
namespace {

using View = std::span<const std::byte>;
using Kind = ScannedFrame::Kind;

constexpr std::uint32_t kZstdMagic = 0xFD2FB528U;
constexpr std::uint64_t kLargestFrame = 2 * kMaxFrameContent;
constexpr std::uint64_t kWindow = 8 * kMaxFrameContent;

class Scanner {
public:
    Scanner(File& file, std::uint64_t fileBytes, const FrameTable* hint,
            std::span<const std::uint32_t> hashes, const Progress& progress)
        : m_file(file), m_fileBytes(fileBytes), m_hint(hint), m_hashes(hashes), m_progress(progress)
    {
    }

    Result<FrameScan> run()
    {
        for (std::uint64_t at = 0; at < m_fileBytes;) {
            WR_ASSIGN_OR_RETURN(ScannedFrame frame, frameAt(at));
            at += frame.fileSize;
            m_scan.frames.push_back(std::move(frame));
            WR_RETURN_IF_ERROR(tell(at));
        }
        return std::move(m_scan);
    }

private:
    Status tell(std::uint64_t at) const
    {
        return !m_progress || m_progress(at, m_fileBytes) ? Status() : cancelled("the check was cancelled");
    }

    /// Bytes from `at` on, as many as a frame may have, fewer at the end of the file.
    Result<View> view(std::uint64_t at)
    {
        const std::uint64_t wanted = std::min(kLargestFrame, m_fileBytes - at);
        if (at < m_windowAt || at + wanted > m_windowAt + m_window.size()) {
            m_window.resize(static_cast<std::size_t>(std::min(kWindow, m_fileBytes - at)));
            m_windowAt = at;
            WR_ASSIGN_OR_RETURN(const std::size_t got, m_file.read(at, m_window));
            if (got != m_window.size())
                return fail(dataLoss("the file became shorter while it was read"));
        }
        return View(m_window).subspan(static_cast<std::size_t>(at - m_windowAt));
    }

    /// The table's entry for a frame that begins at `at`.
    std::optional<std::size_t> hinted(std::uint64_t at) const
    {
        if (m_hint == nullptr)
            return {};
        const std::vector<FramePlace>& frames = m_hint->frames;
        const auto found = std::partition_point(
            frames.begin(), frames.end(), [at](const FramePlace& frame) { return frame.fileOffset < at; });
        if (found == frames.end() || found->fileOffset != at)
            return {};
        return static_cast<std::size_t>(found - frames.begin());
    }

    Result<ScannedFrame> frameAt(std::uint64_t at)
    {
        WR_ASSIGN_OR_RETURN(const View bytes, view(at));
        const std::uint32_t magic = bytes.size() >= 4 ? loadLittle<std::uint32_t>(bytes.data()) : 0;
        if (magic == kSeekTableMagic && isTable(bytes, at))
            return placed(Kind::Table, at, m_fileBytes - at);
        if (m_hint != nullptr ? at == m_hint->fileSize() : endsAsTable(bytes, at))
            return damaged(Kind::Table, at, m_fileBytes - at, "the beginning of the table is damaged");
        const std::optional<std::size_t> entry = hinted(at);
        if (entry && m_hint->frames[*entry].contentSize == 0)
            return placed(Kind::Index, at, m_hint->frames[*entry].fileSize);
        if (magic == layout::kFrameMagic && isIndexFrame(bytes)) {
            const std::uint64_t size = 8 + std::uint64_t{loadLittle<std::uint32_t>(bytes.data() + 4)};
            if (size <= m_fileBytes - at)
                return placed(Kind::Index, at, size);
        }
        return dataFrame(bytes, at, entry);
    }

    Result<ScannedFrame> dataFrame(View bytes, std::uint64_t at, std::optional<std::size_t> entry)
    {
        const Result<FrameExtent> extent = frameExtent(bytes);
        const bool isData = extent && !extent->isSkippable && extent->compressedSize <= bytes.size();
        if (isData) {
            const View packed = bytes.first(static_cast<std::size_t>(extent->compressedSize));
            ScannedFrame frame = placed(Kind::Data, at, packed.size());
            frame.contentSize = static_cast<std::uint32_t>(extent->contentSize);
            frame.checksum = extent->checksum;
            const bool hasHash = entry && *entry < m_hashes.size();
            const bool hashIsRight = hasHash && frameHash(packed) == m_hashes[*entry];
            const Status status = hashIsRight ? Status() : decode(packed, *extent);
            if (status.isOk()) {
                if (hasHash && !hashIsRight) {
                    frame.isAltered = true;
                    frame.what = "bytes of it were altered that its content does not depend on";
                }
                return frame;
            }
            frame.kind = Kind::Lost;
            frame.what = status.message();
            if (entry) {
                frame.fileSize = m_hint->frames[*entry].fileSize;
                frame.contentSize = m_hint->frames[*entry].contentSize;
                return frame;
            }
            WR_ASSIGN_OR_RETURN(const bool follows, beginsHere(at + packed.size()));
            if (follows)
                return frame;
        } else if (entry) {
            ScannedFrame frame = damaged(Kind::Lost, at, m_hint->frames[*entry].fileSize,
                                         extent ? "no zstd frame begins here" : extent.error().message());
            frame.contentSize = m_hint->frames[*entry].contentSize;
            return frame;
        }
        WR_ASSIGN_OR_RETURN(const std::uint64_t next, search(at + 1));
        return damaged(Kind::Lost, at, next - at,
                       extent ? "it cannot be unpacked" : extent.error().message());
    }

    Status decode(View packed, const FrameExtent& extent)
    {
        m_content.resize(static_cast<std::size_t>(extent.contentSize));
        return m_decoder.decode(packed, m_content, extent.checksum);
    }

    bool isTable(View bytes, std::uint64_t at) const
    {
        return bytes.size() >= 8 && loadLittle<std::uint32_t>(bytes.data()) == kSeekTableMagic &&
               at + 8 + loadLittle<std::uint32_t>(bytes.data() + 4) == m_fileBytes;
    }

    /// Whether a table of this length is what the end of the file says to be there.
    bool endsAsTable(View bytes, std::uint64_t at) const
    {
        constexpr std::uint64_t kEnds = 17;
        constexpr std::uint64_t kEntry = 12;
        if (bytes.size() < kEnds || bytes.size() != m_fileBytes - at)
            return false;
        const View footer = bytes.last(9);
        return loadLittle<std::uint32_t>(footer.data() + 5) == kSeekFooterMagic &&
               kEnds + kEntry * std::uint64_t{loadLittle<std::uint32_t>(footer.data())} == bytes.size();
    }

    /// Whether something of this format begins at `at`, by its first bytes, or the file ends there.
    Result<bool> beginsHere(std::uint64_t at)
    {
        if (at >= m_fileBytes)
            return at == m_fileBytes;
        WR_ASSIGN_OR_RETURN(const View bytes, view(at));
        return isTable(bytes, at) || isIndexFrame(bytes) || frameExtent(bytes).has_value();
    }

    /// The next place from `from` on at which a whole frame begins; the end of the file when there is none.
    Result<std::uint64_t> search(std::uint64_t from)
    {
        std::vector<std::byte> piece; // not the window, which moves with every candidate
        for (std::uint64_t at = from; at + 8 <= m_fileBytes;) {
            WR_RETURN_IF_ERROR(tell(at));
            piece.resize(
                static_cast<std::size_t>(std::min<std::uint64_t>(kMaxFrameContent, m_fileBytes - at)));
            WR_ASSIGN_OR_RETURN(const std::size_t got, m_file.read(at, piece));
            if (got != piece.size())
                return fail(dataLoss("the file became shorter while it was read"));
            for (std::size_t i = 0; i + 8 <= piece.size(); ++i) {
                const auto magic = loadLittle<std::uint32_t>(piece.data() + i);
                if (magic != kZstdMagic && magic != layout::kFrameMagic && magic != kSeekTableMagic)
                    continue;
                WR_ASSIGN_OR_RETURN(const bool found, isWholeAt(at + i));
                if (found)
                    return at + i;
            }
            at += piece.size() - 7;
        }
        return m_fileBytes;
    }

    Result<bool> isWholeAt(std::uint64_t at)
    {
        WR_ASSIGN_OR_RETURN(const View bytes, view(at));
        const auto magic = loadLittle<std::uint32_t>(bytes.data());
        if (magic == kSeekTableMagic)
            return isTable(bytes, at);
        if (magic == layout::kFrameMagic)
            return isIndexFrame(bytes) && loadLittle<std::uint32_t>(bytes.data() + 4) <= m_fileBytes - at - 8;
        if (magic != kZstdMagic)
            return false;
        const Result<FrameExtent> extent = frameExtent(bytes);
        return extent && extent->compressedSize <= bytes.size() &&
               decode(bytes.first(static_cast<std::size_t>(extent->compressedSize)), *extent).isOk();
    }

    static ScannedFrame placed(Kind kind, std::uint64_t at, std::uint64_t size)
    {
        ScannedFrame frame;
        frame.kind = kind;
        frame.fileOffset = at;
        frame.fileSize = size;
        return frame;
    }

    static ScannedFrame damaged(Kind kind, std::uint64_t at, std::uint64_t size, std::string what)
    {
        ScannedFrame frame = placed(kind, at, size);
        frame.what = std::move(what);
        return frame;
    }

    File& m_file;
    std::uint64_t m_fileBytes;
    const FrameTable* m_hint;
    std::span<const std::uint32_t> m_hashes;
    const Progress& m_progress;
    FrameScan m_scan;
    std::vector<std::byte> m_window;
    std::uint64_t m_windowAt = 0;
    FrameDecoder m_decoder;
    std::vector<std::byte> m_content;
};

} // namespace

Result<FrameScan> scanFrames(File& file, std::uint64_t fileBytes, const FrameTable* hint,
                             std::span<const std::uint32_t> hashes, const Progress& progress)
{
    return Scanner(file, fileBytes, hint, hashes, progress).run();
}

} // namespace wr::checkpoint
