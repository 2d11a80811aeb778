// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/slot_name.h"

#include <algorithm>
#include <iterator>

namespace wr::remap {
namespace {

struct Suffix {
    std::string_view text;
    SlotRole role;
};

constexpr Suffix kSuffixes[] = {
    {"/Adam", SlotRole::FirstMoment},
    {"/adam_m", SlotRole::FirstMoment},
    {"/AdamW", SlotRole::FirstMoment},
    {"/m", SlotRole::FirstMoment},
    {".exp_avg", SlotRole::FirstMoment},
    {"/Adam_1", SlotRole::SecondMoment},
    {"/adam_v", SlotRole::SecondMoment},
    {"/AdamW_1", SlotRole::SecondMoment},
    {"/v", SlotRole::SecondMoment},
    {".exp_avg_sq", SlotRole::SecondMoment},
    {"/Momentum", SlotRole::Momentum},
    {"/momentum", SlotRole::Momentum},
    {".momentum_buffer", SlotRole::Momentum},
    {"/Adagrad", SlotRole::Accumulator},
    {"/RMSProp", SlotRole::MeanSquare},
    {"/RMSProp_1", SlotRole::Momentum},
    {"/ExponentialMovingAverage", SlotRole::Average},
};

constexpr std::string_view kBookkeeping[] = {"global_step", "beta1_power", "beta2_power",
                                             "num_batches_tracked"};

std::string_view leafOf(std::string_view name)
{
    const std::size_t at = name.find_last_of("/.");
    return at == std::string_view::npos ? name : name.substr(at + 1);
}

} // namespace

std::optional<SlotName> slotNameOf(std::string_view name)
{
    if (name.ends_with(":0"))
        name.remove_suffix(2);
    for (const Suffix& suffix : kSuffixes) {
        if (name.size() > suffix.text.size() && name.ends_with(suffix.text))
            return SlotName{name.substr(0, name.size() - suffix.text.size()), suffix.text, suffix.role};
    }
    return {};
}

const std::vector<std::string>& slotSuffixes(SlotRole role)
{
    static const std::vector<std::vector<std::string>> all = [] {
        std::vector<std::vector<std::string>> made(static_cast<std::size_t>(SlotRole::Average) + 1);
        for (const Suffix& suffix : kSuffixes)
            made[static_cast<std::size_t>(suffix.role)].emplace_back(suffix.text);
        return made;
    }();
    return all[static_cast<std::size_t>(role)];
}

bool isBookkeeping(std::string_view name)
{
    const std::string_view leaf = leafOf(name);
    return std::any_of(std::begin(kBookkeeping), std::end(kBookkeeping),
                       [leaf](std::string_view known) { return leaf.starts_with(known); });
}

} // namespace wr::remap
