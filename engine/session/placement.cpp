// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/placement.h"

#include "engine/graph/device_name.h"

#include <set>

namespace wr::session {
namespace {

std::string listed(const std::vector<runtime::Device>& devices)
{
    std::string names;
    for (const runtime::Device& device : devices)
        names += (names.empty() ? "" : ", ") + device.name;
    return names;
}

/// The device that a request names, or −1 with the reason.
int chooseDevice(const graph::DeviceName& wanted, const std::vector<runtime::Device>& devices,
                 std::string& note)
{
    if (wanted.job || wanted.task || wanted.replica)
        note = "the task runs in this process, since there is no cluster";
    if (!wanted.type)
        return 0;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        if (devices[i].type == *wanted.type && (!wanted.index || *wanted.index == devices[i].index))
            return static_cast<int>(i);
    }
    return -1;
}

} // namespace

Result<Placement> placeNodes(const graph::Model& model, const std::vector<runtime::Device>& devices,
                             const PlacementOptions& options)
{
    if (devices.empty())
        return fail(StatusCode::FailedPrecondition, "No devices are registered");
    Placement placement;
    for (std::size_t i = 0; i < devices.size(); ++i)
        placement.devices.push_back({devices[i].name, static_cast<int>(i), false});
    placement.ignored = model.ignored;
    std::vector<PlacementEntry>& entries = placement.entries;
    std::set<std::string> unmet;
    for (std::size_t id = 0; id < model.graph.nodes().size(); ++id) {
        const graph::Node& node = model.graph.nodes()[id];
        PlacementEntry entry;
        entry.node = static_cast<graph::NodeId>(id);
        if (node.colocateWith != graph::kNoNode) {
            entry.device = entries[static_cast<std::size_t>(node.colocateWith)].device;
        } else {
            WR_ASSIGN_OR_RETURN(const graph::DeviceName wanted, graph::DeviceName::parse(node.device));
            const int device = chooseDevice(wanted, devices, entry.note);
            if (device < 0) {
                unmet.insert(node.device);
                entry.note = node.device + " does not exist here (there is " + listed(devices) +
                             "); it runs on " + devices.front().name;
            }
            entry.device = std::max(device, 0);
        }
        entries.push_back(std::move(entry));
    }
    if (!options.allowSoftPlacement && !unmet.empty()) {
        std::string names;
        for (const std::string& name : unmet)
            names += (names.empty() ? "'" : ", '") + name + "'";
        return fail(StatusCode::InvalidArgument, "Could not satisfy explicit device specification " + names +
                                                     "; available devices: " + listed(devices));
    }
    return placement;
}

PlacementCost placementCost(const graph::Model& model, const Placement& placement)
{
    PlacementCost cost;
    cost.memory.resize(placement.devices.size());
    for (const graph::Variable& variable : model.variables) {
        const auto device =
            static_cast<std::size_t>(placement.entries[static_cast<std::size_t>(variable.node)].device);
        const auto bytes =
            static_cast<std::uint64_t>(variable.shape.elementCount().value_or(0)) * dtypeSize(variable.dtype);
        (variable.slotOf.empty() ? cost.memory[device].values : cost.memory[device].optimizerSlots) += bytes;
    }
    return cost;
}

} // namespace wr::session
