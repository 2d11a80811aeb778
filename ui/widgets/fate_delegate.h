// SPDX-License-Identifier: GPL-3.0-or-later
// Cells of the restore dialog's variables: the fate with sign and colour; what is unresolved stands out. UI
// thread.
#pragma once

#include <QStyledItemDelegate>

namespace wr::ui {

class FateDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace wr::ui
