// SPDX-License-Identifier: GPL-3.0-or-later
// Which nodes of a graph are worth a box, and what stands behind those that are: the first half of making a
// ModelGraph. Used by model_graph.cpp only; pure.
#pragma once

#include "app/models/model_graph.h"
#include "engine/graph/model.h"

#include <vector>

namespace wr::app {

struct GraphLeaf {
    enum class Side : quint8 { Forward, Gradients, Optimizer };
    graph::NodeId node = graph::kNoNode;
    Side side = Side::Forward;
    int trainOp = -1; ///< Optimizer: whose
    GraphBox box;
};

struct GraphLeaves {
    std::vector<GraphLeaf> leaves; ///< in the order of creation
    std::vector<GraphEdge> edges;  ///< between indices of leaves
    QStringList devices;
    QVector<int> lanes; ///< of the devices
    bool isTruncated = false;
};

GraphLeaves findLeaves(const graph::Model& model, const QStringList& devices, const IsCancelled& isCancelled);

} // namespace wr::app
