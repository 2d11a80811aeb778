// SPDX-License-Identifier: GPL-3.0-or-later
// The script's session blocks and init groups as lists of actions, run by a button: each with its state and
// what came of it. UI thread; what runs is the worker's.
#pragma once

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace wr::app {
class RecipeListModel;
}

namespace wr::ui {

class Workspace;

class RecipePanel : public QWidget {
    Q_OBJECT
public:
    explicit RecipePanel(Workspace* workspace, QWidget* parent = nullptr);

    app::RecipeListModel* model() const { return m_model; }
    QTableView* table() const { return m_table; }
    QPushButton* runButton() const { return m_run; }
    QPushButton* continueButton() const { return m_continue; }
    void run();  ///< the recipe on show, from its beginning
    void goOn(); ///< past the hole at which it waits
    bool canRun() const;
    bool canContinue() const;

signals:
    void lineChosen(int line); ///< of the script, from 1
    void changed();            ///< what can be done

private:
    void refill();
    void update();

    Workspace* m_workspace;
    app::RecipeListModel* m_model;
    QStackedWidget* m_stack;
    QComboBox* m_choice;
    QLabel* m_status;
    QCheckBox* m_ownFolders;
    QPushButton* m_run;
    QPushButton* m_continue;
    QTableView* m_table;
};

} // namespace wr::ui
