// SPDX-License-Identifier: GPL-3.0-or-later
// The number of each device: Auto is 0, then come the machine's devices, then those that only the script
// names, devices before tasks and tasks by number, then those that are planned. The Place page has its lanes
// in this order and the graph its colours, so that a device looks the same everywhere. Pure; any thread.
#pragma once

#include "engine/graph/device_name.h"
#include "engine/session/placement.h"

#include <QString>
#include <QStringList>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace wr::app {

class LaneOrder {
public:
    static constexpr int kAuto = 0;

    /// A null model names nothing. A machine that is not known yet counts as one with "/cpu:0".
    LaneOrder(const graph::Model* model, std::vector<runtime::Device> machine,
              const QStringList& planned = {});

    /// Never empty; its devices are the lanes from 1 on.
    const std::vector<runtime::Device>& machine() const { return m_machine; }
    /// The lanes behind the machine's.
    const std::vector<graph::DeviceName>& others() const { return m_others; }
    int firstOther() const { return static_cast<int>(m_machine.size()) + 1; }

    /// The lane of what the script asks for; kAuto: it asks for nothing.
    int ofRequest(const std::string& device) const;
    /// The lane that stands for a device of a placement; kAuto: none does.
    int ofPlaced(const session::PlacedDevice& device) const;
    /// The lane of the machine that a name means; −1: it names something that is not here.
    int ofMachine(const graph::DeviceName& name) const;

private:
    void add(const std::set<std::string>& devices);

    std::vector<runtime::Device> m_machine;
    std::vector<graph::DeviceName> m_others;
    std::unordered_map<std::string, int> m_laneOf;
};

/// "/job:ps/task:7/cpu:0": as people write it, where toString() writes "/device:CPU:0".
QString deviceText(const graph::DeviceName& name);
/// Whether the name means this process, whatever device in it.
bool isThisProcess(const graph::DeviceName& name);

} // namespace wr::app
