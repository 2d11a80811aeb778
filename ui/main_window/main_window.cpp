// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/main_window.h"

#include "app/document/quantity.h"
#include "ui/dialogs/restore_dialog.h"
#include "ui/main_window/mode_rail.h"
#include "ui/main_window/run_notice.h"
#include "ui/main_window/status_line.h"
#include "ui/pages/checkpoint_page.h"
#include "ui/pages/diff_page.h"
#include "ui/pages/model_page.h"
#include "ui/pages/place_page.h"
#include "ui/pages/recipe_panel.h"
#include "ui/pages/start_page.h"
#include "ui/pages/train_page.h"
#include "ui/pages/variable_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/file_drop.h"
#include "ui/widgets/message_strip.h"
#include "ui/widgets/rate_spin.h"
#include "ui/widgets/script_editor.h"
#include "ui/workspace.h"

#include <QActionGroup>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenu>
#include <QStackedWidget>
#include <QStatusBar>

namespace wr::ui {

using app::RunPhase;

MainWindow::MainWindow(Workspace* workspace)
    : m_workspace(workspace), m_actions(std::make_unique<WindowActions>(this)), m_rail(new ModeRail(this)),
      m_pages(new QStackedWidget(this)), m_whole(new QStackedWidget(this)),
      m_messages(new MessageStrip(this)), m_status(new StatusLine(this)), m_notice(new RunNotice(this)),
      m_model(new ModelPage(workspace, this)), m_place(new PlacePage(workspace, this)),
      m_train(new TrainPage(workspace, this)), m_checkpoints(new CheckpointPage(workspace, this)),
      m_diff(new DiffPage(workspace, this)), m_start(new StartPage(workspace, this))
{
    setObjectName(QStringLiteral("weightroom"));
    setWindowIcon(QIcon(QStringLiteral(":/icons/weightroom.svg")));
    resize(1320, 840);
    m_rail->addMode(tr("Model"), QStringLiteral("code"));
    m_rail->addMode(tr("Place"), QStringLiteral("device"));
    m_rail->addMode(tr("Train"), QStringLiteral("chart"));
    m_rail->addMode(tr("Checkpoints"), QStringLiteral("checkpoint"));
    m_rail->addMode(tr("Diff"), QStringLiteral("diff"));
    for (QWidget* page :
         {static_cast<QWidget*>(m_model), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_train),
          static_cast<QWidget*>(m_checkpoints), static_cast<QWidget*>(m_diff)})
        m_pages->addWidget(page);
    auto* column = new QVBoxLayout;
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* strip = new QHBoxLayout;
    strip->setContentsMargins(16, 8, 16, 0);
    strip->addWidget(m_messages);
    column->addLayout(strip);
    column->addWidget(m_whole, 1);
    auto* central = new QWidget(this);
    auto* row = new QHBoxLayout(central);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_rail);
    row->addLayout(column, 1);
    m_whole->addWidget(m_pages);
    m_whole->addWidget(m_start);
    setCentralWidget(central);
    m_messages->dismiss();
    statusBar()->addPermanentWidget(m_status);
    statusBar()->setSizeGripEnabled(false);

    makeView();
    wireFiles();
    wireEdits();
    wireRun();
    wireRecipe();
    wireCheckpoints();
    connect(m_workspace, &Workspace::complained, this, &MainWindow::complain);
    connect(m_model, &ModelPage::complained, this, &MainWindow::complain);
    m_actions->place->addActions(m_place->actions().all());
    connect(m_place, &PlacePage::pageRequested, this, [this] { showPage(Place); });
    connect(m_place, &PlacePage::complained, this, &MainWindow::complain);
    connect(m_place, &PlacePage::noted, this, &MainWindow::note);
    connect(m_place, &PlacePage::textRequested, this, [this](int begin, int end) {
        showPage(Model);
        m_model->editor()->showStatement(begin, end);
    });
    connect(m_train, &TrainPage::complained, this, &MainWindow::complain);
    connect(m_train, &TrainPage::noted, this, &MainWindow::note);
    connect(m_train, &TrainPage::problemsRequested, m_actions->problems, &QAction::trigger);
    connect(m_train, &TrainPage::textRequested, this, [this](int begin, int end) {
        showPage(Model);
        m_model->editor()->showStatement(begin, end);
    });
    connect(m_checkpoints, &CheckpointPage::complained, this, &MainWindow::complain);
    connect(m_checkpoints, &CheckpointPage::noted, this, &MainWindow::note);
    connect(m_checkpoints, &CheckpointPage::damaged, this,
            [this](const app::Explanation& explanation, const QString& path) {
                m_messages->showExplanation(
                    explanation, {{tr("Recover"), [this, path] { m_checkpoints->recover(path); }}});
            });
    connect(m_checkpoints, &CheckpointPage::trashed, this, [this](int files) {
        m_messages->showText(
            MessageStrip::Kind::Info,
            tr("%1 moved to the trash.").arg(app::countOf(files, tr("checkpoint"), tr("checkpoints"))),
            tr("Put back"), [this] { m_workspace->library().putBack(); });
    });
    connect(m_diff, &DiffPage::complained, this, &MainWindow::complain);
    restoreLayout();
    updateActions();
    updateTitle();
}

MainWindow::~MainWindow()
{
    // Pages may still hand over an open edit while they go, and the window is no longer there to hear of it.
    for (QObject* sender :
         {static_cast<QObject*>(m_workspace), static_cast<QObject*>(&m_workspace->project()),
          static_cast<QObject*>(&m_workspace->run()), static_cast<QObject*>(&m_workspace->library())})
        sender->disconnect(this);
}

void MainWindow::makeView()
{
    QMenu* menu = m_actions->view;
    const QStringList names{tr("&Model"), tr("&Place"), tr("&Train"), tr("&Checkpoints"), tr("&Diff")};
    for (int i = 0; i < names.size(); ++i) {
        QAction* action = menu->addAction(names[i], this, [this, i] { showPage(static_cast<Page>(i)); });
        action->setShortcut(QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1)));
    }
    connect(m_rail, &ModeRail::chosen, this, [this](int mode) { showPage(static_cast<Page>(mode)); });
    menu->addSeparator();
    const QList<QAction*> panes = m_model->paneActions();
    for (QAction* pane : panes) {
        connect(pane, &QAction::triggered, this, [this] { showPage(Model); });
        menu->addAction(pane);
    }
    menu->addSeparator();
    auto* themes = new QActionGroup(this);
    const std::pair<QString, Theme::Choice> choices[] = {{tr("&Light"), Theme::Choice::Light},
                                                         {tr("Dar&k"), Theme::Choice::Dark},
                                                         {tr("As the &system"), Theme::Choice::System}};
    for (const auto& [name, choice] : choices) {
        QAction* action =
            menu->addAction(name, this, [choice = choice] { Theme::instance().setChoice(choice); });
        action->setCheckable(true);
        action->setChecked(Theme::instance().choice() == choice);
        themes->addAction(action);
    }
    connect(m_actions->shortcuts, &QAction::triggered, this, &MainWindow::showShortcuts);
    connect(m_actions->about, &QAction::triggered, this, &MainWindow::showAbout);
}

void MainWindow::wireEdits()
{
    app::Project& project = m_workspace->project();
    connect(m_actions->undo, &QAction::triggered, this, [&project] { project.undo(); });
    connect(m_actions->redo, &QAction::triggered, this, [&project] { project.redo(); });
    connect(m_actions->addVariable, &QAction::triggered, this, [this] {
        showPage(Model);
        m_model->variables()->addVariable();
    });
    connect(m_actions->removeVariables, &QAction::triggered, m_model->variables(),
            &VariablePanel::removeSelected);
    connect(m_actions->filter, &QAction::triggered, this, [this] {
        showPage(Model);
        m_model->variables()->focusFilter();
    });
    connect(m_actions->problems, &QAction::triggered, this, [this] {
        showPage(Model);
        m_model->showProblems();
    });
    connect(&project, &app::Project::historyChanged, this, &MainWindow::updateTitle);
    connect(&project, &app::Project::locationChanged, this, &MainWindow::updateTitle);
    connect(&project, &app::Project::historyChanged, this, &MainWindow::updateActions);
    connect(&project, &app::Project::modelChanged, this, &MainWindow::updateActions);
}

void MainWindow::wireRun()
{
    app::RunController& run = m_workspace->run();
    connect(m_actions->init, &QAction::triggered, this, [&run] { run.initializeAll(); });
    connect(m_train, &TrainPage::initRequested, m_actions->init, &QAction::trigger);
    connect(m_actions->run, &QAction::triggered, this, &MainWindow::runOrAsk);
    connect(m_train, &TrainPage::runRequested, m_actions->run, &QAction::trigger);
    connect(m_actions->pause, &QAction::triggered, this, [&run] { run.pause(); });
    for (const auto& [action, count] : {std::pair{m_actions->step, 1}, std::pair{m_actions->step10, 10},
                                        std::pair{m_actions->step100, 100}})
        connect(action, &QAction::triggered, this, [&run, count = count] { run.step(count); });
    connect(m_actions->stopAndSave, &QAction::triggered, this, [&run] { run.stopAndSave(); });
    connect(m_actions->stopNow, &QAction::triggered, this, [&run] { run.stopNow(); });
    connect(&run, &app::RunController::nonFinite, this, &MainWindow::offerWayBack);
    connect(m_actions->stop, &QAction::triggered, this, [&run] { run.stop(); });
    connect(m_actions->rate, &RateSpin::valueChanged, this, [&run](double rate) {
        if (rate != run.state().learningRate)
            run.setLearningRate(rate);
    });
    connect(&run, &app::RunController::stateChanged, this, &MainWindow::updateActions);
}

void MainWindow::offerWayBack(const app::NonFiniteStep& step)
{
    app::RunController& run = m_workspace->run();
    QVector<MessageStrip::Action> ways;
    if (step.goodStep >= 0 && step.lowerRate > 0.0)
        ways.append({tr("Go back to step %1, rate %2")
                         .arg(app::countText(step.goodStep), app::valueText(step.lowerRate)),
                     [&run] { run.goBackAndLowerRate(); }});
    if (step.goodStep >= 0)
        ways.append({tr("Go back to step %1").arg(app::countText(step.goodStep)), [&run] { run.goBack(); }});
    m_messages->showExplanation(step.explanation, ways);
    m_notice->tell(step.explanation.what, step.explanation.why);
}

void MainWindow::wireRecipe()
{
    RecipePanel* panel = m_model->recipe();
    const auto enable = [this, panel] {
        m_actions->runRecipe->setEnabled(panel->canRun());
        m_actions->continueRecipe->setEnabled(panel->canContinue());
    };
    connect(panel, &RecipePanel::changed, this, enable);
    connect(m_actions->runRecipe, &QAction::triggered, this, [this, panel] {
        showPage(Model);
        m_model->showRecipe();
        panel->run();
    });
    connect(m_actions->continueRecipe, &QAction::triggered, panel, &RecipePanel::goOn);
    enable();
}

void MainWindow::runOrAsk()
{
    app::RunController& run = m_workspace->run();
    if (run.state().uninitialized > 0) {
        m_messages->showText(
            MessageStrip::Kind::Info,
            tr("%1 without a value.")
                .arg(app::countOf(run.state().uninitialized, tr("variable"), tr("variables"))),
            tr("Init, then run"), [this, &run] {
                run.initializeAll();
                run.run();
                showPage(Train);
                m_messages->dismiss();
            });
        return;
    }
    run.run();
    showPage(Train);
}

void MainWindow::wireCheckpoints()
{
    app::RunController& run = m_workspace->run();
    connect(m_actions->saveCheckpoint, &QAction::triggered, this, [&run] { run.save(true); });
    connect(m_actions->savePlain, &QAction::triggered, this, [&run] { run.save(false); });
    connect(m_actions->savers, &QMenu::aboutToShow, this, &MainWindow::refillSavers);
    connect(m_checkpoints, &CheckpointPage::saveRequested, m_actions->saveCheckpoint, &QAction::trigger);
    connect(
        &run, &app::RunController::saved, this, [this](const QString& path, qint64 bytes, bool isAutomatic) {
            if (isAutomatic) // it has its mark on the curves, and must not push other messages away
                return;
            m_messages->showText(MessageStrip::Kind::Good,
                                 tr("Saved %1 (%2).").arg(QFileInfo(path).fileName(), app::byteText(bytes)),
                                 tr("Show"), [this] { showPage(Checkpoints); });
        });
    connect(&run, &app::RunController::restored, this, [this, &run](int restored, int initialized, int kept) {
        const QString text =
            tr("%1 restored, %2 initialised, %3 kept.").arg(restored).arg(initialized).arg(kept);
        if (run.canUndoRestore())
            m_messages->showText(MessageStrip::Kind::Good, text, tr("Undo"),
                                 [this] { m_actions->undoRestore->trigger(); });
        else
            m_messages->showText(MessageStrip::Kind::Good, text);
    });
    connect(m_actions->restore, &QAction::triggered, this,
            [this] { requestRestore(m_checkpoints->selectedPaths().value(0)); });
    connect(m_checkpoints, &CheckpointPage::restoreRequested, this, &MainWindow::requestRestore);
    connect(m_workspace, &Workspace::restoreReady, this, &MainWindow::openRestore);
    connect(m_actions->undoRestore, &QAction::triggered, this, [this, &run] {
        run.undoRestore();
        m_messages->dismiss();
    });
    connect(m_actions->diff, &QAction::triggered, this, [this] {
        const QStringList paths = m_checkpoints->selectedPaths();
        m_diff->compare(paths.size() >= 2 ? paths.last() : paths.value(0),
                        paths.size() >= 2 ? paths.first() : QString());
        showPage(Diff);
    });
    connect(m_checkpoints, &CheckpointPage::diffRequested, this, [this](const QString& a, const QString& b) {
        m_diff->compare(a, b);
        showPage(Diff);
    });
    connect(&m_workspace->library(), &app::CheckpointLibrary::changed, this, &MainWindow::updateActions);
}

void MainWindow::requestRestore(const QString& path)
{
    if (path.isEmpty()) {
        showPage(Checkpoints);
        note(tr("Select the checkpoint to restore from."));
        return;
    }
    m_workspace->prepareRestore(path);
}

void MainWindow::openRestore(const std::shared_ptr<app::RestoreSession>& session)
{
    auto* dialog = new RestoreDialog(session, m_workspace->project().directory(), this);
    connect(dialog, &RestoreDialog::restoreRequested, this,
            [this](const std::shared_ptr<app::RestoreSession>& plan) { m_workspace->run().restore(plan); });
    dialog->open();
}

void MainWindow::updateActions()
{
    const app::RunState& state = m_workspace->run().state();
    const app::Project& project = m_workspace->project();
    const bool isRunning = state.phase == RunPhase::Running;
    const bool isReady = state.phase == RunPhase::Ready || state.phase == RunPhase::Finished;
    m_actions->undo->setEnabled(project.canUndo());
    m_actions->redo->setEnabled(project.canRedo());
    m_actions->undo->setText(project.canUndo() ? tr("&Undo %1").arg(project.undoLabel()) : tr("&Undo"));
    m_actions->redo->setText(project.canRedo() ? tr("&Redo %1").arg(project.redoLabel()) : tr("&Redo"));
    m_actions->init->setEnabled(isReady || isRunning);
    m_actions->run->setEnabled(isReady && state.canTrain);
    m_actions->pause->setEnabled(isRunning);
    for (QAction* step : {m_actions->step, m_actions->step10, m_actions->step100})
        step->setEnabled(isReady && state.canTrain);
    m_actions->stopAndSave->setEnabled(isRunning);
    m_actions->stopNow->setEnabled(isRunning);
    m_actions->stop->setEnabled((isReady || isRunning) && state.step > 0);
    m_actions->rate->setSource(state.canTrain ? state.rateSource : QString());
    m_actions->rate->setEnabled(state.canTrain && state.rateSource.isEmpty());
    const bool hasValues = (isReady || isRunning) && state.uninitialized == 0 && project.model() != nullptr;
    m_actions->saveCheckpoint->setEnabled(hasValues);
    m_actions->savePlain->setEnabled(hasValues);
    m_actions->savers->setEnabled(isReady || isRunning);
    m_actions->undoRestore->setEnabled(m_workspace->run().canUndoRestore());
    if (!m_actions->rate->hasFocus() && state.learningRate > 0 &&
        m_actions->rate->value() != state.learningRate) {
        const QSignalBlocker quiet(m_actions->rate);
        m_actions->rate->setValue(state.learningRate);
    }
    m_status->show(state);
    m_notice->follow(state, project.title());
}

void MainWindow::updateTitle()
{
    const QString title = m_workspace->project().title();
    setWindowTitle(title.isEmpty() ? tr("Weightroom[*]") : tr("%1[*] – Weightroom").arg(title));
    setWindowModified(m_workspace->project().isModified());
}

void MainWindow::showPage(Page page)
{
    m_pages->setCurrentIndex(page);
    m_rail->setCurrent(page);
    m_whole->setCurrentWidget(m_pages);
    m_rail->show();
}

void MainWindow::showStart()
{
    m_start->refresh();
    m_whole->setCurrentWidget(m_start);
    m_rail->hide();
    m_start->setFocus();
}

MainWindow::Page MainWindow::page() const
{
    return static_cast<Page>(m_pages->currentIndex());
}

void MainWindow::complain(const app::Explanation& explanation)
{
    m_messages->showExplanation(explanation);
}

void MainWindow::note(const QString& text)
{
    m_messages->showText(MessageStrip::Kind::Info, text);
}

} // namespace wr::ui
