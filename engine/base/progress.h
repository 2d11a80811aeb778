// SPDX-License-Identifier: GPL-3.0-or-later
// How a long operation of the engine tells how far it is and learns that it should stop. Called on the thread
// that does the work, at chunk borders (every 100 ms or more often).
#pragma once

#include <cstdint>
#include <functional>

namespace wr {

/// Called with units done and in total (bytes unless stated otherwise); returns false to cancel, upon which
/// the operation undoes what it began and returns Cancelled. May be empty.
using Progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

} // namespace wr
