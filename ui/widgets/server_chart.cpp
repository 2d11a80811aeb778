// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/server_chart.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace wr::ui {

ServerChart::ServerChart(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Bytes of each parameter server"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ServerChart::show(const QVector<Group>& groups)
{
    m_groups = groups;
    setAccessibleDescription(text());
    update();
}

QString ServerChart::text() const
{
    QStringList lines;
    for (const Group& group : m_groups) {
        QStringList loads;
        for (qsizetype task = 0; task < group.loads.size(); ++task)
            loads += tr("%1: %2").arg(task).arg(app::byteText(group.loads[task]));
        lines += tr("%1 (%2): %3").arg(group.name, group.note, loads.join(QStringLiteral(", ")));
    }
    return lines.join(QLatin1Char('\n'));
}

bool ServerChart::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), text(), this);
        return true;
    }
    return QWidget::event(event);
}

void ServerChart::paintEvent(QPaintEvent* /*event*/)
{
    constexpr int kGap = 24;
    constexpr int kBarGap = 3;
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    if (m_groups.isEmpty())
        return;
    const int line = fontMetrics().height();
    qint64 most = 1;
    for (const Group& group : m_groups) {
        for (const qint64 load : group.loads)
            most = std::max(most, load);
    }
    const auto count = static_cast<int>(m_groups.size());
    const int width = (this->width() - kGap * (count - 1)) / count;
    const int top = 2 * line + 8;
    const int bottom = height() - line - 6;
    static constexpr Qt::BrushStyle kPatterns[] = {Qt::SolidPattern, Qt::BDiagPattern, Qt::Dense4Pattern};
    for (int i = 0; i < count; ++i) {
        const Group& group = m_groups[i];
        const int left = i * (width + kGap);
        QFont bold = font();
        bold.setBold(true);
        painter.setFont(bold);
        painter.setPen(colours.text);
        painter.drawText(QRect(left, 0, width, line), Qt::AlignLeft | Qt::AlignVCenter, group.name);
        painter.setFont(font());
        painter.setPen(colours.muted);
        painter.drawText(QRect(left, line + 2, width, line), Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(group.note, Qt::ElideRight, width));
        const auto tasks = std::max<qsizetype>(group.loads.size(), 1);
        const double slot = static_cast<double>(width) / static_cast<double>(tasks);
        const QColor colour = colours.categories[static_cast<std::size_t>(i) % colours.categories.size()];
        qint64 sum = 0;
        for (qsizetype task = 0; task < group.loads.size(); ++task) {
            sum += group.loads[task];
            const double share = static_cast<double>(group.loads[task]) / static_cast<double>(most);
            const double barHeight = std::max(1.0, share * std::max(bottom - top, 1));
            const QRectF bar(left + static_cast<double>(task) * slot, bottom - barHeight,
                             std::clamp(slot - kBarGap, 1.0, 48.0), barHeight);
            QColor ground = colour;
            ground.setAlphaF(0.35F);
            painter.fillRect(bar, ground);
            painter.fillRect(bar, QBrush(colour, kPatterns[i % 3]));
            const QString number = QString::number(task);
            if (slot > fontMetrics().horizontalAdvance(number) + 4)
                painter.drawText(QRectF(bar.left(), bottom + 2, std::max(bar.width(), 12.0), line),
                                 Qt::AlignHCenter | Qt::AlignTop, number);
        }
        painter.setPen(colours.line);
        painter.drawLine(left, bottom, left + width, bottom);
        // The even share, to compare with.
        const double even = static_cast<double>(sum) / static_cast<double>(tasks) / static_cast<double>(most);
        painter.setPen(QPen(colours.text, 1, Qt::DashLine));
        const double y = bottom - even * std::max(bottom - top, 1);
        painter.drawLine(QPointF(left, y), QPointF(left + width, y));
    }
}

} // namespace wr::ui
