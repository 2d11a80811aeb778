// SPDX-License-Identifier: GPL-3.0-or-later
// The model: its script, its variables beside it, its problems below. UI thread.
#pragma once

#include "app/document/explanation.h"

#include <QWidget>

class QLabel;
class QListView;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace wr::app {
class ProblemListModel;
}

namespace wr::ui {

class RecipePanel;
class ScriptEditor;
class VariablePanel;
class Workspace;

class ModelPage : public QWidget {
    Q_OBJECT
public:
    explicit ModelPage(Workspace* workspace, QWidget* parent = nullptr);

    ScriptEditor* editor() const { return m_editor; }
    VariablePanel* variables() const { return m_variables; }
    RecipePanel* recipe() const { return m_recipe; }
    void showProblems();
    void showRecipe();
    QByteArray layoutState() const;
    void restoreLayoutState(const QByteArray& state);

signals:
    void complained(const wr::app::Explanation& explanation);
    void pasteRequested();
    void openRequested();
    void exampleRequested();

private:
    void fixProblem(int row);
    void update();

    Workspace* m_workspace;
    ScriptEditor* m_editor;
    VariablePanel* m_variables;
    app::ProblemListModel* m_problems;
    QListView* m_problemList;
    QLabel* m_problemTitle;
    RecipePanel* m_recipe;
    QTabWidget* m_lower; ///< problems, recipe
    QSplitter* m_splitter;
    QStackedWidget* m_stack;
    bool m_isWriting = false; ///< the empty state was left by typing
};

} // namespace wr::ui
