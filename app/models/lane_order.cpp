// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/lane_order.h"

#include <algorithm>
#include <tuple>

namespace wr::app {

using graph::DeviceName;

QString deviceText(const DeviceName& name)
{
    const bool isUsual = name.type && (*name.type == "CPU" || *name.type == "GPU") && name.index;
    if (!isUsual)
        return QString::fromStdString(name.toString());
    DeviceName rest = name;
    rest.type.reset();
    rest.index.reset();
    return QString::fromStdString(rest.toString()) + QLatin1Char('/') +
           QString::fromStdString(*name.type).toLower() + QLatin1Char(':') + QString::number(*name.index);
}

bool isThisProcess(const DeviceName& name)
{
    return name.job.value_or("localhost") == "localhost" && name.replica.value_or(0) == 0 &&
           name.task.value_or(0) == 0;
}

LaneOrder::LaneOrder(const graph::Model* model, std::vector<runtime::Device> machine,
                     const QStringList& planned)
    : m_machine(std::move(machine))
{
    if (m_machine.empty())
        m_machine.push_back({"/cpu:0", "CPU", 0, "", 0, nullptr});
    std::set<std::string> named;
    if (model != nullptr) {
        for (const graph::Node& node : model->graph.nodes())
            named.insert(node.device);
        for (const graph::Variable& variable : model->variables)
            named.insert(variable.device);
        for (const graph::PlacementRule& rule : model->rules)
            named.insert(rule.device);
    }
    add(named);
    named.clear();
    for (const QString& device : planned)
        named.insert(device.toStdString());
    add(named);
}

void LaneOrder::add(const std::set<std::string>& devices)
{
    std::vector<std::pair<DeviceName, const std::string*>> fresh;
    for (const std::string& device : devices) {
        if (m_laneOf.count(device) != 0)
            continue;
        Result<DeviceName> name = DeviceName::parse(device);
        if (!name || *name == DeviceName{})
            continue;
        if (const int lane = ofMachine(*name); lane > kAuto)
            m_laneOf.emplace(device, lane);
        else
            fresh.emplace_back(std::move(*name), &device);
    }
    // Devices before tasks, "task:2" before "task:10".
    const auto key = [](const DeviceName& name) {
        return std::tuple(name.job.value_or(""), name.replica.value_or(-1), name.task.value_or(-1),
                          name.type.value_or(""), name.index.value_or(-1));
    };
    std::sort(fresh.begin(), fresh.end(),
              [&](const auto& a, const auto& b) { return key(a.first) < key(b.first); });
    for (const auto& [name, device] : fresh) {
        const auto same = std::find(m_others.begin(), m_others.end(), name);
        m_laneOf.emplace(*device, firstOther() + static_cast<int>(same - m_others.begin()));
        if (same == m_others.end())
            m_others.push_back(name);
    }
}

int LaneOrder::ofMachine(const DeviceName& name) const
{
    if (!isThisProcess(name) || !name.type)
        return -1;
    for (std::size_t i = 0; i < m_machine.size(); ++i) {
        if (m_machine[i].type == *name.type && (!name.index || *name.index == m_machine[i].index))
            return static_cast<int>(i) + 1;
    }
    return -1;
}

int LaneOrder::ofRequest(const std::string& device) const
{
    const auto known = m_laneOf.find(device);
    return known == m_laneOf.end() ? kAuto : known->second;
}

int LaneOrder::ofPlaced(const session::PlacedDevice& device) const
{
    if (!device.isTask)
        return device.runtimeDevice + 1;
    const Result<DeviceName> name = DeviceName::parse(device.name);
    int best = kAuto;
    int bestFit = -1;
    for (std::size_t i = 0; name && i < m_others.size(); ++i) {
        const DeviceName& other = m_others[i];
        const bool isSameJob = other.job.value_or("localhost") == name->job.value_or("localhost") &&
                               other.replica.value_or(0) == name->replica.value_or(0);
        if (!isSameJob || (other.task && other.task != name->task))
            continue;
        const bool isSameType = other.type == name->type && (!other.index || other.index == name->index);
        const int fit = (other.task ? 4 : 0) + (isSameType ? 2 : (other.type ? 0 : 1));
        if (fit > bestFit) {
            bestFit = fit;
            best = firstOther() + static_cast<int>(i);
        }
    }
    return best;
}

} // namespace wr::app
