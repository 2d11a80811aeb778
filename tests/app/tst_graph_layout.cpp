// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/graph_layout.h"

#include "app/models/graph_opening.h"
#include "app/models/layered_layout.h"
#include "engine/graph/model.h"
#include "tests/app/graph_scripts.h"

#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <random>

using namespace wr;
using namespace wr::app;
using Kind = GraphBox::Kind;

Q_DECLARE_METATYPE(std::string)

namespace {

std::shared_ptr<const graph::Model> modelOf(const std::string& script)
{
    return graph::buildModel(script::parse(script));
}

std::shared_ptr<const ModelGraph> graphOf(const std::string& script, const QStringList& devices = {})
{
    return makeModelGraph(*modelOf(script), devices);
}

std::vector<const GraphBox*> ofKind(const ModelGraph& graph, Kind kind)
{
    std::vector<const GraphBox*> found;
    for (std::size_t i = 1; i < graph.boxes.size(); ++i) {
        if (graph.boxes[i].kind == kind)
            found.push_back(&graph.boxes[i]);
    }
    return found;
}

QSet<int> allGroups(const ModelGraph& graph)
{
    QSet<int> all;
    for (std::size_t i = 1; i < graph.boxes.size(); ++i) {
        if (graph.boxes[i].isGroup())
            all.insert(static_cast<int>(i));
    }
    return all;
}

/// What no layout may do; empty when all is well.
QString complaint(const GraphLayout& layout)
{
    std::vector<int> parent(layout.boxes.size(), -1);
    for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
        const PlacedBox& outer = layout.boxes[i];
        for (int j = static_cast<int>(i) + 1; j < outer.next; ++j)
            parent[static_cast<std::size_t>(j)] = static_cast<int>(i);
        if (outer.rect.width() <= 0 || outer.rect.height() <= 0)
            return QStringLiteral("box %1 has no size").arg(i);
    }
    std::vector<std::vector<std::size_t>> members(layout.boxes.size() + 1);
    for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
        const int around = parent[i];
        members[static_cast<std::size_t>(around + 1)].push_back(i);
        if (around >= 0 &&
            !layout.boxes[static_cast<std::size_t>(around)].rect.contains(layout.boxes[i].rect))
            return QStringLiteral("box %1 leaves its frame %2").arg(i).arg(around);
    }
    for (const std::vector<std::size_t>& level : members) {
        for (std::size_t a = 0; a < level.size(); ++a) {
            for (std::size_t b = a + 1; b < level.size(); ++b) {
                if (layout.boxes[level[a]].rect.intersects(layout.boxes[level[b]].rect))
                    return QStringLiteral("boxes %1 and %2 overlap").arg(level[a]).arg(level[b]);
            }
        }
    }
    for (std::size_t i = 0; i < layout.edges.size(); ++i) {
        const PlacedEdge& edge = layout.edges[i];
        if (edge.points < 2)
            return QStringLiteral("edge %1 has no way").arg(i);
        const QPointF* const points = layout.points.data() + edge.first;
        const QRectF from = layout.boxes[static_cast<std::size_t>(edge.from)].rect.adjusted(-1, -1, 1, 1);
        const QRectF to = layout.boxes[static_cast<std::size_t>(edge.to)].rect.adjusted(-1, -1, 1, 1);
        if (!from.contains(points[0]) || !to.contains(points[edge.points - 1]))
            return QStringLiteral("edge %1 does not touch its boxes").arg(i);
        for (int k = 1; k < edge.points && !edge.isBack && !edge.isQuiet; ++k) {
            // Between two columns a line goes straight up, and then on to the right.
            const bool isGutter = points[k].x() == points[k - 1].x() && k + 1 < edge.points &&
                                  points[k + 1].x() > points[k].x();
            if (points[k].y() < points[k - 1].y() - 0.01 && !isGutter)
                return QStringLiteral("edge %1 goes upwards at its point %2").arg(i).arg(k);
        }
    }
    return {};
}

bool isSame(const GraphLayout& a, const GraphLayout& b)
{
    return std::equal(
               a.boxes.begin(), a.boxes.end(), b.boxes.begin(), b.boxes.end(),
               [](const PlacedBox& x, const PlacedBox& y) { return x.box == y.box && x.rect == y.rect; }) &&
           a.points == b.points;
}

} // namespace

class TestGraphLayout : public QObject {
    Q_OBJECT
private slots:
    void layoutHolds_data();
    void layoutHolds();
    void opensInside();
    void cutsCycles();
    void keepsBordersForPorts();
    void isCancelled();
    void laysOutFiveThousand();
};

void TestGraphLayout::layoutHolds_data()
{
    QTest::addColumn<std::string>("script");
    QTest::newRow("small") << kSmallGraph;
    QTest::newRow("12 layers") << layeredScript(12);
    QTest::newRow("flat") << flatScript(120);
    QTest::newRow("unconnected") << []() {
        std::string script;
        for (int i = 0; i < 200; ++i)
            script += "v" + std::to_string(i) + " = tf.Variable(tf.zeros([2]), name=\"v" + std::to_string(i) +
                      "\")\n";
        return script;
    }();
}

void TestGraphLayout::layoutHolds()
{
    QFETCH(const std::string, script);
    const auto graph = graphOf(script);
    for (const QSet<int>& open : {QSet<int>(), openGroups(*graph, {}), allGroups(*graph)}) {
        const auto layout = layOutGraph(*graph, open);
        QVERIFY(layout);
        const QString wrong = complaint(*layout);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        QVERIFY(isSame(*layout, *layOutGraph(*graph, open)));
        for (std::size_t box = 1; box < graph->boxes.size(); ++box) {
            const int place = layout->visiblePlaceOf(*graph, static_cast<int>(box));
            QVERIFY(place >= 0);
            QVERIFY(
                graph->isInside(static_cast<int>(box), layout->boxes[static_cast<std::size_t>(place)].box));
        }
    }
}

void TestGraphLayout::opensInside()
{
    const auto graph = graphOf(layeredScript(12));
    const auto repeat = static_cast<int>(ofKind(*graph, Kind::Repeat).front() - graph->boxes.data());
    const auto closed = layOutGraph(*graph, {});
    const auto open = layOutGraph(*graph, {repeat});
    QCOMPARE(open->boxes.size(), closed->boxes.size() + 12);
    // The chain of layers stands from top to bottom, in columns from left to right.
    QRectF before;
    int columns = 1;
    for (const int layer : graph->boxes[static_cast<std::size_t>(repeat)].children) {
        const int place = open->placeOf[static_cast<std::size_t>(layer)];
        const QRectF rect = open->boxes[static_cast<std::size_t>(place)].rect;
        if (!before.isNull() && rect.top() < before.bottom()) {
            QVERIFY(rect.left() > before.right());
            ++columns;
        }
        before = rect;
    }
    QCOMPARE(columns, 2);
}

void TestGraphLayout::cutsCycles()
{
    const std::vector<LayeredNode> nodes(4, LayeredNode{80, 40, LayeredNode::Pin::None});
    const LayeredLayout layout = layOutLayers(nodes, {{0, 1}, {1, 2}, {2, 0}, {2, 3}, {3, 3}});
    QCOMPARE(layout.isBack, (std::vector<bool>{false, false, true, false, false}));
    QVERIFY(layout.topLeft[1].y() > layout.topLeft[0].y());
    QVERIFY(layout.topLeft[2].y() > layout.topLeft[1].y());
    QVERIFY(layout.bends[2].front().y() > layout.bends[2].back().y());
    QVERIFY(layout.bends[4].empty());
}

void TestGraphLayout::keepsBordersForPorts()
{
    using Pin = LayeredNode::Pin;
    const std::vector<LayeredNode> nodes{
        {80, 40, Pin::None}, {80, 40, Pin::None}, {8, 0, Pin::Top}, {8, 0, Pin::Bottom}, {90, 40, Pin::None}};
    const LayeredLayout layout = layOutLayers(nodes, {{0, 1}, {2, 1}, {0, 3}});
    QCOMPARE(layout.bends[1].front().y(), 0.0);
    QCOMPARE(layout.bends[2].back().y(), layout.size.height());
}

void TestGraphLayout::isCancelled()
{
    const auto model = modelOf(flatScript(1000));
    const auto graph = makeModelGraph(*model, {});
    QVERIFY(!makeModelGraph(*model, {}, [] { return true; }));
    int asked = 0;
    const auto layout = layOutGraph(*graph, allGroups(*graph), [&asked] { return ++asked > 20; });
    QVERIFY(!layout);
    QVERIFY(asked > 20 && asked < 60); // it stops soon after the answer
    QVERIFY(!makePicture({}, model, {}, {}, [] { return true; }).layout);
}

void TestGraphLayout::laysOutFiveThousand()
{
    const auto model = modelOf(flatScript(1000));
    QElapsedTimer clock;
    clock.start();
    const auto graph = makeModelGraph(*model, {});
    const qint64 made = clock.restart();
    const auto layout = layOutGraph(*graph, allGroups(*graph));
    const qint64 laidOut = clock.restart();
    QVERIFY(layout->boxes.size() > 5000);
    const QString wrong = complaint(*layout);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));

    // On one level, with edges to and fro.
    constexpr int kCount = 5000;
    std::vector<LayeredNode> nodes(kCount, LayeredNode{100, 42, LayeredNode::Pin::None});
    std::vector<LayeredEdge> edges;
    std::mt19937 random(1);
    for (int i = 1; i < kCount; ++i) {
        for (int k = 0; k < 2; ++k)
            edges.push_back({std::max(0, i - 1 - static_cast<int>(random() % 40U)), i});
    }
    clock.restart();
    const LayeredLayout flat = layOutLayers(nodes, edges);
    const qint64 level = clock.elapsed();
    std::vector<QRectF> rects;
    for (const QPointF& at : flat.topLeft)
        rects.emplace_back(at, QSizeF(100, 42));
    std::sort(rects.begin(), rects.end(),
              [](const QRectF& a, const QRectF& b) { return a.left() < b.left(); });
    for (std::size_t i = 0; i < rects.size(); ++i) {
        for (std::size_t j = i + 1; j < rects.size() && rects[j].left() < rects[i].right(); ++j)
            QVERIFY(!rects[i].intersects(rects[j]));
    }
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const QPointF from = flat.topLeft[static_cast<std::size_t>(edges[i].from)];
        const QPointF to = flat.topLeft[static_cast<std::size_t>(edges[i].to)];
        QVERIFY(flat.isBack[i] || to.y() > from.y() || to.x() > from.x());
    }
    qInfo("5,000 operations: scopes %lld ms, layout with all open %lld ms; 5,000 boxes on one level %lld ms",
          static_cast<long long>(made), static_cast<long long>(laidOut), static_cast<long long>(level));
}

QTEST_GUILESS_MAIN(TestGraphLayout)
#include "tst_graph_layout.moc"
