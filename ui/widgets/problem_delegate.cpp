// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/problem_delegate.h"

#include "app/models/problem_list_model.h"
#include "ui/theme/theme.h"

namespace wr::ui {

void ProblemDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const Theme& theme = Theme::instance();
    const auto severity =
        static_cast<app::Problem::Severity>(index.data(app::ProblemListModel::SeverityRole).toInt());
    option->features |= QStyleOptionViewItem::HasDecoration;
    option->decorationSize = QSize(16, 16);
    switch (severity) {
    case app::Problem::Severity::Error:
        option->icon = theme.icon(QStringLiteral("error"), theme.colours().bad);
        break;
    case app::Problem::Severity::Warning:
        option->icon = theme.icon(QStringLiteral("warning"), theme.colours().warning);
        break;
    case app::Problem::Severity::Note:
        option->icon = theme.icon(QStringLiteral("info"), theme.colours().accent);
        break;
    }
}

QSize ProblemDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    constexpr int kHeight = 28;
    return {QStyledItemDelegate::sizeHint(option, index).width(), kHeight};
}

} // namespace wr::ui
