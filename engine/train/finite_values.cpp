// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/finite_values.h"

#include <algorithm>
#include <cmath>

namespace wr::train {

Status checkFinite(const Tensor& values, const std::string& name, const char* what)
{
    if (values.dtype() != DType::Float32 || values.elementCount() == 0)
        return {};
    const std::span<const float> all = values.values<float>();
    const auto isBad = [](float value) { return !std::isfinite(value); };
    const auto first = std::find_if(all.begin(), all.end(), isBad);
    if (first == all.end())
        return {};
    const std::int64_t each = values.elementCount() / values.shape().dim(0);
    const std::int64_t place = first - all.begin();
    std::string where = name + ": example " + std::to_string(place / each);
    if (each > 1)
        where += ", " + std::string(what) + " " + std::to_string(place % each);
    const std::int64_t more = std::count_if(first + 1, all.end(), isBad);
    return invalidArgument(
        where + ": " +
        (std::isnan(*first) ? std::string("NaN") : std::string("infinite, or too large for float32")) +
        (more > 0 ? ", and " + std::to_string(more) + " more such numbers" : std::string()) +
        "; no training can go on from there");
}

} // namespace wr::train
