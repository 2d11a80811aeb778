// SPDX-License-Identifier: GPL-3.0-or-later
// How numbers, sizes and shapes are written for people. Pure functions; any thread.
#pragma once

#include "engine/tensor/shape.h"

#include <QString>

namespace wr::app {

QString shapeText(const Shape& shape);   ///< "784 × 200", "? × 784", "scalar"
QString bracketText(const Shape& shape); ///< "[784, 200]", "[]"
QString countText(qint64 count);         ///< "159,010"
/// "1 variable", "4 variables"
QString countOf(qint64 count, const QString& one, const QString& many);
QString byteText(qint64 bytes);       ///< "636.0 kB", "4.2 GB"; below 1000: "512 B"
QString valueText(double value);      ///< five significant digits: "0.35", "1.2e-07", "NaN", "∞"
QString durationText(double seconds); ///< "12 s", "3 min 05 s", "2 h 10 min"

} // namespace wr::app
