// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/diff_delegate.h"

#include "app/models/diff_model.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

struct Sign {
    QString icon;
    QColor colour;
};

Sign signOf(app::DiffModel::Kind kind)
{
    const Colours& colours = Theme::instance().colours();
    switch (kind) {
    case app::DiffModel::Kind::NonFinite:
    case app::DiffModel::Kind::Damaged:
        return {QStringLiteral("error"), colours.bad};
    case app::DiffModel::Kind::Reshaped:
        return {QStringLiteral("warning"), colours.warning};
    case app::DiffModel::Kind::Removed:
        return {QStringLiteral("remove"), colours.warning};
    case app::DiffModel::Kind::Added:
        return {QStringLiteral("add"), colours.good};
    case app::DiffModel::Kind::Changed:
        return {QStringLiteral("diff"), colours.accent};
    case app::DiffModel::Kind::Renamed:
        return {QStringLiteral("link"), colours.muted};
    case app::DiffModel::Kind::Equal:
        break;
    }
    return {QStringLiteral("check"), colours.muted};
}

} // namespace

void DiffDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    if (index.column() != app::DiffModel::KindColumn)
        return;
    const Sign sign = signOf(static_cast<app::DiffModel::Kind>(index.data(app::DiffModel::KindRole).toInt()));
    option->features |= QStyleOptionViewItem::HasDecoration;
    option->decorationSize = QSize(16, 16);
    option->icon = Theme::instance().icon(sign.icon, sign.colour);
    option->palette.setColor(QPalette::Text, sign.colour);
}

void DiffDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const
{
    QStyledItemDelegate::paint(painter, option, index);
    if (index.column() != app::DiffModel::RelativeColumn)
        return;
    const auto* model = qobject_cast<const app::DiffModel*>(index.model());
    bool ok = false;
    const double value = index.data(app::DiffModel::RelativeRole).toDouble(&ok);
    const double largest = model != nullptr ? model->largestRelative() : 0.0;
    if (!ok || !(value > 0) || !(largest > 0))
        return;
    constexpr int kBarHeight = 3;
    const QRect cell = option.rect.adjusted(8, 0, -8, -3);
    const double part = std::isfinite(value) ? std::min(1.0, value / largest) : 1.0;
    const int length = std::max(2, static_cast<int>(part * cell.width()));
    painter->fillRect(QRect(cell.left(), cell.bottom() - kBarHeight, length, kBarHeight),
                      Theme::instance().colours().accent);
}

} // namespace wr::ui
