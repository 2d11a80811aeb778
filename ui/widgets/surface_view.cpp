// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/surface_view.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

constexpr double kMargin = 28.0;

QColor inkOf(int label)
{
    const auto& inks = Theme::instance().colours().categories;
    return inks[static_cast<std::size_t>(std::max(label, 0)) % inks.size()];
}

QColor mixed(const QColor& base, const QColor& ink, double share)
{
    const auto part = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return {part(base.red(), ink.red()), part(base.green(), ink.green()), part(base.blue(), ink.blue())};
}

} // namespace

SurfaceView::SurfaceView(QWidget* parent) : QWidget(parent)
{
    setMinimumSize(200, 200);
    setAccessibleName(tr("Answers of the model over its features"));
    connect(&Theme::instance(), &Theme::changed, this, &SurfaceView::redraw);
}

void SurfaceView::show(const app::SurfaceReportPtr& report)
{
    m_report = report;
    redraw();
}

void SurfaceView::redraw()
{
    m_image = {};
    if (m_report && !m_report->isLine && !m_report->classes.isEmpty()) {
        m_image = QImage(m_report->columns, m_report->rows, QImage::Format_RGB32);
        const QColor base = Theme::instance().colours().base;
        for (int row = 0; row < m_report->rows; ++row) {
            for (int column = 0; column < m_report->columns; ++column) {
                const qsizetype cell = qsizetype{row} * m_report->columns + column;
                // Where the model is in doubt the colour fades.
                const double share = 0.12 + 0.5 * static_cast<double>(m_report->strength[cell]) - 0.1;
                m_image.setPixelColor(
                    column, m_report->rows - 1 - row,
                    mixed(base, inkOf(m_report->classes[cell]), std::clamp(share, 0.0, 0.6)));
            }
        }
    }
    update();
}

QRectF SurfaceView::area() const
{
    QRectF area = QRectF(rect()).adjusted(kMargin + 12, 8, -12, -kMargin);
    if (m_report && !m_report->isLine) {
        const double side = std::min(area.width(), area.height());
        area = QRectF(area.left() + (area.width() - side) / 2, area.top(), side, side);
    }
    return area;
}

void SurfaceView::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    const Colours& colours = Theme::instance().colours();
    if (!m_report)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    const QRectF area = this->area();
    const app::SurfaceReport& report = *m_report;
    const auto at = [&](double x, double y) {
        return QPointF(area.left() + (x - report.left) / (report.right - report.left) * area.width(),
                       area.bottom() - (y - report.bottom) / (report.top - report.bottom) * area.height());
    };
    if (!m_image.isNull())
        painter.drawImage(area, m_image);
    painter.setPen(QPen(colours.line, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(area);
    painter.setClipRect(area);
    for (const app::SurfaceReport::Point& point : report.points) {
        painter.setPen(QPen(colours.base, 1));
        QColor ink = report.isLine ? colours.muted : inkOf(point.label);
        if (report.isLine)
            ink.setAlphaF(0.5F);
        painter.setBrush(ink);
        painter.drawEllipse(at(static_cast<double>(point.x), static_cast<double>(point.y)), 3.2, 3.2);
    }
    if (report.isLine) {
        QPainterPath path;
        for (int i = 0; i < static_cast<int>(report.strength.size()); ++i) {
            const double x = report.left + (report.right - report.left) * (i + 0.5) / report.columns;
            const QPointF place = at(x, static_cast<double>(report.strength[i]));
            if (i == 0)
                path.moveTo(place);
            else
                path.lineTo(place);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colours.accent, 2));
        painter.drawPath(path);
    }
    painter.setClipping(false);
    painter.setPen(colours.muted);
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1.0));
    painter.setFont(small);
    const auto number = [](double value) { return QString::number(value, 'f', 1); };
    painter.drawText(QRectF(area.left(), area.bottom() + 4, 60, 18), Qt::AlignLeft, number(report.left));
    painter.drawText(QRectF(area.right() - 60, area.bottom() + 4, 60, 18), Qt::AlignRight,
                     number(report.right));
    painter.drawText(QRectF(area.left() - 44, area.top() - 4, 40, 18), Qt::AlignRight, number(report.top));
    painter.drawText(QRectF(area.left() - 44, area.bottom() - 14, 40, 18), Qt::AlignRight,
                     number(report.bottom));
}

} // namespace wr::ui
