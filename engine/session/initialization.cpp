// SPDX-License-Identifier: GPL-3.0-or-later
// Running initial values: in the order in which they read one another, all or nothing.
#include "engine/session/local_session.h"

#include <cstring>
#include <functional>

namespace wr::session {

Status LocalSession::initializeAll()
{
    std::set<std::size_t> wanted;
    for (std::size_t i = 0; i < m_model->variables.size(); ++i)
        wanted.insert(i);
    return initializeSet(wanted);
}

Status LocalSession::initialize(std::span<const std::string> names)
{
    std::set<std::size_t> wanted;
    std::string unknown;
    for (const std::string& name : names) {
        const std::ptrdiff_t index = indexOf(name);
        if (index < 0)
            unknown += (unknown.empty() ? "" : ", ") + name;
        else
            wanted.insert(static_cast<std::size_t>(index));
    }
    if (!unknown.empty())
        return notFound("the model has no variable named " + unknown);
    return initializeSet(wanted);
}

void LocalSession::collectDependencies(graph::NodeId node, std::set<std::size_t>& variables) const
{
    std::vector<graph::NodeId> open{node};
    std::set<graph::NodeId> seen;
    while (!open.empty()) {
        const graph::NodeId id = open.back();
        open.pop_back();
        if (!seen.insert(id).second)
            continue;
        if (const auto found = m_context.variableOf.find(id); found != m_context.variableOf.end())
            variables.insert(found->second);
        for (const graph::NodeId input : m_model->graph.node(id).inputs)
            open.push_back(input);
    }
}

Result<std::vector<std::size_t>> LocalSession::initializationOrder(const std::set<std::size_t>& wanted) const
{
    enum class Mark : std::uint8_t { New, Open, Done };
    std::vector<Mark> marks(m_model->variables.size(), Mark::New);
    std::vector<std::size_t> order;
    std::vector<std::size_t> path;
    // Depth first, with the path kept by hand so that a cycle can be named.
    const std::function<Status(std::size_t)> visit = [&](std::size_t variable) -> Status {
        if (marks[variable] == Mark::Done)
            return {};
        path.push_back(variable);
        if (marks[variable] == Mark::Open) {
            std::string names;
            for (const std::size_t step : path)
                names += (names.empty() ? "" : " → ") + m_model->variables[step].name;
            return invalidArgument("initial values read one another in a circle: " + names);
        }
        marks[variable] = Mark::Open;
        std::set<std::size_t> needs;
        if (m_model->variables[variable].initialValue != graph::kNoNode)
            collectDependencies(m_model->variables[variable].initialValue, needs);
        for (const std::size_t need : needs) {
            if (wanted.count(need) != 0 || !isInitialized(need))
                WR_RETURN_IF_ERROR(visit(need));
        }
        marks[variable] = Mark::Done;
        path.pop_back();
        order.push_back(variable);
        return {};
    };
    for (const std::size_t variable : wanted)
        WR_RETURN_IF_ERROR(visit(variable));
    return order;
}

Status LocalSession::initializeSet(const std::set<std::size_t>& wanted)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::size_t> order, initializationOrder(wanted));
    struct Before {
        std::size_t variable;
        Tensor value;
        VariableState state;
    };
    std::vector<Before> before;
    for (const std::size_t variable : order) {
        Before entry{variable, {}, m_states[variable]};
        if (isInitialized(variable)) {
            WR_ASSIGN_OR_RETURN(entry.value, m_values[variable].clone());
        }
        before.push_back(std::move(entry));
    }
    const std::map<std::string, std::uint64_t> streams = m_streams;
    Status status;
    for (std::size_t i = 0; i < order.size() && status.isOk(); ++i)
        status = initializeOne(order[i]);
    if (status.isOk())
        return status;
    for (const Before& entry : before) {
        if (entry.value.isValid())
            std::memcpy(m_values[entry.variable].mutableBytes().data(), entry.value.bytes().data(),
                        entry.value.byteSize());
        m_states[entry.variable] = entry.state;
    }
    m_streams = streams;
    return status;
}

Status LocalSession::initializeOne(std::size_t variable)
{
    const graph::Variable& own = m_model->variables[variable];
    if (own.initialValue == graph::kNoNode)
        return failedPrecondition("the variable " + own.name + " has no initial value");
    const graph::NodeId fetch = own.initialValue;
    Result<PlanId> id = plan({&fetch, 1}, {}, {}, {});
    if (!id)
        return id.error().withContext("initial value of " + own.name);
    const Status status = run(*id);
    if (status.isOk()) {
        const Tensor& value = fetched(*id, 0);
        std::memcpy(m_values[variable].mutableBytes().data(), value.bytes().data(), value.byteSize());
        m_states[variable] = VariableState::Initialized;
    }
    dropPlan(*id);
    return status.withContext("initial value of " + own.name);
}

} // namespace wr::session
