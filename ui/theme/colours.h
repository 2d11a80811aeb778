// SPDX-License-Identifier: GPL-3.0-or-later
// The colour table of each appearance: the only place where colours are written. Text colours keep a contrast
// of at least 4.5:1 on every surface they are used on, curves 3:1. Values; any thread.
#pragma once

#include <QColor>
#include <array>

namespace wr::ui {

struct Colours {
    bool isDark = false;
    QColor window;     ///< behind everything
    QColor base;       ///< behind text and tables
    QColor hover;      ///< under the pointer
    QColor line;       ///< borders and grid
    QColor text;       ///< on window, base, hover, selection and all fills
    QColor muted;      ///< secondary text on window and base
    QColor accent;     ///< links, focus, the primary button
    QColor accentText; ///< on accent
    QColor selection;
    QColor currentLine;
    QColor good;
    QColor warning;
    QColor bad;
    QColor infoFill;
    QColor goodFill;
    QColor warningFill;
    QColor badFill;
    QColor syntaxWord;
    QColor syntaxCall;
    QColor syntaxText;
    QColor syntaxNumber;
    std::array<QColor, 6> categories; ///< of Okabe and Ito, ordered by contrast on base
};

const Colours& lightColours();
const Colours& darkColours();

/// (L1 + 0.05) / (L2 + 0.05) of WCAG 2.1, from 1 to 21.
double contrastRatio(const QColor& a, const QColor& b);

} // namespace wr::ui
