// SPDX-License-Identifier: GPL-3.0-or-later
// The outer form of an index: its head, and where its sections lie and how they are packed. Every size is
// checked against the file before anything is read by it. Values; pure.
#pragma once

#include "engine/base/little_endian.h"
#include "engine/checkpoint/index.h"
#include "engine/checkpoint/index_layout.h"

#include <optional>

struct ZSTD_DCtx_s;

namespace wr::checkpoint {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

Status unusableIndex(const char* why);

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

struct SectionPlace {
    std::uint32_t packing = 0;
    std::uint64_t offset = 0; ///< in the payload
    std::uint64_t stored = 0; ///< bytes there
    std::uint64_t size = 0;   ///< unpacked
    std::uint64_t hash = 0;
};

struct IndexHead {
    Index index; ///< its numbers; no rows yet
    std::uint64_t tensors = 0;
    std::uint64_t storedHash = 0;
    std::size_t tableEnd = 0; ///< of the section table, in the payload
    std::array<std::optional<SectionPlace>, layout::kKinds> sections;
};

/// Bytes at the front of an index frame that readIndexHead() may need.
inline constexpr std::size_t kMaxIndexHead =
    layout::kFrameHeader + layout::kHead + layout::kSection * layout::kMaxSections;

/// `front`: the first kMaxIndexHead bytes of the frame, or all; `locator`: its last 64 bytes.
Result<IndexHead> readIndexHead(View front, View locator, std::uint64_t fileOffset, std::uint64_t frameBytes);

/// One piece of a section that is packed in pieces.
struct SectionPiece {
    std::uint64_t offset = 0; ///< in the payload
    std::uint32_t stored = 0;
    std::uint32_t size = 0;
    std::uint32_t hash = 0; ///< low half of XXH3-64 of the stored bytes
    std::uint64_t at = 0;   ///< in the unpacked section
};

/// Bytes of the list of pieces at the front of the section, by its first eight bytes.
Result<std::size_t> pieceListBytes(const SectionPlace& place, View front);
/// The pieces of a section, whose list is `list`.
Result<std::vector<SectionPiece>> readPieceList(const SectionPlace& place, View list);
bool isPieceSound(const SectionPiece& piece, View stored);

/// Unpacks pieces one after another; used by one thread.
class PieceUnpacker {
public:
    PieceUnpacker();
    ~PieceUnpacker();
    PieceUnpacker(const PieceUnpacker&) = delete;
    PieceUnpacker& operator=(const PieceUnpacker&) = delete;
    /// Into exactly piece.size bytes. DataLoss where the hash or the size is wrong.
    Status unpack(const SectionPiece& piece, View stored, std::byte* into);

private:
    ZSTD_DCtx_s* m_context;
};

/// Unpacks a whole section; `stored` are its bytes.
Result<Bytes> unpackSection(const SectionPlace& place, View stored);

} // namespace wr::checkpoint
