// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/window_actions.h"

#include "ui/theme/theme.h"
#include "ui/widgets/rate_spin.h"

#include <QCoreApplication>
#include <QLabel>
#include <QMainWindow>
#include <QMenuBar>
#include <QToolBar>
#include <QToolButton>

namespace wr::ui {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("WindowActions", text);
}

QAction* make(QMainWindow* window, const char* name, const char* text, const QKeySequence& keys,
              const char* icon, const char* tip)
{
    auto* action = new QAction(tr(text), window);
    action->setObjectName(QLatin1String(name));
    if (!keys.isEmpty())
        action->setShortcut(keys);
    const QString words = *tip == '\0' ? tr(text).remove(u'&').remove(u'…') : tr(tip);
    action->setStatusTip(words);
    action->setToolTip(keys.isEmpty()
                           ? words
                           : words + QStringLiteral(" (") + keys.toString(QKeySequence::NativeText) + u')');
    if (*icon != '\0')
        Theme::instance().bindIcon(action, QLatin1String(icon));
    window->addAction(action);
    return action;
}

QKeySequence keys(const char* text)
{
    return QKeySequence(QLatin1String(text));
}

} // namespace

WindowActions::WindowActions(QMainWindow* w)
{
    newProject = make(w, "newProject", "&New project", QKeySequence::New, "add", "");
    open = make(w, "open", "&Open project…", QKeySequence::Open, "open", "Open a project folder");
    openCheckpoint = make(w, "openCheckpoint", "Open &checkpoint…", keys("Ctrl+Shift+O"), "checkpoint", "");
    example = make(w, "example", "Open &example: Digits 784-200-10", {}, "",
                   "Your own copy of the bundled example");
    paste = make(w, "paste", "New from &pasted text", keys("Ctrl+Shift+V"), "",
                 "A new project from the clipboard's text");
    save = make(w, "save", "&Save project", QKeySequence::Save, "save", "Save the script");
    saveAs = make(w, "saveAs", "Save project &as…", {}, "", "Save into another folder");
    quit = make(w, "quit", "&Quit", QKeySequence::Quit, "close", "");
    undo = make(w, "undo", "&Undo", QKeySequence::Undo, "undo", "");
    redo = make(w, "redo", "&Redo", QKeySequence::Redo, "redo", "");
    addVariable = make(w, "addVariable", "&Add variable", keys("Ctrl+Shift+A"), "add", "");
    removeVariables =
        make(w, "removeVariables", "Re&move variables", {}, "remove", "Remove the selected variables");
    filter = make(w, "filter", "&Filter variables", keys("Ctrl+F"), "search", "");
    problems = make(w, "problems", "Show &problems", keys("F8"), "warning", "Go to the list of problems");
    init = make(w, "init", "&Init", keys("Ctrl+I"), "init", "Give every variable its initial value");
    run = make(w, "run", "&Run", keys("F5"), "run", "Train until the last epoch, or until paused");
    pause = make(w, "pause", "&Pause", keys("F6"), "pause", "Pause after the current step");
    step = make(w, "step", "S&tep", keys("F10"), "step", "Train one step");
    step10 = make(w, "step10", "Step &10", keys("Shift+F10"), "", "Train ten steps");
    step100 = make(w, "step100", "Step 10&0", keys("Ctrl+F10"), "", "Train a hundred steps");
    stopAndSave = make(w, "stopAndSave", "Stop after this step and sa&ve", keys("Shift+F6"), "",
                       "Pause after the step under way and save a checkpoint");
    stopNow = make(w, "stopNow", "Stop no&w", keys("Ctrl+Shift+F5"), "",
                   "Pause at once; a step that has changed nothing yet is given up");
    stop = make(w, "stop", "&Back to step 0", keys("Shift+F5"), "stop",
                "Pause and go back to step 0; variables keep their values");
    runRecipe = make(w, "runRecipe", "Run r&ecipe", keys("Ctrl+F5"), "",
                     "Carry out the session block of the script, action by action");
    continueRecipe = make(w, "continueRecipe", "&Continue recipe", keys("Ctrl+F6"), "",
                          "Go on behind the place that the script leaves open");
    startPage = make(w, "startPage", "Start pa&ge", keys("Alt+Home"), "", "Examples, recent projects");
    dataFolder = make(w, "dataFolder", "Use other &data…", {}, "folder",
                      "Train on a folder of IDX files instead of the script's data");
    saveCheckpoint = make(w, "saveCheckpoint", "&Save checkpoint", keys("Ctrl+Shift+S"), "checkpoint",
                          "Save all variables as a compact checkpoint");
    savePlain = make(w, "savePlain", "Save &plain checkpoint", {}, "",
                     "Save as .safetensors.zst: unpacked with zstd, every tool reads it");
    restore = make(w, "restore", "&Restore…", keys("Ctrl+R"), "restore",
                   "Restore variables from the selected checkpoint");
    undoRestore = make(w, "undoRestore", "&Undo restore", {}, "undo",
                       "Put back the values from before the last restore");
    diff = make(w, "diff", "&Diff", keys("Ctrl+D"), "diff", "Compare the selected checkpoints");
    shortcuts = make(w, "shortcuts", "&Keyboard shortcuts", keys("F1"), "info", "");
    about = make(w, "about", "&About Weightroom", {}, "weightroom", "");
    makeMenus(w);
    makeToolBar(w);
}

void WindowActions::makeMenus(QMainWindow* window)
{
    QMenu* file = window->menuBar()->addMenu(tr("&File"));
    file->addAction(startPage);
    file->addActions({newProject, open});
    recent = file->addMenu(tr("Open &recent"));
    file->addActions({example, paste});
    file->addSeparator();
    file->addActions({openCheckpoint});
    file->addSeparator();
    file->addActions({save, saveAs});
    file->addSeparator();
    file->addAction(quit);
    QMenu* edit = window->menuBar()->addMenu(tr("&Edit"));
    edit->addActions({undo, redo});
    edit->addSeparator();
    edit->addActions({addVariable, removeVariables, filter, problems});
    edit->addSeparator();
    place = edit->addMenu(tr("P&lace"));
    QMenu* runMenu = window->menuBar()->addMenu(tr("&Run"));
    runMenu->addActions({init});
    runMenu->addSeparator();
    runMenu->addActions({run, pause, step, step10, step100});
    runMenu->addSeparator();
    runMenu->addActions({stopAndSave, stopNow, stop});
    runMenu->addSeparator();
    runMenu->addActions({runRecipe, continueRecipe});
    runMenu->addSeparator();
    runMenu->addAction(dataFolder);
    QMenu* checkpoint = window->menuBar()->addMenu(tr("&Checkpoint"));
    checkpoint->addActions({saveCheckpoint, savePlain});
    savers = checkpoint->addMenu(tr("Save with a sa&ver of the script"));
    checkpoint->addSeparator();
    checkpoint->addActions({restore, undoRestore});
    checkpoint->addSeparator();
    checkpoint->addAction(diff);
    view = window->menuBar()->addMenu(tr("&View"));
    QMenu* help = window->menuBar()->addMenu(tr("&Help"));
    help->addActions({shortcuts, about});
}

void WindowActions::makeToolBar(QMainWindow* window)
{
    QToolBar* bar = window->addToolBar(tr("Run and checkpoints"));
    bar->setObjectName(QStringLiteral("toolbar"));
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setIconSize(QSize(18, 18));
    bar->addActions({init, run, pause, step, stop});
    const auto addMenu = [&](QAction* action, const QList<QAction*>& more) {
        auto* button = qobject_cast<QToolButton*>(bar->widgetForAction(action));
        auto* menu = new QMenu(button);
        menu->addActions(more);
        button->setMenu(menu);
        button->setPopupMode(QToolButton::MenuButtonPopup);
    };
    addMenu(step, {step, step10, step100});
    addMenu(stop, {stopAndSave, stopNow, stop});
    bar->addSeparator();
    auto* label = new QLabel(tr("Learning rate"), bar);
    label->setContentsMargins(4, 0, 6, 0);
    bar->addWidget(label);
    rate = new RateSpin(bar);
    rate->setObjectName(QStringLiteral("rate"));
    rate->setAccessibleName(tr("Learning rate"));
    rate->setFixedWidth(112);
    label->setBuddy(rate);
    bar->addWidget(rate);
    bar->addSeparator();
    bar->addActions({saveCheckpoint, restore, diff});
}

} // namespace wr::ui
