// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/frame.h"

#include "engine/base/little_endian.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>
#define XXH_STATIC_LINKING_ONLY // for a state without an allocation
#include <xxhash.h>
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

namespace wr::checkpoint {
namespace {

constexpr std::uint32_t kMagic = 0xFD2FB528U;
constexpr std::uint32_t kSkippableMagic = 0x184D2A50U; // lowest of 16
constexpr std::size_t kRawHead = 9;
constexpr std::size_t kBlockHead = 3;

/// Everything of a stored frame but its content.
FrameInfo frameRaw(std::byte* frame, std::size_t contentSize, std::uint32_t checksum)
{
    storeLittle(frame, kMagic);
    frame[4] = std::byte{0xA4}; // size in four bytes, single segment, checksum
    storeLittle(frame + 5, static_cast<std::uint32_t>(contentSize));
    for (std::size_t from = 0; from < contentSize; from += kRawBlock) {
        const std::size_t size = std::min(kRawBlock, contentSize - from);
        const bool last = from + size == contentSize;
        const auto header = static_cast<std::uint32_t>(size << 3U | (last ? 1U : 0U));
        std::byte* const at = rawContentAt(frame, from) - kBlockHead;
        for (unsigned i = 0; i < kBlockHead; ++i)
            at[i] = static_cast<std::byte>(header >> (8U * i));
    }
    const std::size_t size = rawFrameSize(contentSize);
    storeLittle(frame + size - sizeof(checksum), checksum);
    return {static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(contentSize), checksum};
}

FrameInfo store(std::span<const std::byte> content, std::uint32_t checksum, std::byte* into)
{
    for (std::size_t from = 0; from < content.size(); from += kRawBlock)
        std::memcpy(rawContentAt(into, from), content.data() + from,
                    std::min(kRawBlock, content.size() - from));
    return frameRaw(into, content.size(), checksum);
}

std::uint32_t checksumOf(std::span<const std::byte> content)
{
    return static_cast<std::uint32_t>(XXH64(content.data(), content.size(), 0));
}

} // namespace

struct FrameEncoder::State {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ~State() { ZSTD_freeCCtx(context); }
};

FrameEncoder::FrameEncoder() : m_state(std::make_unique<State>()) {}
FrameEncoder::~FrameEncoder() = default;

std::byte* rawContentAt(std::byte* frame, std::size_t at)
{
    return frame + kRawHead + kBlockHead * (at / kRawBlock + 1) + at;
}

std::size_t rawFrameSize(std::size_t contentSize)
{
    const std::size_t blocks = (contentSize + kRawBlock - 1) / kRawBlock;
    return kRawHead + kBlockHead * blocks + contentSize + sizeof(std::uint32_t);
}

FrameInfo finishRaw(std::byte* frame, std::size_t contentSize)
{
    XXH64_state_t state;
    XXH64_reset(&state, 0);
    for (std::size_t from = 0; from < contentSize; from += kRawBlock)
        XXH64_update(&state, rawContentAt(frame, from), std::min(kRawBlock, contentSize - from));
    return frameRaw(frame, contentSize, static_cast<std::uint32_t>(XXH64_digest(&state)));
}

std::size_t frameBound(std::size_t contentSize)
{
    return std::max(ZSTD_compressBound(contentSize), rawFrameSize(contentSize));
}

Result<Frame> FrameEncoder::encode(std::span<const std::byte> content, Coder coder)
{
    Frame frame;
    frame.bytes.resize(frameBound(content.size()));
    WR_ASSIGN_OR_RETURN(const FrameInfo info, encodeInto(content, coder, frame.bytes.data()));
    frame.bytes.resize(info.size);
    frame.contentSize = info.contentSize;
    frame.checksum = info.checksum;
    return frame;
}

Result<FrameInfo> FrameEncoder::encodeInto(std::span<const std::byte> content, Coder coder, std::byte* into)
{
    if (m_state->context == nullptr)
        return fail(StatusCode::ResourceExhausted, "out of memory for the compressor");
    if (coder == Coder::Raw)
        return store(content, checksumOf(content), into);
    ZSTD_CCtx* const context = m_state->context;
    ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog,
                           20); // the whole content, so that it is a single segment
    if (coder == Coder::Huffman) {
        ZSTD_CCtx_setParameter(context, ZSTD_c_strategy, ZSTD_fast);
        ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 7);
        ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 6);
        ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, 6);
        // The search takes its longest steps, and literals are coded all the same.
        ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, ZSTD_TARGETLENGTH_MAX);
        ZSTD_CCtx_setParameter(context, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
    }
    const std::size_t size =
        ZSTD_compress2(context, into, frameBound(content.size()), content.data(), content.size());
    if (ZSTD_isError(size) != 0)
        return fail(StatusCode::Internal, std::string("zstd: ") + ZSTD_getErrorName(size));
    // The coder has computed the checksum already and put it at the end.
    const auto checksum = loadLittle<std::uint32_t>(into + size - sizeof(std::uint32_t));
    if (size >= content.size())
        return store(content, checksum, into);
    return FrameInfo{static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(content.size()), checksum};
}

struct FrameDecoder::State {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ~State() { ZSTD_freeDCtx(context); }
};

FrameDecoder::FrameDecoder() : m_state(std::make_unique<State>())
{
    if (m_state->context != nullptr)
        ZSTD_DCtx_setParameter(m_state->context, ZSTD_d_windowLogMax, 23);
}
FrameDecoder::~FrameDecoder() = default;

Status FrameDecoder::decode(std::span<const std::byte> frame, std::span<std::byte> into,
                            std::uint32_t checksum)
{
    if (m_state->context == nullptr)
        return resourceExhausted("out of memory for the decompressor");
    WR_ASSIGN_OR_RETURN(const FrameExtent extent, frameExtent(frame));
    if (extent.isSkippable || extent.compressedSize != frame.size() || extent.contentSize != into.size())
        return dataLoss("its size is not what the table says");
    const std::size_t size =
        ZSTD_decompressDCtx(m_state->context, into.data(), into.size(), frame.data(), frame.size());
    if (ZSTD_isError(size) != 0)
        return dataLoss(ZSTD_getErrorCode(size) == ZSTD_error_checksum_wrong
                            ? std::string("checksum")
                            : std::string("it cannot be unpacked (") + ZSTD_getErrorName(size) + ")");
    // The decoder has compared the content with the checksum in the frame.
    if (size != into.size() || extent.checksum != checksum)
        return dataLoss("checksum");
    return {};
}

Result<FrameExtent> frameExtent(std::span<const std::byte> bytes)
{
    const auto broken = [](const char* why) { return fail(StatusCode::DataLoss, why); };
    if (bytes.size() < 8)
        return broken("it is cut off");
    FrameExtent extent;
    const auto magic = loadLittle<std::uint32_t>(bytes.data());
    if ((magic & 0xFFFFFFF0U) == kSkippableMagic) {
        extent.isSkippable = true;
        extent.compressedSize = 8 + std::uint64_t{loadLittle<std::uint32_t>(bytes.data() + 4)};
        return extent;
    }
    if (magic != kMagic)
        return broken("no zstd frame begins here");
    const auto descriptor = static_cast<unsigned>(bytes[4]);
    const bool singleSegment = (descriptor & 0x20U) != 0;
    const bool hasChecksum = (descriptor & 0x04U) != 0;
    const bool hasDictionary = (descriptor & 0x03U) != 0;
    if (!singleSegment || !hasChecksum || hasDictionary || (descriptor & 0x18U) != 0)
        return broken("its frame header breaks the rules of this format");
    const unsigned long long content = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (content == ZSTD_CONTENTSIZE_ERROR || content == ZSTD_CONTENTSIZE_UNKNOWN || content == 0 ||
        content > kMaxFrameContent)
        return broken("its frame header states no legal size");
    const std::size_t compressed = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
    if (ZSTD_isError(compressed) != 0 || compressed < 4)
        return broken("it is cut off or damaged");
    extent.contentSize = content;
    extent.compressedSize = compressed;
    extent.checksum = loadLittle<std::uint32_t>(bytes.data() + compressed - 4);
    return extent;
}

double byteEntropy(std::span<const std::byte> content)
{
    if (content.empty())
        return 0.0;
    // Four tables: equal neighbours would wait for each other in one.
    std::array<std::array<std::uint32_t, 256>, 4> tables{};
    for (std::size_t i = 0; i < content.size(); ++i)
        ++tables[i % 4][static_cast<std::size_t>(content[i])];
    std::array<std::uint32_t, 256> counts{};
    for (const auto& table : tables) {
        for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i] += table[i];
    }
    double entropy = 0.0;
    const auto total = static_cast<double>(content.size());
    for (const std::uint32_t count : counts) {
        if (count > 0) {
            const double share = count / total;
            entropy -= share * std::log2(share);
        }
    }
    return entropy;
}

Coder chooseCoder(std::span<const std::byte> content, bool repeats)
{
    // A small part is enough to see whether bytes are random; that it is small makes them look less so.
    constexpr std::size_t kSample = std::size_t{16} << 10U;
    constexpr double kRandom = 7.861;
    const std::size_t size = std::min(kSample, content.size());
    const double bias = 255.0 / (2.0 * std::numbers::ln2 * static_cast<double>(size));
    if (byteEntropy(content.subspan((content.size() - size) / 2, size)) + bias > kRandom)
        return Coder::Raw;
    return repeats ? Coder::Lz : Coder::Huffman;
}

} // namespace wr::checkpoint
