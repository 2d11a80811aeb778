// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/place_page.h"

#include "app/document/quantity.h"
#include "ui/pages/place_details.h"
#include "ui/theme/theme.h"
#include "ui/widgets/device_lane.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/memory_bar.h"
#include "ui/widgets/prompt_strip.h"
#include "ui/workspace.h"

#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace wr::ui {
namespace {

constexpr qsizetype kMostLanes = 64; // each is a column of widgets

} // namespace

PlacePage::PlacePage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_filter(new FilterField(FilterSubject::variables(), this)),
      m_verdict(new QLabel(this)), m_actions(std::make_unique<PlaceActions>(this)),
      m_selection(new QLabel(this)), m_marks(new QLabel(this)),
      m_placeOn(new QPushButton(tr("Place on"), this)), m_unpin(new QPushButton(tr("Unpin"), this)),
      m_rule(new QPushButton(tr("Place by rule…"), this)), m_prompt(new PromptStrip(this)),
      m_scroll(new QScrollArea(this)), m_row(new QHBoxLayout), m_more(new QLabel(this)),
      m_details(new PlaceDetails(this)), m_splitter(new QSplitter(Qt::Vertical, this)),
      m_stack(new QStackedWidget(this))
{
    auto* columns = new QWidget(this);
    m_row->setContentsMargins(0, 0, 0, 4);
    m_row->setSpacing(12);
    m_row->addWidget(m_more);
    m_row->addStretch(1);
    m_more->setProperty("role", QStringLiteral("muted"));
    m_more->hide();
    columns->setLayout(m_row);
    m_scroll->setWidget(columns);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setAccessibleName(tr("Devices"));
    for (QWidget* widget : {static_cast<QWidget*>(m_scroll), m_scroll->viewport(), columns})
        widget->setAutoFillBackground(false);

    m_details->setCornerWidget(new MemoryLegend(m_details), Qt::TopRightCorner);
    m_splitter->setHandleWidth(8);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_scroll);
    m_splitter->addWidget(m_details);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({480, 200});

    auto* full = new QWidget(this);
    auto* fullLayout = new QVBoxLayout(full);
    fullLayout->setContentsMargins(0, 0, 0, 0);
    fullLayout->setSpacing(8);
    fullLayout->addWidget(makeTop());
    fullLayout->addWidget(m_verdict);
    fullLayout->addWidget(m_prompt);
    fullLayout->addWidget(m_marks);
    fullLayout->addWidget(m_splitter, 1);
    m_verdict->setWordWrap(true);
    m_verdict->hide();
    m_marks->setProperty("role", QStringLiteral("warning"));
    m_marks->setWordWrap(true);
    m_marks->hide();

    m_stack->addWidget(makeEmpty());
    m_stack->addWidget(full);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->addWidget(m_stack);
    wire();
    wireActions();
    updateSelection();
}

QWidget* PlacePage::makeEmpty()
{
    auto* empty = new EmptyState(QStringLiteral("device"), tr("Nothing to place yet"),
                                 tr("Variables of the model appear here in lanes, one for each device. Add "
                                    "one, or write tf.Variable(…) into the script."),
                                 this);
    empty->addButton(
        tr("Add a variable"),
        [this] {
            const app::Explanation problem = m_workspace->project().addVariable();
            if (!problem.isEmpty())
                emit complained(problem);
        },
        true);
    empty->addButton(tr("Go to the script"), [this] { emit textRequested(0, 0); });
    return empty;
}

void PlacePage::wire()
{
    app::Project& project = m_workspace->project();
    connect(&project, &app::Project::modelChanged, this, &PlacePage::refresh);
    connect(&m_workspace->run(), &app::RunController::devicesChanged, this, &PlacePage::refresh);
    connect(&project, &app::Project::textReset, this, [this] {
        m_planned.clear();
        m_moved.clear();
        unmark();
        m_prompt->close();
    });
    connect(&project, &app::Project::placingFinished, this, [this](const app::Explanation& problem) {
        updateSelection();
        if (problem.isEmpty()) {
            if (!m_job.isRunning())
                selectMoved(); // it was so already
            return;
        }
        m_moved.clear();
        emit complained(problem);
    });
    connect(m_filter, &QLineEdit::textChanged, this, &PlacePage::applyFilter);
    for (const auto leave : {&FilterField::done, &FilterField::abandoned})
        connect(m_filter, leave, this, [this] {
            if (DeviceLane* lane = currentLane())
                lane->list()->setFocus();
        });
    connect(&m_workspace->run(), &app::RunController::variablesChanged, this, [this] {
        if (m_accepts.asksForState())
            applyFilter();
    });
    auto* filterKey = new QShortcut(Qt::Key_Slash, this);
    filterKey->setContext(Qt::WidgetWithChildrenShortcut);
    connect(filterKey, &QShortcut::activated, this, [this] {
        m_filter->setFocus();
        m_filter->selectAll();
    });
    connect(m_details, &PlaceDetails::textRequested, this, &PlacePage::textRequested);
    connect(m_details, &PlaceDetails::removalRequested, this,
            [this](int rule) { m_workspace->project().startRemovingRule(rule); });
    connect(m_prompt, &PromptStrip::closed, this, [this] {
        if (!m_lanes.isEmpty())
            currentLane()->list()->setFocus();
    });
}

app::VariableLife PlacePage::lifeOf(const QString& variable) const
{
    return m_workspace->run().variableLife(variable);
}

void PlacePage::applyFilter()
{
    m_accepts = app::VariableFilter(m_filter->text());
    m_isFilling = true;
    for (DeviceLane* lane : std::as_const(m_lanes))
        lane->setFilter(m_accepts, [this](const QString& name) { return lifeOf(name); });
    m_isFilling = false;
    judgeFilter();
    updateSelection();
}

void PlacePage::judgeFilter()
{
    const bool isEmpty = std::all_of(m_lanes.begin(), m_lanes.end(), [](const DeviceLane* lane) {
        return lane->model()->variableCount() == 0;
    });
    m_filter->judge(m_accepts, isEmpty, m_verdict);
}

void PlacePage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_isDirty)
        refresh();
}

bool PlacePage::isUpToDate() const
{
    return m_board != nullptr && !m_isDirty && !m_job.isRunning() && m_moved.isEmpty();
}

void PlacePage::refresh()
{
    m_isDirty = true;
    const bool isEmpty = m_workspace->project().variables().isEmpty();
    m_stack->setCurrentIndex(isEmpty ? 0 : 1);
    m_actions->newLane->setEnabled(!isEmpty);
    if (!isVisible())
        return;
    m_isDirty = false;
    m_job.start(
        [model = m_workspace->project().model(), devices = m_workspace->run().devices(), planned = m_planned](
            const app::JobTracker::Context&) { return app::makePlacementBoard(model, devices, planned); },
        [this](std::shared_ptr<const app::PlacementBoard> board) { showBoard(std::move(board)); });
}

void PlacePage::showBoard(std::shared_ptr<const app::PlacementBoard> board)
{
    unmark();
    // A large picture takes its time to be forgotten; not on this thread.
    app::JobTracker::forget(std::exchange(m_board, std::move(board)));
    const qsizetype count = std::min(m_board->lanes.size(), kMostLanes);
    QVector<DeviceLane*> before = std::exchange(m_lanes, {});
    m_isFilling = true;
    for (int i = 0; i < count; ++i) {
        const QString& title = m_board->lanes[i].title;
        const auto same = std::find_if(before.begin(), before.end(), [&](const DeviceLane* lane) {
            return lane->title() == title && (lane->lane() == 0) == (i == 0);
        });
        DeviceLane* lane = nullptr;
        if (same != before.end()) {
            lane = *same;
            before.erase(same);
        } else {
            lane = new DeviceLane(m_scroll->widget());
            addLane(lane);
        }
        m_lanes.append(lane);
        if (m_row->indexOf(lane) != i) {
            m_row->removeWidget(lane);
            m_row->insertWidget(i, lane);
        }
        lane->show(m_board, i);
        lane->QWidget::show();
    }
    for (DeviceLane* gone : std::as_const(before)) {
        gone->list()->removeEventFilter(this);
        gone->hide();
        gone->deleteLater();
    }
    m_more->setVisible(m_board->lanes.size() > kMostLanes);
    m_more->setText(tr("and %1 more devices").arg(m_board->lanes.size() - kMostLanes));
    m_isFilling = false;
    judgeFilter();
    m_details->show(m_board);
    // In a turn of its own: the selection of thousands takes as long as their lanes.
    if (!m_moved.isEmpty())
        QTimer::singleShot(0, this, &PlacePage::selectMoved);
    if (!m_board->problem.isEmpty())
        emit noted(m_board->problem);
    updateSelection();
}

void PlacePage::selectMoved()
{
    const QStringList names = std::exchange(m_moved, {});
    DeviceLane* target = lane(m_movedTo);
    if (target == nullptr || names.isEmpty())
        return;
    target->select(names);
    m_scroll->ensureWidgetVisible(target);
    target->list()->setFocus();
}

void PlacePage::addLane(DeviceLane* lane)
{
    lane->setObstacle(
        [this](int at, const QStringList& names, bool byRule) { return obstacle(at, names, byRule); });
    lane->setFilter(m_accepts, [this](const QString& name) { return lifeOf(name); });
    lane->list()->installEventFilter(this);
    connect(lane, &DeviceLane::dropped, this, [this](int at, const QStringList& names, bool byRule) {
        if (byRule)
            askForRule(names, at);
        else
            place(names, at);
    });
    // A lane half in view comes into view, so that a drag can reach them all.
    connect(lane, &DeviceLane::entered, this, [this, lane] { m_scroll->ensureWidgetVisible(lane, 80, 0); });
    connect(lane->list()->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            [this, lane] { selectionChanged(lane); });
    connect(lane->model(), &QAbstractItemModel::modelReset, this, &PlacePage::updateSelection);
    connect(lane->list(), &QListView::customContextMenuRequested, this, [this, lane](const QPoint& at) {
        showContextMenu(lane, lane->list()->viewport()->mapToGlobal(at));
    });
    connect(lane->list(), &QListView::doubleClicked, this, [this, lane](const QModelIndex& index) {
        const int variable = index.data(app::LaneModel::VariableRole).toInt();
        if (variable >= 0)
            emit textRequested(m_board->variables[variable].begin, m_board->variables[variable].end);
    });
}

DeviceLane* PlacePage::lane(const QString& title) const
{
    const auto found = std::find_if(m_lanes.begin(), m_lanes.end(),
                                    [&](const DeviceLane* lane) { return lane->title() == title; });
    return found == m_lanes.end() ? nullptr : *found;
}

DeviceLane* PlacePage::currentLane() const
{
    for (DeviceLane* lane : m_lanes) {
        if (lane->list()->hasFocus())
            return lane;
    }
    for (DeviceLane* lane : m_lanes) {
        if (lane->list()->selectionModel()->hasSelection())
            return lane;
    }
    return m_lanes.value(0);
}

QStringList PlacePage::selectedNames() const
{
    QStringList names;
    for (const DeviceLane* lane : m_lanes)
        names += lane->selectedNames();
    return names;
}

void PlacePage::selectionChanged(DeviceLane* lane)
{
    if (m_isClearing || m_isFilling)
        return;
    // One lane's selection at a time, unless Ctrl adds to it.
    if (lane->list()->selectionModel()->hasSelection() &&
        !QGuiApplication::keyboardModifiers().testFlag(Qt::ControlModifier)) {
        m_isClearing = true;
        for (DeviceLane* other : std::as_const(m_lanes)) {
            if (other != lane)
                other->list()->clearSelection();
        }
        m_isClearing = false;
    }
    updateSelection();
}

void PlacePage::updateSelection()
{
    if (m_isFilling)
        return;
    QVector<int> chosen;
    for (const DeviceLane* lane : std::as_const(m_lanes))
        chosen += lane->selectedVariables();
    m_selection->setText(
        !chosen.isEmpty()
            ? tr("%1 selected, %2")
                  .arg(app::countOf(chosen.size(), tr("variable"), tr("variables")),
                       app::byteText(m_board->bytesOf(chosen)))
            : (m_workspace->project().isPlacing() ? tr("Writing the script…") : tr("Nothing selected")));
    updateActions(chosen);
}

QString PlacePage::selectionText() const
{
    return m_selection->text();
}

QByteArray PlacePage::layoutState() const
{
    return m_splitter->saveState();
}

void PlacePage::restoreLayoutState(const QByteArray& state)
{
    m_splitter->restoreState(state);
}

} // namespace wr::ui
