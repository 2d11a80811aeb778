// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/slice_view.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

constexpr double kLargestScale = 64.0; // pixels an element
constexpr double kTextScale = 44.0;    // from here on the numbers stand in their cells

QRgb mix(const QColor& from, const QColor& to, double part)
{
    const auto channel = [part](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * part)); };
    return qRgb(channel(from.red(), to.red()), channel(from.green(), to.green()),
                channel(from.blue(), to.blue()));
}

} // namespace

SliceView::SliceView(QWidget* parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(120, 120);
    setAccessibleName(tr("Heat map"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void SliceView::setSlice(std::shared_ptr<const app::TensorSlice> slice)
{
    const bool isAlike =
        m_slice && slice && m_slice->rows() == slice->rows() && m_slice->columns() == slice->columns();
    m_slice = std::move(slice);
    if (!isAlike) { // else one looks at the same place of another slice
        m_row = m_column = -1;
        showAll();
    }
    update();
}

void SliceView::setRange(double low, double high)
{
    m_low = low;
    m_high = high;
    update();
}

double SliceView::leastScale() const
{
    if (!m_slice || m_slice->rows() == 0 || m_slice->columns() == 0)
        return 1.0;
    const double fits = std::min(static_cast<double>(width()) / static_cast<double>(m_slice->columns()),
                                 static_cast<double>(height()) / static_cast<double>(m_slice->rows()));
    return std::min(fits, kLargestScale);
}

void SliceView::showAll()
{
    m_scale = leastScale();
    if (m_slice)
        m_origin = {(width() - static_cast<double>(m_slice->columns()) * m_scale) / 2,
                    (height() - static_cast<double>(m_slice->rows()) * m_scale) / 2};
    update();
}

/// No empty stretch on one side while there is more on the other.
void SliceView::keepInside()
{
    if (!m_slice)
        return;
    const auto clampAxis = [](double origin, double size, double room) {
        return size <= room ? (room - size) / 2 : std::clamp(origin, room - size, 0.0);
    };
    m_origin.setX(clampAxis(m_origin.x(), static_cast<double>(m_slice->columns()) * m_scale, width()));
    m_origin.setY(clampAxis(m_origin.y(), static_cast<double>(m_slice->rows()) * m_scale, height()));
    update();
}

void SliceView::zoomBy(double factor, const QPointF& about)
{
    const double before = m_scale;
    const double least = leastScale();
    m_scale = std::clamp(m_scale * factor, least, std::max(least, kLargestScale));
    m_origin = about + (m_origin - about) * (m_scale / before);
    keepInside();
}

QRectF SliceView::cellRect(qint64 row, qint64 column) const
{
    return {m_origin.x() + static_cast<double>(column) * m_scale,
            m_origin.y() + static_cast<double>(row) * m_scale, m_scale, m_scale};
}

void SliceView::pick(qint64 row, qint64 column)
{
    if (!m_slice || m_slice->rows() == 0 || m_slice->columns() == 0)
        return;
    m_row = std::clamp<qint64>(row, 0, m_slice->rows() - 1);
    m_column = std::clamp<qint64>(column, 0, m_slice->columns() - 1);
    const QRectF cell = cellRect(m_row, m_column);
    // It comes into sight with a little of what is around it.
    const double margin = std::min(3 * m_scale, std::min(width(), height()) / 3.0);
    const QRectF sight = QRectF(rect()).adjusted(margin, margin, -margin, -margin);
    if (cell.left() < sight.left())
        m_origin.rx() += sight.left() - cell.left();
    if (cell.right() > sight.right())
        m_origin.rx() -= cell.right() - sight.right();
    if (cell.top() < sight.top())
        m_origin.ry() += sight.top() - cell.top();
    if (cell.bottom() > sight.bottom())
        m_origin.ry() -= cell.bottom() - sight.bottom();
    keepInside();
    emit picked(m_row, m_column);
}

QRgb SliceView::colourOf(float value) const
{
    const Colours& colours = Theme::instance().colours();
    if (std::isnan(value))
        return QColor(0xF0E442).rgb();
    if (std::isinf(value))
        return QColor(0x2EBD6B).rgb();
    const auto wide = static_cast<double>(value);
    if (wide == 0.0)
        return mix(colours.base, colours.muted, 0.25);
    const QColor low = colours.isDark ? QColor(0x5AB0FF) : QColor(0x0B4F9C);
    const QColor high = colours.isDark ? QColor(0xFF7A5C) : QColor(0xB3261E);
    // The middle is zero where the range holds it.
    const double middle = std::clamp(0.0, std::min(m_low, m_high), std::max(m_low, m_high));
    if (wide < middle)
        return mix(colours.base, low,
                   m_low < middle ? std::clamp((middle - wide) / (middle - m_low), 0.0, 1.0) : 1.0);
    return mix(colours.base, high,
               m_high > middle ? std::clamp((wide - middle) / (m_high - middle), 0.0, 1.0) : 1.0);
}

const app::SliceLevel& SliceView::levelFor(double pixelsPerElement, int& step) const
{
    step = 1;
    qsizetype level = 0;
    while (pixelsPerElement * step < 0.75 && level + 1 < m_slice->levels().size()) {
        step *= 2;
        ++level;
    }
    return m_slice->levels()[level];
}

QImage SliceView::picture() const
{
    if (!m_slice || m_slice->rows() == 0 || m_slice->columns() == 0)
        return {};
    constexpr qint64 kLargest = 4096;
    qsizetype at = 0;
    while (at + 1 < m_slice->levels().size() &&
           std::max(m_slice->levels()[at].rows, m_slice->levels()[at].columns) > kLargest)
        ++at;
    const app::SliceLevel& level = m_slice->levels()[at];
    QImage image(static_cast<int>(level.columns), static_cast<int>(level.rows), QImage::Format_RGB32);
    for (int row = 0; row < image.height(); ++row) {
        auto* const line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < image.width(); ++column)
            line[column] = colourOf(level.cells[row * level.columns + column]);
    }
    return image;
}

void SliceView::paintEvent(QPaintEvent* /*event*/)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    painter.fillRect(rect(), colours.window);
    if (!m_slice || m_slice->rows() == 0 || m_slice->columns() == 0) {
        painter.setPen(colours.muted);
        painter.drawText(rect(), Qt::AlignCenter, m_slice ? tr("This slice has no elements") : QString());
        return;
    }
    int step = 1;
    const app::SliceLevel& level = levelFor(m_scale, step);
    const double cell = m_scale * step;
    const auto visible = [&](double origin, int room, qint64 count) {
        const auto first = static_cast<qint64>(std::floor(-origin / cell));
        const auto last = static_cast<qint64>(std::ceil((room - origin) / cell));
        return std::pair(std::clamp<qint64>(first, 0, count), std::clamp<qint64>(last, 0, count));
    };
    const auto [top, bottom] = visible(m_origin.y(), height(), level.rows);
    const auto [left, right] = visible(m_origin.x(), width(), level.columns);
    if (top >= bottom || left >= right)
        return;
    QImage image(static_cast<int>(right - left), static_cast<int>(bottom - top), QImage::Format_RGB32);
    for (qint64 row = top; row < bottom; ++row) {
        auto* const line = reinterpret_cast<QRgb*>(image.scanLine(static_cast<int>(row - top)));
        const float* const from = level.cells.constData() + row * level.columns;
        for (qint64 column = left; column < right; ++column)
            line[column - left] = colourOf(from[column]);
    }
    const QRectF target(m_origin.x() + static_cast<double>(left) * cell,
                        m_origin.y() + static_cast<double>(top) * cell,
                        static_cast<double>(right - left) * cell, static_cast<double>(bottom - top) * cell);
    painter.drawImage(target, image);

    // Patterns beside the colours, once a cell is large enough for them.
    constexpr double kPatternScale = 8.0;
    if (step == 1 && m_scale >= kPatternScale) {
        for (qint64 row = top; row < bottom; ++row) {
            for (qint64 column = left; column < right; ++column) {
                const float value = level.cells[row * level.columns + column];
                const QRectF box = cellRect(row, column);
                const bool isBeyond = std::isfinite(value) && (static_cast<double>(value) < m_low ||
                                                               static_cast<double>(value) > m_high);
                painter.setPen(QPen(colours.text, 1.0));
                if (std::isnan(value)) {
                    painter.drawLine(box.topLeft(), box.bottomRight());
                    painter.drawLine(box.topRight(), box.bottomLeft());
                } else if (std::isinf(value)) {
                    painter.drawLine(box.bottomLeft(), box.topRight());
                } else if (isBeyond) {
                    painter.drawLine(box.topLeft() + QPointF(0, 3), box.topLeft() + QPointF(3, 0));
                }
                if (m_scale >= kTextScale) {
                    QFont small = font();
                    small.setPointSizeF(std::max(6.0, small.pointSizeF() - 2.0));
                    painter.setFont(small);
                    const QColor behind(colourOf(value));
                    painter.setPen(contrastRatio(behind, Qt::white) > contrastRatio(behind, Qt::black)
                                       ? Qt::white
                                       : Qt::black);
                    painter.drawText(box, Qt::AlignCenter,
                                     QString::number(m_slice->value(row, column), 'g', 3));
                }
            }
        }
    }
    painter.setPen(colours.line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(target.adjusted(0, 0, -1, -1));
    if (m_row >= 0) {
        QRectF box = cellRect(m_row, m_column);
        const double grown = std::max(0.0, 9.0 - m_scale) / 2; // small cells get a frame around them
        box.adjust(-grown, -grown, grown, grown);
        painter.setPen(QPen(colours.base, 4.0));
        painter.drawRect(box);
        painter.setPen(QPen(colours.text, 2.0));
        painter.drawRect(box);
    }
}

void SliceView::wheelEvent(QWheelEvent* event)
{
    constexpr double kNotch = 120.0;
    constexpr double kPerNotch = 1.25;
    zoomBy(std::pow(kPerNotch, event->angleDelta().y() / kNotch), event->position());
    event->accept();
}

void SliceView::mousePressEvent(QMouseEvent* event)
{
    m_pressed = event->position();
    m_pressedOrigin = m_origin;
    m_isDragging = false;
}

void SliceView::mouseMoveEvent(QMouseEvent* event)
{
    constexpr double kDrag = 4.0;
    const QPointF way = event->position() - m_pressed;
    if ((event->buttons() & Qt::LeftButton) == 0 || (!m_isDragging && std::hypot(way.x(), way.y()) < kDrag))
        return;
    m_isDragging = true;
    setCursor(Qt::ClosedHandCursor);
    m_origin = m_pressedOrigin + way;
    keepInside();
}

void SliceView::mouseReleaseEvent(QMouseEvent* event)
{
    unsetCursor();
    if (m_isDragging || event->button() != Qt::LeftButton || !m_slice)
        return;
    const QPointF place = (event->position() - m_origin) / m_scale;
    if (place.x() >= 0 && place.y() >= 0 && place.x() < static_cast<double>(m_slice->columns()) &&
        place.y() < static_cast<double>(m_slice->rows()))
        pick(static_cast<qint64>(place.y()), static_cast<qint64>(place.x()));
}

void SliceView::mouseDoubleClickEvent(QMouseEvent* /*event*/)
{
    showAll();
}

void SliceView::keyPressEvent(QKeyEvent* event)
{
    const QPointF middle = QRectF(rect()).center();
    const qint64 row = std::max<qint64>(m_row, 0);
    const qint64 column = std::max<qint64>(m_column, 0);
    switch (event->key()) {
    case Qt::Key_Left:
        pick(row, column - 1);
        return;
    case Qt::Key_Right:
        pick(row, column + 1);
        return;
    case Qt::Key_Up:
        pick(row - 1, column);
        return;
    case Qt::Key_Down:
        pick(row + 1, column);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(1.5, m_row >= 0 ? cellRect(m_row, m_column).center() : middle);
        return;
    case Qt::Key_Minus:
        zoomBy(1 / 1.5, m_row >= 0 ? cellRect(m_row, m_column).center() : middle);
        return;
    case Qt::Key_Home:
        showAll();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void SliceView::resizeEvent(QResizeEvent* /*event*/)
{
    const double least = leastScale();
    if (m_scale < least)
        m_scale = least;
    keepInside();
}

} // namespace wr::ui
