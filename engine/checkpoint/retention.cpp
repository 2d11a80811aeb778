// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/retention.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace wr::checkpoint {
namespace {

constexpr std::size_t kLeastWhole = 2;

/// As protocol buffers in text form write a string.
std::string quoted(const std::string& name)
{
    std::string text = "\"";
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            text += {'\\', c};
        else if (byte < 0x20 || byte == 0x7F)
            text += {'\\', static_cast<char>('0' + (byte >> 6U)),
                     static_cast<char>('0' + ((byte >> 3U) & 7U)), static_cast<char>('0' + (byte & 7U))};
        else
            text += c;
    }
    return text + "\"";
}

} // namespace

std::vector<Stay> retain(const RetentionPolicy& policy, std::span<const StoredCheckpoint> stored)
{
    std::vector<Stay> stays(stored.size(), Stay::No);
    std::vector<std::size_t> order(stored.size()); // oldest first
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const StoredCheckpoint& x = stored[a];
        const StoredCheckpoint& y = stored[b];
        return std::tie(x.savedAt, x.step, x.name) < std::tie(y.savedAt, y.step, y.name);
    });
    std::vector<std::size_t> managed;
    for (const std::size_t i : order) {
        if (!stored[i].isManaged)
            stays[i] = Stay::ByHand;
        else if (stored[i].isPinned)
            stays[i] = Stay::Pinned;
        else
            managed.push_back(i);
    }
    const auto keep = [&](std::size_t i, Stay reason) {
        if (stays[i] == Stay::No)
            stays[i] = reason;
    };
    const std::size_t last =
        policy.last <= 0 ? managed.size() : std::min(managed.size(), static_cast<std::size_t>(policy.last));
    for (std::size_t i = managed.size() - last; i < managed.size(); ++i)
        keep(managed[i], policy.last <= 0 ? Stay::All : Stay::Last);

    if (policy.best > 0) {
        std::vector<std::size_t> judged;
        for (const std::size_t i : managed) {
            if (stored[i].monitored && std::isfinite(*stored[i].monitored))
                judged.push_back(i);
        }
        // Of equals the older one is the best.
        std::stable_sort(judged.begin(), judged.end(), [&](std::size_t a, std::size_t b) {
            return policy.wantsLess ? *stored[a].monitored < *stored[b].monitored
                                    : *stored[a].monitored > *stored[b].monitored;
        });
        judged.resize(std::min(judged.size(), static_cast<std::size_t>(policy.best)));
        for (const std::size_t i : judged)
            keep(i, Stay::Best);
    }
    if (policy.everyHours > 0.0 && !managed.empty()) {
        constexpr double kSecondsPerHour = 3600.0;
        double next = static_cast<double>(stored[managed.front()].savedAt);
        for (const std::size_t i : managed) {
            if (static_cast<double>(stored[i].savedAt) < next)
                continue;
            keep(i, Stay::Hourly);
            next = static_cast<double>(stored[i].savedAt) + policy.everyHours * kSecondsPerHour;
        }
    }
    std::size_t whole = 0;
    for (std::size_t i = 0; i < stored.size(); ++i)
        whole += stays[i] != Stay::No && stored[i].isWhole ? 1U : 0U;
    for (auto i = managed.rbegin(); i != managed.rend() && whole < kLeastWhole; ++i) {
        if (stays[*i] == Stay::No && stored[*i].isWhole) {
            stays[*i] = Stay::Spare;
            ++whole;
        }
    }
    for (std::size_t i = 0; i < stored.size(); ++i) {
        if (stored[i].isReadable &&
            (stays[i] == Stay::No || stays[i] == Stay::Base || stored[i].baseUuid.empty()))
            continue;
        for (const std::size_t base : managed) {
            const bool isIts = stored[i].isReadable ? stored[base].uuid == stored[i].baseUuid
                                                    : stored[base].baseUuid.empty();
            if (isIts)
                keep(base, Stay::Base);
        }
    }
    return stays;
}

std::string stateFileText(std::span<const std::string> names)
{
    if (names.empty())
        return {};
    std::string text = "model_checkpoint_path: " + quoted(names.back()) + "\n";
    for (const std::string& name : names)
        text += "all_model_checkpoint_paths: " + quoted(name) + "\n";
    return text;
}

} // namespace wr::checkpoint
