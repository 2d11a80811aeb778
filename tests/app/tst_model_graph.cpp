// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/graph_opening.h"
#include "app/models/layered_layout.h"
#include "engine/graph/model.h"
#include "tests/app/graph_scripts.h"

#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <random>
#include <set>

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

const GraphBox* leaf(const ModelGraph& graph, const char* name)
{
    const int box = graph.leafNamed.value(QLatin1String(name), -1);
    return box < 0 ? nullptr : &graph.boxes[static_cast<std::size_t>(box)];
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

bool hasEdge(const ModelGraph& graph, const char* from, const char* to, EdgeKind kind)
{
    return std::any_of(graph.edges.begin(), graph.edges.end(), [&](const GraphEdge& edge) {
        return graph.boxes[static_cast<std::size_t>(edge.from)].name == QLatin1String(from) &&
               graph.boxes[static_cast<std::size_t>(edge.to)].name == QLatin1String(to) && edge.kind == kind;
    });
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

class TestModelGraph : public QObject {
    Q_OBJECT
private slots:
    void hidesWhatStandsBehind();
    void drawsInitialValues();
    void gathersGradientsAndUpdates();
    void placesOnDevices();
    void findsPlacesInTheText();
    void findsRepeats();
    void tellsOtherStructuresApart();
    void cutsLongListsIntoParts();
    void firstPictureIsSmall_data();
    void firstPictureIsSmall();
    void opensWhatTheUserOpened();
    void layoutHolds_data();
    void layoutHolds();
    void opensInside();
    void cutsCycles();
    void keepsBordersForPorts();
    void isCancelled();
    void laysOutFiveThousand();
};

void TestModelGraph::hidesWhatStandsBehind()
{
    const auto graph = graphOf(kSmallGraph);
    for (const char* const op : {"Const", "Fill", "RandomNormal"}) {
        const bool isShown = std::any_of(graph->boxes.begin(), graph->boxes.end(), [op](const GraphBox& box) {
            return box.op == QLatin1String(op) && !box.name.startsWith(QLatin1String("gradients/"));
        });
        QVERIFY2(!isShown, op);
    }
    const GraphBox* const weights = leaf(*graph, "weights");
    QVERIFY(weights != nullptr);
    QCOMPARE(weights->kind, Kind::Variable);
    QCOMPARE(weights->shape, QStringLiteral("4 × 3"));
    QCOMPARE(weights->bytes, 48);
    QCOMPARE(weights->initializer, QStringLiteral("tf.random_normal([4, 3], stddev=0.35)"));
    QVERIFY(hasEdge(*graph, "weights", "MatMul", EdgeKind::Data));
    // A constant that nobody reads is all there is, so it is shown.
    const auto lone = graphOf("c = tf.constant(3.0, name=\"c\")\n");
    QCOMPARE(ofKind(*lone, Kind::Constant).size(), 1U);
    // One that is read is written at its reader.
    const auto twice = graphOf("v = tf.Variable(tf.zeros([2]), name=\"v\")\nt = v * 2.5\n");
    QCOMPARE(ofKind(*twice, Kind::Constant).size(), 0U);
    QCOMPARE(ofKind(*twice, Kind::Op).size(), 1U);
    QVERIFY(ofKind(*twice, Kind::Op).front()->constants.contains(QStringLiteral("2.5")));
}

void TestModelGraph::drawsInitialValues()
{
    const auto graph = graphOf(kSmallGraph);
    QVERIFY(hasEdge(*graph, "weights", "w2", EdgeKind::Initial));
    QVERIFY(!hasEdge(*graph, "weights", "biases", EdgeKind::Initial));
}

void TestModelGraph::gathersGradientsAndUpdates()
{
    const auto graph = graphOf(kSmallGraph);
    QCOMPARE(ofKind(*graph, Kind::Gradients).size(), 1U);
    QCOMPARE(ofKind(*graph, Kind::Optimizer).size(), 1U);
    const GraphBox* const optimizer = ofKind(*graph, Kind::Optimizer).front();
    QCOMPARE(optimizer->label, QStringLiteral("train_op"));
    QCOMPARE(optimizer->parent, 0);
    const GraphBox* const slot = leaf(*graph, "weights/Momentum");
    QVERIFY(slot != nullptr);
    QVERIFY(slot->isSlot);
    QVERIFY(&graph->boxes[static_cast<std::size_t>(slot->parent)] == optimizer);
    QCOMPARE(optimizer->bytes, 48 + 12);
    // The way of the gradients is loss, gradients, optimizer; what they read besides is quiet.
    int loud = 0;
    for (const GraphEdge& edge : graph->edges) {
        const auto gradients =
            static_cast<int>(ofKind(*graph, Kind::Gradients).front() - graph->boxes.data());
        if (graph->isInside(edge.to, gradients) && !graph->isInside(edge.from, gradients) && !edge.isQuiet) {
            ++loud;
            QCOMPARE(graph->boxes[static_cast<std::size_t>(edge.from)].op, QStringLiteral("Mean"));
        }
        if (edge.kind == EdgeKind::Update)
            QVERIFY(edge.isQuiet);
    }
    QCOMPARE(loud, 1);
}

void TestModelGraph::placesOnDevices()
{
    const std::string script = R"(with tf.device("/cpu:0"):
    a = tf.Variable(tf.zeros([2]), name="a")
with tf.device("/gpu:3"):
    b = tf.Variable(tf.zeros([2]), name="b")
c = a + b
)";
    const auto open = graphOf(script);
    QVERIFY(leaf(*open, "a")->placedDevice.isEmpty());
    QVERIFY(!leaf(*open, "a")->requestedDevice.isEmpty());
    QVERIFY(leaf(*open, "a")->device >= 0);
    QVERIFY(leaf(*open, "b")->device != leaf(*open, "a")->device);
    QCOMPARE(ofKind(*open, Kind::Op).front()->device, GraphBox::kAnywhere);
    QCOMPARE(open->boxes.front().device, GraphBox::kMixed);
    const auto placed = graphOf(script, {QStringLiteral("/cpu:0")});
    QCOMPARE(leaf(*placed, "b")->placedDevice, QStringLiteral("/cpu:0"));
    QVERIFY(!leaf(*placed, "b")->placementNote.isEmpty());
    QCOMPARE(placed->devices, QStringList{QStringLiteral("/cpu:0")});
}

void TestModelGraph::findsPlacesInTheText()
{
    const auto graph = graphOf(kSmallGraph);
    const QString text = QString::fromStdString(kSmallGraph);
    const GraphBox* const biases = leaf(*graph, "biases");
    QCOMPARE(text.mid(biases->begin, biases->end - biases->begin),
             QStringLiteral("biases = tf.Variable(tf.zeros([3]), name=\"biases\")"));
    const int found = graph->leafAt(static_cast<int>(text.indexOf(QStringLiteral("tf.zeros([3])"))));
    QVERIFY(&graph->boxes[static_cast<std::size_t>(found)] == biases);
    const int product = graph->leafAt(static_cast<int>(text.indexOf(QStringLiteral("tf.matmul("))) + 3);
    QCOMPARE(graph->boxes[static_cast<std::size_t>(product)].op, QStringLiteral("MatMul"));
    QCOMPARE(graph->leafAt(0), -1); // the comment
}

void TestModelGraph::findsRepeats()
{
    const auto graph = graphOf(layeredScript(12));
    const std::vector<const GraphBox*> repeats = ofKind(*graph, Kind::Repeat);
    QVERIFY(!repeats.empty());
    const auto found =
        std::find_if(repeats.begin(), repeats.end(), [](const GraphBox* box) { return box->parent == 0; });
    QVERIFY(found != repeats.end());
    QCOMPARE((*found)->label, QStringLiteral("layer_{i}"));
    QCOMPARE((*found)->copies, 12);
    QCOMPARE((*found)->children.size(), 12U);
    QCOMPARE((*found)->leaves, 12 * 5);
    QCOMPARE((*found)->bytes, 12 * 4 * (64 * 64 + 64));
    QCOMPARE(graph->boxes[static_cast<std::size_t>((*found)->children[11])].label,
             QStringLiteral("layer_11"));
}

void TestModelGraph::tellsOtherStructuresApart()
{
    std::string script = "h = tf.placeholder(tf.float32, [None, 8], name=\"x\")\n";
    for (int i = 0; i < 6; ++i) {
        const std::string scope = "layer_" + std::to_string(i);
        script += "with tf.name_scope(\"" + scope +
                  "\"):\n    w = tf.Variable(tf.zeros([8, 8]), name=\"w\")\n" +
                  (i == 3 ? "    h = tf.tanh(tf.matmul(h, w))\n" : "    h = tf.nn.relu(tf.matmul(h, w))\n");
    }
    const auto graph = graphOf(script);
    const std::vector<const GraphBox*> repeats = ofKind(*graph, Kind::Repeat);
    QCOMPARE(repeats.size(), 1U);
    QCOMPARE(repeats.front()->copies, 5);
    for (const int copy : repeats.front()->children)
        QVERIFY(graph->boxes[static_cast<std::size_t>(copy)].label != QStringLiteral("layer_3"));
    // Two are no repetition.
    QCOMPARE(ofKind(*graphOf(layeredScript(2)), Kind::Repeat).size(), 0U);
}

void TestModelGraph::cutsLongListsIntoParts()
{
    const auto graph = graphOf(flatScript(1000));
    QVERIFY(graph->leafNamed.size() >= 5000);
    for (const GraphBox& box : graph->boxes) {
        QVERIFY(box.children.size() <= static_cast<std::size_t>(ModelGraph::kMostChildren));
        QVERIFY(!box.isGroup() || box.leaves > 0);
    }
    QCOMPARE(graph->boxes.front().leaves, static_cast<int>(graph->leafNamed.size()));
    QVERIFY(!ofKind(*graph, Kind::Part).empty());
    std::set<QString> names;
    for (const GraphBox& box : graph->boxes)
        QVERIFY2(names.insert(box.name).second, qPrintable(box.name));
}

void TestModelGraph::firstPictureIsSmall_data()
{
    QTest::addColumn<std::string>("script");
    QTest::addColumn<int>("least");
    QTest::newRow("small") << kSmallGraph << 9;
    QTest::newRow("12 layers") << layeredScript(12) << 5;
    QTest::newRow("200 layers") << layeredScript(200) << 5;
    QTest::newRow("flat") << flatScript(1000) << 20;
    QTest::newRow("empty") << std::string() << 0;
}

void TestModelGraph::firstPictureIsSmall()
{
    QFETCH(const std::string, script);
    QFETCH(const int, least);
    const auto graph = graphOf(script);
    const auto layout = layOutGraph(*graph, openGroups(*graph, {}));
    const auto closed = std::count_if(layout->boxes.begin(), layout->boxes.end(),
                                      [](const PlacedBox& box) { return !box.isOpen; });
    QVERIFY2(closed <= kMostAtFirst && closed >= least, qPrintable(QString::number(closed)));
}

void TestModelGraph::opensWhatTheUserOpened()
{
    const auto graph = graphOf(layeredScript(12));
    GraphOpening opening;
    opening.opened.insert(QStringLiteral("layer_{i}/"));
    opening.closed.insert(QStringLiteral("head/"));
    const QSet<int> open = openGroups(*graph, opening);
    QStringList labels;
    for (const int group : open)
        labels += graph->boxes[static_cast<std::size_t>(group)].label;
    QVERIFY2(labels.contains(QStringLiteral("layer_{i}")), qPrintable(labels.join(u' ')));
    QVERIFY(!labels.contains(QStringLiteral("head")));
    // Names outlive the model: one layer more changes nothing.
    const auto other = graphOf(layeredScript(13));
    QVERIFY(
        std::any_of(openGroups(*other, opening).begin(), openGroups(*other, opening).end(), [&](int group) {
            return other->boxes[static_cast<std::size_t>(group)].kind == Kind::Repeat;
        }));
}

void TestModelGraph::layoutHolds_data()
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

void TestModelGraph::layoutHolds()
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

void TestModelGraph::opensInside()
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

void TestModelGraph::cutsCycles()
{
    const std::vector<LayeredNode> nodes(4, LayeredNode{80, 40, LayeredNode::Pin::None});
    const LayeredLayout layout = layOutLayers(nodes, {{0, 1}, {1, 2}, {2, 0}, {2, 3}, {3, 3}});
    QCOMPARE(layout.isBack, (std::vector<bool>{false, false, true, false, false}));
    QVERIFY(layout.topLeft[1].y() > layout.topLeft[0].y());
    QVERIFY(layout.topLeft[2].y() > layout.topLeft[1].y());
    QVERIFY(layout.bends[2].front().y() > layout.bends[2].back().y());
    QVERIFY(layout.bends[4].empty());
}

void TestModelGraph::keepsBordersForPorts()
{
    using Pin = LayeredNode::Pin;
    const std::vector<LayeredNode> nodes{
        {80, 40, Pin::None}, {80, 40, Pin::None}, {8, 0, Pin::Top}, {8, 0, Pin::Bottom}, {90, 40, Pin::None}};
    const LayeredLayout layout = layOutLayers(nodes, {{0, 1}, {2, 1}, {0, 3}});
    QCOMPARE(layout.bends[1].front().y(), 0.0);
    QCOMPARE(layout.bends[2].back().y(), layout.size.height());
}

void TestModelGraph::isCancelled()
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

void TestModelGraph::laysOutFiveThousand()
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

QTEST_GUILESS_MAIN(TestModelGraph)
#include "tst_model_graph.moc"
