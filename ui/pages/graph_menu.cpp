// SPDX-License-Identifier: GPL-3.0-or-later
// What the graph offers for a box.
#include "ui/pages/graph_panel.h"
#include "ui/widgets/graph_view.h"
#include "ui/workspace.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>

namespace wr::ui {

using Kind = app::GraphBox::Kind;

void GraphPanel::place(const QString& variable, const QString& device)
{
    const app::Explanation problem =
        m_workspace->project().setVariableField(variable, app::VariableField::Device, device);
    if (!problem.isEmpty())
        emit refused(problem);
}

void GraphPanel::copyLine(int index)
{
    const app::GraphBox* const chosen = box(index);
    if (chosen != nullptr && chosen->begin >= 0)
        QGuiApplication::clipboard()->setText(
            m_workspace->project().script().mid(chosen->begin, chosen->end - chosen->begin));
}

void GraphPanel::openMenu(int index, const QPoint& global)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const app::GraphBox* const chosen = box(index);
    if (chosen == nullptr) {
        menu->addAction(tr("Show all\tCtrl+0"), m_view, &GraphView::fit);
        menu->addAction(tr("Expand all"), this, [this] { openAll(true); });
        menu->addAction(tr("Collapse all"), this, [this] { openAll(false); });
        menu->popup(global);
        return;
    }
    const bool isVariable = chosen->kind == Kind::Variable;
    const QString name = chosen->name;
    const int begin = chosen->begin;
    const auto add = [menu](const QString& text, bool isPossible, auto function) {
        QAction* const action = menu->addAction(text);
        action->setEnabled(isPossible);
        connect(action, &QAction::triggered, menu, function);
    };
    if (chosen->isGroup()) {
        const int place = m_picture.layout->placeOf[static_cast<std::size_t>(index)];
        const bool isOpen = place >= 0 && m_picture.layout->boxes[static_cast<std::size_t>(place)].isOpen;
        add(isOpen ? tr("Collapse\tEnter") : tr("Expand\tEnter"), true, [this, index] { toggle(index); });
        add(tr("Copy name"), true, [label = chosen->label] { QGuiApplication::clipboard()->setText(label); });
    } else {
        add(tr("Open in script\tEnter"), begin >= 0, [this, begin] { emit jumpRequested(begin); });
        add(tr("Rename\tF2"), isVariable && !chosen->isSlot, [this] { m_view->beginRename(); });
        add(tr("Copy name"), true, [name] { QGuiApplication::clipboard()->setText(name); });
        add(tr("Copy as TF line"), begin >= 0, [this, index] { copyLine(index); });
    }
    if (isVariable) {
        QMenu* const devices = menu->addMenu(tr("Place on"));
        devices->setEnabled(!chosen->isSlot);
        QStringList names{QString()};
        for (const app::DeviceInfo& device : m_workspace->run().devices())
            names += device.name;
        for (const QString& device : names) {
            QAction* const action = devices->addAction(device.isEmpty() ? tr("anywhere") : device);
            connect(action, &QAction::triggered, this, [this, name, device] { place(name, device); });
        }
        menu->addSeparator();
        add(tr("Delete\tDel"), !chosen->isSlot, [this, name] { emit m_view->removeRequested(name); });
    }
    menu->popup(global);
}

} // namespace wr::ui
