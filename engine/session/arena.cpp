// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/arena.h"

#include "engine/tensor/tensor.h"

#include <algorithm>
#include <numeric>

namespace wr::session {

std::size_t layOut(std::vector<ArenaBlock>& blocks)
{
    std::vector<std::size_t> order(blocks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return blocks[a].bytes > blocks[b].bytes; });
    std::size_t total = 0;
    std::vector<std::size_t> placed; // by offset
    for (const std::size_t index : order) {
        ArenaBlock& block = blocks[index];
        block.bytes = (block.bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
        std::size_t offset = 0;
        for (const std::size_t otherIndex : placed) {
            const ArenaBlock& other = blocks[otherIndex];
            const bool together = block.firstStep <= other.lastStep && other.firstStep <= block.lastStep;
            if (together && offset + block.bytes > other.offset)
                offset = std::max(offset, other.offset + other.bytes);
        }
        block.offset = offset;
        total = std::max(total, offset + block.bytes);
        placed.insert(std::upper_bound(
                          placed.begin(), placed.end(), index,
                          [&](std::size_t a, std::size_t b) { return blocks[a].offset < blocks[b].offset; }),
                      index);
    }
    return total;
}

} // namespace wr::session
