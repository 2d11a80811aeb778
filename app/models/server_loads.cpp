// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/server_loads.h"

#include "engine/graph/device_name.h"

#include <QCryptographicHash>
#include <algorithm>

namespace wr::app {
namespace {

/// TensorFlow's: md5 of "name_seed" as a number, modulo the tasks.
int drawnTask(const QString& name, int tasks)
{
    const QByteArray text = name.toUtf8() + "_0";
    const QByteArray digest = QCryptographicHash::hash(text, QCryptographicHash::Md5);
    qint64 rest = 0;
    for (const char byte : digest)
        rest = (rest * 256 + static_cast<unsigned char>(byte)) % tasks;
    return static_cast<int>(rest);
}

} // namespace

QVector<int> dealVariables(const PlacementBoard& board, int tasks, ServerStrategy strategy)
{
    QVector<int> dealt;
    dealt.reserve(board.variables.size());
    QVector<qint64> loads(std::max(tasks, 1), 0);
    int next = 0;
    for (const BoardVariable& variable : board.variables) {
        int task = 0;
        switch (strategy) {
        case ServerStrategy::RoundRobin:
            task = next++ % static_cast<int>(loads.size());
            break;
        case ServerStrategy::GreedyByBytes:
            task = static_cast<int>(std::min_element(loads.begin(), loads.end()) - loads.begin());
            break;
        case ServerStrategy::Random:
            task = drawnTask(variable.name, static_cast<int>(loads.size()));
            break;
        }
        loads[task] += variable.bytes.values;
        dealt.append(task);
    }
    return dealt;
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
