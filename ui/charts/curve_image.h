// SPDX-License-Identifier: GPL-3.0-or-later
// The curves of a run as a picture for a report: loss above, metrics below, with axes and the final numbers.
// Painted without a window; needs a QGuiApplication for its fonts. Any thread that may use the history.
#pragma once

#include "app/models/metric_history.h"

#include <QImage>
#include <QSize>

namespace wr::ui {

QImage curveImage(const app::MetricHistory& history, const QString& title, const QSize& size = {1200, 700});

/// The same as an SVG document.
QByteArray curveDrawing(const app::MetricHistory& history, const QString& title,
                        const QSize& size = {1200, 700});

/// Writes the picture as PNG; false when the file cannot be written.
bool saveCurveImage(const app::MetricHistory& history, const QString& title, const QString& path);

} // namespace wr::ui
