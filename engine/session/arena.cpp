// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/arena.h"

#include "engine/tensor/tensor.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>

namespace wr::session {
namespace {

/// Largest first, each at the lowest offset that is free during its whole life. The tightest, and quadratic.
std::size_t layOutBySize(std::vector<ArenaBlock>& blocks)
{
    std::vector<std::size_t> order(blocks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return blocks[a].bytes > blocks[b].bytes; });
    std::size_t total = 0;
    std::vector<std::size_t> placed; // by offset
    for (const std::size_t index : order) {
        ArenaBlock& block = blocks[index];
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

/// In the order of time, each into the first gap that those which ended before it have left.
std::size_t layOutByTime(std::vector<ArenaBlock>& blocks)
{
    std::vector<std::size_t> order(blocks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return blocks[a].firstStep < blocks[b].firstStep; });
    const auto endsLater = [&](std::size_t a, std::size_t b) {
        return blocks[a].lastStep > blocks[b].lastStep;
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(endsLater)> living(endsLater);
    std::map<std::size_t, std::size_t> gaps; // bytes by offset; neighbours are joined
    std::size_t total = 0;
    const auto release = [&](const ArenaBlock& block) {
        auto gap = gaps.emplace(block.offset, block.bytes).first;
        if (const auto next = std::next(gap); next != gaps.end() && next->first == gap->first + gap->second) {
            gap->second += next->second;
            gaps.erase(next);
        }
        if (gap != gaps.begin()) {
            if (const auto before = std::prev(gap); before->first + before->second == gap->first) {
                before->second += gap->second;
                gaps.erase(gap);
            }
        }
    };
    for (const std::size_t index : order) {
        ArenaBlock& block = blocks[index];
        while (!living.empty() && blocks[living.top()].lastStep < block.firstStep) {
            release(blocks[living.top()]);
            living.pop();
        }
        if (block.bytes == 0)
            continue;
        living.push(index);
        auto gap = gaps.begin();
        while (gap != gaps.end() && gap->second < block.bytes && gap->first + gap->second != total)
            ++gap;
        block.offset = gap == gaps.end() ? total : gap->first; // the last gap may grow
        if (gap != gaps.end()) {
            if (gap->second > block.bytes)
                gaps.emplace(gap->first + block.bytes, gap->second - block.bytes);
            gaps.erase(gap);
        }
        total = std::max(total, block.offset + block.bytes);
    }
    return total;
}

} // namespace

std::size_t layOut(std::vector<ArenaBlock>& blocks)
{
    constexpr std::size_t kMostBySize = 2048;
    for (ArenaBlock& block : blocks)
        block.bytes = (block.bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    return blocks.size() <= kMostBySize ? layOutBySize(blocks) : layOutByTime(blocks);
}

} // namespace wr::session
