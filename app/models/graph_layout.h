// SPDX-License-Identifier: GPL-3.0-or-later
// Where everything of a ModelGraph stands, given which groups are open: boxes inside the frames of their
// groups, and the lines between what is visible. Every open group is laid out by itself from the inside
// outwards, so that opening one changes nothing inside the others. Immutable and shared; pure, any thread.
// Lengths are in pixels at a scale of one; y grows downwards, as what flows does.
#pragma once

#include "app/models/model_graph.h"

#include <QPointF>
#include <QRectF>
#include <QSet>

namespace wr::app {

struct PlacedBox {
    int box = 0;   ///< in ModelGraph::boxes
    int depth = 0; ///< of frames around it
    int next = 0;  ///< index of the first that does not stand inside this one
    QRectF rect;
    bool isOpen = false; ///< a frame; its members follow
};

struct PlacedEdge {
    int from = 0; ///< in GraphLayout::boxes
    int to = 0;
    EdgeKind kind = EdgeKind::Data;
    bool isQuiet = false;
    bool isBack = false; ///< it closes a cycle between groups and goes upwards
    int count = 1;       ///< edges of the graph that it stands for
    int first = 0;       ///< its points in GraphLayout::points
    int points = 0;
    QRectF bounds;
};

struct GraphLayout {
    std::vector<PlacedBox> boxes; ///< frames before their members
    std::vector<PlacedEdge> edges;
    std::vector<QPointF> points; ///< to be joined by curves that are vertical at each
    std::vector<int> placeOf;    ///< of each box of the graph: its place here, or −1
    QRectF bounds;

    /// The place of the box, or of the closed group around it.
    int visiblePlaceOf(const ModelGraph& graph, int box) const;
};

/// Null when cancelled.
std::shared_ptr<const GraphLayout> layOutGraph(const ModelGraph& graph, const QSet<int>& open,
                                               const IsCancelled& isCancelled = {});

} // namespace wr::app
