// SPDX-License-Identifier: GPL-3.0-or-later
// A line of the Problems list: a sign for its severity, the place, the message. UI thread.
#pragma once

#include <QStyledItemDelegate>

namespace wr::ui {

class ProblemDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace wr::ui
