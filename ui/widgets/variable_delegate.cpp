// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/variable_delegate.h"

#include "app/models/variable_table_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/life_ring.h"

#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPainter>

namespace wr::ui {
namespace {

using Model = app::VariableTableModel;

} // namespace

VariableDelegate::VariableDelegate(QObject* parent) : QStyledItemDelegate(parent) {}

void VariableDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QWidget* widget = option.widget;
    QStyle* style = widget != nullptr ? widget->style() : QApplication::style();
    if (index.column() == Model::StateColumn) {
        const QString text = cell.text;
        cell.text.clear();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, widget);
        const QRect box = option.rect;
        constexpr int kRing = 16;
        paintLifeRing(painter, QPointF(box.left() + kRing, box.center().y() + 0.5),
                      static_cast<app::VariableLife>(index.data(Model::LifeRole).toInt()));
        painter->setPen(Theme::instance().colours().text);
        painter->drawText(box.adjusted(kRing + 12, 0, -4, 0), Qt::AlignVCenter | Qt::AlignLeft,
                          option.fontMetrics.elidedText(text, Qt::ElideRight, box.width() - kRing - 16));
        return;
    }
    if (!index.data(Model::ReadOnlyReasonRole).toString().isEmpty())
        cell.palette.setColor(QPalette::Text, Theme::instance().colours().muted);
    if (index.column() == Model::DeviceColumn && cell.text.isEmpty()) {
        cell.text = tr("anywhere");
        cell.palette.setColor(QPalette::Text, Theme::instance().colours().muted);
    }
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, widget);
}

QWidget* VariableDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                                        const QModelIndex& index) const
{
    if (index.column() == Model::DTypeColumn) {
        auto* box = new QComboBox(parent);
        box->addItems({QStringLiteral("float32"), QStringLiteral("float64"), QStringLiteral("int32"),
                       QStringLiteral("int64"), QStringLiteral("uint8"), QStringLiteral("bool")});
        return box;
    }
    if (index.column() == Model::DeviceColumn) {
        auto* box = new QComboBox(parent);
        box->setEditable(true);
        box->addItem(QString());
        box->addItems(m_devices);
        box->lineEdit()->setPlaceholderText(tr("anywhere"));
        return box;
    }
    return QStyledItemDelegate::createEditor(parent, option, index);
}

void VariableDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const
{
    if (auto* box = qobject_cast<QComboBox*>(editor)) {
        const QString value = index.data(Qt::EditRole).toString();
        box->setCurrentIndex(box->findText(value));
        if (box->isEditable())
            box->setEditText(value);
        return;
    }
    QStyledItemDelegate::setEditorData(editor, index);
}

void VariableDelegate::setModelData(QWidget* editor, QAbstractItemModel* model,
                                    const QModelIndex& index) const
{
    const auto* box = qobject_cast<QComboBox*>(editor);
    const auto* line = qobject_cast<QLineEdit*>(editor);
    const QString before = index.data(Qt::EditRole).toString();
    const QString after = box != nullptr ? box->currentText() : line != nullptr ? line->text() : before;
    // Leaving a cell as it was is no edit.
    if (after != before)
        model->setData(index, after, Qt::EditRole);
}

} // namespace wr::ui
