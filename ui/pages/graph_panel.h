// SPDX-License-Identifier: GPL-3.0-or-later
// The graph of the model with its search, zoom and legend. Follows the project while it is visible; what
// takes time (scopes, layout) is a job whose newest request wins. Edits go through the project. UI thread.
#pragma once

#include "app/document/explanation.h"
#include "app/jobs/job_tracker.h"
#include "app/models/graph_opening.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QStackedWidget;

namespace wr::ui {

class GraphLegend;
class GraphView;
class Workspace;

class GraphPanel : public QWidget {
    Q_OBJECT
public:
    explicit GraphPanel(Workspace* workspace, QWidget* parent = nullptr);

    GraphView* view() const { return m_view; }
    QLineEdit* search() const { return m_search; }
    bool isBusy() const { return m_job.isRunning(); }
    /// Chooses the box whose text holds the offset, or the variable's; tell nobody.
    void selectAt(int offset);
    void selectVariable(const QString& name);
    void toggle(int box);
    void openAll(bool isOpen); ///< all groups, where that is not more than can be looked at

signals:
    void variableChosen(const QString& name);
    void statementChosen(int begin, int end);
    void jumpRequested(int offset);
    void refused(const wr::app::Explanation& explanation);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeHeader();
    void wireView();
    void followModel();
    void request();
    void adopt(const app::GraphPicture& picture);
    void updateWords();
    void setOpen(int box, bool isOpen);
    void reveal(int box);
    void find(const QString& text);
    void goToMatch(int step);
    void openMenu(int box, const QPoint& global);
    void place(const QString& variable, const QString& device);
    void copyLine(int box);
    const app::GraphBox* box(int index) const;

    Workspace* m_workspace;
    GraphView* m_view;
    GraphLegend* m_legend;
    QStackedWidget* m_stack;
    QLineEdit* m_search;
    QLabel* m_matchText;
    QLabel* m_words;
    app::JobTracker m_job;
    QTimer m_slow; ///< says that it takes a while
    app::GraphPicture m_picture;
    app::GraphOpening m_opening;
    QString m_wanted; ///< the box to choose when the next picture comes
    bool m_isCentred = false;
    bool m_isDue = true; ///< something changed while nobody looked
    std::vector<int> m_matches;
    int m_match = -1;
};

} // namespace wr::ui
