// SPDX-License-Identifier: GPL-3.0-or-later
// Paints rows of the checkpoint list: stars, and what is about to go as what is hardly there any more. UI
// thread.
#pragma once

#include <QStyledItemDelegate>

namespace wr::ui {

class CheckpointDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace wr::ui
