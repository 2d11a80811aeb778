// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/recipe_panel.h"

#include "app/models/recipe_list_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/recipe_delegate.h"
#include "ui/widgets/table_setup.h"
#include "ui/workspace.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace wr::ui {

RecipePanel::RecipePanel(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace),
      m_model(new app::RecipeListModel(&workspace->project(), &workspace->run(), this)),
      m_stack(new QStackedWidget(this)), m_choice(new QComboBox(this)), m_status(new QLabel(this)),
      m_ownFolders(new QCheckBox(tr("Script's own folders"), this)),
      m_run(new QPushButton(tr("Run recipe"), this)), m_continue(new QPushButton(tr("Continue"), this)),
      m_table(new QTableView(this))
{
    setObjectName(QStringLiteral("recipe"));
    m_choice->setAccessibleName(tr("Recipe"));
    m_choice->setToolTip(tr("Which session block or init op of the script"));
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_choice->setMinimumContentsLength(14);
    m_status->setProperty("role", QStringLiteral("muted"));
    m_status->setObjectName(QStringLiteral("recipeStatus"));
    m_status->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_ownFolders->setToolTip(tr("Save to the folders that the script names, such as /tmp, where they exist.\n"
                                "Otherwise “/tmp/model.ckpt” is model.ckpt.wrck among the project's "
                                "checkpoints."));
    m_run->setObjectName(QStringLiteral("runRecipe"));
    m_run->setToolTip(tr("Carry out these actions in order (Ctrl+F5)"));
    Theme::instance().bindIcon(m_run, QStringLiteral("run"));
    m_continue->setObjectName(QStringLiteral("continueRecipe"));
    m_continue->setToolTip(tr("Go on behind the place that the script leaves open (Ctrl+F6)"));
    m_continue->setProperty("primary", true);
    m_table->setModel(m_model);
    m_table->setItemDelegate(new RecipeDelegate(m_table));
    m_table->setAccessibleName(tr("Actions of the recipe"));
    setUpTable(m_table, {300});

    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_choice);
    top->addWidget(m_status, 1);
    top->addWidget(m_ownFolders);
    top->addWidget(m_continue);
    top->addWidget(m_run);
    auto* full = new QWidget(this);
    auto* column = new QVBoxLayout(full);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(top);
    column->addWidget(m_table, 1);
    auto* nothing = new QLabel(tr("No session block. Paste one, or use Init and Run."), this);
    nothing->setProperty("role", QStringLiteral("muted"));
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    m_stack->addWidget(nothing);
    m_stack->addWidget(full);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->addWidget(m_stack);

    connect(m_run, &QPushButton::clicked, this, &RecipePanel::run);
    connect(m_continue, &QPushButton::clicked, this, &RecipePanel::goOn);
    connect(m_choice, &QComboBox::activated, m_model, &app::RecipeListModel::setProgram);
    connect(m_model, &app::RecipeListModel::programsChanged, this, &RecipePanel::refill);
    connect(m_model, &app::RecipeListModel::progressed, this, &RecipePanel::update);
    connect(&workspace->run(), &app::RunController::stateChanged, this, &RecipePanel::update);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) {
        emit lineChosen(index.data(app::RecipeListModel::LineRole).toInt());
    });
    connect(&Theme::instance(), &Theme::changed, m_table->viewport(), qOverload<>(&QWidget::update));
    refill();
}

void RecipePanel::refill()
{
    const QSignalBlocker quiet(m_choice);
    QStringList shown;
    for (int i = 0; i < m_choice->count(); ++i)
        shown += m_choice->itemText(i);
    if (shown != m_model->programs()) {
        m_choice->clear();
        m_choice->addItems(m_model->programs());
    }
    m_choice->setCurrentIndex(m_model->program());
    update();
}

bool RecipePanel::canRun() const
{
    const app::RunPhase phase = m_workspace->run().state().phase;
    const bool isReady =
        phase == app::RunPhase::Ready || phase == app::RunPhase::Finished || phase == app::RunPhase::Running;
    return m_model->rowCount() > 0 && isReady && !m_model->isRunning() && !m_workspace->project().isStale();
}

bool RecipePanel::canContinue() const
{
    return m_model->isOpen() && !m_workspace->project().isStale();
}

void RecipePanel::update()
{
    m_stack->setCurrentIndex(m_model->rowCount() > 0 ? 1 : 0);
    m_run->setEnabled(canRun());
    m_continue->setVisible(m_model->isOpen());
    m_continue->setEnabled(canContinue());
    QString status;
    if (m_model->isOpen())
        status = tr("Waiting");
    else if (m_model->isRunning())
        status = tr("Running…");
    else if (m_workspace->project().isStale())
        status = tr("The script has errors.");
    m_status->setText(status);
    m_status->setToolTip(m_model->isOpen() ? tr("Train or edit, then continue.") : status);
    emit changed();
}

void RecipePanel::run()
{
    if (canRun())
        m_workspace->run().runRecipe(m_model->program(), m_ownFolders->isChecked());
}

void RecipePanel::goOn()
{
    if (canContinue())
        m_workspace->run().continueRecipe();
}

} // namespace wr::ui
