// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of a placement: lanes, totals, what a move would cost, and the item models on top of it.
#include "app/models/board_table_model.h"
#include "app/models/lane_model.h"
#include "app/models/server_loads.h"
#include "engine/session/placement.h"
#include "tests/app/project_fixture.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

constexpr const char* kCluster = R"(# Größe
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
with tf.device("/gpu:0"):
    weights = tf.Variable(tf.random_normal([4, 3]), name="top/weights")
with tf.device("/job:ps/task:10"):
    far = tf.Variable(tf.zeros([100]), name="far")
with tf.device("/job:ps/task:2"):
    near = tf.Variable(tf.zeros([50]), name="near")
biases = tf.Variable(tf.zeros([3]), name="top/biases")
with tf.device("/cpu:0"):
    spare = tf.Variable(tf.zeros([7]), name="spare")
for i in range(3):
    layer = tf.Variable(tf.zeros([2]), name=f"layer{i}")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, weights) + biases))
train_op = tf.train.MomentumOptimizer(0.5, 0.9).minimize(loss)
wr.place("layer*", "/gpu:1")
wr.place("nobody*", "/gpu:1")
)";

std::shared_ptr<const graph::Model> modelOf(const QString& text)
{
    Project project;
    project.newFromText(text, QStringLiteral("test"));
    for (const Problem& problem : project.problems()) {
        if (problem.severity == Problem::Severity::Error)
            qFatal("the test's script: line %d: %s", problem.line, qPrintable(problem.message));
    }
    return project.model();
}

QVector<DeviceInfo> machine(quint64 memory = 1000)
{
    DeviceInfo cpu;
    cpu.name = QStringLiteral("/cpu:0");
    cpu.description = QStringLiteral("a processor");
    cpu.type = QStringLiteral("CPU");
    cpu.memoryBytes = memory;
    DeviceInfo gpu;
    gpu.name = QStringLiteral("/gpu");
    gpu.type = QStringLiteral("GPU");
    gpu.available = false;
    gpu.reason = QStringLiteral("there is no driver");
    return {cpu, gpu};
}

std::shared_ptr<const PlacementBoard> cluster()
{
    return makePlacementBoard(modelOf(QString::fromUtf8(kCluster)), machine(),
                              {QStringLiteral("/job:worker/task:0/gpu:3"), QStringLiteral("/cpu:0")});
}

QStringList shown(const QAbstractItemModel& model)
{
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row)
        rows += model.index(row, 0).data().toString();
    return rows;
}

} // namespace

class TestPlacementBoard : public QObject {
    Q_OBJECT
private slots:
    void lanes();
    void variables();
    void totals();
    void totalsAreThoseOfThePlacement();
    void whatIf();
    void obstacles();
    void patterns_data();
    void patterns();
    void notices();
    void withoutModel();
    void deviceText_data();
    void deviceText();
    void laneModel();
    void laneModelKeepsRows();
    void tables();
    void servers();
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
    QTest::addColumn<bool>("isGood");
    QTest::newRow("gpu") << QStringLiteral("/gpu:0") << true;
    QTest::newRow("task") << QStringLiteral(" /job:ps/task:7 ") << true;
    QTest::newRow("empty") << QString() << false;
    QTest::newRow("no slash") << QStringLiteral("gpu:0") << false;
    QTest::newRow("no number") << QStringLiteral("/gpu:x") << false;
}

void TestPlacementBoard::deviceText()
{
    QFETCH(QString, text);
    QFETCH(bool, isGood);
    const DeviceText device = readDeviceText(text);
    QCOMPARE(device.problem.isEmpty(), isGood);
    QCOMPARE(device.device, isGood ? text.trimmed() : QString());
}

void TestPlacementBoard::laneModel()
{
    LaneModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    const auto board =
        makePlacementBoard(modelOf(QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"s/a\")\n"
                                                  "b = tf.Variable(tf.zeros([250]), name=\"b\")\n"
                                                  "c = tf.Variable(tf.zeros([1]), name=\"t/c\")\n"
                                                  "d = tf.Variable(tf.zeros([1]), name=\"s/d\")\n")),
                           machine(), {});
    model.show(board, 0);
    QCOMPARE(shown(model), (QStringList{QStringLiteral("b"), QStringLiteral("s/"), QStringLiteral("s/a"),
                                        QStringLiteral("s/d"), QStringLiteral("t/"), QStringLiteral("t/c")}));
    QCOMPARE(model.variableCount(), 4);
    QVERIFY(model.index(1).data(LaneModel::IsHeaderRole).toBool());
    QCOMPARE(model.index(0).data(LaneModel::SizeRole).toString(), QStringLiteral("1.0 kB"));
    QVERIFY(model.index(0).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("no pin")));
    // A header stands for its variables, and none counts twice.
    QCOMPARE(model.variablesOf({model.index(1), model.index(2), model.index(0)}), (QVector<int>{0, 1, 3}));
    QCOMPARE(model.rowOf(3), 3);
    model.setFilter(QStringLiteral("S/"));
    QCOMPARE(shown(model), (QStringList{QStringLiteral("s/"), QStringLiteral("s/a"), QStringLiteral("s/d")}));
    QCOMPARE(model.variablesOf({model.index(0)}), (QVector<int>{0, 3}));
    model.setFilter(QStringLiteral("nothing"));
    QCOMPARE(model.rowCount(), 0);
    model.show(board, 1);
    model.setFilter({});
    QCOMPARE(model.rowCount(), 0);
}

void TestPlacementBoard::laneModelKeepsRows()
{
    LaneModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QString before = QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                          "b = tf.Variable(tf.zeros([2]), name=\"b\")\n");
    model.show(makePlacementBoard(modelOf(before), machine(), {}), 0);
    const QPersistentModelIndex second(model.index(1));
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    model.show(makePlacementBoard(modelOf(QString(before).replace(u'2', u'9')), machine(), {}), 0);
    QCOMPARE(resets.size(), 0);
    QCOMPARE(changes.size(), 1);
    QVERIFY(second.isValid());
    QCOMPARE(second.data(LaneModel::ShapeRole).toString(), QStringLiteral("9"));
    // Another first variable gives the others new numbers.
    model.show(
        makePlacementBoard(modelOf(QStringLiteral("z = tf.Variable(tf.zeros([1]), name=\"z\")\n") + before),
                           machine(), {}),
        0);
    QCOMPARE(resets.size(), 1);
    QCOMPARE(shown(model), (QStringList{QStringLiteral("z"), QStringLiteral("a"), QStringLiteral("b")}));
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

void TestPlacementBoard::servers()
{
    const auto board =
        makePlacementBoard(modelOf(QStringLiteral("a = tf.Variable(tf.zeros([100]), name=\"a\")\n"
                                                  "b = tf.Variable(tf.zeros([10]), name=\"b\")\n"
                                                  "c = tf.Variable(tf.zeros([100]), name=\"c\")\n"
                                                  "d = tf.Variable(tf.zeros([10]), name=\"d\")\n")),
                           machine(), {});
    QCOMPARE(serverLoads(*board, 2, ServerStrategy::RoundRobin), (QVector<qint64>{800, 80}));
    QCOMPARE(dealVariables(*board, 2, ServerStrategy::GreedyByBytes), (QVector<int>{0, 1, 1, 0}));
    QCOMPARE(serverLoads(*board, 2, ServerStrategy::GreedyByBytes), (QVector<qint64>{440, 440}));
    QCOMPARE(imbalance({440, 440}), 0.0);
    QCOMPARE(imbalance({800, 0}), 1.0);
    // md5("a_0") … modulo 3, as TensorFlow draws.
    const QVector<int> drawn = dealVariables(*board, 3, ServerStrategy::Random);
    QCOMPARE(drawn, dealVariables(*board, 3, ServerStrategy::Random));
    QCOMPARE(serverCount(*board), 0);
    QCOMPARE(serverCount(*cluster()), 11);
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
