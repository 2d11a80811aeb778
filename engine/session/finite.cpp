// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/finite.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

template <typename T>
double squares(const T* values, std::int64_t count)
{
    constexpr std::int64_t kLanes = 16;
    constexpr std::int64_t kBlock = 4096;
    double sum = 0.0;
    for (std::int64_t first = 0; first < count; first += kBlock) {
        const std::int64_t last = std::min(first + kBlock, count);
        T lanes[kLanes] = {};
        std::int64_t i = first;
        for (; i + kLanes <= last; i += kLanes) {
            for (std::int64_t lane = 0; lane < kLanes; ++lane)
                lanes[lane] += values[i + lane] * values[i + lane];
        }
        for (; i < last; ++i)
            lanes[0] += values[i] * values[i];
        for (const T lane : lanes)
            sum += static_cast<double>(lane);
    }
    return sum;
}

} // namespace

double sumOfSquares(const backend::TensorView& view)
{
    double sum = 0.0;
    if (view.dtype == DType::Float32)
        sum = squares(static_cast<const float*>(view.data), view.elements);
    else if (view.dtype == DType::Float64)
        sum = squares(static_cast<const double*>(view.data), view.elements);
    // Large finite values may square to Inf; only those that are none themselves are NaN here.
    if (!std::isfinite(sum) && !isFinite(view))
        return std::numeric_limits<double>::quiet_NaN();
    return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum;
}

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
