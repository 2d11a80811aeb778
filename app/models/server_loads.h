// SPDX-License-Identifier: GPL-3.0-or-later
// How many bytes each parameter server would hold if the variables were dealt out by a strategy of
// tf.train.replica_device_setter. Pure functions; any thread.
#pragma once

#include "app/models/placement_board.h"

namespace wr::app {

enum class ServerStrategy { RoundRobin, GreedyByBytes, Random };

/// The task of each variable, in the board's order. `tasks` from 1 up.
QVector<int> dealVariables(const PlacementBoard& board, int tasks, ServerStrategy strategy);
/// Bytes of each task: values and the slots that follow them.
QVector<qint64> serverLoads(const PlacementBoard& board, int tasks, ServerStrategy strategy);
/// One more than the highest task of the job "ps" that has a lane; 0: none has.
int serverCount(const PlacementBoard& board);
/// What one server has beyond an even share: 0 is even, 1 twice as much.
double imbalance(const QVector<qint64>& loads);

} // namespace wr::app
