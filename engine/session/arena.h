// SPDX-License-Identifier: GPL-3.0-or-later
// Static memory of a plan: blocks with a size and the span of steps during which they live, laid out so that
// blocks that live at one time do not overlap. Greedy by size; by time where there are thousands. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace wr::session {

struct ArenaBlock {
    std::size_t bytes = 0;
    std::size_t firstStep = 0; ///< writes it
    std::size_t lastStep = 0;  ///< reads it last
    std::size_t offset = 0;    ///< set by layOut(), a multiple of 64
};

/// Sets the offsets; returns the bytes needed in all.
std::size_t layOut(std::vector<ArenaBlock>& blocks);

} // namespace wr::session
