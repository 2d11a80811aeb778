// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that the window can be told to do, with its words, icon and keys; and the menus and the tool bar
// made of it. What an action does is wired by the window. Owned by the window; UI thread.
#pragma once

#include <QAction>
#include <QObject>

class QMainWindow;
class QMenu;

namespace wr::ui {

class RateSpin;

struct WindowActions {
    explicit WindowActions(QMainWindow* window);

    QAction* startPage;
    QAction* newProject;
    QAction* open;
    QAction* openCheckpoint;
    QAction* example;
    QAction* paste;
    QAction* save;
    QAction* saveAs;
    QAction* quit;
    QAction* undo;
    QAction* redo;
    QAction* addVariable;
    QAction* removeVariables;
    QAction* filter;
    QAction* problems;
    QAction* init;
    QAction* run;
    QAction* pause;
    QAction* step;
    QAction* step10;
    QAction* step100;
    QAction* stopAndSave;
    QAction* stopNow;
    QAction* stop; ///< back to step 0
    QAction* runRecipe;
    QAction* continueRecipe;
    QAction* dataFolder;
    QAction* saveCheckpoint;
    QAction* savePlain;
    QAction* restore;
    QAction* undoRestore;
    QAction* diff;
    QAction* shortcuts;
    QAction* about;
    QMenu* recent = nullptr;
    QMenu* savers = nullptr; ///< filled by the window when it opens
    QMenu* place = nullptr;  ///< filled by the window with the Place page's actions
    QMenu* view = nullptr;   ///< pages and themes are added by the window
    RateSpin* rate = nullptr;

private:
    void makeMenus(QMainWindow* window);
    void makeToolBar(QMainWindow* window);
};

} // namespace wr::ui
