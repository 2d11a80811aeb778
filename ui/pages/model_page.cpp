// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_page.h"

#include "app/document/quantity.h"
#include "app/models/problem_list_model.h"
#include "ui/pages/recipe_panel.h"
#include "ui/pages/variable_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/problem_delegate.h"
#include "ui/widgets/script_editor.h"
#include "ui/workspace.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

namespace wr::ui {

ModelPage::ModelPage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_editor(new ScriptEditor(&workspace->project(), this)),
      m_variables(new VariablePanel(workspace, this)),
      m_problems(new app::ProblemListModel(&workspace->project(), this)), m_problemList(new QListView(this)),
      m_problemTitle(new QLabel(this)), m_recipe(new RecipePanel(workspace, this)),
      m_lower(new QTabWidget(this)), m_splitter(new QSplitter(Qt::Horizontal, this)),
      m_stack(new QStackedWidget(this))
{
    auto* script = new QWidget(this);
    auto* scriptTitle = new QLabel(tr("Script"), script);
    scriptTitle->setProperty("role", QStringLiteral("title"));
    scriptTitle->setMinimumHeight(28);
    auto* scriptLayout = new QVBoxLayout(script);
    scriptLayout->setContentsMargins(0, 0, 4, 0);
    scriptLayout->setSpacing(8);
    scriptLayout->addWidget(scriptTitle);
    scriptLayout->addWidget(m_editor, 1);

    m_problemTitle->setProperty("role", QStringLiteral("title"));
    m_problemList->setModel(m_problems);
    m_problemList->setItemDelegate(new ProblemDelegate(m_problemList));
    m_problemList->setAccessibleName(tr("Problems"));
    m_problemList->setUniformItemSizes(true);
    auto* fix = new QPushButton(tr("Apply fix"), this);
    auto* problemTop = new QHBoxLayout;
    problemTop->addWidget(m_problemTitle);
    problemTop->addStretch();
    problemTop->addWidget(fix);
    auto* problems = new QWidget(this);
    auto* problemLayout = new QVBoxLayout(problems);
    problemLayout->setContentsMargins(4, 0, 0, 0);
    problemLayout->setSpacing(4);
    problemLayout->addLayout(problemTop);
    problemLayout->addWidget(m_problemList, 1);

    auto* right = new QSplitter(Qt::Vertical, this);
    right->setHandleWidth(8);
    right->setChildrenCollapsible(false);
    right->addWidget(m_variables);
    m_lower->setDocumentMode(true);
    m_lower->addTab(problems, tr("Problems"));
    m_lower->addTab(m_recipe, tr("Recipe"));
    right->addWidget(m_lower);
    right->setStretchFactor(0, 3);
    right->setStretchFactor(1, 1);
    right->setSizes({480, 220});
    m_splitter->setHandleWidth(8);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(script);
    m_splitter->addWidget(right);
    m_splitter->setSizes({560, 720});

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
        update();
        m_editor->setFocus();
    });
    m_stack->addWidget(empty);
    m_stack->addWidget(m_splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->addWidget(m_stack);

    connect(m_recipe, &RecipePanel::lineChosen, this, [this](int line) {
        const QString text = m_workspace->project().script();
        qsizetype begin = 0;
        for (int i = 1; i < line && begin >= 0; ++i)
            begin = text.indexOf(u'\n', begin) + 1;
        m_editor->jumpTo(static_cast<int>(begin));
    });
    connect(m_editor, &ScriptEditor::cursorMoved, m_variables, &VariablePanel::selectAt);
    connect(m_editor, &ScriptEditor::refused, this, &ModelPage::complained);
    connect(m_variables, &VariablePanel::refused, this, &ModelPage::complained);
    connect(m_variables, &VariablePanel::statementChosen, m_editor, &ScriptEditor::showStatement);
    connect(m_problemList, &QListView::doubleClicked, this,
            [this](const QModelIndex& index) { m_editor->jumpTo(m_problems->problem(index.row()).begin); });
    connect(m_problemList, &QListView::activated, this,
            [this](const QModelIndex& index) { m_editor->jumpTo(m_problems->problem(index.row()).begin); });
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
    connect(&workspace->project(), &app::Project::modelChanged, this, [this, showFix] {
        update();
        showFix();
    });
    auto* fixKey = new QShortcut(QKeySequence(QStringLiteral("Ctrl+.")), this);
    fixKey->setContext(Qt::WidgetWithChildrenShortcut);
    connect(fixKey, &QShortcut::activated, m_editor, &ScriptEditor::fixHere);
    connect(&workspace->project(), &app::Project::textReset, this, [this] {
        m_isWriting = false;
        update();
    });
    showFix();
    update();
}

void ModelPage::fixProblem(int row)
{
    const app::Explanation problem = m_workspace->project().applyFix(app::Problem(m_problems->problem(row)));
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
    return m_splitter->saveState();
}

void ModelPage::restoreLayoutState(const QByteArray& state)
{
    m_splitter->restoreState(state);
}

} // namespace wr::ui
