// SPDX-License-Identifier: GPL-3.0-or-later
// Names of what an optimizer keeps beside a variable, and of moving averages: "w/Adam", "w/adam_m",
// "w/ExponentialMovingAverage". Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

enum class SlotRole : std::uint8_t {
    FirstMoment,
    SecondMoment,
    Momentum,
    Accumulator,
    MeanSquare,
    MeanGradient,
    Average
};

struct SlotName {
    std::string_view variable; ///< "w"
    std::string_view suffix;   ///< "/Adam"
    SlotRole role = SlotRole::FirstMoment;

    /// "/m" and "/v" end names of weights too.
    bool isDoubtful() const { return suffix.size() == 2; }
};

/// None when it is no slot's name.
std::optional<SlotName> slotNameOf(std::string_view name);
/// Suffixes that slots of this role have in other programs' files, the commonest first.
const std::vector<std::string>& slotSuffixes(SlotRole role);
/// Whether it counts steps or the like, and belongs to no variable: "global_step", "beta1_power".
bool isBookkeeping(std::string_view name);

} // namespace wr::remap
