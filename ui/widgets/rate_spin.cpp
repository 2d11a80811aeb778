// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/rate_spin.h"

#include <cmath>

namespace wr::ui {
namespace {

constexpr double kSmallest = 1e-8;
constexpr double kGreatest = 100.0;

/// The next of …, 0.01, 0.02, 0.05, 0.1, … above or below.
double neighbour(double value, bool isUp)
{
    double best = isUp ? kGreatest : kSmallest;
    const int power = static_cast<int>(std::floor(std::log10(std::max(value, kSmallest))));
    for (int p = power - 1; p <= power + 1; ++p) {
        for (const double digit : {1.0, 2.0, 5.0}) {
            const double candidate = digit * std::pow(10.0, p);
            constexpr double kApart = 1e-6;
            if (isUp && candidate > value * (1 + kApart))
                best = std::min(best, candidate);
            if (!isUp && candidate < value * (1 - kApart))
                best = std::max(best, candidate);
        }
    }
    return best;
}

} // namespace

RateSpin::RateSpin(QWidget* parent) : QDoubleSpinBox(parent)
{
    constexpr int kDecimals = 12;
    setDecimals(kDecimals);
    setRange(0.0, kGreatest);
    setKeyboardTracking(false);
    setAccessibleName(tr("Learning rate"));
    setSource({});
}

void RateSpin::setSource(const QString& source)
{
    setToolTip(
        source.isEmpty()
            ? tr("Learning rate. Arrow keys go through 0.1, 0.2, 0.5, 1; takes effect at the next step.")
            : tr("The script computes the learning rate, on %1; change it there.").arg(source));
}

void RateSpin::stepBy(int steps)
{
    double next = value();
    for (int i = 0; i < std::abs(steps); ++i)
        next = neighbour(next, steps > 0);
    setValue(next);
    selectAll();
}

QString RateSpin::textFromValue(double value) const
{
    return QString::number(value, 'g', 6);
}

double RateSpin::valueFromText(const QString& text) const
{
    return text.trimmed().toDouble();
}

QValidator::State RateSpin::validate(QString& text, int& /*position*/) const
{
    bool ok = false;
    const double value = text.trimmed().toDouble(&ok);
    if (ok && value >= 0.0 && value <= kGreatest)
        return QValidator::Acceptable;
    for (const QChar c : text) {
        if (!c.isDigit() && !QStringLiteral(".eE+- ").contains(c))
            return QValidator::Invalid;
    }
    return QValidator::Intermediate;
}

} // namespace wr::ui
