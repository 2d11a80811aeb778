// SPDX-License-Identifier: GPL-3.0-or-later
// Place mode: devices as lanes with their memory, variables that are put onto them by drag and drop, keys or
// menu, and what that costs. The picture is computed by a job whenever the model changes; moves are edits of
// the script, made by a job too. UI thread.
#pragma once

#include "app/document/explanation.h"
#include "app/jobs/job_tracker.h"
#include "app/models/placement_board.h"
#include "app/models/variable_filter.h"
#include "ui/pages/place_actions.h"

#include <QWidget>
#include <memory>

class QLabel;
class QHBoxLayout;
class QMenu;
class QPushButton;
class QScrollArea;
class QSplitter;
class QStackedWidget;

namespace wr::ui {

class DeviceLane;
class FilterField;
class PlaceDetails;
class PromptStrip;
class Workspace;

class PlacePage : public QWidget {
    Q_OBJECT
public:
    explicit PlacePage(Workspace* workspace, QWidget* parent = nullptr);

    const QVector<DeviceLane*>& lanes() const { return m_lanes; }
    DeviceLane* lane(const QString& title) const; ///< null: there is none
    PlaceDetails* details() const { return m_details; }
    PromptStrip* prompt() const { return m_prompt; }
    FilterField* filter() const { return m_filter; }
    const PlaceActions& actions() const { return *m_actions; }
    QString selectionText() const;
    QString markText() const; ///< what the keys would do; empty when nothing is marked
    bool isUpToDate() const;  ///< the picture is of the model as it is
    QByteArray layoutState() const;
    void restoreLayoutState(const QByteArray& state);

    void place(const QStringList& names, int lane);
    void askForRule(const QStringList& names, int lane);
    /// For what is selected or marked, and without either for what is shown where one is.
    void askForRuleHere();
    void askForLane();

signals:
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);
    void textRequested(int begin, int end);
    void pageRequested(); ///< an action of the main menu is about to need the page in view

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeTop();
    QWidget* makeEmpty();
    void wire();
    void wireActions();
    void applyFilter();
    void judgeFilter();
    app::VariableLife lifeOf(const QString& variable) const;
    void refresh();
    void showBoard(std::shared_ptr<const app::PlacementBoard> board);
    void addLane(DeviceLane* lane);
    void selectMoved();
    QString obstacle(int lane, const QStringList& names, bool byRule) const;
    QStringList selectedNames() const;
    DeviceLane* currentLane() const;
    void selectionChanged(DeviceLane* lane);
    void updateSelection();
    void updateActions(const QVector<int>& chosen);
    void updateMarkAction();
    void addPlaces(QMenu* menu);
    void addRulePlaces(QMenu* menu);
    void fillMenu(QMenu* menu);
    void showContextMenu(DeviceLane* lane, const QPoint& at);
    bool handleKey(DeviceLane* lane, QKeyEvent* event);
    bool handleMarkKey(QKeyEvent* event);
    void mark(const QStringList& names, int lane);
    void unmark();
    void aimAt(int lane);
    void dropMarked(bool byRule);
    void unpinSelected();

    Workspace* m_workspace;
    app::JobTracker m_job;
    std::shared_ptr<const app::PlacementBoard> m_board;
    QStringList m_planned; ///< lanes for devices that neither machine nor script know
    bool m_isDirty = true;

    QStringList m_marked;
    int m_target = 0;
    QStringList m_moved; ///< to be selected where they went
    QString m_movedTo;

    FilterField* m_filter;
    QLabel* m_verdict;
    std::unique_ptr<PlaceActions> m_actions;
    app::VariableFilter m_accepts; ///< what the field says
    QLabel* m_selection;
    QLabel* m_marks;
    QPushButton* m_placeOn;
    QPushButton* m_unpin;
    QPushButton* m_rule;
    PromptStrip* m_prompt;
    QScrollArea* m_scroll;
    QHBoxLayout* m_row;
    QLabel* m_more;
    QVector<DeviceLane*> m_lanes;
    PlaceDetails* m_details;
    QSplitter* m_splitter;
    QStackedWidget* m_stack;
    bool m_isClearing = false;
    bool m_isFilling = false; ///< lanes change one after another; the rest follows once
};

} // namespace wr::ui
