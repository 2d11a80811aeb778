// SPDX-License-Identifier: GPL-3.0-or-later
// The Place page's actions and its row of buttons: what they are, and when they can be used.
#include "ui/pages/place_actions.h"

#include "app/document/quantity.h"
#include "ui/pages/place_page.h"
#include "ui/widgets/device_lane.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/prompt_strip.h"
#include "ui/workspace.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <algorithm>

namespace wr::ui {
namespace {

QAction* make(QObject* owner, const char* name, const QString& text, const QString& tip)
{
    auto* action = new QAction(text, owner);
    action->setObjectName(QLatin1String(name));
    action->setStatusTip(tip);
    action->setToolTip(tip);
    return action;
}

QString tr(const char* text)
{
    return QCoreApplication::translate("PlaceActions", text);
}

} // namespace

PlaceActions::PlaceActions(QObject* owner)
    : mark(make(owner, "placeMark", tr("&Mark selection\tM"),
                tr("Mark the selected variables, to be placed by the keys"))),
      placeMarked(make(owner, "placeMarked", tr("&Place marked here\tEnter"),
                       tr("Place the marked variables on the lane that is aimed at"))),
      unpin(make(owner, "placeUnpin", tr("&Unpin\tX"), tr("Take the pins of the selected variables away"))),
      rule(make(owner, "placeRule", tr("Place by &rule…\tR"), tr("Place variables by their names"))),
      newLane(make(owner, "placeLane", tr("&New lane…"),
                   tr("A lane for a device that is not here, to plan for another machine")))
{
}

void PlacePage::wireActions()
{
    const auto bind = [this](QAction* action, auto function) {
        connect(action, &QAction::triggered, this, [this, function] {
            emit pageRequested();
            function();
        });
    };
    bind(m_actions->mark, [this] {
        if (const DeviceLane* lane = currentLane()) {
            mark(selectedNames(), static_cast<int>(m_lanes.indexOf(lane)));
            lane->list()->setFocus();
        }
    });
    bind(m_actions->placeMarked, [this] { dropMarked(false); });
    bind(m_actions->unpin, [this] { unpinSelected(); });
    bind(m_actions->rule, [this] { askForRuleHere(); });
    bind(m_actions->newLane, [this] { askForLane(); });
}

QWidget* PlacePage::makeTop()
{
    auto* top = new QWidget(this);
    auto* heading = new QLabel(tr("Devices"), top);
    heading->setProperty("role", QStringLiteral("title"));
    m_filter->setPlaceholderText(tr("Filter  ( / )"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setAccessibleName(tr("Filter variables"));
    m_filter->setFixedWidth(240);
    m_selection->setProperty("role", QStringLiteral("muted"));
    m_placeOn->setToolTip(tr("Place the selected variables on a device (M, then arrows and Enter)"));
    m_unpin->setToolTip(tr("Take the pins of the selected variables away (X)"));
    m_rule->setToolTip(tr("Place variables by their names (R, or hold Alt while dropping)"));
    auto* placeMenu = new QMenu(m_placeOn);
    m_placeOn->setMenu(placeMenu);
    connect(placeMenu, &QMenu::aboutToShow, this, [this, placeMenu] {
        placeMenu->clear();
        addPlaces(placeMenu);
    });
    auto* ruleMenu = new QMenu(m_rule);
    m_rule->setMenu(ruleMenu);
    connect(ruleMenu, &QMenu::aboutToShow, this, [this, ruleMenu] {
        ruleMenu->clear();
        addRulePlaces(ruleMenu);
    });
    connect(m_unpin, &QPushButton::clicked, this, &PlacePage::unpinSelected);
    auto* newLane = new QPushButton(tr("New lane…"), top);
    newLane->setToolTip(m_actions->newLane->toolTip());
    connect(newLane, &QPushButton::clicked, this, &PlacePage::askForLane);

    auto* row = new QHBoxLayout(top);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(heading);
    row->addSpacing(8);
    row->addWidget(m_filter);
    row->addWidget(m_selection, 1);
    for (QPushButton* button : {m_placeOn, m_unpin, m_rule, newLane})
        row->addWidget(button);
    return top;
}

void PlacePage::addPlaces(QMenu* menu)
{
    for (const DeviceLane* lane : std::as_const(m_lanes))
        menu->addAction(lane->title(), this, [this, at = lane->lane()] { place(selectedNames(), at); });
}

void PlacePage::addRulePlaces(QMenu* menu)
{
    for (const DeviceLane* lane : std::as_const(m_lanes)) {
        if (lane->lane() > 0)
            menu->addAction(lane->title(), this,
                            [this, at = lane->lane()] { askForRule(selectedNames(), at); });
    }
}

void PlacePage::fillMenu(QMenu* menu)
{
    addPlaces(menu->addMenu(tr("Place on")));
    addRulePlaces(menu->addMenu(tr("Place by rule on")));
    menu->addActions({m_actions->unpin, m_actions->mark});
    menu->addSeparator();
    menu->addAction(tr("Show in the script"), this, [this] {
        const QVector<int> chosen = m_board->variablesAt(selectedNames());
        if (!chosen.isEmpty())
            emit textRequested(m_board->variables[chosen.first()].begin,
                               m_board->variables[chosen.first()].end);
    });
}

void PlacePage::updateActions(const QVector<int>& chosen)
{
    const bool hasLanes = m_board && m_lanes.size() > 1 && !m_board->variables.isEmpty();
    const bool isFree = hasLanes && !m_workspace->project().isStale() && !m_workspace->project().isPlacing();
    const bool isPinned = std::any_of(chosen.begin(), chosen.end(), [this](int at) {
        return m_board->variables[at].pin != app::BoardVariable::Pin::None;
    });
    const bool hasAny = isFree && !chosen.isEmpty();
    m_actions->mark->setEnabled(hasAny);
    m_actions->unpin->setEnabled(hasAny && isPinned);
    m_actions->rule->setEnabled(isFree);
    m_placeOn->setEnabled(hasAny);
    m_rule->setEnabled(hasAny);
    m_unpin->setEnabled(hasAny && isPinned);
    updateMarkAction();
}

void PlacePage::updateMarkAction()
{
    const DeviceLane* target = m_marked.isEmpty() ? nullptr : m_lanes.value(m_target);
    m_actions->placeMarked->setEnabled(target != nullptr && target->message().isEmpty());
    m_actions->placeMarked->setText(target == nullptr ? tr("&Place marked here\tEnter")
                                    : m_target == 0   ? tr("&Unpin marked\tEnter")
                                                    : tr("&Place marked on %1\tEnter").arg(target->title()));
}

} // namespace wr::ui
