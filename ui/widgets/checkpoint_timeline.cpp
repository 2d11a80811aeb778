// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/checkpoint_timeline.h"

#include "app/document/quantity.h"
#include "app/models/checkpoint_list_model.h"
#include "app/models/metric_history.h"
#include "ui/charts/tick_scale.h"
#include "ui/theme/theme.h"

#include <QItemSelectionModel>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>

namespace wr::ui {
namespace {

using Series = app::MetricHistory::Series;

constexpr double kLeft = 56.0;
constexpr double kRight = 18.0;
constexpr double kTop = 18.0;
constexpr double kBottom = 24.0;
constexpr double kRadius = 5.0;
constexpr double kNear = 10.0; // pixels around a pin that mean it

QPainterPath star(const QPointF& centre, double radius)
{
    QPainterPath path;
    constexpr int kPoints = 5;
    constexpr double kPi = 3.14159265358979323846;
    for (int i = 0; i < 2 * kPoints; ++i) {
        const double angle = kPi * (static_cast<double>(i) / kPoints - 0.5);
        const double reach = i % 2 == 0 ? radius : radius * 0.45;
        const QPointF point = centre + reach * QPointF(std::cos(angle), std::sin(angle));
        if (i == 0)
            path.moveTo(point);
        else
            path.lineTo(point);
    }
    path.closeSubpath();
    return path;
}

} // namespace

CheckpointTimeline::CheckpointTimeline(const app::MetricHistory* history,
                                       const app::CheckpointListModel* checkpoints,
                                       QItemSelectionModel* selection, QWidget* parent)
    : QWidget(parent), m_history(history), m_checkpoints(checkpoints), m_selection(selection)
{
    setMouseTracking(true);
    setAccessibleName(tr("Checkpoints on the loss curve"));
    const auto repaint = [this] { update(); };
    // While a training runs the curve need not follow each point.
    constexpr int kCalm = 250;
    m_calm.setSingleShot(true);
    m_calm.setInterval(kCalm);
    connect(&m_calm, &QTimer::timeout, this, repaint);
    connect(history, &app::MetricHistory::changed, this, [this] {
        if (!m_calm.isActive())
            m_calm.start();
    });
    connect(checkpoints, &QAbstractItemModel::modelReset, this, repaint);
    connect(checkpoints, &QAbstractItemModel::dataChanged, this, repaint);
    connect(selection, &QItemSelectionModel::selectionChanged, this, repaint);
    connect(&Theme::instance(), &Theme::changed, this, repaint);
}

QRectF CheckpointTimeline::field() const
{
    return QRectF(rect()).adjusted(kLeft, kTop, -kRight, -kBottom);
}

double CheckpointTimeline::lossOf(int row) const
{
    const app::CheckpointRow& checkpoint = m_checkpoints->row(row);
    return checkpoint.problem.isEmpty() && checkpoint.step > 0 && std::isfinite(checkpoint.loss)
               ? checkpoint.loss
               : std::numeric_limits<double>::quiet_NaN();
}

CheckpointTimeline::Scale CheckpointTimeline::scale() const
{
    Scale scale;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    double last = static_cast<double>(m_history->lastStep());
    for (const QPointF& point : m_history->reduced(Series::Loss, 0.0, last, 200)) {
        low = std::min(low, point.y());
        high = std::max(high, point.y());
    }
    for (int row = 0; row < m_checkpoints->rowCount(); ++row) {
        last = std::max(last, static_cast<double>(m_checkpoints->row(row).step));
        if (const double loss = lossOf(row); !std::isnan(loss)) {
            low = std::min(low, loss);
            high = std::max(high, loss);
        }
    }
    scale.to = std::max(1.0, last);
    if (low <= high) {
        scale.low = low;
        scale.high = high > low ? high : low + std::max(1e-12, std::abs(low) * 0.1);
        scale.isLog = low > 0.0 && scale.high > 10.0 * low;
    }
    return scale;
}

QPointF CheckpointTimeline::place(const Scale& scale, double step, double loss) const
{
    const QRectF inside = field();
    const double x = inside.left() + inside.width() * (step - scale.from) / (scale.to - scale.from);
    const double share = std::isnan(loss) ? 0.0
                         : scale.isLog    ? std::log(loss / scale.low) / std::log(scale.high / scale.low)
                                          : (loss - scale.low) / (scale.high - scale.low);
    return {x, inside.bottom() - inside.height() * std::clamp(share, 0.0, 1.0)};
}

QPointF CheckpointTimeline::pinAt(int row) const
{
    const app::CheckpointRow& checkpoint = m_checkpoints->row(row);
    return checkpoint.step < 0 ? QPointF()
                               : place(scale(), static_cast<double>(checkpoint.step), lossOf(row));
}

int CheckpointTimeline::rowNear(const QPointF& at) const
{
    const Scale now = scale();
    int nearest = -1;
    double least = kNear;
    for (int row = 0; row < m_checkpoints->rowCount(); ++row) {
        const app::CheckpointRow& checkpoint = m_checkpoints->row(row);
        if (checkpoint.step < 0)
            continue;
        const QPointF away = place(now, static_cast<double>(checkpoint.step), lossOf(row)) - at;
        const double distance = std::hypot(away.x(), away.y());
        if (distance < least) {
            least = distance;
            nearest = row;
        }
    }
    return nearest;
}

void CheckpointTimeline::paintEvent(QPaintEvent* /*event*/)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF inside = field();
    const Scale now = scale();
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1.0));
    painter.setFont(small);
    painter.setPen(colours.muted);
    painter.drawText(QRectF(0, 0, width() - kRight, kTop), Qt::AlignRight | Qt::AlignVCenter,
                     now.isLog ? tr("loss by step, in powers of ten") : tr("loss by step"));
    painter.setPen(QPen(colours.line, 1.0));
    painter.drawLine(inside.bottomLeft(), inside.bottomRight());
    painter.drawLine(inside.topLeft(), inside.topRight());
    painter.setPen(colours.muted);
    for (const double loss : {now.low, now.high}) {
        const double y = place(now, 0.0, loss).y();
        painter.drawText(QRectF(0, y - 10, kLeft - 8, 20), Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(loss, 'g', 3));
    }
    const int marks = std::max(1, static_cast<int>(inside.width() / 110));
    const double interval = std::max(1.0, std::ceil(tickInterval(now.to, marks)));
    for (double step = 0.0; step <= now.to; step += interval) {
        const double x = place(now, step, now.low).x();
        painter.drawLine(QPointF(x, inside.bottom()), QPointF(x, inside.bottom() + 4));
        painter.drawText(QRectF(x - 50, inside.bottom() + 4, 100, kBottom - 4),
                         Qt::AlignHCenter | Qt::AlignTop, app::countText(static_cast<qint64>(step)));
    }
    const QVector<QPointF> curve =
        m_history->reduced(Series::Loss, 0.0, now.to, std::max(1, static_cast<int>(inside.width())));
    QPolygonF line;
    for (const QPointF& point : curve)
        line << place(now, point.x(), point.y());
    painter.setPen(QPen(colours.categories[0], 1.0));
    painter.drawPolyline(line);

    for (int row = m_checkpoints->rowCount() - 1; row >= 0; --row) { // the newest on top
        const app::CheckpointRow& checkpoint = m_checkpoints->row(row);
        if (checkpoint.step < 0)
            continue;
        const QPointF centre = place(now, static_cast<double>(checkpoint.step), lossOf(row));
        const bool isSelected = m_selection->isRowSelected(row, {});
        const bool goes = checkpoint.goes();
        const QColor ink = checkpoint.problem.isEmpty() ? colours.accent : colours.bad;
        painter.setPen(QPen(colours.line, 1.0, Qt::DotLine));
        painter.drawLine(QPointF(centre.x(), inside.bottom()), centre);
        painter.setPen(QPen(ink, isSelected ? 2.5 : 1.5, goes ? Qt::DashLine : Qt::SolidLine));
        painter.setBrush(goes ? colours.base : isSelected ? ink : colours.window);
        const double radius = row == m_hovered ? kRadius + 1.5 : kRadius;
        if (checkpoint.note.isStarred)
            painter.drawPath(star(centre, radius + 2.5));
        else
            painter.drawEllipse(centre, radius, radius);
    }
}

void CheckpointTimeline::mousePressEvent(QMouseEvent* event)
{
    const int row = rowNear(event->position());
    if (row < 0 || event->button() != Qt::LeftButton)
        return;
    const bool adds = (event->modifiers() & Qt::ControlModifier) != 0;
    m_selection->setCurrentIndex(m_checkpoints->index(row, 0),
                                 (adds ? QItemSelectionModel::Toggle : QItemSelectionModel::ClearAndSelect) |
                                     QItemSelectionModel::Rows);
}

void CheckpointTimeline::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const int row = rowNear(event->position()); row >= 0)
        emit activated(row);
}

void CheckpointTimeline::mouseMoveEvent(QMouseEvent* event)
{
    const int row = rowNear(event->position());
    if (row == m_hovered)
        return;
    m_hovered = row;
    setCursor(row >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
    if (row < 0) {
        QToolTip::hideText();
        return;
    }
    const app::CheckpointRow& checkpoint = m_checkpoints->row(row);
    QStringList words{checkpoint.fileName, tr("step %1").arg(app::countText(checkpoint.step))};
    if (const double loss = lossOf(row); !std::isnan(loss))
        words += tr("loss %1").arg(app::valueText(loss));
    if (!checkpoint.note.text.isEmpty())
        words += checkpoint.note.text;
    words += m_checkpoints->index(row, app::CheckpointListModel::StayColumn).data().toString();
    QToolTip::showText(event->globalPosition().toPoint(), words.join(QStringLiteral("\n")), this);
}

void CheckpointTimeline::leaveEvent(QEvent* /*event*/)
{
    m_hovered = -1;
    update();
}

} // namespace wr::ui
