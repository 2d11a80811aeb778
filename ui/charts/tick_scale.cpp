// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/tick_scale.h"

#include <cmath>

namespace wr::ui {

double tickInterval(double span, int marks)
{
    if (!(span > 0.0) || !std::isfinite(span) || marks < 1)
        return 1.0;
    const double rough = span / marks;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double digit : {1.0, 2.0, 5.0}) {
        if (digit * power >= rough)
            return digit * power;
    }
    return 10.0 * power;
}

QString tickText(double value)
{
    constexpr double kThousand = 1e3;
    constexpr double kMillion = 1e6;
    if (std::abs(value) >= kMillion)
        return QString::number(value / kMillion, 'g', 4) + u'M';
    if (std::abs(value) >= 10 * kThousand)
        return QString::number(value / kThousand, 'g', 4) + u'k';
    return QString::number(std::abs(value) < 1e-12 ? 0.0 : value, 'g', 4);
}

} // namespace wr::ui
