// SPDX-License-Identifier: GPL-3.0-or-later
// Encodes the frames of a plan ahead of the writer, on threads of its own, in a ring of bounded length; hands
// them out in the order of the file, so that threads change no bit. next() belongs to one thread.
#pragma once

#include "engine/checkpoint/save_plan.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace wr::checkpoint {

/// Encodes one unit at a time; used by one thread.
class UnitEncoder {
public:
    explicit UnitEncoder(const SavePlan& plan) : m_plan(plan) {}
    /// The frames of a unit. Fails where the source or the base cannot be read.
    Result<std::vector<Frame>> encode(std::size_t unit);

private:
    std::optional<std::vector<Frame>> storedFrames(std::size_t unit) const;
    Status fillStretch(const FrameJob& job);
    Status loadBlock(const FrameJob& job, const PlannedTensor& tensor);
    void splitBlock(std::size_t elementSize, Filter filter);

    const SavePlan& m_plan;
    FrameEncoder m_encoder;
    std::vector<std::byte> m_content; ///< of one frame, or all planes of a block
    std::vector<std::byte> m_source;
    std::vector<std::byte> m_base;
    std::vector<std::byte> m_distances;
    std::span<const std::byte> m_block;
};

class FrameRing {
public:
    /// With one thread everything is done by the caller of next().
    FrameRing(const SavePlan& plan, int threads);
    ~FrameRing();
    FrameRing(const FrameRing&) = delete;
    FrameRing& operator=(const FrameRing&) = delete;

    /// Frames of the next unit; call it once for each unit of the plan.
    Result<std::vector<Frame>> next();

private:
    struct Place {
        bool isDone = false;
        Result<std::vector<Frame>> frames;
    };
    void work();

    const SavePlan& m_plan;
    UnitEncoder m_own;
    std::mutex m_mutex;
    std::condition_variable m_mayEncode;
    std::condition_variable m_mayTake;
    std::vector<Place> m_places;
    std::size_t m_begun = 0; ///< units that a worker took
    std::size_t m_taken = 0; ///< units handed out
    bool m_isEnding = false;
    std::vector<std::jthread> m_workers; ///< last: joined before the rest goes
};

} // namespace wr::checkpoint
