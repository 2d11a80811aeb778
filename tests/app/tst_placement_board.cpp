// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of a placement: lanes, totals to the byte, what a move would cost, and the tables on top of it.
#include "app/models/board_table_model.h"
#include "app/models/lane_model.h"
#include "app/models/model_graph.h"
#include "engine/session/placement.h"
#include "tests/app/board_fixture.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace wr;
using namespace wr::app;

class TestPlacementBoard : public QObject {
    Q_OBJECT
private slots:
    void lanes();
    void variables();
    void totals();
    void totalsAreThoseOfThePlacement();
    void bytesByHand();
    void unknownSteps();
    void tasksOfThisProcess();
    void graphHasTheNumbersOfTheLanes();
    void whatIf();
    void obstacles();
    void patterns_data();
    void patterns();
    void notices();
    void withoutModel();
    void deviceText_data();
    void deviceText();
    void tables();
    void many();
};

void TestPlacementBoard::lanes()
{
    const auto board = cluster();
    QStringList titles;
    for (const BoardLane& lane : board->lanes)
        titles += lane.title;
    const QStringList expected{QStringLiteral("Auto"),
                               QStringLiteral("/cpu:0"),
                               QStringLiteral("/gpu:0"),
                               QStringLiteral("/gpu:1"),
                               QStringLiteral("/job:ps/task:2"),
                               QStringLiteral("/job:ps/task:10"),
                               QStringLiteral("/job:worker/task:0/gpu:3")};
    QStringList withoutRest = titles;
    withoutRest.removeIf([](const QString& title) { return title.contains(QStringLiteral("TPU")); });
    QCOMPARE(withoutRest, expected);
    QVERIFY(board->lanes[0].kind == BoardLane::Kind::Auto);
    QVERIFY(board->lanes[0].device.isEmpty());
    QVERIFY(board->lanes[1].kind == BoardLane::Kind::Real);
    QCOMPARE(board->lanes[1].limit, 1000);
    QCOMPARE(board->lanes[1].description, QStringLiteral("a processor"));
    const BoardLane& gpu = board->lanes[board->laneAt(QStringLiteral("/gpu:0"))];
    QVERIFY(gpu.kind == BoardLane::Kind::Ghost);
    QVERIFY2(gpu.where.contains(QStringLiteral("/cpu:0")), qPrintable(gpu.where));
    QVERIFY2(gpu.where.contains(QStringLiteral("no driver")), qPrintable(gpu.where));
    const BoardLane& task = board->lanes[board->laneAt(QStringLiteral("/job:ps/task:10"))];
    QVERIFY2(task.where.contains(QStringLiteral("this process")), qPrintable(task.where));
    QCOMPARE(board->laneAt(QStringLiteral("/cpu:9")), -1);
    QVERIFY(board->problem.isEmpty());
}

void TestPlacementBoard::variables()
{
    const auto board = cluster();
    const auto at = [&](const char* name) -> const BoardVariable& {
        return board->variables[board->variableAt(QLatin1String(name))];
    };
    QCOMPARE(board->variables.size(), 8); // no slots
    QVERIFY(at("top/weights").pin == BoardVariable::Pin::Block);
    QVERIFY(at("top/biases").pin == BoardVariable::Pin::None);
    QVERIFY(at("layer1").pin == BoardVariable::Pin::Rule);
    QCOMPARE(board->rules[at("layer1").rule].pattern, QStringLiteral("layer*"));
    QCOMPARE(board->rules[0].hits, 3);
    QCOMPARE(at("top/weights").scope, QStringLiteral("top"));
    QCOMPARE(at("top/weights").bytes.values, 48);
    QCOMPARE(at("top/weights").bytes.gradients, 48);
    QCOMPARE(at("top/weights").bytes.optimizer, 48);
    QCOMPARE(at("top/weights").followers, 2); // the slot and the update
    QCOMPARE(at("spare").bytes.total(), 28);
    QCOMPARE(at("spare").followers, 0);
    QCOMPARE(at("layer0").groupSize, 3);
    QVERIFY(at("layer0").origin.contains(QStringLiteral("loop on line 13")));
    const QString text = QString::fromUtf8(kCluster);
    QVERIFY(text.mid(at("far").begin, at("far").end - at("far").begin).startsWith(QStringLiteral("far = ")));
    QCOMPARE(board->variablesAt({QStringLiteral("spare"), QStringLiteral("nothing")}).size(), 1);
}

void TestPlacementBoard::totals()
{
    const auto board = cluster();
    const BoardLane& automatic = board->lanes[0];
    QCOMPARE(automatic.variables.size(), 1);
    QCOMPARE(automatic.bytes.values, 12);
    QCOMPARE(board->lanes[board->laneAt(QStringLiteral("/job:ps/task:10"))].bytes.values, 400);
    QCOMPARE(board->lanes[board->laneAt(QStringLiteral("/gpu:1"))].bytes.values, 24);
    qint64 all = 0;
    for (const BoardLane& lane : board->lanes) {
        for (const int at : lane.variables)
            all += board->variables[at].bytes.values;
    }
    QCOMPARE(all, 48 + 400 + 200 + 12 + 28 + 24); // every variable lies in one lane
}

void TestPlacementBoard::totalsAreThoseOfThePlacement()
{
    // On the machine's own lanes: what the engine counts for its device.
    const auto model = modelOf(QString::fromUtf8(kCluster));
    const auto board = makePlacementBoard(model, machine(), {});
    const std::vector<runtime::Device> devices{{"/cpu:0", "CPU", 0, "", 1000, nullptr}};
    const auto placement = session::placeNodes(*model, devices);
    QVERIFY(placement.has_value());
    const session::PlacementCost cost = session::placementCost(*model, *placement);
    QCOMPARE(board->lanes[1].bytes.values, static_cast<qint64>(cost.memory[0].values));
    QCOMPARE(board->lanes[1].bytes.optimizer, static_cast<qint64>(cost.memory[0].optimizerSlots));
    QCOMPARE(board->lanes[1].bytes.workspace, static_cast<qint64>(cost.memory[0].workspace));
    QCOMPARE(board->copies.size(), static_cast<qsizetype>(cost.copies.size()));
}

namespace {

/// Two devices, and a step that is planned with a batch of five.
constexpr const char* kTwo = R"(x = tf.placeholder(tf.float32, [None, 784], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
with tf.device("/job:ps/task:0"):
    weights = tf.Variable(tf.random_normal([784, 10]), name="weights")
with tf.device("/cpu:0"):
    biases = tf.Variable(tf.zeros([10]), name="biases")
    logits = tf.matmul(x, weights) + biases
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
train_op = tf.train.MomentumOptimizer(0.5, 0.9).minimize(loss)
)";
constexpr const char* kTwoTrained = "wr.train(train_op, data=wr.data.digits(train=100, test=10), inputs=x, "
                                    "labels=y, batch_size=5)\n";

} // namespace

void TestPlacementBoard::bytesByHand()
{
    const auto board =
        makePlacementBoard(modelOf(QString::fromUtf8(kTwo) + QString::fromUtf8(kTwoTrained)), machine(), {});
    QCOMPARE(board->stepProblem, QString());
    const int ps = board->laneAt(QStringLiteral("/job:ps/task:0"));
    QVERIFY(ps > 1);
    // The server keeps the weights, 784 × 10 floats, their slot, and receives their gradient.
    QCOMPARE(board->lanes[ps].bytes, (LaneBytes{31360, 31360, 31360, 0}));
    // The processor keeps 10 floats and their slot, and makes both gradients. When the last one is made,
    // there are besides them the gradient of the logits (5 × 10 floats, 256 bytes in rows of 64) and what the
    // 40 bytes of the gradient of the biases leave of 64.
    QCOMPARE(board->lanes[1].bytes, (LaneBytes{40, 31360 + 40, 40, 256 + 24}));
    QCOMPARE(board->copies.size(), 2);
    for (const BoardCopy& copy : board->copies)
        QCOMPARE(copy.bytes, 31360);
    QCOMPARE(board->copies[0].node, QStringLiteral("weights"));
    QCOMPARE(board->copies[0].from, QStringLiteral("/job:ps/task:0/cpu:0"));
    QCOMPARE(board->copies[0].to, QStringLiteral("/cpu:0"));
    QVERIFY(board->copies[1].node.startsWith(QStringLiteral("gradients/")));
    QCOMPARE(board->copies[1].from, QStringLiteral("/cpu:0"));
    QCOMPARE(board->copies[1].to, QStringLiteral("/job:ps/task:0/cpu:0"));
    QCOMPARE(board->copiedBytes(), 2 * 31360);
}

void TestPlacementBoard::unknownSteps()
{
    // Without a recipe nobody knows a step, but that gradients are as large as what they are of.
    const auto board = makePlacementBoard(modelOf(QString::fromUtf8(kTwo)), machine(), {});
    QVERIFY2(board->stepProblem.contains(QStringLiteral("wr.train")), qPrintable(board->stepProblem));
    const int ps = board->laneAt(QStringLiteral("/job:ps/task:0"));
    QCOMPARE(board->lanes[ps].bytes, (LaneBytes{31360, 31360, 31360, 0}));
    QCOMPARE(board->lanes[1].bytes, (LaneBytes{40, 40, 40, 0}));
    QVERIFY(board->copies.isEmpty());
}

void TestPlacementBoard::tasksOfThisProcess()
{
    const auto board = cluster();
    const BoardLane& task = board->lanes[board->laneAt(QStringLiteral("/job:ps/task:10"))];
    QVERIFY(task.isDevice);
    QCOMPARE(task.where, QStringLiteral("Lives in this process, computes on /cpu:0"));
    QCOMPARE(board->variables[board->variableAt(QStringLiteral("far"))].home,
             board->laneAt(QStringLiteral("/job:ps/task:10")));
    QVERIFY(!board->lanes[board->laneAt(QStringLiteral("/gpu:0"))].isDevice);
    // This process by its long name is the machine's own lane; its task without a device is none of a
    // cluster.
    const auto local = makePlacementBoard(
        modelOf(QStringLiteral("with tf.device(\"/job:localhost/replica:0/task:0/cpu:0\"):\n"
                               "    a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                               "with tf.device(\"/job:localhost\"):\n"
                               "    b = tf.Variable(tf.zeros([2]), name=\"b\")\n")),
        machine(), {});
    QCOMPARE(local->lanes.size(), 3);
    QCOMPARE(local->lanes[1].variables, QVector<int>{0});
    QCOMPARE(local->lanes[1].bytes.values, 12); // both run there
    QCOMPARE(local->lanes[2].description, QStringLiteral("Any device of this process"));
    QCOMPARE(local->lanes[2].bytes.values, 8);
    // A task by two names has its memory in the lane that names its device.
    const auto twice =
        makePlacementBoard(modelOf(QStringLiteral("with tf.device(\"/job:ps/task:1\"):\n"
                                                  "    a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                                  "with tf.device(\"/job:ps/task:1/cpu:0\"):\n"
                                                  "    b = tf.Variable(tf.zeros([2]), name=\"b\")\n")),
                           machine(), {});
    const int exact = twice->laneAt(QStringLiteral("/job:ps/task:1/cpu:0"));
    QVERIFY(exact > 1);
    QCOMPARE(twice->lanes[exact].bytes.values, 12);
    QCOMPARE(twice->lanes[twice->laneAt(QStringLiteral("/job:ps/task:1"))].bytes.values, 4);
    QCOMPARE(twice->variables[0].home, exact);
}

void TestPlacementBoard::graphHasTheNumbersOfTheLanes()
{
    const auto model = modelOf(QString::fromUtf8(kCluster));
    const auto board = cluster();
    const auto graph = makeModelGraph(*model, {QStringLiteral("/cpu:0")});
    QVERIFY(graph != nullptr);
    QCOMPARE(graph->lanes.size(), graph->devices.size());
    const auto laneOf = [&](const char* device) {
        return graph->lanes.value(graph->devices.indexOf(QLatin1String(device)), -1);
    };
    QCOMPARE(laneOf("/cpu:0"), 1);
    QCOMPARE(laneOf("/job:ps/task:2/cpu:0"), board->laneAt(QStringLiteral("/job:ps/task:2")));
    QCOMPARE(laneOf("/job:ps/task:10/cpu:0"), board->laneAt(QStringLiteral("/job:ps/task:10")));
    // Before the machine is known, requests count.
    const auto early = makeModelGraph(*model, {});
    QCOMPARE(early->lanes.value(early->devices.indexOf(QStringLiteral("/device:GPU:0")), -1),
             board->laneAt(QStringLiteral("/gpu:0")));
}

void TestPlacementBoard::whatIf()
{
    const auto board = cluster();
    const int weights = board->variableAt(QStringLiteral("top/weights"));
    const int spare = board->variableAt(QStringLiteral("spare"));
    const int gpu = board->laneAt(QStringLiteral("/gpu:0"));
    const int worker = board->laneAt(QStringLiteral("/job:worker/task:0/gpu:3"));
    QCOMPARE(board->after(gpu, {}), board->lanes[gpu].bytes);
    QCOMPARE(board->after(gpu, {weights}), board->lanes[gpu].bytes); // it is there already
    QCOMPARE(board->after(gpu, {spare}).values, 48 + 28);
    QCOMPARE(board->after(worker, {weights, spare}).values, 48 + 28);
    QCOMPARE(board->after(worker, {weights, spare}).gradients, 48);
    QCOMPARE(board->after(worker, {weights, spare}).optimizer, 48);
    // What falls back to the processor takes its memory now, and no more once it is pinned there.
    QVERIFY(board->variables[weights].home == 1);
    QCOMPARE(board->after(1, {weights}), board->lanes[1].bytes);
    QCOMPARE(board->bytesOf({weights, spare}), 48 + 28);
}

void TestPlacementBoard::obstacles()
{
    const auto board = cluster();
    const QVector<int> part = board->variablesAt({QStringLiteral("layer0"), QStringLiteral("layer1")});
    const QVector<int> whole =
        board->variablesAt({QStringLiteral("layer0"), QStringLiteral("layer1"), QStringLiteral("layer2")});
    QVERIFY2(board->obstacle(1, part).contains(QStringLiteral("made in the loop on line 13")),
             qPrintable(board->obstacle(1, part)));
    QVERIFY(board->obstacle(1, part).contains(QStringLiteral("rule")));
    QCOMPARE(board->obstacle(1, whole), QString());
    QVERIFY(board->obstacle(0, whole).contains(QStringLiteral("remove the rule")));
    QCOMPARE(board->obstacle(0, board->variablesAt({QStringLiteral("spare")})), QString());
}

void TestPlacementBoard::patterns_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("pattern");
    const auto row = [](const char* names, const char* pattern) {
        QTest::newRow(names) << QString::fromUtf8(names).split(u' ') << QString::fromUtf8(pattern);
    };
    row("spare", "spare");
    row("layer0 layer1 layer2", "layer*");
    row("top/weights top/biases", "top/*s");
    row("far near", "*ar");
    row("far spare", "*");
}

void TestPlacementBoard::patterns()
{
    QFETCH(QStringList, names);
    QFETCH(QString, pattern);
    const auto board = cluster();
    const QVector<int> selection = board->variablesAt(names);
    QCOMPARE(selection.size(), names.size());
    QCOMPARE(board->patternFor(selection), pattern);
    QVERIFY(board->hits(pattern) >= names.size());
    QCOMPARE(board->patternFor({}), QString());
    QCOMPARE(board->hits(QStringLiteral("layer?")), 3);
}

void TestPlacementBoard::notices()
{
    const auto board = cluster();
    bool hasRule = false;
    bool hasGhost = false;
    for (const BoardNotice& notice : board->notices) {
        const QString all = notice.what + QLatin1Char(' ') + notice.reason;
        hasRule = hasRule || (all.contains(QStringLiteral("nobody*")) && notice.line == 18);
        hasGhost =
            hasGhost || all.contains(QStringLiteral("/gpu:0")) || all.contains(QStringLiteral("GPU:0"));
    }
    QVERIFY(hasRule);
    QVERIFY(hasGhost);
}

void TestPlacementBoard::withoutModel()
{
    const auto board = makePlacementBoard(nullptr, {}, {QStringLiteral("/gpu:0")});
    QCOMPARE(board->lanes.size(), 3);
    QCOMPARE(board->lanes[1].title, QStringLiteral("/cpu:0"));
    QCOMPARE(board->lanes[2].title, QStringLiteral("/gpu:0"));
    QVERIFY(board->variables.isEmpty());
}

void TestPlacementBoard::deviceText_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("device"); // empty: it is wrong
    const auto row = [](const char* name, const char* text, const char* device) {
        QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(device);
    };
    row("gpu", "/gpu:0", "/gpu:0");
    row("task", " /job:ps/task:7 ", "/job:ps/task:7");
    row("no slash", "gpu:0", "/gpu:0"); // as Python reads it
    row("long", "/device:GPU:1", "/gpu:1");
    row("this process", "/job:localhost/replica:0/task:0/cpu:0", "/cpu:0");
    row("any", "/gpu", "/gpu");
    row("empty", "", "");
    row("nothing", "/", "");
    row("no number", "/gpu:x", "");
}

void TestPlacementBoard::deviceText()
{
    QFETCH(QString, text);
    QFETCH(QString, device);
    const DeviceText read = readDeviceText(text);
    QCOMPARE(read.problem.isEmpty(), !device.isEmpty());
    QCOMPARE(read.device, device);
}

void TestPlacementBoard::tables()
{
    const auto board = std::make_shared<PlacementBoard>(*cluster());
    board->copies = {{QStringLiteral("top/weights/read"), QStringLiteral("/cpu:0"),
                      QStringLiteral("/job:ps/task:2/cpu:0"), 4800, 3, 9}};
    for (const auto kind :
         {BoardTableModel::Kind::Copies, BoardTableModel::Kind::Notices, BoardTableModel::Kind::Rules}) {
        BoardTableModel model(kind);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 0);
        model.show(board);
        QVERIFY(model.rowCount() > 0);
        for (int column = 0; column < model.columnCount(); ++column)
            QVERIFY(!model.headerData(column, Qt::Horizontal).toString().isEmpty());
    }
    BoardTableModel rules(BoardTableModel::Kind::Rules);
    rules.show(board);
    QCOMPARE(rules.rowCount(), 2);
    QCOMPARE(rules.index(0, 0).data().toString(), QStringLiteral("layer*"));
    QCOMPARE(rules.index(0, 1).data().toString(), QStringLiteral("/gpu:1"));
    QCOMPARE(rules.index(0, 2).data().toString(), QStringLiteral("3"));
    QCOMPARE(rules.index(0, 0).data(BoardTableModel::BeginRole).toInt(),
             static_cast<int>(QString::fromUtf8(kCluster).indexOf(QStringLiteral("wr.place"))));
    BoardTableModel copies(BoardTableModel::Kind::Copies);
    copies.show(board);
    QCOMPARE(copies.index(0, 3).data().toString(), QStringLiteral("4.8 kB"));
}

void TestPlacementBoard::many()
{
    constexpr int kCount = 10000;
    QString text;
    for (int i = 0; i < kCount; ++i)
        text += QStringLiteral("v%1 = tf.Variable(tf.zeros([4]), name=\"s%2/v%1\")\n").arg(i).arg(i / 100);
    const auto board = makePlacementBoard(modelOf(text), machine(), {});
    QCOMPARE(board->lanes[0].variables.size(), kCount);
    QCOMPARE(board->lanes[0].bytes.values, kCount * 16);
    QCOMPARE(board->lanes[1].bytes.values, kCount * 16);
    LaneModel model;
    model.show(board, 0);
    QCOMPARE(model.rowCount(), kCount + kCount / 100);
    QVector<int> all(kCount);
    for (int i = 0; i < kCount; ++i)
        all[i] = i;
    QCOMPARE(board->patternFor(all), QStringLiteral("s*"));
    QCOMPARE(board->after(0, all).values, kCount * 16);
}

QTEST_MAIN(TestPlacementBoard)
#include "tst_placement_board.moc"
