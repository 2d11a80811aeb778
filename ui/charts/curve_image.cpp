// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curve_image.h"

#include "app/document/quantity.h"
#include "app/run/run_words.h"
#include "ui/charts/curve.h"
#include "ui/charts/tick_scale.h"
#include "ui/theme/colours.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QPainter>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>
#include <limits>

namespace wr::ui {
namespace {

using Series = app::MetricHistory::Series;

QString words(const char* text)
{
    return QCoreApplication::translate("CurveImage", text);
}

struct Frame {
    QRectF area;
    double steps;
    double low;
    double high;
    QPointF at(const QPointF& point) const
    {
        return {area.left() + point.x() / steps * area.width(),
                area.bottom() - (point.y() - low) / (high - low) * area.height()};
    }
};

void drawAxes(QPainter& painter, const Frame& frame, bool hasStepLabels)
{
    const Colours& colours = lightColours();
    const auto eachMark = [](double low, double high, int marks, auto&& visit) {
        const double interval = tickInterval(high - low, marks);
        const double first = std::ceil(low / interval - 1e-9);
        for (int i = 0; i <= marks + 2; ++i) {
            const double value = (first + i) * interval;
            if (value <= high + interval * 1e-9)
                visit(value);
        }
    };
    eachMark(frame.low, frame.high, 5, [&](double value) {
        const double y = frame.at({0, value}).y();
        painter.setPen(QPen(colours.line, 1));
        painter.drawLine(QPointF(frame.area.left(), y), QPointF(frame.area.right(), y));
        painter.setPen(colours.muted);
        painter.drawText(QRectF(frame.area.left() - 72, y - 10, 64, 20), Qt::AlignRight | Qt::AlignVCenter,
                         tickText(value));
    });
    eachMark(0.0, frame.steps, 10, [&](double value) {
        const double x = frame.at({value, frame.low}).x();
        painter.setPen(QPen(colours.line, 1));
        painter.drawLine(QPointF(x, frame.area.bottom()), QPointF(x, frame.area.bottom() + 4));
        if (!hasStepLabels)
            return;
        painter.setPen(colours.muted);
        painter.drawText(QRectF(x - 40, frame.area.bottom() + 6, 80, 20), Qt::AlignCenter, tickText(value));
    });
}

void drawPlot(QPainter& painter, const app::MetricHistory& history, const QVector<Curve>& curves,
              const QString& title, const QRectF& area, bool hasStepLabels)
{
    const Colours& colours = lightColours();
    const double steps = std::max(1.0, static_cast<double>(history.lastStep()));
    QVector<QVector<QPointF>> all;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const Curve& curve : curves) {
        QVector<QPointF> points = history.reduced(curve.series, 0.0, steps, static_cast<int>(area.width()));
        for (QPointF& point : points) {
            if (curve.isPercent)
                point.setY(point.y() * 100.0);
            low = std::min(low, point.y());
            high = std::max(high, point.y());
        }
        all.append(points);
    }
    if (!(low <= high)) {
        low = 0.0;
        high = 1.0;
    }
    const double interval = tickInterval(high > low ? high - low : std::max(std::abs(high), 1e-6), 5);
    low = std::floor(low / interval) * interval;
    high = std::max(std::ceil(high / interval) * interval, low + interval);
    const Frame frame{area, steps, low, high};
    drawAxes(painter, frame, hasStepLabels);

    double x = area.left();
    const double y = area.top() - 12;
    QFont bold = painter.font();
    bold.setBold(true);
    const QFont plain = painter.font();
    painter.setFont(bold);
    painter.setPen(colours.text);
    painter.drawText(QPointF(x, y), title);
    x += painter.fontMetrics().horizontalAdvance(title) + 24;
    painter.setFont(plain);
    for (qsizetype i = 0; i < curves.size(); ++i) {
        const QColor ink = colours.categories[static_cast<std::size_t>(curves[i].colour)];
        painter.setPen(QPen(ink, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        // Single lines: a long antialiased polyline takes far longer.
        QVector<QLineF> lines;
        for (qsizetype k = 1; k < all[i].size(); ++k)
            lines.append(QLineF(frame.at(all[i][k - 1]), frame.at(all[i][k])));
        painter.drawLines(lines);
        if (all[i].size() == 1)
            painter.drawPoint(frame.at(all[i][0]));
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawEllipse(QPointF(x + 4, y - 5), 4, 4);
        painter.setBrush(Qt::NoBrush);
        const double last = history.last(curves[i].series);
        const QString number = std::isnan(last) ? QStringLiteral("–")
                               : curves[i].isPercent
                                   ? QString::number(last * 100.0, 'f', 2) + QStringLiteral(" %")
                                   : app::valueText(last);
        const QString label = curves[i].name + QStringLiteral("  ") + number;
        painter.setPen(colours.text);
        painter.drawText(QPointF(x + 14, y), label);
        x += painter.fontMetrics().horizontalAdvance(label) + 38;
    }
}

/// The loss, and below it each metric.
void drawCurves(QPainter& painter, const app::MetricHistory& history, const QString& title,
                const QSizeF& size)
{
    const Colours& colours = lightColours();
    painter.fillRect(QRectF(QPointF(), size), colours.base);
    painter.setRenderHint(QPainter::Antialiasing);
    QFont font = painter.font();
    font.setPixelSize(14);
    painter.setFont(font);
    QFont large = font;
    large.setPixelSize(20);
    large.setBold(true);
    painter.setFont(large);
    painter.setPen(colours.text);
    painter.drawText(QPointF(32, 40), title);
    painter.setFont(font);
    painter.setPen(colours.muted);
    painter.drawText(QRectF(32, 22, size.width() - 64, 24), Qt::AlignRight | Qt::AlignVCenter,
                     words("%1 steps").arg(app::countText(history.lastStep())));
    constexpr double kLeft = 88.0;
    constexpr double kRight = 32.0;
    constexpr double kTop = 96.0;
    constexpr double kBetween = 64.0;
    const auto plots = static_cast<int>(1 + history.metrics().size());
    const double width = size.width() - kLeft - kRight;
    const double height = (size.height() - kTop - kBetween - kBetween * (plots - 1)) / plots;
    const auto areaOf = [&](int plot) {
        return QRectF(kLeft, kTop + plot * (height + kBetween), width, height);
    };
    drawPlot(painter, history,
             {{Series::Loss, words("training"), 0, false, false},
              {Series::TestLoss, words("test"), 1, false, false}},
             words("Loss"), areaOf(0), plots == 1);
    for (int i = 0; i + 1 < plots; ++i) {
        const QString& name = history.metrics()[i];
        const bool isShare = app::isShare(name);
        QString heading = name;
        heading[0] = heading[0].toUpper();
        drawPlot(painter, history,
                 {{app::MetricHistory::metric(i), words("training"), 0, false, isShare},
                  {app::MetricHistory::testMetric(i), words("test"), 1, false, isShare}},
                 isShare ? heading + QStringLiteral(", %") : heading, areaOf(i + 1), i + 2 == plots);
    }
    painter.setPen(colours.muted);
    painter.drawText(QRectF(kLeft, size.height() - 36, width, 20), Qt::AlignCenter, words("step"));
}

/// Taller where more is to be shown than the loss and one metric.
QSize fitted(const QSize& size, const app::MetricHistory& history)
{
    const auto more = static_cast<int>(std::max<qsizetype>(0, history.metrics().size() - 1));
    return {size.width(), size.height() + more * size.height() / 2};
}

} // namespace

QImage curveImage(const app::MetricHistory& history, const QString& title, const QSize& size)
{
    QImage image(fitted(size, history), QImage::Format_RGB32);
    QPainter painter(&image);
    drawCurves(painter, history, title, image.size());
    return image;
}

QByteArray curveDrawing(const app::MetricHistory& history, const QString& title, const QSize& size)
{
    QBuffer buffer;
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(fitted(size, history));
    generator.setViewBox(QRect(QPoint(), fitted(size, history)));
    generator.setTitle(title);
    QPainter painter(&generator);
    drawCurves(painter, history, title, fitted(size, history));
    painter.end();
    return buffer.data();
}

bool saveCurveImage(const app::MetricHistory& history, const QString& title, const QString& path)
{
    return curveImage(history, title).save(path, "PNG");
}

} // namespace wr::ui
