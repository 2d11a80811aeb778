// SPDX-License-Identifier: GPL-3.0-or-later
// Place mode: devices as lanes with their memory, variables that are put onto them by drag and drop, keys or
// menu, and what that costs. The picture is computed by a job whenever the model changes; moves are edits of
// the script, made by a job too. UI thread.
#pragma once

#include "app/document/explanation.h"
#include "app/jobs/job_tracker.h"
#include "app/models/placement_board.h"

#include <QPointer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QHBoxLayout;
class QMenu;
class QPushButton;
class QScrollArea;
class QSplitter;
class QStackedWidget;

namespace wr::ui {

class DeviceLane;
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
    QLineEdit* filter() const { return m_filter; }
    QString selectionText() const;
    QString markText() const; ///< what the keys would do; empty when nothing is marked
    bool isUpToDate() const;  ///< the picture is of the model as it is
    QByteArray layoutState() const;
    void restoreLayoutState(const QByteArray& state);

    void place(const QStringList& names, int lane);
    void askForRule(const QStringList& names, int lane);
    void askForLane();

signals:
    void complained(const wr::app::Explanation& explanation);
    void noted(const QString& text);
    void textRequested(int begin, int end);

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeTop();
    void wire();
    void refresh();
    void showBoard(std::shared_ptr<const app::PlacementBoard> board);
    void addLane(DeviceLane* lane);
    void selectMoved();
    QString obstacle(int lane, const QStringList& names, bool byRule) const;
    QStringList selectedNames() const;
    DeviceLane* currentLane() const;
    void selectionChanged(DeviceLane* lane);
    void updateSelection();
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

    QLineEdit* m_filter;
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
};

} // namespace wr::ui
