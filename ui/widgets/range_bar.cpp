// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/range_bar.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

constexpr double kMargin = 10.0;

} // namespace

RangeBar::RangeBar(QWidget* parent) : QWidget(parent)
{
    setMinimumHeight(56);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Range of the colours"));
    setToolTip(tr("Drag the two ends of the range that the colours stand for"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void RangeBar::setSlice(std::shared_ptr<const app::TensorSlice> slice)
{
    m_slice = std::move(slice);
    update();
}

void RangeBar::setRange(double low, double high)
{
    m_low = low;
    m_high = high;
    update();
}

void RangeBar::setLogCounts(bool isLog)
{
    m_isLog = isLog;
    update();
}

QRectF RangeBar::field() const
{
    return QRectF(rect()).adjusted(kMargin, 4, -kMargin, -fontMetrics().height() - 6.0);
}

double RangeBar::from() const
{
    return m_slice ? std::min(m_slice->low(), m_low) : m_low;
}

double RangeBar::to() const
{
    const double end = m_slice ? std::max(m_slice->high(), m_high) : m_high;
    return end > from() ? end : from() + 1.0;
}

void RangeBar::setSymlog(bool isSymlog)
{
    m_isSymlog = isSymlog;
    update();
}

double RangeBar::stretched(double value) const
{
    return m_isSymlog && m_slice ? m_slice->symlog(value) : value;
}

double RangeBar::placeOf(double value) const
{
    const double first = stretched(from());
    return field().left() + field().width() * (stretched(value) - first) / (stretched(to()) - first);
}

double RangeBar::valueAt(double x) const
{
    const double first = stretched(from());
    const double share = std::clamp((x - field().left()) / field().width(), 0.0, 1.0);
    const double place = first + (stretched(to()) - first) * share;
    return m_isSymlog && m_slice ? m_slice->fromSymlog(place) : place;
}

void RangeBar::paintEvent(QPaintEvent* /*event*/)
{
    if (!m_slice)
        return;
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    const QRectF inside = field();
    painter.fillRect(inside, colours.base);
    const auto& bins = m_isSymlog ? m_slice->symlogHistogram() : m_slice->histogram();
    const auto tall = [this](double count) { return m_isLog ? std::log1p(count) : count; };
    const double most = bins.isEmpty() ? 0.0 : tall(*std::max_element(bins.begin(), bins.end()));
    const double first = placeOf(m_slice->low());
    const double width =
        (placeOf(m_slice->high()) - first) / static_cast<double>(std::max<qsizetype>(1, bins.size()));
    for (qsizetype i = 0; i < bins.size() && most > 0.0; ++i) {
        const double left = first + width * static_cast<double>(i);
        const double right = std::max(left + 1.0, first + width * static_cast<double>(i + 1));
        const double height = bins[i] > 0.0 ? std::max(1.0, tall(bins[i]) / most * inside.height()) : 0.0;
        painter.fillRect(QRectF(left, inside.bottom() - height, right - left, height), colours.accent);
    }
    // What lies outside the range is dimmed.
    QColor veil = colours.window;
    veil.setAlphaF(0.7F);
    painter.fillRect(QRectF(inside.left(), inside.top(), placeOf(m_low) - inside.left(), inside.height()),
                     veil);
    painter.fillRect(QRectF(placeOf(m_high), inside.top(), inside.right() - placeOf(m_high), inside.height()),
                     veil);
    painter.setPen(colours.line);
    painter.drawRect(inside);
    if (from() < 0.0 && to() > 0.0) {
        painter.setPen(QPen(colours.muted, 1.0, Qt::DotLine));
        painter.drawLine(QPointF(placeOf(0.0), inside.top()), QPointF(placeOf(0.0), inside.bottom()));
    }
    painter.setRenderHint(QPainter::Antialiasing);
    for (const double value : {m_low, m_high}) {
        const double x = placeOf(value);
        painter.setPen(QPen(colours.text, hasFocus() ? 2.5 : 1.5));
        painter.drawLine(QPointF(x, inside.top() - 2), QPointF(x, inside.bottom() + 2));
        painter.setBrush(colours.text);
        painter.drawEllipse(QPointF(x, inside.center().y()), 3.5, 3.5);
    }
    painter.setPen(colours.muted);
    const QRectF labels(0, inside.bottom() + 4, this->width(), fontMetrics().height());
    painter.drawText(labels.adjusted(2, 0, -2, 0), Qt::AlignLeft, QString::number(m_low, 'g', 4));
    painter.drawText(labels.adjusted(2, 0, -2, 0), Qt::AlignRight, QString::number(m_high, 'g', 4));
}

void RangeBar::mousePressEvent(QMouseEvent* event)
{
    const double x = event->position().x();
    m_dragged = std::abs(x - placeOf(m_low)) <= std::abs(x - placeOf(m_high)) ? -1 : 1;
    m_last = m_dragged;
    move(valueAt(x));
}

void RangeBar::mouseMoveEvent(QMouseEvent* event)
{
    if (m_dragged != 0)
        move(valueAt(event->position().x()));
}

void RangeBar::mouseReleaseEvent(QMouseEvent* /*event*/)
{
    m_dragged = 0;
}

void RangeBar::move(double value)
{
    if (m_last < 0)
        m_low = std::min(value, m_high);
    else
        m_high = std::max(value, m_low);
    update();
    emit rangeChanged(m_low, m_high);
}

void RangeBar::keyPressEvent(QKeyEvent* event)
{
    constexpr double kStep = 0.01;
    const double step = (to() - from()) * kStep;
    switch (event->key()) {
    case Qt::Key_Left:
        move((m_last < 0 ? m_low : m_high) - step);
        return;
    case Qt::Key_Right:
        move((m_last < 0 ? m_low : m_high) + step);
        return;
    case Qt::Key_Up:
    case Qt::Key_Down:
        m_last = -m_last;
        update();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace wr::ui
