// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/graph_opening.h"
#include "engine/graph/model.h"
#include "tests/app/graph_scripts.h"

#include <QTest>
#include <algorithm>
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

QTEST_GUILESS_MAIN(TestModelGraph)
#include "tst_model_graph.moc"
