// SPDX-License-Identifier: GPL-3.0-or-later
// Draws a variable of a lane on two lines: its pin and name, then shape, size and the chain of what follows
// it; and the header of a scope. Own painting; UI thread.
#pragma once

#include <QStyledItemDelegate>

namespace wr::ui {

class LaneDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace wr::ui
