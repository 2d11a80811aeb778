// SPDX-License-Identifier: GPL-3.0-or-later
// Moves on the Place page: what a drop, the keys and the menus do.
#include "app/document/quantity.h"
#include "app/models/lane_model.h"
#include "ui/pages/place_page.h"
#include "ui/widgets/device_lane.h"
#include "ui/widgets/prompt_strip.h"
#include "ui/workspace.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QScrollArea>
#include <algorithm>

namespace wr::ui {

QString PlacePage::obstacle(int lane, const QStringList& names, bool byRule) const
{
    if (m_workspace->project().isStale())
        return tr("The script has errors: mend them first");
    if (m_workspace->project().isPlacing())
        return tr("The last move is still being written");
    if (byRule)
        return lane == 0 ? tr("A rule needs a device: drop on another lane") : QString();
    return m_board->obstacle(lane, m_board->variablesAt(names));
}

void PlacePage::place(const QStringList& names, int lane)
{
    if (!m_board || names.isEmpty() || lane < 0 || lane >= m_board->lanes.size())
        return;
    if (const QString reason = obstacle(lane, names, false); !reason.isEmpty()) {
        emit complained({tr("Nothing was moved."), reason + QLatin1Char('.'),
                         tr("“Place by rule…” places variables by their names.")});
        return;
    }
    m_moved = names;
    m_movedTo = m_board->lanes[lane].title;
    m_workspace->project().startPlacing(names, m_board->lanes[lane].device);
    updateSelection();
}

void PlacePage::unpinSelected()
{
    place(selectedNames(), 0);
}

void PlacePage::askForRule(const QStringList& names, int lane)
{
    if (!m_board || lane <= 0 || lane >= m_board->lanes.size())
        return;
    const QString device = m_board->lanes[lane].device;
    PromptStrip::Question question;
    question.label = tr("On %1, all named").arg(device);
    question.text = names.isEmpty() ? QStringLiteral("*") : m_board->patternFor(m_board->variablesAt(names));
    question.accept = tr("Write rule");
    question.judge = [this](const QString& text) -> PromptStrip::Verdict {
        const QString pattern = text.trimmed();
        if (pattern.isEmpty())
            return {false, tr("Names, where * stands for any text and ? for one character")};
        const int hits = m_board->hits(pattern);
        if (hits == 0)
            return {false, tr("No variable has such a name")};
        return {true, tr("matches %1").arg(app::countOf(hits, tr("variable"), tr("variables")))};
    };
    question.accepted = [this, device, names](const QString& pattern) {
        m_moved = names;
        m_movedTo = device;
        m_workspace->project().startAddingRule(pattern, device);
    };
    m_prompt->ask(std::move(question));
}

void PlacePage::askForRuleHere()
{
    if (!m_marked.isEmpty()) {
        dropMarked(true);
        return;
    }
    const DeviceLane* from = currentLane();
    if (from == nullptr || m_lanes.size() < 2)
        return;
    QStringList names = selectedNames();
    if (names.isEmpty())
        names = from->currentNames();
    // Where one is; from Auto, where the last move went, or else the first device.
    const DeviceLane* last = lane(m_movedTo);
    const int elsewhere = last != nullptr ? last->lane() : 0;
    askForRule(names, from->lane() > 0 ? from->lane() : std::max(elsewhere, 1));
}

void PlacePage::askForLane()
{
    PromptStrip::Question question;
    question.label = tr("New lane for");
    question.text = QStringLiteral("/gpu:0");
    question.accept = tr("Add lane");
    question.judge = [this](const QString& text) -> PromptStrip::Verdict {
        const app::DeviceText device = app::readDeviceText(text);
        if (!device.problem.isEmpty())
            return {false, device.problem};
        if (m_board && m_board->laneAt(device.device) >= 0)
            return {false, tr("There is a lane for %1 already").arg(device.device)};
        return {true, tr("a device to plan for; nothing is written until variables lie in it")};
    };
    question.accepted = [this](const QString& text) {
        m_planned += app::readDeviceText(text).device;
        refresh();
    };
    m_prompt->ask(std::move(question));
}

void PlacePage::showContextMenu(DeviceLane* lane, const QPoint& at)
{
    if (lane->selectedNames().isEmpty())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMenu(menu);
    menu->popup(at);
}

void PlacePage::mark(const QStringList& names, int lane)
{
    if (names.isEmpty() || m_lanes.size() < 2)
        return;
    m_marked = names;
    m_marks->show();
    aimAt((lane + 1) % static_cast<int>(m_lanes.size()));
}

void PlacePage::unmark()
{
    if (m_marked.isEmpty())
        return;
    m_marked.clear();
    m_marks->clear();
    m_marks->hide();
    for (DeviceLane* lane : std::as_const(m_lanes))
        lane->lookAway();
    updateMarkAction();
}

void PlacePage::aimAt(int lane)
{
    for (DeviceLane* other : std::as_const(m_lanes))
        other->lookAway();
    const auto count = static_cast<int>(m_lanes.size());
    m_target = ((lane % count) + count) % count;
    DeviceLane* target = m_lanes[m_target];
    target->look(m_marked);
    m_scroll->ensureWidgetVisible(target);
    const QString marked = app::countOf(m_marked.size(), tr("variable"), tr("variables"));
    const QString what =
        target->message().isEmpty()
            ? (m_target == 0 ? tr("Enter unpins") : tr("Enter places on %1").arg(target->title()))
            : tr("not on %1: %2").arg(target->title(), target->message());
    m_marks->setText(
        tr("%1 marked – %2. Arrows or Tab choose the lane, R makes a rule, Esc ends.").arg(marked, what));
    m_marks->setAccessibleName(m_marks->text());
    updateMarkAction();
}

QString PlacePage::markText() const
{
    return m_marks->text();
}

void PlacePage::dropMarked(bool byRule)
{
    const QStringList names = m_marked;
    const int target = m_lanes[m_target]->lane();
    if (!byRule && !m_lanes[m_target]->message().isEmpty())
        return; // the reason stays in view
    unmark();
    if (byRule)
        askForRule(names, target);
    else
        place(names, target);
}

bool PlacePage::handleMarkKey(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Backtab:
        aimAt(m_target - 1);
        return true;
    case Qt::Key_Right:
    case Qt::Key_Tab:
        aimAt(m_target + 1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        dropMarked(event->modifiers().testFlag(Qt::AltModifier));
        return true;
    case Qt::Key_R:
        dropMarked(true);
        return true;
    case Qt::Key_Escape:
        unmark();
        return true;
    default:
        return false;
    }
}

bool PlacePage::handleKey(DeviceLane* lane, QKeyEvent* event)
{
    if (!m_marked.isEmpty() && handleMarkKey(event))
        return true;
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))
        return false;
    switch (event->key()) {
    case Qt::Key_M:
        mark(selectedNames(), static_cast<int>(m_lanes.indexOf(lane)));
        return true;
    case Qt::Key_X:
    case Qt::Key_Delete:
        unpinSelected();
        return true;
    case Qt::Key_R:
        askForRuleHere();
        return true;
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const qsizetype next = m_lanes.indexOf(lane) + (event->key() == Qt::Key_Left ? -1 : 1);
        if (next >= 0 && next < m_lanes.size()) {
            QListView* list = m_lanes[next]->list();
            list->setFocus();
            if (!list->currentIndex().isValid() && list->model()->rowCount() > 0)
                list->setCurrentIndex(list->model()->index(0, 0));
            m_scroll->ensureWidgetVisible(m_lanes[next]);
        }
        return true;
    }
    default:
        return false;
    }
}

bool PlacePage::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        for (DeviceLane* lane : std::as_const(m_lanes)) {
            if (watched == lane->list() && handleKey(lane, key))
                return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace wr::ui
