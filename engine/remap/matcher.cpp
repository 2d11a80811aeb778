// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the steps, and the first of them: names that are the same, or were.
#include "engine/remap/match_state.h"
#include "engine/remap/slot_name.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace wr::remap {
namespace {

bool isReversed(const Shape& a, const Shape& b)
{
    return a != b && a.rank() == b.rank() && std::equal(a.dims().begin(), a.dims().end(), b.dims().rbegin());
}

/// Turning it round would not change its shape.
bool isSymmetric(const Shape& shape)
{
    return shape.rank() >= 2 && shape.elementCount().value_or(0) > 1 &&
           std::equal(shape.dims().begin(), shape.dims().end(), shape.dims().rbegin());
}

/// Whether the values are known to be the same, in the same order.
bool isProven(const MatchTensor& source, const MatchTensor& target)
{
    return source.digest && target.digest && *source.digest == *target.digest &&
           source.spec.dtype == target.spec.dtype;
}

/// The tensor that stands for a weight: itself, or its moving average where that is asked for.
std::size_t standIn(const MatchState& state, std::size_t source)
{
    if (!state.options().useAverages)
        return source;
    const std::string name = state.sources()[source].name;
    for (const std::string& suffix : slotSuffixes(SlotRole::Average)) {
        if (const std::ptrdiff_t average = state.findSource(name + suffix); average >= 0)
            return static_cast<std::size_t>(average);
    }
    return source;
}

void takeSame(MatchState& state, std::size_t target, std::size_t source, MatchReason reason, std::string why)
{
    const std::size_t own = state.isWeightTarget(target) ? standIn(state, source) : source;
    if (own != source)
        why += ", its moving average";
    MatchCandidate candidate = state.candidate(target, Recipe::copyOf(own, state.targets()[target].name),
                                               reason, 1.0, std::move(why));
    const bool isDoubtful = state.isTurned && isSymmetric(state.targets()[target].shape) &&
                            !isProven(state.source(own), state.target(target));
    if (!isDoubtful) {
        state.accept(target, std::move(candidate));
        return;
    }
    Recipe turned = Recipe::copyOf(own, state.targets()[target].name);
    turned.inputs.front().operations.push_back(transposed());
    constexpr double kLess = 0.99;
    const std::string question = "other matrices are turned round, and this one is square: transpose it too?";
    state.review(target, state.candidate(target, std::move(turned), reason, 1.0, "transposed as the others"),
                 question);
    candidate.score = kLess;
    state.review(target, std::move(candidate), question);
}

std::int64_t numberOf(const checkpoint::Metadata& metadata, const std::string& key)
{
    const auto found = metadata.find(key);
    std::int64_t value = 0;
    if (found != metadata.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

} // namespace

void matchNames(MatchState& state)
{
    for (std::size_t target = 0; target < state.targets().size(); ++target) {
        const std::ptrdiff_t source = state.findSource(state.targets()[target].name);
        if (source >= 0 && isReversed(state.sources()[static_cast<std::size_t>(source)].shape,
                                      state.targets()[target].shape))
            state.isTurned = true;
    }
    std::set<std::string_view> owned;
    for (const TensorSpec& target : state.targets())
        owned.insert(target.name);
    for (std::size_t target = 0; target < state.targets().size(); ++target) {
        if (const std::ptrdiff_t source = state.findSource(state.targets()[target].name); source >= 0) {
            takeSame(state, target, static_cast<std::size_t>(source), MatchReason::SameName, "same name");
            continue;
        }
        for (const std::string& alias : state.target(target).aliases) {
            const std::ptrdiff_t source = state.findSource(alias);
            if (source < 0 || owned.count(alias) > 0)
                continue;
            owned.insert(state.sources()[static_cast<std::size_t>(source)]
                             .name); // two targets do not share an old name
            takeSame(state, target, static_cast<std::size_t>(source), MatchReason::Alias,
                     "alias of " + state.targets()[target].name);
            break;
        }
    }
}

MatchResult matchTensors(std::span<const MatchTensor> sources, std::span<const MatchTensor> targets,
                         const MatchOptions& options)
{
    MatchState state(sources, targets, options);
    constexpr void (*kSteps[])(MatchState&) = {matchNames,       matchContent, matchPresets,
                                               matchConventions, matchSlots,   matchWords};
    std::uint64_t done = 0;
    for (const auto step : kSteps) {
        step(state);
        if (options.progress && !options.progress(++done, std::size(kSteps)))
            break;
    }
    return state.finish();
}

std::vector<MatchTensor> matchTensorsOf(const checkpoint::CheckpointReader& reader)
{
    std::vector<MatchTensor> tensors;
    for (const checkpoint::TensorEntry& entry : reader.tensors())
        tensors.push_back({entry.spec, entry.digest, entry.statistics});
    return tensors;
}

void addHints(MatchOptions& options, const checkpoint::Metadata& metadata)
{
    const auto architecture = metadata.find("general.architecture");
    if (architecture == metadata.end())
        return;
    if (options.architecture.empty())
        options.architecture = architecture->second;
    const std::int64_t heads = numberOf(metadata, architecture->second + ".attention.head_count");
    const std::int64_t keyHeads = numberOf(metadata, architecture->second + ".attention.head_count_kv");
    if (!options.heads.heads && heads > 0)
        options.heads.heads = heads;
    if (!options.heads.keyHeads && keyHeads > 0)
        options.heads.keyHeads = keyHeads;
}

} // namespace wr::remap
