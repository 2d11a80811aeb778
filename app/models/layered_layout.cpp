// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/layered_layout.h"

#include "app/models/layer_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

namespace wr::app {
namespace {

using Pin = LayeredNode::Pin;

constexpr double kPartGap = 32.0;
constexpr double kWidthToHeight = 1.5; ///< of the whole, where parts can be packed
constexpr std::size_t kMostSpan = 400; ///< an edge across more layers is drawn without bends

std::size_t index(int i)
{
    return static_cast<std::size_t>(i);
}

class Layering {
public:
    Layering(const std::vector<LayeredNode>& nodes, const std::vector<LayeredEdge>& edges,
             const std::function<bool()>& isCancelled)
        : m_nodes(nodes), m_edges(edges), m_isCancelled(isCancelled)
    {
    }

    LayeredLayout layOut()
    {
        m_result.topLeft.resize(m_nodes.size());
        m_result.bends.resize(m_edges.size());
        m_result.isBack.assign(m_edges.size(), false);
        makeAcyclic();
        findParts();
        chooseLayers();
        std::vector<LayeredDrawing> drawings;
        for (const std::vector<int>& part : m_parts) {
            if (m_isCancelled && m_isCancelled()) {
                m_result.isCancelled = true;
                return std::move(m_result);
            }
            drawings.push_back(drawPart(part));
        }
        pack(drawings);
        return std::move(m_result);
    }

private:
    struct Link { // an edge as it is laid out: downwards
        int from;
        int to;
        int edge;
    };

    /// Kahn's order, smallest number first; where a cycle stops it, the smallest that is left goes on.
    void makeAcyclic()
    {
        std::vector<int> waiting(m_nodes.size(), 0);
        std::vector<std::vector<int>> outgoing(m_nodes.size());
        for (const LayeredEdge& edge : m_edges) {
            if (edge.from == edge.to)
                continue;
            ++waiting[index(edge.to)];
            outgoing[index(edge.from)].push_back(edge.to);
        }
        std::priority_queue<int, std::vector<int>, std::greater<>> ready;
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            if (waiting[i] == 0)
                ready.push(static_cast<int>(i));
        }
        m_rank.assign(m_nodes.size(), -1);
        std::size_t first = 0;
        while (m_order.size() < m_nodes.size()) {
            if (ready.empty()) {
                while (m_rank[first] >= 0)
                    ++first;
                ready.push(static_cast<int>(first));
            }
            const int node = ready.top();
            ready.pop();
            if (m_rank[index(node)] >= 0)
                continue;
            m_rank[index(node)] = static_cast<int>(m_order.size());
            m_order.push_back(node);
            for (const int next : outgoing[index(node)]) {
                if (--waiting[index(next)] == 0 && m_rank[index(next)] < 0)
                    ready.push(next);
            }
        }
        m_below.resize(m_nodes.size());
        m_above.resize(m_nodes.size());
        for (std::size_t i = 0; i < m_edges.size(); ++i) {
            const LayeredEdge& edge = m_edges[i];
            if (edge.from == edge.to)
                continue;
            const bool isBack = m_rank[index(edge.from)] > m_rank[index(edge.to)];
            m_result.isBack[i] = isBack;
            const Link link{isBack ? edge.to : edge.from, isBack ? edge.from : edge.to, static_cast<int>(i)};
            m_below[index(link.from)].push_back(link);
            m_above[index(link.to)].push_back(link);
        }
    }

    void findParts()
    {
        std::vector<int> partOf(m_nodes.size(), -1);
        for (std::size_t start = 0; start < m_nodes.size(); ++start) {
            if (partOf[start] >= 0)
                continue;
            std::vector<int> part{static_cast<int>(start)};
            partOf[start] = static_cast<int>(m_parts.size());
            for (std::size_t next = 0; next < part.size(); ++next) {
                const auto visit = [&](int other) {
                    if (partOf[index(other)] < 0) {
                        partOf[index(other)] = partOf[start];
                        part.push_back(other);
                    }
                };
                for (const Link& link : m_below[index(part[next])])
                    visit(link.to);
                for (const Link& link : m_above[index(part[next])])
                    visit(link.from);
            }
            std::sort(part.begin(), part.end(),
                      [this](int a, int b) { return m_rank[index(a)] < m_rank[index(b)]; });
            m_parts.push_back(std::move(part));
        }
        // What is connected first, single boxes after it.
        std::stable_sort(m_parts.begin(), m_parts.end(),
                         [](const auto& a, const auto& b) { return (a.size() > 1) > (b.size() > 1); });
    }

    void chooseLayers()
    {
        m_layer.assign(m_nodes.size(), 0);
        for (const std::vector<int>& part : m_parts) { // the first layer is that of the border, where one is
            const auto isTop = [this](int node) { return m_nodes[index(node)].pin == Pin::Top; };
            const int first = std::any_of(part.begin(), part.end(), isTop) ? 1 : 0;
            for (const int node : part)
                m_layer[index(node)] = isTop(node) ? 0 : first;
        }
        for (const int node : m_order) {
            int& layer = m_layer[index(node)];
            for (const Link& link : m_above[index(node)])
                layer = std::max(layer, m_layer[index(link.from)] + 1);
        }
        // A source stands just above the first that reads it, not at the far top.
        for (auto node = m_order.rbegin(); node != m_order.rend(); ++node) {
            const std::vector<Link>& below = m_below[index(*node)];
            if (!m_above[index(*node)].empty() || below.empty() || m_nodes[index(*node)].pin != Pin::None)
                continue;
            int layer = m_layer[index(below.front().to)];
            for (const Link& link : below)
                layer = std::min(layer, m_layer[index(link.to)]);
            m_layer[index(*node)] = layer - 1;
        }
        for (const std::vector<int>& part : m_parts) {
            int last = 0;
            for (const int node : part)
                last = std::max(last, m_layer[index(node)] + (m_nodes[index(node)].pin == Pin::None ? 1 : 0));
            for (const int node : part) {
                if (m_nodes[index(node)].pin == Pin::Bottom)
                    m_layer[index(node)] = std::max(last, m_layer[index(node)]);
            }
        }
    }

    LayeredDrawing drawPart(const std::vector<int>& part)
    {
        LayeredDrawing drawing;
        int layers = 0;
        for (const int node : part)
            layers = std::max(layers, m_layer[index(node)] + 1);
        drawing.layers.resize(index(layers));
        m_slot.resize(m_nodes.size());
        for (const int node : part)
            m_slot[index(node)] = drawing.add(m_layer[index(node)], m_nodes[index(node)].width,
                                              m_nodes[index(node)].height, node);
        std::vector<std::vector<int>> chains;
        std::vector<int> edges;
        for (const int node : part) {
            for (const Link& link : m_below[index(node)]) {
                std::vector<int> chain{m_slot[index(link.from)]};
                const int from = m_layer[index(link.from)];
                const int to = m_layer[index(link.to)];
                if (index(to - from) <= kMostSpan) {
                    for (int layer = from + 1; layer < to; ++layer)
                        chain.push_back(drawing.add(layer, LayeredDrawing::kBendWidth, 0.0, -1));
                }
                chain.push_back(m_slot[index(link.to)]);
                for (std::size_t i = 1; i < chain.size(); ++i)
                    drawing.connect(chain[i - 1], chain[i]);
                chains.push_back(std::move(chain));
                edges.push_back(link.edge);
            }
        }
        drawing.arrange(m_isCancelled);
        drawing.stack();
        for (std::size_t i = 0; i < chains.size(); ++i)
            drawing.routes.push_back({edges[i], drawing.route(chains[i])});
        return drawing;
    }

    /// Rows of parts, about as wide as a window; whatever is pinned ends on the border of the whole.
    void pack(const std::vector<LayeredDrawing>& drawings)
    {
        double area = 0.0;
        double widest = 0.0;
        for (const LayeredDrawing& drawing : drawings) {
            area += (drawing.width + kPartGap) * (drawing.height + kPartGap);
            widest = std::max(widest, drawing.width);
        }
        const double most = std::max(widest, std::sqrt(area * kWidthToHeight));
        QPointF at;
        double row = 0.0;
        std::vector<QPointF> offsets;
        for (const LayeredDrawing& drawing : drawings) {
            if (at.x() > 0.0 && at.x() + drawing.width > most) {
                at = QPointF(0.0, at.y() + row + kPartGap);
                row = 0.0;
            }
            offsets.push_back(at);
            row = std::max(row, drawing.height);
            m_result.size = m_result.size.expandedTo(QSizeF(at.x() + drawing.width, at.y() + row));
            at.rx() += drawing.width + kPartGap;
        }
        const double bottom = m_result.size.height();
        for (std::size_t i = 0; i < drawings.size(); ++i) {
            for (const LayeredDrawing::Item& item : drawings[i].items) {
                if (item.node >= 0)
                    m_result.topLeft[index(item.node)] =
                        offsets[i] + QPointF(item.x - item.width / 2, item.y);
            }
            for (const auto& [edge, points] : drawings[i].routes) {
                std::vector<QPointF>& bends = m_result.bends[index(edge)];
                for (const QPointF& point : points)
                    bends.push_back(point + offsets[i]);
                if (m_result.isBack[index(edge)])
                    std::reverse(bends.begin(), bends.end());
            }
        }
        for (std::size_t i = 0; i < m_edges.size(); ++i) {
            std::vector<QPointF>& bends = m_result.bends[i];
            if (bends.empty())
                continue;
            if (m_nodes[index(m_edges[i].from)].pin == Pin::Top)
                bends.front().setY(0.0);
            if (m_nodes[index(m_edges[i].to)].pin == Pin::Bottom)
                bends.back().setY(bottom);
        }
    }

    const std::vector<LayeredNode>& m_nodes;
    const std::vector<LayeredEdge>& m_edges;
    const std::function<bool()>& m_isCancelled;
    std::vector<int> m_order; ///< nodes, cycles cut
    std::vector<int> m_rank;  ///< place of each node in m_order
    std::vector<std::vector<Link>> m_below;
    std::vector<std::vector<Link>> m_above;
    std::vector<std::vector<int>> m_parts;
    std::vector<int> m_layer;
    std::vector<int> m_slot;
    LayeredLayout m_result;
};

} // namespace

LayeredLayout layOutLayers(const std::vector<LayeredNode>& nodes, const std::vector<LayeredEdge>& edges,
                           const std::function<bool()>& isCancelled)
{
    return Layering(nodes, edges, isCancelled).layOut();
}

} // namespace wr::app
