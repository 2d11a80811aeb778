// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/heat_map_view.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

QRgb mix(const QColor& from, const QColor& to, double part)
{
    const auto channel = [part](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * part)); };
    return qRgb(channel(from.red(), to.red()), channel(from.green(), to.green()),
                channel(from.blue(), to.blue()));
}

} // namespace

HeatMapView::HeatMapView(QWidget* parent) : QWidget(parent)
{
    setMinimumHeight(140);
    connect(&Theme::instance(), &Theme::changed, this, &HeatMapView::redraw);
}

void HeatMapView::setCells(const QVector<double>& cells, int rows, int columns)
{
    const bool fits = rows > 0 && columns > 0 && cells.size() >= static_cast<qsizetype>(rows) * columns;
    m_cells = fits ? cells : QVector<double>();
    m_rows = fits ? rows : 0;
    m_columns = fits ? columns : 0;
    m_range = 0.0;
    m_nonFinite = 0;
    for (const double value : std::as_const(m_cells)) {
        if (std::isfinite(value))
            m_range = std::max(m_range, std::abs(value));
        else
            ++m_nonFinite;
    }
    redraw();
}

void HeatMapView::redraw()
{
    const Colours& colours = Theme::instance().colours();
    const QColor low = colours.isDark ? QColor(0x5AB0FF) : QColor(0x0B4F9C);
    const QColor high = colours.isDark ? QColor(0xFF7A5C) : QColor(0xB3261E);
    const QColor broken(0xF0E442);
    m_image = QImage();
    if (m_rows > 0) {
        m_image = QImage(m_columns, m_rows, QImage::Format_RGB32);
        for (int row = 0; row < m_rows; ++row) {
            for (int column = 0; column < m_columns; ++column) {
                const double value = m_cells[static_cast<qsizetype>(row) * m_columns + column];
                if (!std::isfinite(value)) {
                    m_image.setPixel(column, row, broken.rgb());
                    continue;
                }
                const double part = m_range > 0 ? std::abs(value) / m_range : 0.0;
                m_image.setPixel(column, row, mix(colours.base, value < 0 ? low : high, part));
            }
        }
    }
    setAccessibleName(tr("Heat map of %1 rows and %2 columns").arg(m_rows).arg(m_columns));
    update();
}

QRect HeatMapView::imageArea() const
{
    const QRect all = rect().adjusted(0, 0, 0, -fontMetrics().height() - 6);
    if (m_image.isNull())
        return {};
    // Long rows are stretched in height, so that a vector is more than a hair line.
    const int wide = all.width();
    const double natural = static_cast<double>(wide) * m_rows / m_columns;
    const int tall =
        std::clamp(static_cast<int>(natural), std::min(24, all.height()), std::max(24, all.height()));
    const int narrow =
        natural > all.height()
            ? std::max(24, static_cast<int>(static_cast<double>(all.height()) * m_columns / m_rows))
            : wide;
    return {all.left(), all.top(), std::min(narrow, wide), tall};
}

void HeatMapView::paintEvent(QPaintEvent* /*event*/)
{
    if (m_image.isNull())
        return;
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    const QRect area = imageArea();
    painter.drawImage(area, m_image);
    painter.setPen(colours.line);
    painter.drawRect(area.adjusted(0, 0, -1, -1));
    QString legend = tr("−%1 blue · 0 · %1 red").arg(app::valueText(m_range));
    if (m_nonFinite > 0)
        legend += tr(" · %1 NaN or Inf yellow").arg(app::countText(m_nonFinite));
    painter.setPen(m_nonFinite > 0 ? colours.bad : colours.muted);
    painter.drawText(QRect(0, area.bottom() + 4, width(), fontMetrics().height()), Qt::AlignLeft, legend);
}

bool HeatMapView::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QRect area = imageArea();
    if (!area.contains(help->pos())) {
        QToolTip::hideText();
        return true;
    }
    const int column = std::min(m_columns - 1, (help->pos().x() - area.left()) * m_columns / area.width());
    const int row = std::min(m_rows - 1, (help->pos().y() - area.top()) * m_rows / area.height());
    const double value = m_cells[static_cast<qsizetype>(row) * m_columns + column];
    QToolTip::showText(help->globalPos(),
                       tr("row %1, column %2: %3").arg(row).arg(column).arg(app::valueText(value)), this);
    return true;
}

} // namespace wr::ui
