// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/graph_info.h"

#include "app/document/quantity.h"

#include <QCoreApplication>

namespace wr::ui {
namespace {

using Kind = app::GraphBox::Kind;

QString tr(const char* text)
{
    return QCoreApplication::translate("GraphInfo", text);
}

QString lifeText(app::VariableLife life)
{
    switch (life) {
    case app::VariableLife::Uninitialized:
        return tr("not initialised");
    case app::VariableLife::Initialized:
        return tr("initialised");
    case app::VariableLife::Restored:
        return tr("restored");
    case app::VariableLife::Trained:
        return tr("trained");
    }
    return {};
}

QString deviceText(const app::ModelGraph& graph, const app::GraphBox& box)
{
    if (box.device == app::GraphBox::kMixed)
        return tr("several devices");
    if (box.device < 0)
        return tr("anywhere");
    const QString& name = graph.devices[box.device];
    const bool isAsked = !box.requestedDevice.isEmpty() && box.requestedDevice != name;
    const QString asked = isAsked ? tr(" (asked for: %1)").arg(box.requestedDevice) : QString();
    return name + asked +
           (box.placementNote.isEmpty() ? QString() : QStringLiteral("; ") + box.placementNote);
}

QString operations(int count)
{
    return app::countOf(count, tr("operation"), tr("operations"));
}

} // namespace

QString graphKindText(const app::GraphBox& box)
{
    switch (box.kind) {
    case Kind::Op:
    case Kind::Constant:
        return box.op;
    case Kind::Variable:
        return box.isSlot ? tr("Optimizer slot") : tr("Variable");
    case Kind::Placeholder:
        return tr("Placeholder, fed from outside");
    case Kind::Scope:
        return tr("Scope of %1").arg(operations(box.leaves));
    case Kind::Repeat:
        return tr("%1 scopes of one structure, %2").arg(box.copies).arg(operations(box.leaves));
    case Kind::Part:
        return tr("Part of a long list, %1").arg(operations(box.leaves));
    case Kind::Gradients:
        return tr("Gradients, %1").arg(operations(box.leaves));
    case Kind::Optimizer:
        return tr("Optimizer, %1").arg(operations(box.leaves));
    }
    return {};
}

QString graphSecondLine(const app::GraphBox& box)
{
    if (box.kind == Kind::Variable)
        return box.shape + QStringLiteral(" · ") + app::byteText(box.bytes);
    if (!box.isGroup())
        return box.shape;
    return box.bytes > 0 ? operations(box.leaves) + QStringLiteral(" · ") + app::byteText(box.bytes)
                         : operations(box.leaves);
}

QString graphInfo(const app::ModelGraph& graph, int index, const LifeOf& life)
{
    if (index < 0 || index >= static_cast<int>(graph.boxes.size()))
        return {};
    const app::GraphBox& box = graph.boxes[static_cast<std::size_t>(index)];
    QStringList lines{box.isGroup() ? box.label : box.name, graphKindText(box)};
    if (!box.isGroup())
        lines += tr("%1, %2").arg(box.shape, box.dtype);
    if (box.kind == Kind::Variable && life)
        lines += lifeText(life(box.name));
    if (!box.initializer.isEmpty())
        lines += tr("initial value: %1").arg(box.initializer.simplified().left(200));
    lines += tr("device: %1").arg(deviceText(graph, box));
    if (box.bytes > 0)
        lines += tr("%1 in variables").arg(app::byteText(box.bytes));
    if (!box.constants.isEmpty())
        lines += tr("constants: %1").arg(box.constants.join(QStringLiteral(", ")));
    return lines.join(u'\n');
}

} // namespace wr::ui
