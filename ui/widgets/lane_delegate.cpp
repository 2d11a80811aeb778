// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/lane_delegate.h"

#include "app/models/lane_model.h"
#include "ui/theme/theme.h"

#include <QFontDatabase>
#include <QPainter>

namespace wr::ui {
namespace {

using app::BoardVariable;
using app::LaneModel;

constexpr int kMargin = 8;
constexpr int kMark = 16;

/// A filled dot: pinned; a ring: by rule; a dash: free.
void paintPin(QPainter* painter, const QPointF& centre, BoardVariable::Pin pin)
{
    const Colours& colours = Theme::instance().colours();
    constexpr double kRadius = 4.0;
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(pin == BoardVariable::Pin::None ? colours.muted : colours.accent, 1.6));
    painter->setBrush(pin == BoardVariable::Pin::Block ? QBrush(colours.accent) : QBrush(Qt::NoBrush));
    if (pin == BoardVariable::Pin::None)
        painter->drawLine(centre - QPointF(kRadius, 0), centre + QPointF(kRadius, 0));
    else
        painter->drawEllipse(centre, kRadius, kRadius);
}

} // namespace

QSize LaneDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& /*index*/) const
{
    return {100, 2 * option.fontMetrics.height() + 10};
}

void LaneDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const
{
    const Colours& colours = Theme::instance().colours();
    painter->save();
    const bool isSelected = (option.state & QStyle::State_Selected) != 0;
    const bool isHeader = index.data(LaneModel::IsHeaderRole).toBool();
    if (isSelected)
        painter->fillRect(option.rect, colours.selection);
    else if ((option.state & QStyle::State_MouseOver) != 0)
        painter->fillRect(option.rect, colours.hover);
    const QRect inner = option.rect.adjusted(kMargin, 4, -kMargin, -4);
    const int line = inner.height() / 2;
    const QString size = index.data(LaneModel::SizeRole).toString();
    if (isHeader) {
        QFont bold = option.font;
        bold.setBold(true);
        const QFontMetrics metrics(bold);
        const QString count = size;
        const int countWidth = option.fontMetrics.horizontalAdvance(count) + kMargin;
        painter->setFont(bold);
        painter->setPen(colours.text);
        const QRect words(inner.left(), inner.top(), inner.width() - countWidth, inner.height());
        painter->drawText(words, Qt::AlignLeft | Qt::AlignBottom,
                          metrics.elidedText(index.data().toString(), Qt::ElideMiddle, words.width()));
        painter->setFont(option.font);
        painter->setPen(colours.muted);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignBottom, count);
        painter->setPen(colours.line);
        painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    } else {
        paintPin(painter, QPointF(inner.left() + 5, inner.top() + line / 2.0),
                 static_cast<BoardVariable::Pin>(index.data(LaneModel::PinRole).toInt()));
        QFont names = QFontDatabase::systemFont(QFontDatabase::FixedFont);
        names.setPointSizeF(option.font.pointSizeF());
        const QRect top(inner.left() + kMark, inner.top(), inner.width() - kMark, line);
        painter->setFont(names);
        painter->setPen(colours.text);
        painter->drawText(
            top, Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetrics(names).elidedText(index.data().toString(), Qt::ElideMiddle, top.width()));
        QRect bottom(top.left(), top.bottom() + 1, top.width(), line);
        painter->setFont(option.font);
        painter->setPen(isSelected ? colours.text : colours.muted);
        painter->drawText(bottom, Qt::AlignRight | Qt::AlignVCenter, size);
        bottom.setRight(bottom.right() - option.fontMetrics.horizontalAdvance(size) - kMargin);
        if (index.data(LaneModel::FollowersRole).toInt() > 0) {
            constexpr int kChain = 14;
            const QRect chain(bottom.right() - kChain, bottom.center().y() - kChain / 2, kChain, kChain);
            Theme::instance().icon(QStringLiteral("link"), colours.muted).paint(painter, chain);
            bottom.setRight(chain.left() - 4);
        }
        painter->drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter,
                          option.fontMetrics.elidedText(index.data(LaneModel::ShapeRole).toString(),
                                                        Qt::ElideRight, bottom.width()));
    }
    if ((option.state & QStyle::State_HasFocus) != 0) {
        painter->setPen(colours.accent);
        painter->setBrush(Qt::NoBrush);
        painter->setRenderHint(QPainter::Antialiasing, false);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    painter->restore();
}

} // namespace wr::ui
