// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/suggestion.h"

#include <algorithm>
#include <cstddef>

namespace wr::graph {
namespace {

std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> twoAgo(b.size() + 1);
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        before[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({replaced, before[j] + 1, now[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], twoAgo[j - 2] + 1);
        }
        std::swap(twoAgo, before);
        std::swap(before, now);
    }
    return before[b.size()];
}

} // namespace

std::string nearestName(std::string_view word, const std::vector<std::string_view>& candidates)
{
    constexpr std::size_t kLongest = 80;
    if (word.size() > kLongest)
        return {};
    std::size_t least = word.size() / 3 + 1;
    std::string_view nearest;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = editDistance(word, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return std::string(nearest);
}

} // namespace wr::graph
