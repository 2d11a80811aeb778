// SPDX-License-Identifier: GPL-3.0-or-later
// What an optimizer keeps, and moving averages, go the way of their variable: through the same transposes,
// splits and joins.
#include "engine/remap/match_state.h"
#include "engine/remap/slot_name.h"

#include <algorithm>

namespace wr::remap {
namespace {

bool losesElements(const Recipe& recipe)
{
    const auto loses = [](const std::vector<Operation>& operations) {
        return std::any_of(operations.begin(), operations.end(), [](const Operation& operation) {
            return operation.kind == OperationKind::Pad || operation.kind == OperationKind::Scale;
        });
    };
    return loses(recipe.after) ||
           std::any_of(recipe.inputs.begin(), recipe.inputs.end(),
                       [&](const RecipeInput& input) { return loses(input.operations); });
}

/// The slot of that role of a source variable, or −1.
std::ptrdiff_t slotSource(const MatchState& state, const std::string& variable, const SlotName& wanted)
{
    std::string_view base = variable;
    if (base.ends_with(":0"))
        base.remove_suffix(2);
    const std::ptrdiff_t same = state.findSource(std::string(base) + std::string(wanted.suffix));
    if (same >= 0)
        return same;
    for (const std::string& suffix : slotSuffixes(wanted.role)) {
        for (const char* end : {"", ":0"}) {
            const std::ptrdiff_t found = state.findSource(std::string(base) + suffix + end);
            if (found >= 0)
                return found;
        }
    }
    return -1;
}

void follow(MatchState& state, std::size_t target, const SlotName& slot)
{
    std::ptrdiff_t variable = state.findTarget(slot.variable);
    if (variable < 0)
        variable = state.findTarget(std::string(slot.variable) + ":0");
    if (variable < 0 || !state.isAccepted(static_cast<std::size_t>(variable)))
        return;
    Recipe recipe = state.match(static_cast<std::size_t>(variable)).candidates.front().recipe;
    recipe.target = state.targets()[target].name;
    for (RecipeInput& input : recipe.inputs) {
        std::string_view base = state.sources()[input.source].name;
        if (const auto own = slotNameOf(base); own && own->role == SlotRole::Average)
            base = own->variable; // the weight came from its average
        const std::ptrdiff_t source = slotSource(state, std::string(base), slot);
        if (source < 0)
            return;
        input.source = static_cast<std::size_t>(source);
    }
    const std::string why = "follows " + std::string(slot.variable);
    if (losesElements(recipe)) {
        state.review(target, state.candidate(target, std::move(recipe), MatchReason::Slot, 0.5, why),
                     std::string(slot.variable) +
                         " is padded or scaled, which means nothing for this: initialise it?");
        return;
    }
    state.accept(target, state.candidate(target, std::move(recipe), MatchReason::Slot, 1.0, why));
}

} // namespace

void matchSlots(MatchState& state)
{
    for (std::size_t target = 0; target < state.targets().size(); ++target) {
        if (state.isAccepted(target) || state.isWeightTarget(target))
            continue;
        const std::string& name = state.targets()[target].name;
        std::optional<SlotName> slot = slotNameOf(name);
        const std::string& variable = state.target(target).slotOf;
        if (slot && !variable.empty() && name.starts_with(variable + "/"))
            slot->variable = variable;
        if (slot)
            follow(state, target, *slot);
    }
}

} // namespace wr::remap
