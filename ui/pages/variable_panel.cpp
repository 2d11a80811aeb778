// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/variable_panel.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"
#include "ui/widgets/row_filter.h"
#include "ui/widgets/table_setup.h"
#include "ui/widgets/variable_delegate.h"
#include "ui/workspace.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QShortcut>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace wr::ui {

using Model = app::VariableTableModel;

VariablePanel::VariablePanel(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace),
      m_model(new Model(&workspace->project(), &workspace->run(), this)), m_filter(new RowFilter(this)),
      m_delegate(new VariableDelegate(this)), m_filterText(new QLineEdit(this)),
      m_table(new QTableView(this)), m_totals(new QLabel(this))
{
    m_filter->setSourceModel(m_model);
    m_filter->setSortRole(Model::SortRole);
    m_table->setModel(m_filter);
    m_table->setItemDelegate(m_delegate);
    m_table->setAccessibleName(tr("Variables"));
    m_table->setObjectName(QStringLiteral("variables"));
    setUpTable(m_table, {124, 116, 92, 72, 220, 84, 76, 92, 84});
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                             QAbstractItemView::SelectedClicked);

    auto* heading = new QLabel(tr("Variables"), this);
    heading->setProperty("role", QStringLiteral("title"));
    m_filterText->setPlaceholderText(tr("Filter  ( / )"));
    m_filterText->setClearButtonEnabled(true);
    m_filterText->setAccessibleName(tr("Filter variables"));
    auto* slots_ = new QCheckBox(tr("Optimizer slots"), this);
    slots_->setToolTip(tr("Show what the optimizer keeps for each variable"));
    auto* add = new QToolButton(this);
    Theme::instance().bindIcon(add, QStringLiteral("add"));
    add->setToolTip(tr("Add a variable (N)"));
    add->setAccessibleName(tr("Add variable"));
    auto* remove = new QToolButton(this);
    Theme::instance().bindIcon(remove, QStringLiteral("remove"));
    remove->setToolTip(tr("Remove the selected variables (Del)"));
    remove->setAccessibleName(tr("Remove variables"));
    m_totals->setProperty("role", QStringLiteral("muted"));

    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(heading);
    top->addStretch(1);
    top->addWidget(slots_);
    top->addWidget(m_filterText, 2);
    top->addWidget(add);
    top->addWidget(remove);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(top);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_totals);

    connect(m_filterText, &QLineEdit::textChanged, m_filter, &RowFilter::setText);
    connect(slots_, &QCheckBox::toggled, m_model, &Model::setShowSlots);
    connect(add, &QToolButton::clicked, this, &VariablePanel::addVariable);
    connect(remove, &QToolButton::clicked, this, &VariablePanel::removeSelected);
    const auto bind = [this](const QKeySequence& keys, auto function) {
        auto* shortcut = new QShortcut(keys, m_table);
        shortcut->setContext(Qt::WidgetShortcut);
        connect(shortcut, &QShortcut::activated, this, function);
    };
    bind(Qt::Key_N, &VariablePanel::addVariable);
    bind(QKeySequence::Delete, &VariablePanel::removeSelected);
    bind(Qt::Key_Slash, &VariablePanel::focusFilter);
    connect(m_model, &Model::editRefused, this, &VariablePanel::refused);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &VariablePanel::followSelection);
    connect(&workspace->project(), &app::Project::modelChanged, this, &VariablePanel::updateTotals);
    connect(&workspace->run(), &app::RunController::devicesChanged, this, [this] {
        QStringList names;
        for (const app::DeviceInfo& device : m_workspace->run().devices())
            names += device.name;
        m_delegate->setDevices(names);
    });
    updateTotals();
}

void VariablePanel::focusFilter()
{
    m_filterText->setFocus();
    m_filterText->selectAll();
}

void VariablePanel::addVariable()
{
    const app::Explanation problem = m_workspace->project().addVariable();
    if (!problem.isEmpty()) {
        emit refused(problem);
        return;
    }
    m_workspace->project().parseNow();
    const int last = m_filter->rowCount() - 1;
    if (last < 0)
        return;
    const QModelIndex name = m_filter->index(last, Model::NameColumn);
    m_table->setCurrentIndex(name);
    m_table->setFocus();
    m_table->edit(name);
}

QStringList VariablePanel::selectedNames() const
{
    QStringList names;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex& row : rows)
        names += row.data(Model::NameRole).toString();
    return names;
}

void VariablePanel::removeSelected()
{
    const QStringList names = selectedNames();
    if (names.isEmpty())
        return;
    const app::Explanation problem = m_workspace->project().removeVariables(names);
    if (!problem.isEmpty())
        emit refused(problem);
}

void VariablePanel::followSelection()
{
    if (m_isFollowing)
        return;
    const QStringList names = selectedNames();
    for (const app::VariableRow& row : m_workspace->project().variables()) {
        if (names.contains(row.name)) {
            emit statementChosen(row.begin, row.end);
            return;
        }
    }
    emit statementChosen(-1, -1);
}

void VariablePanel::selectAt(int offset)
{
    for (const app::VariableRow& row : m_workspace->project().variables()) {
        if (!row.slotOf.isEmpty() || offset < row.begin || offset > row.end)
            continue;
        const QModelIndex index = m_filter->mapFromSource(m_model->index(m_model->rowOf(row.name), 0));
        if (index.isValid() && !m_table->selectionModel()->isRowSelected(index.row(), {})) {
            m_isFollowing = true;
            m_table->selectRow(index.row());
            m_isFollowing = false;
        }
        return;
    }
}

void VariablePanel::updateTotals()
{
    int count = 0;
    for (const app::VariableRow& row : m_workspace->project().variables())
        count += row.slotOf.isEmpty() ? 1 : 0;
    QString text = tr("%1 variables · %2 parameters · %3 bytes")
                       .arg(app::countText(count), app::countText(m_model->totalParameters()),
                            app::countText(m_model->totalBytes()));
    if (m_workspace->project().isStale())
        text += tr(" · of the last text without errors");
    m_totals->setText(text);
}

} // namespace wr::ui
