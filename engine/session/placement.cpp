// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/placement.h"

#include "engine/graph/device_name.h"
#include "engine/session/plan_outline.h"
#include "engine/session/task_key.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

namespace wr::session {
namespace {

using backend::OpCode;
using graph::DeviceName;
using graph::Node;
using graph::NodeId;

bool tensorFlowHas(const runtime::Device& device, OpCode op, DType dtype)
{
    return device.type == "CPU" || op != OpCode::Variable || isFloating(dtype) || dtype == DType::Int64;
}

class Placer {
public:
    Placer(const graph::Model& model, const std::vector<runtime::Device>& devices,
           const PlacementOptions& options, const KernelTest& hasKernel)
        : m_model(model), m_graph(model.graph), m_devices(devices), m_options(options),
          m_hasKernel(hasKernel), m_count(model.graph.nodes().size()), m_places(m_count), m_parents(m_count)
    {
        std::iota(m_parents.begin(), m_parents.end(), std::size_t{0});
        const auto rank = [&](std::size_t i) {
            return m_devices[i].type == "GPU" ? 0 : m_devices[i].type == "CPU" ? 2 : 1;
        };
        m_byPriority.resize(m_devices.size());
        std::iota(m_byPriority.begin(), m_byPriority.end(), std::size_t{0});
        std::stable_sort(m_byPriority.begin(), m_byPriority.end(),
                         [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
        m_placement.ignored = model.ignored;
        m_placement.entries.resize(m_count);
    }

    Result<Placement> run()
    {
        WR_RETURN_IF_ERROR(readRequests());
        joinGroups();
        const std::vector<NodeId> consumers = findConsumers();
        std::vector<std::size_t> generators;
        std::vector<std::vector<std::size_t>> groups(m_count);
        for (std::size_t id = 0; id < m_count; ++id)
            groups[root(id)].push_back(id);
        for (const std::vector<std::size_t>& group : groups) {
            if (group.size() == 1 && follows(group.front(), consumers[group.front()]))
                generators.push_back(group.front());
            else if (!group.empty())
                placeGroup(group);
        }
        for (const std::size_t id : generators) {
            const auto consumer = static_cast<std::size_t>(consumers[id]);
            if (canRun(m_places[consumer].device, id))
                m_places[id] = m_places[consumer];
            else
                placeGroup({id});
        }
        if (!m_unmet.empty())
            return fail(StatusCode::InvalidArgument, "Could not satisfy explicit device specification " +
                                                         m_unmet + "; available devices: " + listed());
        listDevices();
        for (auto& [key, directive] : m_ignored) {
            if (directive.count > 1)
                directive.what.what += " and " + std::to_string(directive.count - 1) + " more";
            m_placement.ignored.push_back(std::move(directive.what));
        }
        return std::move(m_placement);
    }

private:
    struct Place {
        TaskKey task;
        std::size_t device = 0; ///< of the machine
    };

    const Node& node(std::size_t id) const { return m_graph.nodes()[id]; }

    Status readRequests()
    {
        std::unordered_map<std::string, DeviceName> known;
        for (const Node& own : m_graph.nodes()) {
            const auto [found, isNew] = known.try_emplace(own.device);
            if (isNew) {
                WR_ASSIGN_OR_RETURN(found->second, DeviceName::parse(own.device));
                m_named.add(found->second);
            }
            m_requests.push_back(found->second);
        }
        return {};
    }

    std::size_t root(std::size_t id)
    {
        while (m_parents[id] != id)
            id = m_parents[id] = m_parents[m_parents[id]];
        return id;
    }

    /// The smaller id is the root, so that groups come in the order of their first node.
    void join(NodeId a, NodeId b)
    {
        const std::size_t one = root(static_cast<std::size_t>(a));
        const std::size_t other = root(static_cast<std::size_t>(b));
        m_parents[std::max(one, other)] = std::min(one, other);
    }

    void joinGroups()
    {
        m_isSlot.resize(m_count, false);
        m_isVariable.resize(m_count, false);
        std::unordered_map<std::string, NodeId> variables;
        for (const graph::Variable& variable : m_model.variables)
            variables.emplace(variable.name, variable.node);
        for (const graph::Variable& variable : m_model.variables) {
            const auto id = static_cast<std::size_t>(variable.node);
            m_isVariable[id] = true;
            const auto home = variables.find(variable.slotOf);
            if (variable.slotOf.empty() || home == variables.end() || home->second == variable.node)
                continue;
            m_isSlot[id] = true;
            join(variable.node, home->second);
        }
        for (std::size_t id = 0; id < m_count; ++id) {
            const Node& own = node(id);
            if (own.colocateWith != graph::kNoNode)
                join(static_cast<NodeId>(id), own.colocateWith);
            if (isUpdate(own.op) && !own.inputs.empty())
                join(static_cast<NodeId>(id), own.inputs.front());
        }
    }

    /// The only node that reads a node; kNoNode where there is none or where there are several. An initial
    /// value is read by its variable.
    std::vector<NodeId> findConsumers() const
    {
        constexpr NodeId kSeveral = -2;
        std::vector<NodeId> consumers(m_count, graph::kNoNode);
        const auto note = [&](NodeId read, NodeId by) {
            NodeId& consumer = consumers[static_cast<std::size_t>(read)];
            consumer = consumer == graph::kNoNode || consumer == by ? by : kSeveral;
        };
        for (std::size_t id = 0; id < m_count; ++id) {
            for (const NodeId input : node(id).inputs)
                note(input, static_cast<NodeId>(id));
        }
        for (const graph::Variable& variable : m_model.variables) {
            if (variable.initialValue != graph::kNoNode)
                note(variable.initialValue, variable.node);
        }
        std::replace(consumers.begin(), consumers.end(), kSeveral, graph::kNoNode);
        return consumers;
    }

    bool follows(std::size_t id, NodeId consumer) const
    {
        return consumer != graph::kNoNode && static_cast<std::size_t>(consumer) != id &&
               node(id).inputs.empty() && node(id).op != OpCode::Variable && m_requests[id] == DeviceName{};
    }

    bool canRun(std::size_t device, std::size_t id) const
    {
        const Node& own = node(id);
        if (!hasKernel(own.op) && own.op != OpCode::Variable)
            return true;
        const DType type = kernelType(m_graph, own);
        return m_hasKernel ? m_hasKernel(static_cast<int>(device), own.op, type)
                           : tensorFlowHas(m_devices[device], own.op, type);
    }

    /// The member of the group that no kernel of the device can run; the group's size when there is none.
    std::size_t obstacle(std::size_t device, const std::vector<std::size_t>& group) const
    {
        std::size_t i = 0;
        while (i < group.size() && canRun(device, group[i]))
            ++i;
        return i;
    }

    bool isNamed(std::size_t device, const DeviceName& wanted) const
    {
        return (!wanted.type || *wanted.type == m_devices[device].type) &&
               (!wanted.index || *wanted.index == m_devices[device].index);
    }

    std::string nameOf(const TaskKey& task, std::size_t device) const
    {
        return task.prefix() + m_devices[device].name;
    }

    void placeGroup(const std::vector<std::size_t>& group)
    {
        const auto weight = [&](std::size_t id) {
            return !m_isVariable[id] ? 2 : m_isSlot[id] ? 1 : 0; // the variable's word counts most
        };
        const std::size_t leader = *std::min_element(
            group.begin(), group.end(), [&](std::size_t a, std::size_t b) { return weight(a) < weight(b); });
        DeviceName wanted = m_requests[leader];
        std::vector<std::size_t> overruled;
        for (const std::size_t id : group) {
            if (wanted.isCompatibleWith(m_requests[id]))
                wanted = wanted.mergedWith(m_requests[id]);
            else
                overruled.push_back(id);
        }
        Place place;
        place.task = m_named.meantBy(wanted);
        const std::string why = choose(group, wanted, place);
        for (const std::size_t id : group)
            m_places[id] = place;
        const std::string home = nameOf(place.task, place.device);
        for (const std::size_t id : overruled)
            ignore(id, "runs on " + home + " with " + node(leader).name);
        if (why.empty())
            return;
        if (wanted.type && !m_options.allowSoftPlacement) {
            m_unmet += (m_unmet.empty() ? "'" : ", '") + wanted.toString() + "' of " + node(leader).name +
                       " (" + why + ")";
            return;
        }
        const bool isWhereWanted = !wanted.type || isNamed(place.device, wanted);
        for (const std::size_t id : group) {
            if (!m_placement.entries[id].note.empty())
                continue; // overruled
            if (isWhereWanted)
                m_placement.entries[id].note = why; // no device can run it; planning will say so
            else if (m_requests[id].type)
                ignore(id, why + "; it runs on " + home);
        }
    }

    /// Sets the device; gives the reason when it is not what was wanted.
    std::string choose(const std::vector<std::size_t>& group, const DeviceName& wanted, Place& place) const
    {
        bool exists = false;
        std::size_t member = 0;
        for (const std::size_t device : m_byPriority) {
            if (!isNamed(device, wanted))
                continue;
            const std::size_t hindered = obstacle(device, group);
            if (hindered == group.size()) {
                place.device = device;
                return {};
            }
            exists = true;
            member = hindered;
        }
        const auto cpu = std::find_if(m_devices.begin(), m_devices.end(),
                                      [](const runtime::Device& device) { return device.type == "CPU"; });
        place.device = cpu == m_devices.end() ? 0 : static_cast<std::size_t>(cpu - m_devices.begin());
        if (!exists)
            return wanted.toString() + " does not exist here (there is " + listed() + ")";
        const Node& own = node(group[member]);
        return "no supported kernel for " + std::string(backend::opName(own.op)) + " of " +
               std::string(dtypeName(kernelType(m_graph, own))) + " on " +
               (wanted.type ? *wanted.type + " devices" : std::string("any device")) + " is available";
    }

    /// One line for all that asked for the same in vain for the same reason; a variable stands for them.
    void ignore(std::size_t id, const std::string& reason)
    {
        const std::string device = m_requests[id].toString();
        m_placement.entries[id].note = "asked for " + device + ": " + reason;
        Ignored& entry = m_ignored[{device, reason}];
        ++entry.count;
        if (entry.count > 1 && (!m_isVariable[id] || entry.isVariable))
            return;
        entry.isVariable = m_isVariable[id];
        entry.what = {node(id).source, "device " + device + " for " + node(id).name, reason};
    }

    /// The machine's devices, then those of the tasks: the CPU of each task that is named, and what is used.
    void listDevices()
    {
        for (std::size_t i = 0; i < m_devices.size(); ++i)
            m_placement.devices.push_back({m_devices[i].name, static_cast<int>(i), false});
        const auto cpu = std::find_if(m_devices.begin(), m_devices.end(),
                                      [](const runtime::Device& device) { return device.type == "CPU"; });
        std::map<std::pair<TaskKey, std::size_t>, int> indices;
        const auto add = [&](const TaskKey& task, std::size_t device) {
            if (!task.isLocal())
                indices[{task, device}] = 0;
        };
        for (const TaskKey& task : m_named.all())
            add(task, cpu == m_devices.end() ? 0 : static_cast<std::size_t>(cpu - m_devices.begin()));
        for (const Place& place : m_places)
            add(place.task, place.device);
        for (auto& [key, index] : indices) {
            index = static_cast<int>(m_placement.devices.size());
            m_placement.devices.push_back(
                {nameOf(key.first, key.second), static_cast<int>(key.second), true});
        }
        for (std::size_t id = 0; id < m_count; ++id) {
            const Place& place = m_places[id];
            m_placement.entries[id].node = static_cast<NodeId>(id);
            m_placement.entries[id].device = place.task.isLocal() ? static_cast<int>(place.device)
                                                                  : indices.at({place.task, place.device});
        }
    }

    std::string listed() const
    {
        std::string names;
        for (const runtime::Device& device : m_devices)
            names += (names.empty() ? "" : ", ") + device.name;
        return names;
    }

    struct Ignored {
        std::size_t count = 0;
        bool isVariable = false;
        graph::IgnoredDirective what;
    };

    const graph::Model& m_model;
    const graph::Graph& m_graph;
    const std::vector<runtime::Device>& m_devices;
    const PlacementOptions& m_options;
    const KernelTest& m_hasKernel;
    std::size_t m_count;
    std::vector<std::size_t> m_byPriority;
    std::vector<DeviceName> m_requests;
    NamedTasks m_named;
    std::vector<Place> m_places;
    std::vector<std::size_t> m_parents;
    std::vector<bool> m_isVariable;
    std::vector<bool> m_isSlot;
    std::map<std::pair<std::string, std::string>, Ignored> m_ignored; ///< by device and reason
    std::string m_unmet;
    Placement m_placement;
};

} // namespace

KernelTest kernelsOf(const runtime::Runtime& runtime)
{
    return [&runtime](int device, OpCode op, DType dtype) {
        // A variable can be where its values can be moved.
        const bool isCpu = runtime.devices()[static_cast<std::size_t>(device)].type == "CPU";
        if (op == OpCode::Variable && isCpu)
            return true;
        return runtime.kernel(device, op == OpCode::Variable ? OpCode::Identity : op, dtype) != nullptr;
    };
}

Result<Placement> placeNodes(const graph::Model& model, const std::vector<runtime::Device>& devices,
                             const PlacementOptions& options, const KernelTest& hasKernel)
{
    if (devices.empty())
        return fail(StatusCode::FailedPrecondition, "No devices are registered");
    return Placer(model, devices, options, hasKernel).run();
}

} // namespace wr::session
