// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/recipe_delegate.h"

#include "app/models/recipe_list_model.h"
#include "ui/theme/theme.h"

namespace wr::ui {

void RecipeDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    using app::RecipeListModel;
    using State = app::RecipeStepState;
    const Theme& theme = Theme::instance();
    const Colours& colours = theme.colours();
    const auto state = static_cast<State>(index.data(RecipeListModel::StateRole).toInt());
    const bool isSelected = (option->state & QStyle::State_Selected) != 0;
    if (index.column() == RecipeListModel::ResultColumn) {
        if (!isSelected)
            option->palette.setColor(QPalette::Text, state == State::Failed ? colours.bad
                                                     : state == State::Open ? colours.warning
                                                                            : colours.muted);
        return;
    }
    const auto show = [&](const char* icon, const QColor& colour) {
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->decorationSize = QSize(16, 16);
        option->icon = theme.icon(QLatin1String(icon), colour);
    };
    switch (state) {
    case State::Done:
        show("check", colours.good);
        break;
    case State::Running:
        show("run", colours.accent);
        break;
    case State::Failed:
        show("error", colours.bad);
        break;
    case State::Open:
        show("pause", colours.warning);
        break;
    case State::Waiting: {
        const QString word = index.data(RecipeListModel::WordRole).toString();
        show(word == QLatin1String("init")      ? "init"
             : word == QLatin1String("save")    ? "checkpoint"
             : word == QLatin1String("restore") ? "restore"
             : word == QLatin1String("run")     ? "step"
             : word == QLatin1String("hole")    ? "pause"
                                                : "info",
             colours.muted);
        break;
    }
    }
}

} // namespace wr::ui
