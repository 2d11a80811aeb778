// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/norm_view.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace wr::ui {
namespace {

constexpr double kHeading = 20.0;

} // namespace

NormView::NormView(QWidget* parent) : QWidget(parent)
{
    setMinimumHeight(120);
    setAccessibleName(tr("Norms of rows and columns"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void NormView::setSlice(std::shared_ptr<const app::TensorSlice> slice)
{
    m_slice = std::move(slice);
    update();
}

QRectF NormView::field(bool isRows) const
{
    const double half = height() / 2.0;
    return {0.5, (isRows ? 0.0 : half) + kHeading, width() - 1.0, half - kHeading - 6.0};
}

void NormView::paintEvent(QPaintEvent* /*event*/)
{
    if (!m_slice)
        return;
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    for (const bool isRows : {true, false}) {
        const QVector<double>& norms = isRows ? m_slice->rowNorms() : m_slice->columnNorms();
        const QRectF inside = field(isRows);
        const double most = norms.isEmpty() ? 0.0 : *std::max_element(norms.begin(), norms.end());
        const auto zeros = std::count(norms.begin(), norms.end(), 0.0);
        QString heading = (isRows ? tr("Rows: %1") : tr("Columns: %1")).arg(app::countText(norms.size()));
        heading += tr(", norms up to %1").arg(app::valueText(most));
        if (zeros > 0)
            heading += tr(", %1 of them 0").arg(app::countText(zeros));
        painter.setPen(zeros > 0 ? colours.warning : colours.muted);
        painter.drawText(QRectF(0, inside.top() - kHeading, width(), kHeading),
                         Qt::AlignLeft | Qt::AlignVCenter, heading);
        painter.fillRect(inside, colours.base);
        const auto columns = static_cast<int>(inside.width());
        for (int x = 0; x < columns && most > 0.0; ++x) {
            // Of what falls on one pixel, the smallest and the largest.
            const qsizetype first = x * norms.size() / columns;
            const qsizetype last = std::max(first + 1, (x + 1) * norms.size() / columns);
            const auto [least, largest] =
                std::minmax_element(norms.begin() + first, norms.begin() + std::min(last, norms.size()));
            const double low = *least / most * inside.height();
            const double high = *largest / most * inside.height();
            painter.fillRect(QRectF(inside.left() + x, inside.bottom() - low, 1, low), colours.accent);
            QColor pale = colours.accent;
            pale.setAlphaF(0.45F);
            painter.fillRect(QRectF(inside.left() + x, inside.bottom() - high, 1, high - low), pale);
        }
        painter.setPen(colours.line);
        painter.drawRect(inside);
    }
}

qint64 NormView::indexAt(const QPointF& place, bool& isRows) const
{
    for (const bool rows : {true, false}) {
        const QRectF inside = field(rows);
        const qint64 count = !m_slice ? 0 : rows ? m_slice->rows() : m_slice->columns();
        if (count > 0 && inside.contains(place)) {
            isRows = rows;
            return std::min(count - 1, static_cast<qint64>((place.x() - inside.left()) / inside.width() *
                                                           static_cast<double>(count)));
        }
    }
    return -1;
}

void NormView::mousePressEvent(QMouseEvent* event)
{
    bool isRows = false;
    const qint64 index = indexAt(event->position(), isRows);
    if (index >= 0)
        emit chosen(isRows ? index : -1, isRows ? -1 : index);
}

bool NormView::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* const help = static_cast<QHelpEvent*>(event);
    bool isRows = false;
    const qint64 index = indexAt(help->pos(), isRows);
    if (index < 0)
        QToolTip::hideText();
    else
        QToolTip::showText(
            help->globalPos(),
            (isRows ? tr("row %1: %2") : tr("column %1: %2"))
                .arg(index)
                .arg(app::valueText((isRows ? m_slice->rowNorms() : m_slice->columnNorms())[index])),
            this);
    return true;
}

} // namespace wr::ui
