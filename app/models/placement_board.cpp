// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/placement_board.h"

#include "app/document/quantity.h"
#include "app/models/lane_order.h"
#include "engine/graph/name_pattern.h"

#include <QCoreApplication>
#include <QSet>
#include <algorithm>

namespace wr::app {
namespace {

using graph::DeviceName;

QString tr(const char* text)
{
    return QCoreApplication::translate("PlacementBoard", text);
}

} // namespace

LaneBytes& LaneBytes::operator+=(const LaneBytes& other)
{
    values += other.values;
    gradients += other.gradients;
    optimizer += other.optimizer;
    workspace += other.workspace;
    return *this;
}

QVector<int> PlacementBoard::variablesAt(const QStringList& names) const
{
    QVector<int> found;
    found.reserve(names.size());
    for (const QString& name : names) {
        if (const int at = variableAt(name); at >= 0)
            found.append(at);
    }
    return found;
}

int PlacementBoard::laneAt(const QString& device) const
{
    for (int i = 0; i < lanes.size(); ++i) {
        if (lanes[i].title == device)
            return i;
    }
    return -1;
}

qint64 PlacementBoard::copiedBytes() const
{
    qint64 bytes = 0;
    for (const BoardCopy& copy : copies)
        bytes += copy.bytes;
    return bytes;
}

LaneBytes PlacementBoard::after(int lane, const QVector<int>& selection) const
{
    LaneBytes bytes = lanes[lane].bytes;
    for (const int at : selection) {
        const BoardVariable& variable = variables[at];
        const bool isThere = lanes[lane].isDevice ? variable.home == lane : variable.lane == lane;
        if (!isThere)
            bytes += variable.bytes;
    }
    return bytes;
}

qint64 PlacementBoard::bytesOf(const QVector<int>& selection) const
{
    qint64 bytes = 0;
    for (const int at : selection)
        bytes += variables[at].bytes.values;
    return bytes;
}

QString PlacementBoard::obstacle(int lane, const QVector<int>& selection) const
{
    QHash<int, int> counts;
    for (const int at : selection) {
        const BoardVariable& variable = variables[at];
        if (lanes[lane].kind == BoardLane::Kind::Auto && variable.pin == BoardVariable::Pin::Rule)
            return tr("%1 is placed by the rule “%2”: remove the rule")
                .arg(variable.name, rules.value(variable.rule).pattern);
        if (variable.groupSize > 1)
            ++counts[variable.group];
    }
    for (const int at : selection) {
        const BoardVariable& variable = variables[at];
        if (variable.groupSize > 1 && counts.value(variable.group) < variable.groupSize)
            return tr("%1 is %2: take all %3 of them, or use a rule")
                .arg(variable.name, variable.origin)
                .arg(variable.groupSize);
    }
    return {};
}

QString PlacementBoard::patternFor(const QVector<int>& selection) const
{
    if (selection.isEmpty())
        return {};
    const QString first = variables[selection.first()].name;
    qsizetype prefix = first.size();
    qsizetype suffix = first.size();
    qsizetype shortest = first.size();
    bool isOne = true;
    for (const int at : selection) {
        const QString& name = variables[at].name;
        isOne = isOne && name == first;
        shortest = std::min(shortest, name.size());
        prefix = std::min(prefix, name.size());
        suffix = std::min(suffix, name.size());
        qsizetype same = 0;
        while (same < prefix && name[same] == first[same])
            ++same;
        prefix = same;
        same = 0;
        while (same < suffix && name[name.size() - 1 - same] == first[first.size() - 1 - same])
            ++same;
        suffix = same;
    }
    if (isOne)
        return first;
    suffix = std::min(suffix, shortest - prefix);
    return first.left(prefix) + QLatin1Char('*') + first.right(suffix);
}

int PlacementBoard::hits(const QString& pattern) const
{
    const std::string wanted = pattern.toStdString();
    return static_cast<int>(
        std::count_if(variables.begin(), variables.end(), [&](const BoardVariable& variable) {
            return graph::matchesPattern(wanted, variable.name.toStdString());
        }));
}

DeviceText readDeviceText(const QString& text)
{
    const QString device = text.trimmed();
    if (device.isEmpty())
        return {{}, tr("Type a device, such as /gpu:0 or /job:ps/task:0.")};
    const Result<DeviceName> name = DeviceName::parse(device.toStdString());
    if (!name)
        return {{}, QString::fromStdString(name.error().message())};
    if (*name == DeviceName{})
        return {{}, tr("“%1” names no device.").arg(device)};
    DeviceName usual = *name;
    if (isThisProcess(usual) && usual.type) { // the machine's own by its long name
        usual.job.reset();
        usual.replica.reset();
        usual.task.reset();
    }
    const bool isWhole = !usual.type || usual.index;
    return {isWhole ? deviceText(usual) : device, {}};
}

} // namespace wr::app
