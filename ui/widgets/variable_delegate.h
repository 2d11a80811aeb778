// SPDX-License-Identifier: GPL-3.0-or-later
// Cells of the variable table: a ring for the state (empty, half, full; an arrow for restored), lists to
// choose type and device from. UI thread.
#pragma once

#include <QStringList>
#include <QStyledItemDelegate>

namespace wr::ui {

class VariableDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit VariableDelegate(QObject* parent = nullptr);
    void setDevices(const QStringList& devices) { m_devices = devices; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const override;
    void setEditorData(QWidget* editor, const QModelIndex& index) const override;
    void setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override;

private:
    QStringList m_devices;
};

} // namespace wr::ui
