// SPDX-License-Identifier: GPL-3.0-or-later
// One zstd frame of a WR1 file: at most 1 MiB of content, its size and checksum inside. Readers need not know
// which coder wrote it. Coders and decoders are used by one thread each.
#pragma once

#include "engine/base/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace wr::checkpoint {

inline constexpr std::size_t kMaxFrameContent = std::size_t{1} << 20U;

enum class Coder : std::uint8_t {
    Raw,     ///< stored
    Huffman, ///< literals coded by their frequencies, no matches sought: exponents of weights
    Lz,      ///< zstd level 1
};

struct Frame {
    std::vector<std::byte> bytes;
    std::uint32_t contentSize = 0;
    std::uint32_t checksum = 0; ///< low half of XXH64 of the content
};

/// What is known of a frame that lies elsewhere.
struct FrameInfo {
    std::uint32_t size = 0;        ///< of the frame
    std::uint32_t contentSize = 0; ///< 1 to kMaxFrameContent
    std::uint32_t checksum = 0;    ///< low half of XXH64 of the content
};

/// Bytes that a frame of this content takes at most.
std::size_t frameBound(std::size_t contentSize);

/// A stored frame that is filled in place: where byte `at` of its content belongs, up to the next multiple of
/// kRawBlock, and what makes it a frame once all are there.
inline constexpr std::size_t kRawBlock = std::size_t{128} << 10U;
std::byte* rawContentAt(std::byte* frame, std::size_t at);
std::size_t rawFrameSize(std::size_t contentSize);
FrameInfo finishRaw(std::byte* frame, std::size_t contentSize);

class FrameEncoder {
public:
    FrameEncoder();
    ~FrameEncoder();
    FrameEncoder(const FrameEncoder&) = delete;
    FrameEncoder& operator=(const FrameEncoder&) = delete;

    /// Encodes 1 to kMaxFrameContent bytes; falls back to Raw where the coder gains nothing.
    Result<Frame> encode(std::span<const std::byte> content, Coder coder);
    /// The same into memory of frameBound() bytes.
    Result<FrameInfo> encodeInto(std::span<const std::byte> content, Coder coder, std::byte* into);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

class FrameDecoder {
public:
    FrameDecoder();
    ~FrameDecoder();
    FrameDecoder(const FrameDecoder&) = delete;
    FrameDecoder& operator=(const FrameDecoder&) = delete;

    /// Decodes one whole frame into exactly `into`. DataLoss when sizes or checksum do not agree.
    Status decode(std::span<const std::byte> frame, std::span<std::byte> into, std::uint32_t checksum);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// What the frame at the front of `bytes` says of itself.
struct FrameExtent {
    std::uint64_t compressedSize = 0;
    std::uint64_t contentSize = 0; ///< 0 for skippable frames
    bool isSkippable = false;
    std::uint32_t checksum = 0; ///< as stored at the frame's end
};
/// DataLoss when it is no frame, is cut off, or breaks a rule of WR1 (size stated, single segment, checksum,
/// at most 1 MiB).
Result<FrameExtent> frameExtent(std::span<const std::byte> bytes);

/// The coder that suits a content: Raw where its bytes are all but random, Lz where it repeats, else Huffman.
/// Looks at a sample from the middle of large ones.
Coder chooseCoder(std::span<const std::byte> content, bool repeats);

/// Shannon entropy of the bytes, in bits a byte.
double byteEntropy(std::span<const std::byte> content);

} // namespace wr::checkpoint
