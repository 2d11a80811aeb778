// SPDX-License-Identifier: GPL-3.0-or-later
// How each digit is written: strokes as points in a unit square (x to the right, y down), joined by straight
// lines or by a smooth curve through them. Constant data; any thread.
#pragma once

#include <span>
#include <vector>

namespace wr::train {

struct StrokePoint {
    double x;
    double y;
};

struct Stroke {
    bool smooth;
    std::vector<StrokePoint> points;
};

using Handwriting = std::vector<Stroke>; ///< one way of writing one digit

/// The ways of writing `digit` (0 to 9); at least two of each.
std::span<const Handwriting> waysOfWriting(int digit);

} // namespace wr::train
