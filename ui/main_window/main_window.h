// SPDX-License-Identifier: GPL-3.0-or-later
// The window: pages, menus, messages and status around one workspace. Asks before something is lost, and
// never waits. UI thread.
#pragma once

#include "ui/main_window/window_actions.h"

#include "app/document/explanation.h"
#include "app/run/run_state.h"

#include <QMainWindow>
#include <functional>

class QStackedWidget;

namespace wr::app {
class RestoreSession;
struct LostSession;
} // namespace wr::app

namespace wr::ui {

class CheckpointPage;
class DiffPage;
class MessageStrip;
class ModelPage;
class ModeRail;
class PlacePage;
class RunNotice;
class StartPage;
class StatusLine;
class TrainPage;
class Workspace;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    enum Page { Model, Place, Train, Checkpoints, Diff };

    explicit MainWindow(Workspace* workspace);
    ~MainWindow() override;

    /// A project folder, a model.wr or a checkpoint; asks first when something would be lost.
    void openPath(const QString& path);
    void showPage(Page page);
    Page page() const;
    /// The start page, in front of all pages until one of them is shown.
    void showStart();
    StartPage* startPage() const { return m_start; }
    MessageStrip* messages() const { return m_messages; }
    RunNotice* notice() const { return m_notice; }
    const WindowActions& actions() const { return *m_actions; }
    ModelPage* modelPage() const { return m_model; }
    PlacePage* placePage() const { return m_place; }
    TrainPage* trainPage() const { return m_train; }
    CheckpointPage* checkpointPage() const { return m_checkpoints; }
    DiffPage* diffPage() const { return m_diff; }

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    void wireFiles();
    void wireEdits();
    void wireRun();
    void wireRecipe();
    void openExample(const QString& name);
    void openRecovered(const app::LostSession& session);
    void newProject(const QString& text);
    void wireCheckpoints();
    void makeView();
    void updateActions();
    void updateTitle();
    void runOrAsk();
    void offerWayBack(const app::NonFiniteStep& step);
    void openRestore(const std::shared_ptr<app::RestoreSession>& session);
    void requestRestore(const QString& path);
    void complain(const app::Explanation& explanation);
    void note(const QString& text);

    void save(const std::function<void()>& then = {});
    void saveAs(const std::function<void()>& then = {});
    void replaceProject(const std::function<void()>& open);
    void ask(const QString& text, const QString& details, const QString& save,
             const std::function<void()>& onSave, const std::function<void()>& onDiscard);
    void refillRecent();
    void refillSavers();
    bool hasHomelessCheckpoints() const;
    void restoreLayout();
    void saveLayout();
    void showShortcuts();
    void showAbout();

    Workspace* m_workspace;
    std::unique_ptr<WindowActions> m_actions;
    ModeRail* m_rail;
    QStackedWidget* m_pages;
    QStackedWidget* m_whole; ///< the pages with their rail, or the start page
    MessageStrip* m_messages;
    StatusLine* m_status;
    RunNotice* m_notice;
    ModelPage* m_model;
    PlacePage* m_place;
    TrainPage* m_train;
    CheckpointPage* m_checkpoints;
    DiffPage* m_diff;
    StartPage* m_start;
    bool m_isLeaving = false;
};

} // namespace wr::ui
