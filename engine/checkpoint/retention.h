// SPDX-License-Identifier: GPL-3.0-or-later
// Which checkpoints of a folder stay. Pure: the rules and what is there go in, a reason for each comes out;
// nothing is remembered in between, so that the rules hold over restarts and catch up when they become
// stricter. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wr::checkpoint {

struct RetentionPolicy {
    std::int64_t last = 0;   ///< so many of the newest; 0: all
    double everyHours = 0.0; ///< besides, one for each so many hours, the oldest first; 0: none
    std::int64_t best = 0;   ///< besides, so many of the best by what was monitored
    bool wantsLess = true;   ///< of what was monitored

    friend bool operator==(const RetentionPolicy&, const RetentionPolicy&) = default;
};

struct StoredCheckpoint {
    std::string name;
    std::int64_t savedAt = 0; ///< seconds since 1970, UTC
    std::int64_t step = 0;
    std::optional<double> monitored;
    bool isManaged = false; ///< written by a rule; what somebody saved by hand is never in question
    bool isPinned = false;
    bool isWhole = true; ///< it can be opened
    /// Its bytes can be read, be they right or not. Of one that the disk does not give out just now one does
    /// not know what it is based on.
    bool isReadable = true;
    std::string uuid;     ///< empty: unknown
    std::string baseUuid; ///< of the file that this one is a difference to
};

enum class Stay : std::uint8_t {
    No,
    ByHand, ///< not written by a rule
    Pinned,
    All, ///< no rule removes any
    Last,
    Best,
    Hourly,
    Base,  ///< another one that stays is a difference to it, or may be
    Spare, ///< fewer than two whole files would be left
};

/// Parallel to `stored`, in any order.
std::vector<Stay> retain(const RetentionPolicy& policy, std::span<const StoredCheckpoint> stored);

/// The text of TensorFlow's state file "checkpoint": the newest of `names`, oldest first, and all of them.
/// Names are relative to its folder.
std::string stateFileText(std::span<const std::string> names);

} // namespace wr::checkpoint
