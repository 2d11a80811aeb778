// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/parameter_servers.h"

#include "engine/graph/md5.h"

#include <algorithm>

namespace wr::graph {

TaskAssigner::TaskAssigner(int tasks, ParameterServerStrategy strategy, std::int64_t seed)
    : m_strategy(strategy), m_seed(seed), m_loads(static_cast<std::size_t>(std::max(tasks, 1)), 0)
{
}

int TaskAssigner::next(const VariableSize& variable)
{
    const std::size_t tasks = m_loads.size();
    std::size_t task = 0;
    switch (m_strategy) {
    case ParameterServerStrategy::RoundRobin:
        task = m_next;
        m_next = (m_next + 1) % tasks;
        break;
    case ParameterServerStrategy::GreedyByBytes:
        task = static_cast<std::size_t>(std::min_element(m_loads.begin(), m_loads.end()) - m_loads.begin());
        break;
    case ParameterServerStrategy::Random:
        // The digest is one number of 128 bits, its first byte the highest.
        for (const std::uint8_t byte : md5(variable.name + "_" + std::to_string(m_seed)))
            task = (task * 256 + byte) % tasks;
        break;
    }
    m_loads[task] += variable.bytes;
    return static_cast<int>(task);
}

std::vector<int> assignTasks(std::span<const VariableSize> variables, int tasks,
                             ParameterServerStrategy strategy, std::int64_t seed)
{
    TaskAssigner assigner(tasks, strategy, seed);
    std::vector<int> result;
    result.reserve(variables.size());
    for (const VariableSize& variable : variables)
        result.push_back(assigner.next(variable));
    return result;
}

} // namespace wr::graph
