// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/lane_list.h"

#include "app/models/lane_model.h"
#include "ui/theme/theme.h"

#include <QDrag>
#include <QMimeData>
#include <QPainter>
#include <memory>

namespace wr::ui {

LaneList::LaneList(app::LaneModel* model, QWidget* parent) : QListView(parent), m_model(model)
{
    setModel(model);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setUniformItemSizes(true);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTextElideMode(Qt::ElideMiddle);
    setMouseTracking(true);
    setDragEnabled(true);
    // Drops belong to the whole lane.
    setAcceptDrops(false);
    viewport()->setAcceptDrops(false);
    setContextMenuPolicy(Qt::CustomContextMenu);
}

QPixmap LaneList::dragPicture(const QString& text, const QWidget* widget)
{
    const Colours& colours = Theme::instance().colours();
    const QFontMetrics metrics = widget->fontMetrics();
    const QSize size(metrics.horizontalAdvance(text) + 24, metrics.height() + 12);
    const double ratio = widget->devicePixelRatioF();
    QPixmap picture(size * ratio);
    picture.setDevicePixelRatio(ratio);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(widget->font());
    painter.setBrush(colours.accent);
    painter.setPen(Qt::NoPen);
    painter.drawRoundedRect(QRectF(QPointF(), QSizeF(size)), 6, 6);
    painter.setPen(colours.accentText);
    painter.drawText(QRect(QPoint(), size), Qt::AlignCenter, text);
    return picture;
}

void LaneList::startDrag(Qt::DropActions actions)
{
    std::unique_ptr<QMimeData> carried(m_model->mimeData(selectionModel()->selectedIndexes()));
    if (!carried)
        return;
    auto* drag = new QDrag(this); // deletes itself
    drag->setPixmap(dragPicture(carried->text(), this));
    drag->setHotSpot(QPoint(-12, -8));
    drag->setMimeData(carried.release());
    drag->exec(actions, Qt::MoveAction);
}

void LaneList::paintEvent(QPaintEvent* event)
{
    QListView::paintEvent(event);
    if (m_model->rowCount() > 0)
        return;
    QPainter painter(viewport());
    painter.setPen(Theme::instance().colours().muted);
    painter.drawText(viewport()->rect().adjusted(12, 12, -12, -12),
                     static_cast<int>(Qt::AlignCenter) | static_cast<int>(Qt::TextWordWrap),
                     tr("Drop variables here"));
}

} // namespace wr::ui
