// SPDX-License-Identifier: GPL-3.0-or-later
// How far apart two numbers are, counted in numbers of their type. Pure functions, for tests.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdlib>

namespace wr {

inline std::int64_t ulps(float a, float b)
{
    const auto place = [](float value) {
        const auto bits = std::bit_cast<std::int32_t>(value);
        return bits < 0 ? std::int64_t{INT32_MIN} - bits : std::int64_t{bits};
    };
    return std::abs(place(a) - place(b));
}

inline std::int64_t ulps(double a, double b)
{
    const auto place = [](double value) {
        const auto bits = std::bit_cast<std::int64_t>(value);
        return bits < 0 ? INT64_MIN - bits : bits;
    };
    return std::abs(place(a) - place(b));
}

} // namespace wr
