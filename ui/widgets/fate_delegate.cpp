// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fate_delegate.h"

#include "app/models/restore_models.h"
#include "ui/theme/theme.h"

namespace wr::ui {

void FateDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const Theme& theme = Theme::instance();
    const Colours& colours = theme.colours();
    QString icon = QStringLiteral("restore");
    QColor colour = colours.good;
    switch (static_cast<app::VariableFate>(index.data(app::RestoreTargetModel::FateRole).toInt())) {
    case app::VariableFate::Restore:
        break;
    case app::VariableFate::Keep:
        icon = QStringLiteral("check");
        colour = colours.muted;
        break;
    case app::VariableFate::Initialize:
        icon = QStringLiteral("init");
        colour = colours.accent;
        break;
    case app::VariableFate::Unresolved:
        icon = QStringLiteral("warning");
        colour = colours.bad;
        break;
    }
    if (index.column() == app::RestoreTargetModel::FateColumn) {
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->decorationSize = QSize(16, 16);
        option->icon = theme.icon(icon, colour);
        option->palette.setColor(QPalette::Text, colour);
    } else if (index.column() == app::RestoreTargetModel::SourceColumn && icon == QLatin1String("warning")) {
        option->palette.setColor(QPalette::Text, colour);
    }
}

} // namespace wr::ui
