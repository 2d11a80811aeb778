// SPDX-License-Identifier: GPL-3.0-or-later
// Cells of the difference table: kind with sign and colour, relative difference with a bar. UI thread.
#pragma once

#include <QStyledItemDelegate>

namespace wr::ui {

class DiffDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace wr::ui
