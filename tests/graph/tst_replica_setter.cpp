// SPDX-License-Identifier: GPL-3.0-or-later
// Sharing variables out to parameter servers: the three strategies as pure functions, and what
// tf.train.replica_device_setter makes of them in a script, by the rules of both versions of TensorFlow.
#include "engine/graph/md5.h"
#include "engine/graph/parameter_servers.h"
#include "tests/graph/model_text.h"

#include <QTest>
#include <random>

using namespace wr;
using namespace wr::graph;

class TestReplicaSetter : public QObject {
    Q_OBJECT
private slots:
    void digests_data();
    void digests();
    void takesTurns();
    void balancesBytes();
    void balancesLikeAModel();
    void drawsByName_data();
    void drawsByName();
    void placesAScript_data();
    void placesAScript();
    void refuses_data();
    void refuses();
    void slotsFollowTheirVariable();
};

namespace {

QStringList devicesOf(const Model& model)
{
    QStringList list;
    for (const Variable& variable : model.variables)
        list.push_back(text(variable.device));
    return list;
}

} // namespace

void TestReplicaSetter::digests_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("digest");
    QTest::newRow("nothing") << QByteArray() << QByteArray("d41d8cd98f00b204e9800998ecf8427e");
    QTest::newRow("abc") << QByteArray("abc") << QByteArray("900150983cd24fb0d6963f7d28e17f72");
    QTest::newRow("message digest") << QByteArray("message digest")
                                    << QByteArray("f96b697d7cb7938d525a2f31aaf161d0");
    QTest::newRow("80 digits") << QByteArray("1234567890").repeated(8)
                               << QByteArray("57edf4a22be3c955ac49da2e2107b67a");
}

void TestReplicaSetter::digests()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, digest);
    const auto got = md5(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    QCOMPARE(QByteArray(reinterpret_cast<const char*>(got.data()), 16).toHex(), digest);
}

void TestReplicaSetter::takesTurns()
{
    const std::vector<VariableSize> variables(7, VariableSize{"v", 4});
    QCOMPARE(assignTasks(variables, 3, ParameterServerStrategy::RoundRobin),
             (std::vector<int>{0, 1, 2, 0, 1, 2, 0}));
    QCOMPARE(assignTasks(variables, 0, ParameterServerStrategy::RoundRobin), std::vector<int>(7, 0));
    QVERIFY(assignTasks({}, 3, ParameterServerStrategy::GreedyByBytes).empty());
}

void TestReplicaSetter::balancesBytes()
{
    const std::vector<VariableSize> variables{{"a", 100}, {"b", 10}, {"c", 10},
                                              {"d", 50},  {"e", 40}, {"f", 1}};
    // Loads: 100 0 | 100 10 | 100 20 | 100 70 | 100 110 | 101 110.
    QCOMPARE(assignTasks(variables, 2, ParameterServerStrategy::GreedyByBytes),
             (std::vector<int>{0, 1, 1, 1, 1, 0}));
}

void TestReplicaSetter::balancesLikeAModel()
{
    std::mt19937 random(3);
    for (int turn = 0; turn < 200; ++turn) {
        const int tasks = 1 + static_cast<int>(random() % 6);
        std::vector<VariableSize> variables;
        std::map<int, std::uint64_t> loads;
        std::vector<int> expected;
        for (int i = 0; i < tasks; ++i)
            loads[i] = 0;
        for (unsigned i = 0; i < 30; ++i) {
            variables.push_back({"v" + std::to_string(i), random() % 5});
            int least = 0;
            for (const auto& [task, load] : loads)
                least = load < loads[least] ? task : least;
            expected.push_back(least);
            loads[least] += variables.back().bytes;
        }
        QCOMPARE(assignTasks(variables, tasks, ParameterServerStrategy::GreedyByBytes), expected);
    }
}

void TestReplicaSetter::drawsByName_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("seed");
    QTest::addColumn<int>("of5");
    QTest::addColumn<int>("of7");
    // int(hashlib.md5(b"name_seed").hexdigest(), 16) % n
    QTest::newRow("w0 0") << QStringLiteral("w0") << 0 << 4 << 6;
    QTest::newRow("w1 0") << QStringLiteral("w1") << 0 << 2 << 4;
    QTest::newRow("w2 0") << QStringLiteral("w2") << 0 << 0 << 1;
    QTest::newRow("layer/weights 7") << QStringLiteral("layer/weights") << 7 << 1 << 1;
    QTest::newRow("biases 0") << QStringLiteral("biases") << 0 << 4 << 0;
    QTest::newRow("biases 1") << QStringLiteral("biases") << 1 << 4 << 5;
}

void TestReplicaSetter::drawsByName()
{
    QFETCH(QString, name);
    QFETCH(int, seed);
    QFETCH(int, of5);
    QFETCH(int, of7);
    const VariableSize variable[] = {{name.toStdString(), 4}};
    QCOMPARE(assignTasks(variable, 5, ParameterServerStrategy::Random, seed).front(), of5);
    QCOMPARE(assignTasks(variable, 7, ParameterServerStrategy::Random, seed).front(), of7);
}

void TestReplicaSetter::placesAScript_data()
{
    QTest::addColumn<QString>("setter");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char* name, const char* setter, std::initializer_list<const char*> expected) {
        QTest::newRow(name) << QString::fromLatin1(setter) << list(expected);
    };
    // a: 40 bytes, b: 4, c: 4, d inside tf.device('/job:worker/cpu:0'): 4, e: 4, inside '/gpu:1'.
    row("round robin", "ps_tasks=3",
        {"/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:2", "/job:worker/device:CPU:0",
         "/job:ps/task:0/device:GPU:1"});
    row("by cluster", "cluster={'ps': ['h:1', 'h:2'], 'worker': ['h:3']}",
        {"/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0", "/job:worker/device:CPU:0",
         "/job:ps/task:1/device:GPU:1"});
    row("by ClusterSpec", "cluster=tf.train.ClusterSpec({'ps': {0: 'h:1', 4: 'h:2'}})",
        {"/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0", "/job:worker/device:CPU:0",
         "/job:ps/task:1/device:GPU:1"});
    row("greedy",
        "ps_tasks=2, ps_strategy=tf.contrib.training.GreedyLoadBalancingStrategy(2, "
        "tf.contrib.training.byte_size_load_fn)",
        {"/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:1", "/job:worker/device:CPU:0",
         "/job:ps/task:1/device:GPU:1"});
    row("other names", "ps_tasks=2, ps_device='/job:p/cpu:0', worker_device='/job:w'",
        {"/job:p/task:0/device:CPU:0", "/job:p/task:1/device:CPU:0", "/job:p/task:0/device:CPU:0",
         "/job:worker/device:CPU:0", "/job:p/task:1/device:GPU:1"});
    row("without merging", "ps_tasks=2, merge_devices=False",
        {"/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0", "/job:worker/device:CPU:0", "/device:GPU:1"});
    row("no variable among the ps_ops", "ps_tasks=2, ps_ops=['MatMul']",
        {"/job:worker", "/job:worker", "/job:worker", "/job:worker/device:CPU:0",
         "/job:worker/device:GPU:1"});
    row("ps_ops", "ps_tasks=2, ps_ops=['VariableV2']",
        {"/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0", "/job:worker/device:CPU:0",
         "/job:ps/task:1/device:GPU:1"});
    // None: tf.device(None) drops "/job:out" too.
    row("no servers", "ps_tasks=0", {"", "", "", "/job:worker/device:CPU:0", "/device:GPU:1"});
    row("no such job", "cluster={'worker': ['h:3']}",
        {"", "", "", "/job:worker/device:CPU:0", "/device:GPU:1"});
}

void TestReplicaSetter::placesAScript()
{
    QFETCH(QString, setter);
    QFETCH(QStringList, expected);
    const QString body =
        QStringLiteral("with tf.device('/replica:0'), tf.device(tf.train.replica_device_setter(%1)):\n"
                       "  a = tf.Variable(tf.zeros([10]), name='a')\n"
                       "  b = tf.Variable(tf.zeros([1]), name='b')\n"
                       "  c = tf.Variable(tf.zeros([1]), name='c')\n"
                       "  with tf.device('/job:worker/cpu:0'):\n"
                       "    d = tf.Variable(tf.zeros([1]), name='d')\n"
                       "  with tf.device('/gpu:1'):\n"
                       "    e = tf.Variable(tf.zeros([1]), name='e')\n"
                       "  s = a + b\n");
    const auto model = modelOf(body.arg(setter).toStdString());
    QCOMPARE(problems(*model), QString());
    // The block outside fills what the setter leaves open, unless the setter is None.
    const bool isNone = expected.front().isEmpty();
    QStringList got = devicesOf(*model);
    if (!isNone) {
        for (QString& device : got)
            QVERIFY2(device.contains(QStringLiteral("/replica:0")), qPrintable(device));
        got.replaceInStrings(QStringLiteral("/replica:0"), QString());
    } else {
        QCOMPARE(model->ignored.size(), std::size_t{1});
    }
    QCOMPARE(got, expected);
    if (!isNone && !setter.contains(QStringLiteral("'/job:w'")))
        QCOMPARE(text(model->graph.nodes().back().device), QStringLiteral("/job:worker/replica:0"));

    // 0.11 takes a task and keeps it where a block inside names another job.
    if (setter == QStringLiteral("ps_tasks=3")) {
        const auto old = modelOf("wr.options(tensorflow=\"0.11\")\n" + body.arg(setter).toStdString());
        QCOMPARE(devicesOf(*old).replaceInStrings(QStringLiteral("/replica:0"), QString()),
                 list({"/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:2",
                       "/job:worker/task:0/device:CPU:0", "/job:ps/task:1/device:GPU:1"}));
    }
}

void TestReplicaSetter::refuses_data()
{
    QTest::addColumn<QString>("setter");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("errorClass");
    const auto row = [](const char* setter, const char* message, const char* errorClass) {
        QTest::newRow(setter) << QString::fromLatin1(setter) << QString::fromLatin1(message)
                              << QString::fromLatin1(errorClass);
    };
    row("ps_tasks=2, ps_strategy=3", "ps_strategy must be callable", "TypeError");
    row("cluster=['a']", "`cluster` must be a dictionary", "TypeError");
    row("cluster={'ps': 'h:1'}", "The tasks for job 'ps' must be a list", "TypeError");
    row("cluster={'ps': [1, 2]}", "The tasks for job 'ps' must be a list", "TypeError");
    row("cluster=tf.train.ClusterSpec(7)", "`cluster` must be a dictionary", "TypeError");
    row("ps_tasks=2, ps_device='/tpu'", "Unknown attribute", "ValueError");
    row("ps_tasks=-1", "from 0 to 65,536", "");
    row("ps_tasks=1000000000000", "from 0 to 65,536", "");
    row("ps_tasks=2, ps_strategy=tf.contrib.training.RandomStrategy(0)", "from 1 to 65,536", "ValueError");
}

void TestReplicaSetter::refuses()
{
    QFETCH(QString, setter);
    QFETCH(QString, message);
    QFETCH(QString, errorClass);
    const auto model = modelOf("with tf.device(tf.train.replica_device_setter(" + setter.toStdString() +
                               ")):\n  a = tf.Variable(tf.zeros([1]))\n");
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    QVERIFY2(problems(*model).contains(message), qPrintable(problems(*model)));
    QCOMPARE(text(model->diagnostics[0].errorClass), errorClass);
}

void TestReplicaSetter::slotsFollowTheirVariable()
{
    const auto model = modelOf("with tf.device(tf.train.replica_device_setter(ps_tasks=2)):\n"
                               "  a = tf.Variable(tf.zeros([2]), name='a')\n"
                               "  b = tf.Variable(tf.zeros([2]), name='b')\n"
                               "  loss = tf.reduce_sum(a * b)\n"
                               "  train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)\n"
                               "  c = tf.Variable(tf.zeros([2]), name='c')\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(text(model->findVariable("a/Momentum")->device), QStringLiteral("/job:ps/task:0"));
    QCOMPARE(text(model->findVariable("b/Momentum")->device), QStringLiteral("/job:ps/task:1"));
    for (const NodeId gradient : model->trainOps[0].gradients)
        QCOMPARE(text(model->graph.node(gradient).device), QStringLiteral("/job:worker"));
    // Slots take no turn.
    QCOMPARE(text(model->findVariable("c")->device), QStringLiteral("/job:ps/task:0"));
}

QTEST_GUILESS_MAIN(TestReplicaSetter)
#include "tst_replica_setter.moc"
