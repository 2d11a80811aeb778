// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_page.h"

#include "app/document/quantity.h"
#include "app/models/problem_list_model.h"
#include "ui/pages/graph_panel.h"
#include "ui/pages/recipe_panel.h"
#include "ui/pages/variable_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/find_bar.h"
#include "ui/widgets/graph_view.h"
#include "ui/widgets/problem_delegate.h"
#include "ui/widgets/script_editor.h"
#include "ui/workspace.h"

#include <QAction>
#include <QDataStream>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {
namespace {

constexpr quint32 kLayoutMark = 0x57524D50; // "WRMP"
constexpr qint32 kLayoutVersion = 1;

QSplitter* makeSplitter(Qt::Orientation orientation, QWidget* parent)
{
    auto* splitter = new QSplitter(orientation, parent);
    splitter->setHandleWidth(8);
    splitter->setChildrenCollapsible(false);
    return splitter;
}

} // namespace

ModelPage::ModelPage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_editor(new ScriptEditor(&workspace->project(), this)),
      m_variables(new VariablePanel(workspace, this)), m_graph(new GraphPanel(workspace, this)),
      m_problems(new app::ProblemListModel(&workspace->project(), this)), m_problemList(new QListView(this)),
      m_problemTitle(new QLabel(this)), m_recipe(new RecipePanel(workspace, this)),
      m_lower(new QTabWidget(this)), m_splitter(makeSplitter(Qt::Horizontal, this)),
      m_right(makeSplitter(Qt::Vertical, this)), m_views(makeSplitter(Qt::Horizontal, this)),
      m_stack(new QStackedWidget(this))
{
    m_views->addWidget(m_variables);
    m_views->addWidget(m_graph);
    m_views->setSizes({560, 560});
    m_right->addWidget(m_views);
    m_lower->setDocumentMode(true);
    m_lower->addTab(makeProblems(), tr("Problems"));
    m_lower->addTab(m_recipe, tr("Recipe"));
    m_right->addWidget(m_lower);
    m_right->setStretchFactor(0, 3);
    m_right->setStretchFactor(1, 1);
    m_right->setSizes({480, 220});
    m_splitter->addWidget(m_editor);
    m_splitter->addWidget(m_right);
    m_splitter->setSizes({560, 720});
    auto* model = new QWidget(this);
    auto* modelLayout = new QVBoxLayout(model);
    modelLayout->setContentsMargins(0, 0, 0, 0);
    modelLayout->setSpacing(8);
    modelLayout->addWidget(makeHeader());
    modelLayout->addWidget(m_splitter, 1);
    m_stack->addWidget(makeEmptyState());
    m_stack->addWidget(model);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->addWidget(m_stack);
    new FindBar(m_editor);
    wirePanes();
    showPanes();
    update();
}

QWidget* ModelPage::makeHeader()
{
    auto* header = new QWidget(this);
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    struct Face {
        const char* icon;
        QString name;
        QString tip;
    };
    const Face faces[PaneCount] = {{"code", tr("Script"), tr("Show the script")},
                                   {"table", tr("Table"), tr("Show the table of variables")},
                                   {"link", tr("Graph"), tr("Show the graph")}};
    for (int pane = 0; pane < PaneCount; ++pane) {
        const QKeySequence keys(QStringLiteral("Alt+%1").arg(pane + 1));
        auto* action = new QAction(faces[pane].name, this);
        Theme::instance().bindIcon(action, QLatin1String(faces[pane].icon));
        action->setCheckable(true);
        action->setChecked(pane != GraphPane);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setStatusTip(faces[pane].tip);
        action->setToolTip(faces[pane].tip + QStringLiteral(" (") + keys.toString(QKeySequence::NativeText) +
                           u')');
        addAction(action);
        auto* button = new QToolButton(header);
        button->setDefaultAction(action);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setAccessibleName(faces[pane].tip);
        m_panes[static_cast<std::size_t>(pane)] = action;
        layout->addWidget(button);
        connect(action, &QAction::toggled, this,
                [this, pane](bool isOn) { setPaneOn(static_cast<Pane>(pane), isOn); });
    }
    layout->addStretch();
    return header;
}

QWidget* ModelPage::makeProblems()
{
    m_problemTitle->setProperty("role", QStringLiteral("title"));
    m_problemList->setModel(m_problems);
    m_problemList->setItemDelegate(new ProblemDelegate(m_problemList));
    m_problemList->setAccessibleName(tr("Problems"));
    m_problemList->setUniformItemSizes(true);
    auto* fix = new QPushButton(tr("Apply fix"), this);
    auto* top = new QHBoxLayout;
    top->addWidget(m_problemTitle);
    top->addStretch();
    top->addWidget(fix);
    auto* problems = new QWidget(this);
    auto* layout = new QVBoxLayout(problems);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(top);
    layout->addWidget(m_problemList, 1);

    const auto jump = [this](const QModelIndex& index) {
        setPaneOn(ScriptPane, true);
        m_editor->jumpTo(m_problems->problem(index.row()).begin);
    };
    connect(m_problemList, &QListView::doubleClicked, this, jump);
    connect(m_problemList, &QListView::activated, this, jump);
    connect(fix, &QPushButton::clicked, this, [this] {
        const QModelIndex current = m_problemList->currentIndex();
        if (current.isValid())
            fixProblem(current.row());
        else
            m_editor->fixHere();
    });
    const auto showFix = [this, fix] {
        const QModelIndex current = m_problemList->currentIndex();
        const QString label = current.isValid() ? m_problems->problem(current.row()).fixLabel : QString();
        fix->setText(label.isEmpty() ? tr("Apply fix") : tr("Fix: %1").arg(label));
        fix->setEnabled(!label.isEmpty());
        fix->setVisible(m_problems->rowCount() > 0);
    };
    connect(m_problemList->selectionModel(), &QItemSelectionModel::currentChanged, this, showFix);
    connect(&m_workspace->project(), &app::Project::modelChanged, this, [this, showFix] {
        update();
        showFix();
    });
    showFix();
    return problems;
}

QWidget* ModelPage::makeEmptyState()
{
    auto* empty = new EmptyState(QStringLiteral("code"), tr("No model yet"),
                                 tr("Paste tf.Variable(…) statements, open a project, or try the example "
                                    "Digits 784-200-10."),
                                 this);
    empty->addButton(
        tr("Try the Digits example"), [this] { emit exampleRequested(); }, true);
    empty->addButton(tr("Paste text…"), [this] { emit pasteRequested(); });
    empty->addButton(tr("Open project…"), [this] { emit openRequested(); });
    empty->addButton(tr("Write"), [this] {
        m_isWriting = true;
        setPaneOn(ScriptPane, true);
        update();
        m_editor->setFocus();
    });
    return empty;
}

void ModelPage::wirePanes()
{
    connect(m_editor, &ScriptEditor::cursorMoved, m_variables, &VariablePanel::selectAt);
    connect(m_editor, &ScriptEditor::cursorMoved, this, [this](int offset) {
        if (!m_graph->view()->hasFocus()) // an edit made there moves the cursor, too
            m_graph->selectAt(offset);
    });
    connect(m_recipe, &RecipePanel::lineChosen, this, [this](int line) {
        const QString text = m_workspace->project().script();
        qsizetype begin = 0;
        for (int i = 1; i < line && begin >= 0; ++i)
            begin = text.indexOf(u'\n', begin) + 1;
        setPaneOn(ScriptPane, true);
        m_editor->jumpTo(static_cast<int>(begin));
    });
    connect(m_editor, &ScriptEditor::refused, this, &ModelPage::complained);
    connect(m_variables, &VariablePanel::refused, this, &ModelPage::complained);
    connect(m_graph, &GraphPanel::refused, this, &ModelPage::complained);
    connect(m_variables, &VariablePanel::statementChosen, m_editor, &ScriptEditor::showStatement);
    connect(m_variables, &VariablePanel::statementOpened, this, [this](int offset) {
        setPaneOn(ScriptPane, true);
        m_editor->jumpTo(offset);
    });
    connect(&m_workspace->run(), &app::RunController::devicesChanged, this, [this] {
        QStringList names;
        for (const app::DeviceInfo& device : m_workspace->run().devices())
            names += device.name;
        m_editor->setDevices(names);
    });
    connect(m_variables, &VariablePanel::statementChosen, this, [this] {
        const QStringList names = m_isChoosing ? QStringList() : m_variables->selectedNames();
        if (!names.isEmpty())
            m_graph->selectVariable(names.first());
    });
    connect(m_graph, &GraphPanel::variableChosen, this, &ModelPage::chooseVariable);
    connect(m_graph, &GraphPanel::statementChosen, m_editor, &ScriptEditor::showStatement);
    connect(m_graph, &GraphPanel::jumpRequested, this, [this](int offset) {
        setPaneOn(ScriptPane, true);
        m_editor->jumpTo(offset);
    });
    auto* fixKey = new QShortcut(QKeySequence(QStringLiteral("Ctrl+.")), this);
    fixKey->setContext(Qt::WidgetWithChildrenShortcut);
    connect(fixKey, &QShortcut::activated, m_editor, &ScriptEditor::fixHere);
    connect(&m_workspace->project(), &app::Project::textReset, this, [this] {
        m_isWriting = false;
        m_editor->showStatement(-1, -1);
        update();
    });
}

QList<QAction*> ModelPage::paneActions() const
{
    return {m_panes.begin(), m_panes.end()};
}

bool ModelPage::isPaneOn(Pane pane) const
{
    return m_panes[pane]->isChecked();
}

void ModelPage::setPaneOn(Pane pane, bool isOn)
{
    const bool isAny = std::any_of(m_panes.begin(), m_panes.end(),
                                   [](const QAction* action) { return action->isChecked(); });
    m_panes[pane]->setChecked(isOn || !isAny);
    showPanes();
}

void ModelPage::showPanes()
{
    const bool hasViews = isPaneOn(TablePane) || isPaneOn(GraphPane);
    m_editor->setVisible(isPaneOn(ScriptPane));
    m_variables->setVisible(isPaneOn(TablePane));
    m_graph->setVisible(isPaneOn(GraphPane));
    m_views->setVisible(hasViews);
    // Without a view beside it, the script has the whole width and the problems stand below it.
    const Qt::Orientation orientation = hasViews ? Qt::Horizontal : Qt::Vertical;
    if (m_splitter->orientation() == orientation)
        return;
    m_splitter->setOrientation(orientation);
    if (orientation == Qt::Horizontal)
        m_splitter->setSizes({560, 720});
    else
        m_splitter->setSizes({560, 160});
}

/// The row of the table; it marks the statement in its turn.
void ModelPage::chooseVariable(const QString& name)
{
    const QTableView* const table = m_variables->table();
    const QAbstractItemModel* const model = table->model();
    for (int row = 0; row < model->rowCount(); ++row) {
        const QModelIndex index = model->index(row, app::VariableTableModel::NameColumn);
        if (index.data(app::VariableTableModel::NameRole).toString() != name)
            continue;
        m_isChoosing = true;
        m_variables->table()->setCurrentIndex(index);
        m_variables->table()->selectRow(row);
        m_isChoosing = false;
        return;
    }
}

void ModelPage::fixProblem(int row)
{
    const app::Problem chosen = m_problems->problem(row);
    if (m_workspace->project().isLong()) {
        m_workspace->project().startFix(chosen);
        return;
    }
    const app::Explanation problem = m_workspace->project().applyFix(chosen);
    if (!problem.isEmpty())
        emit complained(problem);
}

void ModelPage::update()
{
    const bool isEmpty = m_workspace->project().script().isEmpty() && !m_isWriting;
    m_stack->setCurrentIndex(isEmpty ? 0 : 1);
    const int count = m_problems->rowCount();
    m_problemTitle->setText(count == 0 ? tr("No problems")
                                       : app::countOf(count, tr("problem"), tr("problems")));
    m_lower->setTabText(0, count == 0 ? tr("Problems") : tr("Problems (%1)").arg(count));
}

void ModelPage::showRecipe()
{
    m_lower->setCurrentWidget(m_recipe);
}

void ModelPage::showProblems()
{
    m_lower->setCurrentIndex(0);
    m_problemList->setFocus();
    if (m_problems->rowCount() > 0)
        m_problemList->setCurrentIndex(m_problems->index(0));
}

QByteArray ModelPage::layoutState() const
{
    QByteArray state;
    QDataStream stream(&state, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    stream << kLayoutMark << kLayoutVersion << isPaneOn(ScriptPane) << isPaneOn(TablePane)
           << isPaneOn(GraphPane) << m_splitter->saveState() << m_right->saveState() << m_views->saveState();
    return state;
}

void ModelPage::restoreLayoutState(const QByteArray& state)
{
    QDataStream stream(state);
    stream.setVersion(QDataStream::Qt_6_4);
    quint32 mark = 0;
    qint32 version = 0;
    stream >> mark >> version;
    if (mark != kLayoutMark) {
        m_splitter->restoreState(state); // script and table only, as it was at first
        return;
    }
    std::array<bool, PaneCount> isOn{};
    QByteArray splitter;
    QByteArray right;
    QByteArray views;
    stream >> isOn[ScriptPane] >> isOn[TablePane] >> isOn[GraphPane] >> splitter >> right >> views;
    const bool isAny = isOn[ScriptPane] || isOn[TablePane] || isOn[GraphPane];
    if (stream.status() != QDataStream::Ok || version != kLayoutVersion || !isAny)
        return;
    for (int pane = 0; pane < PaneCount; ++pane) { // first those that are on, since one always is
        if (isOn[static_cast<std::size_t>(pane)])
            setPaneOn(static_cast<Pane>(pane), true);
    }
    for (int pane = 0; pane < PaneCount; ++pane)
        setPaneOn(static_cast<Pane>(pane), isOn[static_cast<std::size_t>(pane)]);
    m_splitter->restoreState(splitter);
    m_right->restoreState(right);
    m_views->restoreState(views);
    showPanes();
}

} // namespace wr::ui
