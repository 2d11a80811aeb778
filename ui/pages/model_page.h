// SPDX-License-Identifier: GPL-3.0-or-later
// The model in three faces side by side, any one to three of them: its script, its variables, its graph; and
// its problems below. What is chosen in one is shown in the others. UI thread.
#pragma once

#include "app/document/explanation.h"

#include <QWidget>
#include <array>

class QLabel;
class QListView;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QToolButton;

namespace wr::app {
class ProblemListModel;
}

namespace wr::ui {

class GraphPanel;
class RecipePanel;
class ScriptEditor;
class VariablePanel;
class Workspace;

class ModelPage : public QWidget {
    Q_OBJECT
public:
    enum Pane { ScriptPane, TablePane, GraphPane, PaneCount };

    explicit ModelPage(Workspace* workspace, QWidget* parent = nullptr);

    ScriptEditor* editor() const { return m_editor; }
    VariablePanel* variables() const { return m_variables; }
    GraphPanel* graph() const { return m_graph; }
    RecipePanel* recipe() const { return m_recipe; }
    bool isPaneOn(Pane pane) const;
    void setPaneOn(Pane pane, bool isOn); ///< the last one stays on
    /// Each shows and hides its pane, and is checked while it is on.
    QList<QAction*> paneActions() const;
    void showProblems();
    void showRecipe();
    /// The panes that are on, and the sizes.
    QByteArray layoutState() const;
    void restoreLayoutState(const QByteArray& state); ///< also of the time before there was a graph

signals:
    void complained(const wr::app::Explanation& explanation);
    void pasteRequested();
    void openRequested();
    void exampleRequested();

private:
    QWidget* makeHeader();
    QWidget* makeProblems();
    QWidget* makeEmptyState();
    void wirePanes();
    void showPanes();
    void chooseVariable(const QString& name);
    void fixProblem(int row);
    void update();

    Workspace* m_workspace;
    ScriptEditor* m_editor;
    VariablePanel* m_variables;
    GraphPanel* m_graph;
    app::ProblemListModel* m_problems;
    QListView* m_problemList;
    QLabel* m_problemTitle;
    RecipePanel* m_recipe;
    QTabWidget* m_lower;   ///< problems, recipe
    QSplitter* m_splitter; ///< the script, and all else
    QSplitter* m_right;    ///< the views, and the problems
    QSplitter* m_views;    ///< the table, and the graph
    QStackedWidget* m_stack;
    std::array<QAction*, PaneCount> m_panes{};
    bool m_isWriting = false; ///< the empty state was left by typing
    bool m_isChoosing = false;
};

} // namespace wr::ui
