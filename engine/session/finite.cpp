// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/finite.h"

namespace wr::session {
namespace {

/// 0·x is 0 for every finite x and NaN otherwise, so the sum of products tells; it vectorises without a
/// branch.
template <typename T>
bool allFinite(const T* values, std::int64_t count)
{
    constexpr std::int64_t kLanes = 16;
    T lanes[kLanes] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] += values[i + lane] * T{0};
    }
    T sum = 0;
    for (; i < count; ++i)
        sum += values[i] * T{0};
    for (const T lane : lanes)
        sum += lane;
    return sum == T{0};
}

} // namespace

bool isFinite(const backend::TensorView& view)
{
    switch (view.dtype) {
    case DType::Float32:
        return allFinite(static_cast<const float*>(view.data), view.elements);
    case DType::Float64:
        return allFinite(static_cast<const double*>(view.data), view.elements);
    default:
        return true;
    }
}

} // namespace wr::session
