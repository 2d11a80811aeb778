// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/class_bars.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace wr::ui {
namespace {

constexpr int kRow = 17;
constexpr int kMostRows = 24;

} // namespace

ClassBars::ClassBars(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Examples of each class"));
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void ClassBars::show(const app::DataReportPtr& report)
{
    m_report = report;
    setVisible(report && !report->trainCounts.isEmpty());
    setFixedHeight(sizeHint().height());
    update();
}

QSize ClassBars::sizeHint() const
{
    const qsizetype rows = m_report ? std::min<qsizetype>(m_report->trainCounts.size(), kMostRows) : 0;
    return {240, static_cast<int>(rows) * kRow + 4};
}

int ClassBars::rowAt(int y) const
{
    return m_report && y >= 2 && (y - 2) / kRow < m_report->trainCounts.size() ? (y - 2) / kRow : -1;
}

bool ClassBars::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos().y());
        if (row >= 0)
            QToolTip::showText(help->globalPos(),
                               tr("%1: %2 to train, %3 to test")
                                   .arg(m_report->classNames.value(row),
                                        app::countText(m_report->trainCounts[row]),
                                        app::countText(m_report->testCounts.value(row))),
                               this);
        return true;
    }
    return QWidget::event(event);
}

void ClassBars::paintEvent(QPaintEvent* /*event*/)
{
    if (!m_report || m_report->trainCounts.isEmpty())
        return;
    QPainter painter(this);
    const Colours& colours = Theme::instance().colours();
    const int rows = static_cast<int>(std::min<qsizetype>(m_report->trainCounts.size(), kMostRows));
    const qint64 most =
        std::max<qint64>(1, *std::max_element(m_report->trainCounts.begin(), m_report->trainCounts.end()));
    const QFontMetrics metrics = painter.fontMetrics();
    int names = 0;
    for (int i = 0; i < rows; ++i)
        names = std::max(names, metrics.horizontalAdvance(m_report->classNames.value(i)));
    names = std::min(names, width() / 3) + 8;
    const int numbers = metrics.horizontalAdvance(app::countText(most)) + 8;
    for (int i = 0; i < rows; ++i) {
        const QRect row(0, 2 + i * kRow, width(), kRow);
        painter.setPen(colours.muted);
        painter.drawText(row.adjusted(0, 0, names - 6 - width(), 0), Qt::AlignRight | Qt::AlignVCenter,
                         metrics.elidedText(m_report->classNames.value(i), Qt::ElideMiddle, names - 8));
        const int room = std::max(8, width() - names - numbers);
        const int length = std::max(1, static_cast<int>(m_report->trainCounts[i] * room / most));
        painter.fillRect(QRect(names, row.top() + 3, length, kRow - 6), colours.categories[0]);
        painter.setPen(colours.text);
        painter.drawText(QRect(names + length + 5, row.top(), numbers, kRow),
                         Qt::AlignLeft | Qt::AlignVCenter, app::countText(m_report->trainCounts[i]));
    }
}

} // namespace wr::ui
