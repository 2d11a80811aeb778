// SPDX-License-Identifier: GPL-3.0-or-later
// Cells of the variable table: a ring for the state (empty, half, full; an arrow for restored), lists to
// choose type and device from, and editors that say what is wrong while one types and keep what was typed.
// UI thread.
#pragma once

#include <QPersistentModelIndex>
#include <QPointer>
#include <QStringList>
#include <QStyledItemDelegate>
#include <functional>

class QTableView;

namespace wr::app {
class VariableTableModel;
struct Explanation;
} // namespace wr::app

namespace wr::ui {

class CellBubble;

class VariableDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    VariableDelegate(app::VariableTableModel* model, QTableView* table);
    void setDevices(const QStringList& devices) { m_devices = devices; }
    /// The variables that one value can go to when this cell is edited: several selected rows, or none.
    void setCompanions(std::function<QStringList(const QModelIndex&)> companions);
    CellBubble* bubble() const { return m_bubble; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const override;
    void setEditorData(QWidget* editor, const QModelIndex& index) const override;
    void setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override;
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const override;

signals:
    void tabbed(const QModelIndex& index, bool isForward); ///< the edit was taken
    void pickerRequested(const QModelIndex& index);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void check();
    bool commit(bool isForAll); ///< false: refused, the editor stays
    QString editedText() const;

    app::VariableTableModel* m_model;
    QTableView* m_table;
    CellBubble* m_bubble;
    QStringList m_devices;
    std::function<QStringList(const QModelIndex&)> m_companions;
    mutable QPointer<QWidget> m_editor;
    mutable QPersistentModelIndex m_index;
    QString m_refusal; ///< of the commit at hand
    bool m_isCommitting = false;
};

} // namespace wr::ui
