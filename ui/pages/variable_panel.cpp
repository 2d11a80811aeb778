// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/variable_panel.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/initial_value_picker.h"
#include "ui/widgets/table_setup.h"
#include "ui/widgets/variable_delegate.h"
#include "ui/workspace.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSet>
#include <QShortcut>
#include <QStyle>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {

using Model = app::VariableTableModel;

VariablePanel::VariablePanel(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace),
      m_model(new Model(&workspace->project(), &workspace->run(), this)), m_table(new QTableView(this)),
      m_delegate(new VariableDelegate(m_model, m_table)),
      m_filter(new FilterField(FilterSubject::variables(), this)), m_verdict(new QLabel(this)),
      m_totals(new QLabel(this)), m_selected(new QLabel(this))
{
    m_table->setModel(m_model);
    m_table->setItemDelegate(m_delegate);
    m_table->setAccessibleName(tr("Variables"));
    m_table->setObjectName(QStringLiteral("variables"));
    setUpTable(m_table, {118, 112, 92, 76, 194, 158, 88, 80, 92, 80});
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                             QAbstractItemView::SelectedClicked);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    // Sorted only when somebody clicks a head: the script's order says more.
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_table->horizontalHeader()->setSortIndicatorClearable(true);
    m_table->setSortingEnabled(true);
    makeLayout();
    bindKeys();

    m_delegate->setCompanions([this](const QModelIndex& index) {
        const bool isAmong = m_table->selectionModel()->isRowSelected(index.row(), {});
        return isAmong ? editableSelected() : QStringList();
    });
    connect(m_delegate, &VariableDelegate::tabbed, this, &VariablePanel::editNext);
    connect(m_delegate, &VariableDelegate::pickerRequested, this, [this](const QModelIndex& index) {
        m_table->selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
        pickInitialValue();
    });
    connect(m_filter, &QLineEdit::textChanged, this, &VariablePanel::applyFilter);
    connect(m_filter, &FilterField::done, m_table, qOverload<>(&QWidget::setFocus));
    connect(m_filter, &FilterField::abandoned, m_table, qOverload<>(&QWidget::setFocus));
    connect(m_model, &Model::editRefused, this, &VariablePanel::refused);
    connect(m_table, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
        QMenu* menu = makeMenu();
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(m_table->viewport()->mapToGlobal(at));
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &VariablePanel::followSelection);
    connect(m_model, &QAbstractItemModel::modelReset, this, &VariablePanel::updateTotals);
    connect(m_model, &QAbstractItemModel::layoutChanged, this, &VariablePanel::updateTotals);
    app::Project* project = &workspace->project();
    connect(project, &app::Project::modelChanged, this, &VariablePanel::updateTotals);
    connect(project, &app::Project::variableAdded, this, &VariablePanel::editNew);
    connect(project, &app::Project::editFinished, this, [this](int, const app::Explanation& problem) {
        if (!problem.isEmpty())
            emit refused(problem);
    });
    connect(&workspace->run(), &app::RunController::devicesChanged, this, [this] {
        QStringList names;
        for (const app::DeviceInfo& device : m_workspace->run().devices())
            names += device.name;
        m_delegate->setDevices(names);
    });
    // An old name is worth keeping once a value or a file goes by it.
    workspace->project().setRemembersName([workspace](const QString& name, bool isMadeUp) {
        const bool holdsValue = workspace->run().variableLife(name) != app::VariableLife::Uninitialized;
        return holdsValue || (!isMadeUp && !workspace->library().rows().isEmpty());
    });
    updateTotals();
}

void VariablePanel::makeLayout()
{
    auto* heading = new QLabel(tr("Variables"), this);
    heading->setProperty("role", QStringLiteral("title"));
    m_filter->setPlaceholderText(tr("Filter  ( / )"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setAccessibleName(tr("Filter variables"));
    auto* showsSlots = new QCheckBox(tr("Optimizer slots"), this);
    showsSlots->setToolTip(tr("Show what the optimizer keeps for each variable"));
    const auto button = [this](const char* icon, const QString& name, const QString& tip, auto function) {
        auto* made = new QToolButton(this);
        Theme::instance().bindIcon(made, QLatin1String(icon));
        made->setToolTip(tip);
        made->setAccessibleName(name);
        connect(made, &QToolButton::clicked, this, function);
        return made;
    };
    m_verdict->setVisible(false);
    m_verdict->setWordWrap(true);
    m_totals->setProperty("role", QStringLiteral("muted"));
    m_totals->setObjectName(QStringLiteral("totals"));
    m_selected->setObjectName(QStringLiteral("selected"));

    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(heading);
    top->addStretch(1);
    top->addWidget(showsSlots);
    top->addWidget(m_filter, 3);
    top->addWidget(button("add", tr("Add variable"), tr("Add a variable (N)"), &VariablePanel::addVariable));
    top->addWidget(button("remove", tr("Remove variables"), tr("Remove the selected variables (Del)"),
                          &VariablePanel::removeSelected));
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(16);
    bottom->addWidget(m_totals);
    bottom->addWidget(m_selected);
    bottom->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(top);
    layout->addWidget(m_verdict);
    layout->addWidget(m_table, 1);
    layout->addLayout(bottom);
    connect(showsSlots, &QCheckBox::toggled, m_model, &Model::setShowSlots);
}

void VariablePanel::bindKeys()
{
    const auto bind = [this](const QKeySequence& keys, auto function) {
        auto* shortcut = new QShortcut(keys, m_table);
        shortcut->setContext(Qt::WidgetShortcut);
        connect(shortcut, &QShortcut::activated, this, function);
    };
    bind(Qt::Key_N, &VariablePanel::addVariable);
    bind(QKeySequence::Delete, &VariablePanel::removeSelected);
    bind(Qt::Key_Slash, &VariablePanel::focusFilter);
    bind(Qt::Key_F4, &VariablePanel::pickInitialValue);
}

void VariablePanel::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void VariablePanel::applyFilter()
{
    const app::VariableFilter filter(m_filter->text());
    m_model->setFilter(filter);
    m_filter->judge(filter, m_model->rowCount() == 0, m_verdict);
}

void VariablePanel::addVariable()
{
    if (m_workspace->project().isLong()) {
        m_workspace->project().startAddingVariable(); // variableAdded() goes on
        return;
    }
    QStringList before;
    for (const app::VariableRow& row : m_workspace->project().variables())
        before += row.name;
    const QSet<QString> known(before.begin(), before.end());
    const app::Explanation problem = m_workspace->project().addVariable();
    if (!problem.isEmpty()) {
        emit refused(problem);
        return;
    }
    m_workspace->project().parseNow();
    for (const app::VariableRow& row : m_workspace->project().variables()) {
        if (!row.slotOf.isEmpty() || known.contains(row.name))
            continue;
        editNew(QString(row.name));
        return;
    }
}

void VariablePanel::editNew(const QString& variable)
{
    if (m_model->rowOf(variable) < 0)
        m_filter->clear(); // what one has just made is to be seen
    const QModelIndex name = m_model->index(m_model->rowOf(variable), Model::NameColumn);
    if (!name.isValid())
        return;
    m_table->setCurrentIndex(name);
    m_table->setFocus();
    m_table->edit(name);
}

/// Tab goes through what a new variable needs: name, shape, initial value.
void VariablePanel::editNext(const QModelIndex& index, bool isForward)
{
    static const QVector<int> kOrder{Model::NameColumn,  Model::ShapeColumn, Model::InitializerColumn,
                                     Model::DTypeColumn, Model::SeedColumn,  Model::DeviceColumn};
    const QPersistentModelIndex from(index);
    const qsizetype place = kOrder.indexOf(index.column());
    QMetaObject::invokeMethod(
        this,
        [this, from, place, isForward] {
            if (!from.isValid())
                return;
            for (qsizetype next = place + (isForward ? 1 : -1); next >= 0 && next < kOrder.size();
                 next += isForward ? 1 : -1) {
                const QModelIndex cell = m_model->index(from.row(), kOrder[next]);
                if ((cell.flags() & Qt::ItemIsEditable) == 0)
                    continue;
                m_table->selectionModel()->setCurrentIndex(cell, QItemSelectionModel::NoUpdate);
                m_table->scrollTo(cell);
                m_table->edit(cell);
                return;
            }
            m_table->setFocus();
        },
        Qt::QueuedConnection);
}

QStringList VariablePanel::selectedNames() const
{
    QStringList names;
    for (const QItemSelectionRange& range : m_table->selectionModel()->selection()) {
        for (int row = range.top(); row <= range.bottom(); ++row)
            names += m_model->row(row).name;
    }
    names.removeDuplicates();
    return names;
}

QStringList VariablePanel::editableSelected() const
{
    QStringList names;
    for (const QString& name : selectedNames()) {
        if (m_model->row(m_model->rowOf(name)).editable)
            names += name;
    }
    return names;
}

void VariablePanel::removeSelected()
{
    const QStringList names = selectedNames();
    if (names.isEmpty())
        return;
    if (m_workspace->project().isLong()) {
        m_workspace->project().startRemoving(names);
        return;
    }
    const app::Explanation problem = m_workspace->project().removeVariables(names);
    if (!problem.isEmpty())
        emit refused(problem);
}

void VariablePanel::initializeSelected()
{
    const QStringList names = selectedNames();
    if (names.isEmpty())
        return;
    app::RunController& run = m_workspace->run();
    const auto trained = std::count_if(names.begin(), names.end(), [&run](const QString& name) {
        return run.variableLife(name) == app::VariableLife::Trained;
    });
    if (trained == 0) {
        run.initialize(names);
        return;
    }
    auto* box =
        new QMessageBox(QMessageBox::Question, tr("Initialise again?"),
                        tr("%1 hold trained values, which initial values would replace. “Undo restore” "
                           "brings them back once.")
                            .arg(app::countOf(trained, tr("variable"), tr("variables"))),
                        QMessageBox::Cancel, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* go = box->addButton(tr("Initialise"), QMessageBox::AcceptRole);
    connect(go, &QPushButton::clicked, this, [&run, names] { run.initialize(names); });
    box->open();
}

void VariablePanel::setSelected(int column, const QString& value)
{
    if (const QStringList names = editableSelected(); !names.isEmpty())
        m_model->setValues(names, column, value);
}

void VariablePanel::pickInitialValue()
{
    const QModelIndex current = m_table->currentIndex();
    if (!current.isValid())
        return;
    const app::VariableRow variable = m_model->row(current.row());
    if (!variable.editable) {
        emit refused({tr("The initial value of “%1” cannot be chosen here.").arg(variable.name),
                      variable.readOnlyReason, tr("Change it in the script itself; the table follows.")});
        return;
    }
    QStringList others;
    const QStringList selected =
        m_table->selectionModel()->isRowSelected(current.row(), {}) ? editableSelected() : QStringList();
    for (const QString& name : selected) {
        const app::VariableRow& row = m_model->row(m_model->rowOf(name));
        if (name != variable.name && row.dims == variable.dims && row.dtype == variable.dtype &&
            row.takesShapeApart == variable.takesShapeApart)
            others += name;
    }
    auto* picker = new InitialValuePicker(variable, static_cast<int>(others.size()), this);
    picker->setAttribute(Qt::WA_DeleteOnClose);
    connect(picker, &InitialValuePicker::chosen, this,
            [this, name = variable.name, others](const QString& text, bool isForCompanions) {
                m_model->setValues(isForCompanions ? QStringList{name} + others : QStringList{name},
                                   Model::InitializerColumn, text);
            });
    connect(picker, &QDialog::finished, m_table, qOverload<>(&QWidget::setFocus));
    picker->open();
}

void VariablePanel::followSelection()
{
    updateTotals();
    if (m_isFollowing)
        return;
    const QItemSelection selection = m_table->selectionModel()->selection();
    if (selection.isEmpty()) {
        emit statementChosen(-1, -1);
        return;
    }
    const app::VariableRow& row = m_model->row(selection.first().top());
    emit statementChosen(row.begin, row.end);
}

void VariablePanel::selectAt(int offset)
{
    for (const app::VariableRow& row : m_workspace->project().variables()) {
        if (!row.slotOf.isEmpty() || offset < row.begin || offset > row.end)
            continue;
        const QModelIndex index = m_model->index(m_model->rowOf(row.name), 0);
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
    QString text =
        tr("%1 variables · %2 parameters · %3 bytes")
            .arg(app::countText(m_model->variableCount()), app::countText(m_model->totalParameters()),
                 app::countText(m_model->totalBytes()));
    if (!m_filter->text().trimmed().isEmpty())
        text = tr("%1 of ").arg(app::countText(m_model->rowCount())) + text;
    if (m_model->variableCount() == 0 && m_workspace->project().isParsing())
        text = tr("Reading the script…");
    else if (m_workspace->project().isStale())
        text += tr(" · of the last text without errors");
    m_totals->setText(text);

    qint64 count = 0;
    qint64 parameters = 0;
    qint64 bytes = 0;
    for (const QItemSelectionRange& range : m_table->selectionModel()->selection()) {
        for (int row = range.top(); row <= range.bottom() && row < m_model->rowCount(); ++row) {
            ++count;
            parameters += m_model->row(row).parameters;
            bytes += m_model->row(row).bytes;
        }
    }
    m_selected->setText(
        count == 0 ? QString()
                   : tr("%1 selected: %2 parameters · %3")
                         .arg(app::countText(count), app::countText(parameters), app::byteText(bytes)));
}

} // namespace wr::ui
