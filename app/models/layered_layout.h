// SPDX-License-Identifier: GPL-3.0-or-later
// Boxes and arrows on one level, laid out in layers from top to bottom: cycles are cut at the fewest places a
// greedy order finds, layers are longest paths with sources next to what reads them, crossings are reduced by
// barycentres, and boxes move under their neighbours as far as their order allows. Parts that nothing
// connects stand side by side. Deterministic; pure, any thread. Lengths are in pixels at a scale of one.
#pragma once

#include <QPointF>
#include <QSizeF>
#include <functional>
#include <vector>

namespace wr::app {

struct LayeredNode {
    enum class Pin : quint8 {
        None,
        Top,
        Bottom
    }; ///< Top, Bottom: a point on the border, for what goes outside
    double width = 0.0;
    double height = 0.0;
    Pin pin = Pin::None;
};

struct LayeredEdge {
    int from = 0;
    int to = 0;
};

struct LayeredLayout {
    std::vector<QPointF> topLeft;            ///< of each node
    std::vector<std::vector<QPointF>> bends; ///< of each edge, its ends on the borders of the boxes included
    std::vector<bool> isBack;                ///< of each edge: it closes a cycle, and goes upwards
    QSizeF size;
    bool isCancelled = false;
};

/// Edges from a node to itself get no bends. With `isCancelled`, the result may be empty.
LayeredLayout layOutLayers(const std::vector<LayeredNode>& nodes, const std::vector<LayeredEdge>& edges,
                           const std::function<bool()>& isCancelled = {});

} // namespace wr::app
