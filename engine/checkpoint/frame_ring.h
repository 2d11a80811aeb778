// SPDX-License-Identifier: GPL-3.0-or-later
// Encodes the units of a plan ahead of the writer, on threads of its own, in a ring of bounded length; hands
// them out in the order of the file, so that threads change no bit. next() belongs to one thread.
#pragma once

#include "engine/checkpoint/unit_encoder.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace wr::checkpoint {

class FrameRing {
public:
    /// With one thread everything is done by the caller of next().
    FrameRing(const SavePlan& plan, int threads);
    ~FrameRing();
    FrameRing(const FrameRing&) = delete;
    FrameRing& operator=(const FrameRing&) = delete;

    /// The next unit; call it once for each unit of the plan. What `unit` held before is used again.
    Status next(EncodedUnit& unit);

private:
    struct Place {
        bool isDone = false;
        Status status;
        EncodedUnit unit;
    };
    void work();
    /// Waits until the digests of all units before are done. False: the ring is at its end.
    bool waitForTurn(std::size_t unit);

    const SavePlan& m_plan;
    UnitEncoder m_own;
    ContentDigest m_digest; ///< whose turn it is may use it
    std::mutex m_mutex;
    std::condition_variable m_mayEncode;
    std::condition_variable m_mayDigest;
    std::condition_variable m_mayTake;
    std::vector<Place> m_places;
    std::size_t m_begun = 0;    ///< units that a worker took
    std::size_t m_digested = 0; ///< units whose digest is done
    std::size_t m_taken = 0;    ///< units handed out
    bool m_isEnding = false;
    std::vector<std::jthread> m_workers; ///< last: joined before the rest goes
};

} // namespace wr::checkpoint
