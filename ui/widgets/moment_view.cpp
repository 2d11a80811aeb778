// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/moment_view.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QFileInfo>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

constexpr double kLeft = 64.0;
constexpr double kBottom = 22.0;

} // namespace

MomentView::MomentView(QWidget* parent) : QWidget(parent)
{
    setMinimumHeight(120);
    setAccessibleName(tr("The tensor over the checkpoints"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void MomentView::setMoments(const QVector<app::TensorMoment>& moments, const QString& shown)
{
    m_moments = moments;
    m_shown = shown;
    update();
}

QRectF MomentView::field() const
{
    return QRectF(rect()).adjusted(kLeft, 8, -12, -kBottom);
}

double MomentView::xOf(const app::TensorMoment& moment) const
{
    const QRectF inside = field();
    const double first = static_cast<double>(m_moments.first().step);
    const double last = static_cast<double>(m_moments.last().step);
    return last > first
               ? inside.left() + inside.width() * (static_cast<double>(moment.step) - first) / (last - first)
               : inside.center().x();
}

int MomentView::nearest(double x) const
{
    int best = -1;
    for (int i = 0; i < m_moments.size(); ++i) {
        if (best < 0 || std::abs(xOf(m_moments[i]) - x) < std::abs(xOf(m_moments[best]) - x))
            best = i;
    }
    return best;
}

void MomentView::paintEvent(QPaintEvent* /*event*/)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_moments.isEmpty()) {
        painter.setPen(colours.muted);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap,
                         tr("No checkpoint of this project holds statistics of a tensor of this name."));
        return;
    }
    const QRectF inside = field();
    double low = m_moments.first().low;
    double high = m_moments.first().high;
    for (const app::TensorMoment& moment : std::as_const(m_moments)) {
        low = std::min(low, moment.low);
        high = std::max(high, moment.high);
    }
    if (!(high > low))
        high = low + 1.0;
    const auto y = [&](double value) {
        return inside.bottom() - inside.height() * (value - low) / (high - low);
    };
    const auto band = [&](auto upper, auto lower, QColor ink, float alpha) {
        QPolygonF shape;
        for (const app::TensorMoment& moment : std::as_const(m_moments))
            shape << QPointF(xOf(moment), y(upper(moment)));
        for (auto moment = m_moments.crbegin(); moment != m_moments.crend(); ++moment)
            shape << QPointF(xOf(*moment), y(lower(*moment)));
        ink.setAlphaF(alpha);
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawPolygon(shape);
    };
    using Moment = app::TensorMoment;
    painter.fillRect(inside, colours.base);
    band([](const Moment& m) { return m.high; }, [](const Moment& m) { return m.low; }, colours.accent,
         0.15F);
    band([](const Moment& m) { return std::min(m.high, m.mean + m.stddev); },
         [](const Moment& m) { return std::max(m.low, m.mean - m.stddev); }, colours.accent, 0.3F);
    QPolygonF means;
    for (const Moment& moment : std::as_const(m_moments))
        means << QPointF(xOf(moment), y(moment.mean));
    painter.setPen(QPen(colours.accent, 1.5));
    painter.setBrush(colours.accent);
    painter.drawPolyline(means);
    for (int i = 0; i < m_moments.size(); ++i) {
        const bool isShown = m_moments[i].path == m_shown;
        painter.setBrush(m_moments[i].nonFinite > 0 ? colours.bad : isShown ? colours.accent : colours.base);
        painter.setPen(QPen(m_moments[i].nonFinite > 0 ? colours.bad : colours.accent, 1.5));
        painter.drawEllipse(means[i], isShown ? 5.0 : 3.0, isShown ? 5.0 : 3.0);
    }
    painter.setPen(colours.muted);
    painter.drawText(QRectF(0, inside.top() - 6, kLeft - 6, 16), Qt::AlignRight,
                     QString::number(high, 'g', 3));
    painter.drawText(QRectF(0, inside.bottom() - 10, kLeft - 6, 16), Qt::AlignRight,
                     QString::number(low, 'g', 3));
    const QRectF steps(inside.left(), inside.bottom() + 4, inside.width(), kBottom - 4);
    painter.drawText(steps, Qt::AlignLeft, tr("step %1").arg(app::countText(m_moments.first().step)));
    painter.drawText(steps, Qt::AlignRight, tr("step %1").arg(app::countText(m_moments.last().step)));
    painter.drawText(steps, Qt::AlignHCenter, tr("range · mean ± deviation"));
}

void MomentView::mousePressEvent(QMouseEvent* event)
{
    if (const int index = nearest(event->position().x()); index >= 0)
        emit chosen(m_moments[index].path);
}

bool MomentView::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* const help = static_cast<QHelpEvent*>(event);
    if (const int index = nearest(help->pos().x()); index >= 0) {
        const app::TensorMoment& moment = m_moments[index];
        QStringList words{
            QFileInfo(moment.path).fileName(), tr("step %1").arg(app::countText(moment.step)),
            tr("mean %1, deviation %2").arg(app::valueText(moment.mean), app::valueText(moment.stddev)),
            tr("from %1 to %2").arg(app::valueText(moment.low), app::valueText(moment.high))};
        if (moment.nonFinite > 0)
            words += tr("%1 NaN or Inf").arg(app::countText(moment.nonFinite));
        QToolTip::showText(help->globalPos(), words.join(u'\n'), this);
    }
    return true;
}

} // namespace wr::ui
