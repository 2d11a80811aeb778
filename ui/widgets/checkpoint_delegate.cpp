// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/checkpoint_delegate.h"

#include "app/models/checkpoint_list_model.h"
#include "ui/theme/theme.h"

namespace wr::ui {

using Model = app::CheckpointListModel;

void CheckpointDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const Colours& colours = Theme::instance().colours();
    const bool isStar = index.column() == Model::StarColumn;
    if (isStar)
        option->palette.setColor(
            QPalette::Text, index.data().toString() == QLatin1String("★") ? colours.accent : colours.muted);
    if (index.data(Model::GoesRole).toBool()) {
        option->font.setItalic(!isStar);
        option->palette.setColor(QPalette::Text, colours.muted);
    }
    option->palette.setColor(QPalette::HighlightedText, option->palette.color(QPalette::Text));
}

} // namespace wr::ui
