// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/frame_ring.h"

#include <algorithm>

namespace wr::checkpoint {

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
    m_mayDigest.notify_all();
}

bool FrameRing::waitForTurn(std::size_t unit)
{
    std::unique_lock lock(m_mutex);
    m_mayDigest.wait(lock, [&] { return m_isEnding || m_digested == unit; });
    return !m_isEnding;
}

void FrameRing::work()
{
    UnitEncoder encoder(m_plan);
    EncodedUnit encoded;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_mayEncode.wait(lock, [this] {
            return m_isEnding || m_begun == m_plan.units.size() || m_begun < m_taken + m_places.size();
        });
        if (m_isEnding || m_begun == m_plan.units.size())
            return;
        const std::size_t unit = m_begun++;
        lock.unlock();
        // Units are taken in order, so the turn of this one comes while the others encode theirs.
        Status status = encoder.load(unit);
        if (!waitForTurn(unit))
            return;
        if (status.isOk())
            encoder.digest(m_digest);
        lock.lock();
        ++m_digested;
        lock.unlock();
        m_mayDigest.notify_all();
        if (status.isOk())
            status = encoder.encode(encoded);
        lock.lock();
        Place& place = m_places[unit % m_places.size()];
        place.status = std::move(status);
        std::swap(place.unit, encoded);
        place.isDone = true;
        m_mayTake.notify_one();
    }
}

Status FrameRing::next(EncodedUnit& unit)
{
    if (m_workers.empty()) {
        WR_RETURN_IF_ERROR(m_own.load(m_taken++));
        m_own.digest(m_digest);
        return m_own.encode(unit);
    }
    std::unique_lock lock(m_mutex);
    Place& place = m_places[m_taken % m_places.size()];
    m_mayTake.wait(lock, [&place] { return place.isDone; });
    place.isDone = false;
    ++m_taken;
    std::swap(place.unit, unit);
    const Status status = std::move(place.status);
    lock.unlock();
    m_mayEncode.notify_all();
    return status;
}

} // namespace wr::checkpoint
