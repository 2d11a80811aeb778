// SPDX-License-Identifier: GPL-3.0-or-later
// Which groups of a graph are open: at first so few that the picture can be taken in, later as the user left
// them, also after an edit of the script. And the whole way from a model to a picture. Pure; any thread.
#pragma once

#include "app/models/graph_layout.h"

namespace wr::app {

/// What the user opened and closed, by name, so that it outlives a model.
struct GraphOpening {
    QSet<QString> opened;
    QSet<QString> closed;
};

/// Small scopes are open while no more than about kMostAtFirst boxes are visible; repeats, parts, gradients
/// and optimizers are closed, unless the user said otherwise.
inline constexpr int kMostAtFirst = 60;
QSet<int> openGroups(const ModelGraph& graph, const GraphOpening& opening);

struct GraphPicture {
    std::shared_ptr<const graph::Model> model;
    QStringList devices;
    std::shared_ptr<const ModelGraph> graph;
    std::shared_ptr<const GraphLayout> layout;
};

/// `graph` is made of `model` unless it is that of the same model and devices already. An empty picture when
/// cancelled.
GraphPicture makePicture(GraphPicture previous, const std::shared_ptr<const graph::Model>& model,
                         const QStringList& devices, const GraphOpening& opening,
                         const IsCancelled& isCancelled);

} // namespace wr::app
