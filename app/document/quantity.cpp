// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/quantity.h"

#include <QLocale>
#include <QStringList>
#include <cmath>

namespace wr::app {

QString shapeText(const Shape& shape)
{
    if (shape.rank() == 0)
        return QStringLiteral("scalar");
    QStringList parts;
    for (const std::int64_t dim : shape.dims())
        parts += dim < 0 ? QStringLiteral("?") : QString::number(dim);
    return parts.join(QStringLiteral(" × "));
}

QString bracketText(const Shape& shape)
{
    return QString::fromStdString(shape.toString());
}

QString countText(qint64 count)
{
    return QLocale(QLocale::English).toString(count);
}

QString countOf(qint64 count, const QString& one, const QString& many)
{
    return countText(count) + u' ' + (count == 1 ? one : many);
}

QString byteText(qint64 bytes)
{
    if (bytes < 1000)
        return QStringLiteral("%1 B").arg(bytes);
    static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB"};
    double amount = static_cast<double>(bytes) / 1000.0;
    std::size_t unit = 0;
    while (amount >= 999.95 && unit + 1 < std::size(kUnits)) {
        amount /= 1000.0;
        ++unit;
    }
    return QStringLiteral("%1 %2").arg(amount, 0, 'f', 1).arg(QLatin1String(kUnits[unit]));
}

QString valueText(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    return QString::number(value, 'g', 5);
}

QString durationText(double seconds)
{
    const auto whole = static_cast<qint64>(std::lround(std::max(0.0, seconds)));
    if (whole < 60)
        return QStringLiteral("%1 s").arg(whole);
    if (whole < 3600)
        return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
    return QStringLiteral("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60, 2, 10, QLatin1Char('0'));
}

} // namespace wr::app
