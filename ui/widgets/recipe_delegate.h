// SPDX-License-Identifier: GPL-3.0-or-later
// Draws a recipe's actions with how far each is as an icon and, where it failed or waits, in its colour. UI
// thread.
#pragma once

#include <QStyledItemDelegate>

namespace wr::ui {

class RecipeDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace wr::ui
