// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/unit_encoder.h"

#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/subtraction.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace wr::checkpoint {

ContentDigest::ContentDigest() : m_state(XXH3_createState()) {}

ContentDigest::~ContentDigest()
{
    XXH3_freeState(m_state);
}

void ContentDigest::begin()
{
    XXH3_128bits_reset(m_state);
}

void ContentDigest::add(std::span<const std::byte> bytes)
{
    XXH3_128bits_update(m_state, bytes.data(), bytes.size());
}

Digest ContentDigest::finish() const
{
    return digestOf(XXH3_128bits_digest(m_state));
}

Status UnitEncoder::load(std::size_t unit)
{
    m_unit = unit;
    m_pieces.clear();
    const FrameJob& job = m_plan.jobs[m_plan.units[unit]];
    return job.filtered < 0 ? loadStretch(job) : loadBlock(job);
}

/// A stretch of the content as it is: of the header, of one large tensor, or of small neighbours.
Status UnitEncoder::loadStretch(const FrameJob& job)
{
    std::uint64_t at = job.contentOffset;
    const std::uint64_t end = at + job.contentSize;
    if (at < m_plan.header.size()) {
        m_stretch = std::span(m_plan.header).subspan(static_cast<std::size_t>(at), job.contentSize);
        return {};
    }
    auto tensor =
        std::partition_point(m_plan.tensors.begin(), m_plan.tensors.end(),
                             [at](const PlannedTensor& t) { return t.contentOffset + t.storedBytes <= at; });
    m_content.resize(std::max<std::size_t>(m_content.size(), job.contentSize));
    std::byte* into = m_content.data();
    for (; at < end; ++tensor) {
        Piece piece;
        piece.tensor = static_cast<std::size_t>(tensor - m_plan.tensors.begin());
        piece.at = at - tensor->contentOffset;
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(tensor->storedBytes - piece.at, end - at));
        if (size == 0)
            continue;
        WR_ASSIGN_OR_RETURN(piece.bytes, m_plan.source->bytes(tensor->source, piece.at, size, m_source));
        at += size;
        if (size == job.contentSize) {
            m_stretch = piece.bytes;
            m_pieces.push_back(piece);
            return {};
        }
        std::memcpy(into, piece.bytes.data(), size);
        piece.bytes = {into, size};
        into += size;
        m_pieces.push_back(piece);
    }
    m_stretch = std::span(m_content).first(job.contentSize);
    return {};
}

/// The elements of which the unit holds the planes.
Status UnitEncoder::loadBlock(const FrameJob& job)
{
    Piece piece;
    piece.tensor = static_cast<std::size_t>(job.filtered);
    const PlannedTensor& tensor = m_plan.tensors[piece.tensor];
    const DType dtype = m_plan.spec(tensor).dtype;
    const std::size_t size = job.contentSize * dtypeSize(dtype);
    piece.at = job.firstElement * dtypeSize(dtype);
    WR_ASSIGN_OR_RETURN(piece.bytes, m_plan.source->bytes(tensor.source, piece.at, size, m_source));
    m_block = piece.bytes;
    m_pieces.push_back(piece);
    if (tensor.filter != Filter::Difference)
        return {};
    m_base.resize(size);
    m_distances.resize(size);
    WR_RETURN_IF_ERROR(m_plan.base->readPart(tensor.baseTensor, piece.at, m_base));
    subtractBase(dtype, m_block, m_base, m_distances.data());
    m_block = m_distances;
    return {};
}

bool UnitEncoder::isWhole(const Piece& piece) const
{
    return piece.bytes.size() == m_plan.tensors[piece.tensor].logicalBytes;
}

void UnitEncoder::digest(ContentDigest& digest)
{
    for (Piece& piece : m_pieces) {
        if (isWhole(piece))
            continue; // needs no other unit
        if (piece.at == 0)
            digest.begin();
        digest.add(piece.bytes);
        if (piece.at + piece.bytes.size() == m_plan.tensors[piece.tensor].logicalBytes)
            piece.digest = digest.finish();
    }
}

void UnitEncoder::describe(Piece& piece, EncodedUnit& into) const
{
    const PlannedTensor& tensor = m_plan.tensors[piece.tensor];
    const DType dtype = m_plan.spec(tensor).dtype;
    ValuePart part;
    part.tensor = piece.tensor;
    part.digest = isWhole(piece) ? digestOf(piece.bytes) : piece.digest;
    if (tensor.needsStatistics) {
        const std::size_t size = dtypeSize(dtype);
        part.statistics = scanPart(dtype, static_cast<std::int64_t>(tensor.logicalBytes / size),
                                   static_cast<std::int64_t>(piece.at / size), piece.bytes);
    }
    into.values.push_back(std::move(part));
}

/// By a few thousand elements from the middle of the block.
Coder UnitEncoder::coderOf(const FrameJob& job, std::size_t elementSize, Filter filter)
{
    constexpr std::size_t kSample = 4096;
    const std::size_t count = std::min<std::size_t>(kSample, job.contentSize);
    const std::size_t first = (job.contentSize - count) / 2;
    m_sample.resize(count);
    splitPlane(m_block.subspan(first * elementSize, count * elementSize), elementSize, filter, job.plane,
               m_sample.data());
    return chooseCoder(m_sample, job.repeats);
}

/// Planes that are stored are cut right into their frames, as far as it is known where those begin.
Status UnitEncoder::encodeBlock(EncodedUnit& into)
{
    constexpr std::size_t kPiece = 4096; // stays in the nearest cache for all planes
    static_assert(kRawBlock % kPiece == 0);
    const std::size_t first = m_plan.units[m_unit];
    const PlannedTensor& tensor = m_plan.tensors[static_cast<std::size_t>(m_plan.jobs[first].filtered)];
    const std::size_t planes = dtypeSize(m_plan.spec(tensor).dtype);
    const std::size_t count = m_plan.jobs[first].contentSize;
    std::array<Coder, 8> coders{};
    for (std::size_t plane = 0; plane < planes; ++plane)
        coders[plane] = coderOf(m_plan.jobs[first + plane], planes, tensor.filter);
    std::size_t stored = 0;
    while (stored < planes && coders[stored] == Coder::Raw)
        ++stored;
    m_content.resize(std::max(m_content.size(), m_block.size()));
    std::byte* const frames = into.end();
    const std::size_t frameSize = rawFrameSize(count);
    for (std::size_t at = 0; at < count; at += kPiece) {
        std::array<std::byte*, 8> to{};
        for (std::size_t plane = 0; plane < planes; ++plane)
            to[plane] = plane < stored ? rawContentAt(frames + plane * frameSize, at)
                                       : m_content.data() + plane * count + at;
        splitPlanes(m_block.subspan(at * planes, std::min(kPiece, count - at) * planes), planes,
                    tensor.filter, std::span<std::byte* const>(to).first(planes));
    }
    for (std::size_t plane = 0; plane < stored; ++plane)
        into.append(finishRaw(into.end(), count));
    for (std::size_t plane = stored; plane < planes; ++plane) {
        const auto content = std::span<const std::byte>(m_content).subspan(plane * count, count);
        WR_ASSIGN_OR_RETURN(const FrameInfo frame, m_encoder.encodeInto(content, coders[plane], into.end()));
        into.append(frame);
    }
    return {};
}

/// Frames of another file that hold all of the unit, of one tensor alone. The values were read all the same,
/// and with them what the file says of them was checked.
std::optional<std::vector<Frame>> UnitEncoder::storedFrames() const
{
    if (m_pieces.size() != 1)
        return {};
    const PlannedTensor& tensor = m_plan.tensors[m_pieces.front().tensor];
    if (tensor.isPacked || m_plan.source->storedFilter(tensor.source) != tensor.filter)
        return {};
    std::vector<Frame> frames;
    for (std::size_t i = m_plan.units[m_unit]; i < m_plan.unitEnd(m_unit); ++i) {
        const FrameJob& job = m_plan.jobs[i];
        std::optional<Frame> frame = m_plan.source->storedFrame(
            tensor.source, job.contentOffset - tensor.contentOffset, job.contentSize);
        if (!frame)
            return {};
        frames.push_back(std::move(*frame));
    }
    return frames;
}

void UnitEncoder::copyFrames(const std::vector<Frame>& stored, EncodedUnit& into)
{
    for (const Frame& frame : stored) {
        std::memcpy(into.end(), frame.bytes.data(), frame.bytes.size());
        into.append({static_cast<std::uint32_t>(frame.bytes.size()), frame.contentSize, frame.checksum});
    }
}

Status UnitEncoder::encodeStretch(EncodedUnit& into)
{
    const FrameJob& job = m_plan.jobs[m_plan.units[m_unit]];
    const Coder coder = m_plan.isStored ? Coder::Raw : chooseCoder(m_stretch, job.repeats);
    WR_ASSIGN_OR_RETURN(const FrameInfo frame, m_encoder.encodeInto(m_stretch, coder, into.end()));
    into.append(frame);
    return {};
}

void EncodedUnit::append(const FrameInfo& frame)
{
    frames.push_back(frame);
    hashes.push_back(XXH3_64bits(end(), frame.size));
    m_size += frame.size;
}

Status UnitEncoder::encode(EncodedUnit& into)
{
    into.frames.clear();
    into.hashes.clear();
    into.values.clear();
    into.m_size = 0;
    for (Piece& piece : m_pieces)
        describe(piece, into);
    std::size_t room = 0;
    for (std::size_t i = m_plan.units[m_unit]; i < m_plan.unitEnd(m_unit); ++i)
        room += frameBound(m_plan.jobs[i].contentSize);
    const std::optional<std::vector<Frame>> stored = storedFrames();
    if (stored) {
        room = 0;
        for (const Frame& frame : *stored)
            room += frame.bytes.size();
    }
    if (into.m_capacity < room) {
        into.m_buffer = std::make_unique_for_overwrite<std::byte[]>(room);
        into.m_capacity = room;
    }
    if (stored) {
        copyFrames(*stored, into);
        return {};
    }
    return m_plan.jobs[m_plan.units[m_unit]].filtered < 0 ? encodeStretch(into) : encodeBlock(into);
}

} // namespace wr::checkpoint
