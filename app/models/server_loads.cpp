// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/server_loads.h"

#include "engine/graph/device_name.h"
#include "engine/graph/parameter_servers.h"

#include <algorithm>

namespace wr::app {
namespace {

graph::ParameterServerStrategy engineStrategy(ServerStrategy strategy)
{
    switch (strategy) {
    case ServerStrategy::RoundRobin:
        return graph::ParameterServerStrategy::RoundRobin;
    case ServerStrategy::GreedyByBytes:
        return graph::ParameterServerStrategy::GreedyByBytes;
    case ServerStrategy::Random:
        return graph::ParameterServerStrategy::Random;
    }
    return graph::ParameterServerStrategy::RoundRobin;
}

} // namespace

QVector<int> dealVariables(const PlacementBoard& board, int tasks, ServerStrategy strategy)
{
    std::vector<graph::VariableSize> sizes;
    sizes.reserve(static_cast<std::size_t>(board.variables.size()));
    for (const BoardVariable& variable : board.variables)
        sizes.push_back({variable.name.toStdString(), static_cast<std::uint64_t>(variable.bytes.values)});
    const std::vector<int> dealt = graph::assignTasks(sizes, tasks, engineStrategy(strategy));
    return {dealt.begin(), dealt.end()};
}

QVector<qint64> serverLoads(const PlacementBoard& board, int tasks, ServerStrategy strategy)
{
    QVector<qint64> loads(std::max(tasks, 1), 0);
    const QVector<int> dealt = dealVariables(board, tasks, strategy);
    for (qsizetype i = 0; i < dealt.size(); ++i)
        loads[dealt[i]] += board.variables[i].bytes.values + board.variables[i].bytes.optimizer;
    return loads;
}

int serverCount(const PlacementBoard& board)
{
    int count = 0;
    for (const BoardLane& lane : board.lanes) {
        const Result<graph::DeviceName> name = graph::DeviceName::parse(lane.device.toStdString());
        if (name && name->job == "ps" && name->task)
            count = std::max(count, *name->task + 1);
    }
    return std::min(count, 64);
}

double imbalance(const QVector<qint64>& loads)
{
    qint64 sum = 0;
    qint64 most = 0;
    for (const qint64 load : loads) {
        sum += load;
        most = std::max(most, load);
    }
    return sum == 0
               ? 0.0
               : static_cast<double>(most) * static_cast<double>(loads.size()) / static_cast<double>(sum) -
                     1.0;
}

} // namespace wr::app
