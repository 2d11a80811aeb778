// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/graph_layout.h"

#include "app/models/layered_layout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace wr::app {
namespace {

using Kind = GraphBox::Kind;
using Pin = LayeredNode::Pin;

constexpr double kPadding = 18.0;
constexpr double kHeader = 30.0;
constexpr double kBoxHeight = 42.0;
constexpr double kNarrowest = 92.0;
constexpr double kWidest = 212.0;
constexpr double kLetter = 7.4; ///< a generous guess; what is longer is elided when painted

std::size_t index(int i)
{
    return static_cast<std::size_t>(i);
}

QSizeF sizeOf(const GraphBox& box)
{
    constexpr double kAround = 38.0; // band, ring or arrow
    const qsizetype suffix = box.copies > 0 ? 6 : 0;
    const qsizetype second = box.kind == Kind::Variable ? box.shape.size() + 10 : box.shape.size();
    const auto letters =
        static_cast<double>(std::max({box.label.size() + suffix, second, qsizetype{box.isGroup() ? 20 : 0}}));
    return {std::clamp(kAround + kLetter * letters, kNarrowest, kWidest), kBoxHeight};
}

/// One open group: its members and what passes its borders.
struct Level {
    std::vector<int> members; ///< places
    std::vector<LayeredNode> nodes;
    std::vector<LayeredEdge> edges;
    std::map<std::pair<int, int>, int> edgeOf; ///< by ends in `nodes`
    std::map<int, int> topPort;                ///< of a member's place: its port in `nodes`
    std::map<int, int> bottomPort;
    LayeredLayout layout;

    int edge(int from, int to)
    {
        const auto [place, isNew] = edgeOf.try_emplace({from, to}, static_cast<int>(edges.size()));
        if (isNew)
            edges.push_back({from, to});
        return place->second;
    }
    int port(std::map<int, int>& ports, int member, Pin pin)
    {
        const auto [place, isNew] = ports.try_emplace(member, static_cast<int>(nodes.size()));
        if (isNew)
            nodes.push_back({8.0, 0.0, pin});
        return place->second;
    }
};

class CompoundLayout {
public:
    CompoundLayout(const ModelGraph& graph, const QSet<int>& open, const IsCancelled& isCancelled)
        : m_graph(graph), m_open(open), m_isCancelled(isCancelled), m_result(std::make_shared<GraphLayout>())
    {
    }

    std::shared_ptr<const GraphLayout> layOut()
    {
        listBoxes();
        gatherEdges();
        // Frames stand before their members, so from the last to the first is from the inside outwards.
        for (auto place = static_cast<int>(m_result->boxes.size()) - 1; place >= kRoot; --place) {
            if (isCancelled())
                return nullptr;
            if (place == kRoot || box(place).isOpen)
                layOutLevel(place);
        }
        for (PlacedBox& placed : m_result->boxes) { // and from the outside inwards to places in the whole
            const auto place = static_cast<int>(&placed - m_result->boxes.data());
            placed.rect.translate(m_origins[index(m_parents[index(place)])]);
            if (placed.isOpen)
                m_origins[index(place) + 1] = placed.rect.topLeft() + QPointF(kPadding, kHeader + kPadding);
        }
        if (isCancelled())
            return nullptr;
        drawEdges();
        for (const PlacedBox& placed : m_result->boxes)
            m_result->bounds |= placed.rect;
        for (const PlacedEdge& edge : m_result->edges) {
            if (!edge.isQuiet)
                m_result->bounds |= edge.bounds;
        }
        return m_result;
    }

private:
    static constexpr int kRoot = -1;

    bool isCancelled() const { return m_isCancelled && m_isCancelled(); }
    PlacedBox& box(int place) { return m_result->boxes[index(place)]; }
    /// The root has no place; its level is the first.
    Level& level(int place) { return m_levels[index(place + 1)]; }
    int parentOf(int place) const { return m_parents[index(place)] - 1; }

    void listBoxes()
    {
        struct Next {
            int box;
            int parent; // place
            int depth;
        };
        m_result->placeOf.assign(m_graph.boxes.size(), -1);
        std::vector<Next> open;
        const auto push = [&](int group, int place, int depth) {
            const std::vector<int>& children = m_graph.boxes[index(group)].children;
            for (auto child = children.rbegin(); child != children.rend(); ++child)
                open.push_back({*child, place, depth});
        };
        push(0, kRoot, 0);
        m_levels.resize(1);
        while (!open.empty()) {
            const Next next = open.back();
            open.pop_back();
            const auto place = static_cast<int>(m_result->boxes.size());
            PlacedBox placed;
            placed.box = next.box;
            placed.depth = next.depth;
            placed.isOpen = m_graph.boxes[index(next.box)].isGroup() && m_open.contains(next.box);
            placed.rect = QRectF(QPointF(), sizeOf(m_graph.boxes[index(next.box)]));
            m_result->placeOf[index(next.box)] = place;
            m_result->boxes.push_back(placed);
            m_parents.push_back(next.parent + 1);
            m_levels.emplace_back();
            Level& around = level(next.parent);
            m_nodeOf.push_back(static_cast<int>(around.nodes.size()));
            around.members.push_back(place);
            around.nodes.push_back({placed.rect.width(), placed.rect.height(), Pin::None});
            if (placed.isOpen)
                push(next.box, place, next.depth + 1);
        }
        for (auto place = static_cast<int>(m_result->boxes.size()) - 1; place >= 0; --place) {
            box(place).next = std::max(box(place).next, place + 1);
            if (const int parent = parentOf(place); parent >= 0)
                box(parent).next = std::max(box(parent).next, box(place).next);
        }
        m_origins.assign(m_result->boxes.size() + 1, QPointF());
    }

    /// Edges between visible boxes, each once, and what they are in each level that they pass.
    void gatherEdges()
    {
        std::map<std::tuple<int, int, EdgeKind, bool>, int> known;
        for (const GraphEdge& edge : m_graph.edges) {
            const int from = m_result->visiblePlaceOf(m_graph, edge.from);
            const int to = m_result->visiblePlaceOf(m_graph, edge.to);
            if (from == to || from < 0 || to < 0)
                continue;
            const auto [place, isNew] = known.try_emplace({from, to, edge.kind, edge.isQuiet},
                                                          static_cast<int>(m_result->edges.size()));
            if (!isNew) {
                ++m_result->edges[index(place->second)].count;
                continue;
            }
            PlacedEdge placed;
            placed.from = from;
            placed.to = to;
            placed.kind = edge.kind;
            placed.isQuiet = edge.isQuiet;
            m_result->edges.push_back(placed);
            m_passages.emplace_back();
            if (!edge.isQuiet)
                pass(from, to, m_passages.back());
        }
    }

    struct Passage { // an edge of a level, walked along with one edge of the picture
        int level = kRoot;
        int edge = 0;
    };

    void pass(int from, int to, std::vector<Passage>& passages)
    {
        std::vector<int> targets; // the end and the frames around it, from the inside outwards
        for (int place = to; place >= 0; place = parentOf(place))
            targets.push_back(place);
        int source = from;
        int common = parentOf(source);
        const auto holds = [&](int frame) {
            return frame < 0 || std::find(targets.begin(), targets.end(), frame) != targets.end();
        };
        while (!holds(common)) {
            Level& inside = level(common);
            const int port = inside.port(inside.bottomPort, source, Pin::Bottom);
            passages.push_back({common, inside.edge(m_nodeOf[index(source)], port)});
            source = common;
            common = parentOf(common);
        }
        std::size_t outer = 0;
        while (parentOf(targets[outer]) != common)
            ++outer;
        passages.push_back(
            {common, level(common).edge(m_nodeOf[index(source)], m_nodeOf[index(targets[outer])])});
        while (outer-- > 0) {
            const int frame = targets[outer + 1];
            Level& inside = level(frame);
            const int port = inside.port(inside.topPort, targets[outer], Pin::Top);
            passages.push_back({frame, inside.edge(port, m_nodeOf[index(targets[outer])])});
        }
    }

    void layOutLevel(int place)
    {
        Level& inside = level(place);
        for (const int member : inside.members) { // frames have got their sizes by now
            inside.nodes[index(m_nodeOf[index(member)])].width = box(member).rect.width();
            inside.nodes[index(m_nodeOf[index(member)])].height = box(member).rect.height();
        }
        inside.layout = layOutLayers(inside.nodes, inside.edges, m_isCancelled);
        if (inside.layout.isCancelled)
            return;
        for (const int member : inside.members)
            box(member).rect.moveTopLeft(inside.layout.topLeft[index(m_nodeOf[index(member)])]);
        if (place < 0)
            return;
        const QSizeF size(inside.layout.size.width() + 2 * kPadding,
                          inside.layout.size.height() + 2 * kPadding + kHeader);
        QRectF& rect = box(place).rect;
        rect.setSize(size.expandedTo(rect.size()));
    }

    void drawEdges()
    {
        for (std::size_t i = 0; i < m_result->edges.size(); ++i) {
            PlacedEdge& edge = m_result->edges[i];
            edge.first = static_cast<int>(m_result->points.size());
            const auto add = [&](QPointF point) { m_result->points.push_back(point); };
            if (edge.isQuiet) {
                const QRectF& from = box(edge.from).rect;
                const QRectF& to = box(edge.to).rect;
                edge.isBack = to.top() < from.bottom();
                add(QPointF(from.center().x(), from.bottom()));
                add(QPointF(to.center().x(), to.top()));
            }
            for (const Passage& passage : m_passages[i]) {
                const Level& inside = level(passage.level);
                const std::vector<QPointF>& bends = inside.layout.bends[index(passage.edge)];
                const LayeredEdge& ends = inside.edges[index(passage.edge)];
                edge.isBack = edge.isBack || inside.layout.isBack[index(passage.edge)];
                // Where the edge goes on inside a frame, the frame's own port takes the place of the end.
                const auto isFrame = [&](int node) {
                    return index(node) < inside.members.size() && box(inside.members[index(node)]).isOpen;
                };
                const std::size_t begin = isFrame(ends.from) ? 1 : 0;
                const std::size_t end = bends.size() - (isFrame(ends.to) ? 1 : 0);
                for (std::size_t bend = begin; bend < end; ++bend)
                    add(bends[bend] + m_origins[index(passage.level + 1)] +
                        border(passage.level, bends[bend], ends));
            }
            edge.points = static_cast<int>(m_result->points.size()) - edge.first;
            edge.bounds = boundsOf(edge);
        }
    }

    /// A port lies on the border of its frame, outside the padding.
    QPointF border(int frame, QPointF bend, const LayeredEdge& ends)
    {
        const Level& inside = level(frame);
        if (frame < 0)
            return {};
        const double bottom = box(frame).rect.height() - kPadding - kHeader;
        if (inside.nodes[index(ends.from)].pin == Pin::Top && bend.y() <= 0.0)
            return {0.0, -kPadding - kHeader};
        if (inside.nodes[index(ends.to)].pin == Pin::Bottom && bend.y() >= inside.layout.size.height())
            return {0.0, bottom - inside.layout.size.height()};
        return {};
    }

    QRectF boundsOf(const PlacedEdge& edge) const
    {
        QRectF bounds;
        for (int i = 0; i < edge.points; ++i) {
            const QPointF& point = m_result->points[index(edge.first + i)];
            if (i == 0)
                bounds = QRectF(point, QSizeF(0.1, 0.1));
            bounds.setLeft(std::min(bounds.left(), point.x()));
            bounds.setRight(std::max(bounds.right(), point.x()));
            bounds.setTop(std::min(bounds.top(), point.y()));
            bounds.setBottom(std::max(bounds.bottom(), point.y()));
        }
        return bounds;
    }

    const ModelGraph& m_graph;
    const QSet<int>& m_open;
    const IsCancelled& m_isCancelled;
    std::shared_ptr<GraphLayout> m_result;
    std::vector<Level> m_levels;                  ///< of each place; the root's first
    std::vector<int> m_parents;                   ///< level in which each place stands
    std::vector<int> m_nodeOf;                    ///< of each place in its level
    std::vector<QPointF> m_origins;               ///< of each level in the whole
    std::vector<std::vector<Passage>> m_passages; ///< of each edge
};

} // namespace

int GraphLayout::visiblePlaceOf(const ModelGraph& graph, int box) const
{
    while (box > 0 && placeOf[static_cast<std::size_t>(box)] < 0)
        box = graph.boxes[static_cast<std::size_t>(box)].parent;
    return box > 0 ? placeOf[static_cast<std::size_t>(box)] : -1;
}

std::shared_ptr<const GraphLayout> layOutGraph(const ModelGraph& graph, const QSet<int>& open,
                                               const IsCancelled& isCancelled)
{
    return CompoundLayout(graph, open, isCancelled).layOut();
}

} // namespace wr::app
