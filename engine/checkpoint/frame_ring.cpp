// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/frame_ring.h"

#include "engine/checkpoint/subtraction.h"

#include <algorithm>
#include <cstring>

namespace wr::checkpoint {

/// A stretch of the content as it is: of the header, or of neighbouring tensors.
Status UnitEncoder::fillStretch(const FrameJob& job)
{
    std::byte* into = m_content.data();
    std::uint64_t at = job.contentOffset;
    const std::uint64_t end = at + job.contentSize;
    if (at < m_plan.header.size()) {
        std::memcpy(into, m_plan.header.data() + at, job.contentSize);
        return {};
    }
    auto tensor =
        std::partition_point(m_plan.tensors.begin(), m_plan.tensors.end(),
                             [at](const PlannedTensor& t) { return t.contentOffset + t.storedBytes <= at; });
    for (; at < end; ++tensor) {
        const std::uint64_t from = at - tensor->contentOffset;
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(tensor->storedBytes - from, end - at));
        if (size == 0)
            continue;
        WR_ASSIGN_OR_RETURN(const auto bytes, m_plan.source->bytes(tensor->source, from, size, m_source));
        std::memcpy(into, bytes.data(), size);
        into += size;
        at += size;
    }
    return {};
}

/// Sets m_block to the elements of which the unit holds the planes.
Status UnitEncoder::loadBlock(const FrameJob& job, const PlannedTensor& tensor)
{
    const DType dtype = m_plan.spec(tensor).dtype;
    const std::uint64_t at = job.firstElement * dtypeSize(dtype);
    const std::size_t size = job.contentSize * dtypeSize(dtype);
    WR_ASSIGN_OR_RETURN(m_block, m_plan.source->bytes(tensor.source, at, size, m_source));
    if (tensor.filter != Filter::Difference)
        return {};
    m_base.resize(size);
    m_distances.resize(size);
    WR_RETURN_IF_ERROR(m_plan.base->readPart(tensor.baseTensor, at, m_base));
    subtractBase(dtype, m_block, m_base, m_distances.data());
    m_block = m_distances;
    return {};
}

/// Cuts m_block into its planes, a piece at a time that stays in the nearest cache for all of them.
void UnitEncoder::splitBlock(std::size_t elementSize, Filter filter)
{
    constexpr std::size_t kPiece = 4096;
    const std::size_t count = m_block.size() / elementSize;
    m_content.resize(m_block.size());
    for (std::size_t first = 0; first < count; first += kPiece) {
        const std::size_t size = std::min(kPiece, count - first);
        const auto piece = m_block.subspan(first * elementSize, size * elementSize);
        for (std::size_t plane = 0; plane < elementSize; ++plane)
            splitPlane(piece, elementSize, filter, plane, m_content.data() + plane * count + first);
    }
}

/// Frames of another file that hold all of the unit, of one tensor alone.
std::optional<std::vector<Frame>> UnitEncoder::storedFrames(std::size_t unit) const
{
    std::vector<Frame> frames;
    for (std::size_t i = m_plan.units[unit]; i < m_plan.unitEnd(unit); ++i) {
        const FrameJob& job = m_plan.jobs[i];
        const auto tensor = std::partition_point(
            m_plan.tensors.begin(), m_plan.tensors.end(),
            [&job](const PlannedTensor& t) { return t.contentOffset + t.storedBytes <= job.contentOffset; });
        if (tensor == m_plan.tensors.end() || tensor->isPacked || tensor->contentOffset > job.contentOffset ||
            m_plan.source->storedFilter(tensor->source) != tensor->filter)
            return {};
        std::optional<Frame> frame = m_plan.source->storedFrame(
            tensor->source, job.contentOffset - tensor->contentOffset, job.contentSize);
        if (!frame)
            return {};
        frames.push_back(std::move(*frame));
    }
    return frames;
}

Result<std::vector<Frame>> UnitEncoder::encode(std::size_t unit)
{
    if (std::optional<std::vector<Frame>> stored = storedFrames(unit))
        return std::move(*stored);
    std::vector<Frame> frames;
    for (std::size_t i = m_plan.units[unit]; i < m_plan.unitEnd(unit); ++i) {
        const FrameJob& job = m_plan.jobs[i];
        if (job.filtered < 0) {
            m_content.resize(job.contentSize);
            WR_RETURN_IF_ERROR(fillStretch(job));
        } else if (job.plane == 0) {
            const PlannedTensor& tensor = m_plan.tensors[static_cast<std::size_t>(job.filtered)];
            WR_RETURN_IF_ERROR(loadBlock(job, tensor));
            splitBlock(dtypeSize(m_plan.spec(tensor).dtype), tensor.filter);
        }
        const auto content =
            std::span<const std::byte>(m_content).subspan(job.plane * job.contentSize, job.contentSize);
        WR_ASSIGN_OR_RETURN(
            Frame frame,
            m_encoder.encode(content, m_plan.isStored ? Coder::Raw : chooseCoder(content, job.repeats)));
        frames.push_back(std::move(frame));
    }
    return frames;
}

FrameRing::FrameRing(const SavePlan& plan, int threads) : m_plan(plan), m_own(plan)
{
    if (threads <= 1)
        return;
    constexpr std::size_t kMostPlaces = 32;
    const auto count = static_cast<std::size_t>(threads);
    m_places.resize(std::min(kMostPlaces, count * 4));
    for (std::size_t i = 0; i < std::min(count, plan.units.size()); ++i)
        m_workers.emplace_back([this] { work(); });
}

FrameRing::~FrameRing()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
    }
    m_mayEncode.notify_all();
}

void FrameRing::work()
{
    UnitEncoder encoder(m_plan);
    std::unique_lock lock(m_mutex);
    while (true) {
        m_mayEncode.wait(lock, [this] {
            return m_isEnding || m_begun == m_plan.units.size() || m_begun < m_taken + m_places.size();
        });
        if (m_isEnding || m_begun == m_plan.units.size())
            return;
        const std::size_t unit = m_begun++;
        lock.unlock();
        Result<std::vector<Frame>> frames = encoder.encode(unit);
        lock.lock();
        Place& place = m_places[unit % m_places.size()];
        place.frames = std::move(frames);
        place.isDone = true;
        m_mayTake.notify_one();
    }
}

Result<std::vector<Frame>> FrameRing::next()
{
    if (m_workers.empty())
        return m_own.encode(m_taken++);
    std::unique_lock lock(m_mutex);
    Place& place = m_places[m_taken % m_places.size()];
    m_mayTake.wait(lock, [&place] { return place.isDone; });
    place.isDone = false;
    ++m_taken;
    Result<std::vector<Frame>> frames = std::move(place.frames);
    lock.unlock();
    m_mayEncode.notify_all();
    return frames;
}

} // namespace wr::checkpoint
