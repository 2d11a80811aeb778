// SPDX-License-Identifier: GPL-3.0-or-later
// The menu of the variable table: the same entries in the same order wherever variables are shown.
#include "ui/pages/variable_panel.h"
#include "ui/widgets/filter_field.h"
#include "ui/workspace.h"

#include <QApplication>
#include <QClipboard>
#include <QItemSelectionModel>
#include <QMenu>
#include <QTableView>
#include <algorithm>

namespace wr::ui {

using Model = app::VariableTableModel;

QMenu* VariablePanel::makeMenu()
{
    auto* menu = new QMenu(this);
    const QModelIndex current = m_table->currentIndex();
    const QStringList names = selectedNames();
    const QStringList editable = editableSelected();
    const bool hasRow = current.isValid() && !names.isEmpty();
    const app::VariableRow row = hasRow ? m_model->row(current.row()) : app::VariableRow();
    const auto add = [&](QMenu* to, const QString& text, const QKeySequence& keys, bool isOn, auto function) {
        QAction* action = to->addAction(text, this, function);
        action->setShortcut(keys);
        action->setEnabled(isOn);
        return action;
    };
    const auto copy = [](const QString& text) { QApplication::clipboard()->setText(text); };
    add(menu, tr("Open in script"), {}, hasRow, [this, row] { emit statementOpened(row.begin); });
    add(menu, tr("Rename"), Qt::Key_F2, hasRow && row.editable, [this, current] {
        const QModelIndex name = m_model->index(current.row(), Model::NameColumn);
        m_table->selectionModel()->setCurrentIndex(name, QItemSelectionModel::NoUpdate);
        m_table->edit(name);
    });
    add(menu, names.size() > 1 ? tr("Copy names") : tr("Copy name"), {}, hasRow,
        [copy, names] { copy(names.join(u'\n')); });
    add(menu, tr("Copy as TF line"), {}, hasRow, [this, copy, names] {
        const QString script = m_workspace->project().script();
        QStringList lines;
        for (const QString& name : names) {
            const int at = m_model->rowOf(name);
            if (at >= 0 && m_model->row(at).end > m_model->row(at).begin)
                lines += script.mid(m_model->row(at).begin, m_model->row(at).end - m_model->row(at).begin);
        }
        lines.removeDuplicates(); // a loop makes several by one statement
        copy(lines.join(u'\n'));
    });
    if (const QString seed = row.seed.isEmpty() ? row.nameSeed : row.seed; !seed.isEmpty())
        add(menu, tr("Copy seed"), {}, hasRow, [copy, seed] { copy(seed); });
    menu->addSeparator();

    QMenu* place = menu->addMenu(tr("Place on"));
    place->setEnabled(!editable.isEmpty());
    add(place, tr("Anywhere"), {}, true, [this] { setSelected(Model::DeviceColumn, {}); });
    for (const app::DeviceInfo& device : m_workspace->run().devices())
        add(place, device.name, {}, device.available,
            [this, name = device.name] { setSelected(Model::DeviceColumn, name); });
    add(menu, tr("Initial value…"), Qt::Key_F4, hasRow && row.editable, [this] { pickInitialValue(); });
    add(menu, names.size() > 1 ? tr("Init %1 variables").arg(names.size()) : tr("Init"), {}, hasRow,
        [this] { initializeSelected(); });
    const bool isFrozen = std::all_of(editable.begin(), editable.end(), [this](const QString& name) {
        return !m_model->row(m_model->rowOf(name)).trainable;
    });
    add(menu, isFrozen ? tr("Unfreeze") : tr("Freeze"), {}, !editable.isEmpty(), [this, isFrozen] {
        setSelected(Model::TrainableColumn, isFrozen ? QStringLiteral("yes") : QStringLiteral("no"));
    });
    menu->addMenu(makeFilterMenu(row, menu))->setEnabled(hasRow);
    menu->addSeparator();
    add(menu, tr("Delete"), QKeySequence::Delete, hasRow, [this] { removeSelected(); });
    return menu;
}

QMenu* VariablePanel::makeFilterMenu(const app::VariableRow& row, QMenu* parent)
{
    auto* menu = new QMenu(tr("Apply as filter"), parent);
    const auto add = [&](const QString& filter) {
        QString shown = filter;
        menu->addAction(shown.replace(u'&', QLatin1String("&&")), this, [this, filter] {
            m_filter->setText(filter);
            m_filter->remember();
        });
    };
    QStringList dims;
    for (const qint64 dim : row.dims)
        dims += QString::number(dim);
    add(QStringLiteral("shape:") +
        (dims.isEmpty() ? QStringLiteral("scalar") : u'[' + dims.join(u',') + u']'));
    add(QStringLiteral("dtype:") + row.dtype);
    add(QStringLiteral("dev:") + (row.device.isEmpty() ? QStringLiteral("auto") : row.device));
    const char* const states[] = {"uninit", "init", "restored", "trained"};
    add(QStringLiteral("state:") +
        QLatin1String(states[static_cast<int>(m_workspace->run().variableLife(row.name))]));
    add(QStringLiteral("trainable:") + (row.trainable ? QStringLiteral("yes") : QStringLiteral("no")));
    if (const qsizetype slash = row.name.lastIndexOf(u'/'); slash > 0)
        add(QStringLiteral("scope:") + row.name.left(slash));
    return menu;
}

} // namespace wr::ui
