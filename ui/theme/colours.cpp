// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/colours.h"

#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& colour)
{
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
           0.0722 * linear(colour.blueF());
}

} // namespace

const Colours& lightColours()
{
    static const Colours colours = [] {
        Colours c;
        c.window = QColor(0xF4F6F8);
        c.base = QColor(0xFFFFFF);
        c.hover = QColor(0xE8ECF1);
        c.line = QColor(0xD3D9E0);
        c.text = QColor(0x1A1F26);
        c.muted = QColor(0x55606C);
        c.accent = QColor(0x0B62A8);
        c.accentText = QColor(0xFFFFFF);
        c.selection = QColor(0xD3E5F6);
        c.currentLine = QColor(0xF1F5F9);
        c.good = QColor(0x14693A);
        c.warning = QColor(0x854D00);
        c.bad = QColor(0xB3261E);
        c.infoFill = QColor(0xE5F0FA);
        c.goodFill = QColor(0xE3F3E8);
        c.warningFill = QColor(0xFFF1D6);
        c.badFill = QColor(0xFCE8E6);
        c.syntaxWord = QColor(0x7B3A9C);
        c.syntaxCall = QColor(0x0B62A8);
        c.syntaxText = QColor(0x14693A);
        c.syntaxNumber = QColor(0x9A3B00);
        c.categories = {QColor(0x0072B2), QColor(0xD55E00), QColor(0x008A65),
                        QColor(0xB0568A), QColor(0xB37A00), QColor(0x2E86C1)};
        return c;
    }();
    return colours;
}

const Colours& darkColours()
{
    static const Colours colours = [] {
        Colours c;
        c.isDark = true;
        c.window = QColor(0x191C21);
        c.base = QColor(0x20242A);
        c.hover = QColor(0x2C323A);
        c.line = QColor(0x3B434D);
        c.text = QColor(0xE7EAEE);
        c.muted = QColor(0xA7B0BB);
        c.accent = QColor(0x6FB4F2);
        c.accentText = QColor(0x0C1620);
        c.selection = QColor(0x274A6B);
        c.currentLine = QColor(0x272C33);
        c.good = QColor(0x74D194);
        c.warning = QColor(0xF0B955);
        c.bad = QColor(0xFF9088);
        c.infoFill = QColor(0x1E3346);
        c.goodFill = QColor(0x1E3728);
        c.warningFill = QColor(0x3B301B);
        c.badFill = QColor(0x422725);
        c.syntaxWord = QColor(0xD0A2EA);
        c.syntaxCall = QColor(0x7FBDF5);
        c.syntaxText = QColor(0x86D6A0);
        c.syntaxNumber = QColor(0xF0A875);
        c.categories = {QColor(0x56B4E9), QColor(0xE69F00), QColor(0x2FC69A),
                        QColor(0xCC79A7), QColor(0xF0E442), QColor(0xE8743B)};
        return c;
    }();
    return colours;
}

double contrastRatio(const QColor& a, const QColor& b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace wr::ui
