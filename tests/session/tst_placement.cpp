// SPDX-License-Identifier: GPL-3.0-or-later
// Where nodes run: requests met, departures noted, colocation, and copies between two CPU devices that change
// nothing.
#include "tests/session/session_fixture.h"

#include <QTest>

using namespace wr;
using namespace wr::session;

class TestPlacement : public QObject {
    Q_OBJECT
private slots:
    void meetsRequests();
    void fallsBackWithANote();
    void namesThisProcess_data();
    void namesThisProcess();
    void gpusKeepNoSmallIntegers();
    void listsOverruledUpdates();
    void saysWhereNoKernelIs();
    void refusesWithoutSoftPlacement();
    void updatesStayWithTheirVariable();
    void twoDevicesGiveTheSameResult();
};

namespace {

std::string two(const char* first, const char* second)
{
    return std::string("x = tf.placeholder(tf.float32, [None, 3], name=\"x\")\nwith tf.device(\"") + first +
           "\"):\n    a = tf.Variable(tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), name=\"a\")\nwith "
           "tf.device(\"" +
           second +
           "\"):\n    b = tf.Variable(tf.constant([[1.0], [-1.0]]), name=\"b\")\n"
           "y = tf.matmul(tf.matmul(x, a), b, name=\"y\")\nloss = tf.reduce_mean(tf.square(y))\n"
           "train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)\n";
}

runtime::RuntimeOptions cpus(int count)
{
    runtime::RuntimeOptions options;
    options.cpuDevices = count;
    return options;
}

} // namespace

void TestPlacement::meetsRequests()
{
    const SessionFixture f(two("/cpu:0", "/cpu:1"), cpus(2));
    QCOMPARE(f.session->placement().entries[static_cast<std::size_t>(f.node("a"))].device, 0);
    QCOMPARE(f.session->placement().entries[static_cast<std::size_t>(f.node("b"))].device, 1);
    for (const PlacementEntry& entry : f.session->placement().entries)
        QVERIFY2(entry.note.empty(), entry.note.c_str());
}

void TestPlacement::fallsBackWithANote()
{
    const SessionFixture f(two("/gpu:3", "/job:ps/task:7"));
    const PlacementEntry& a = f.session->placement().entries[static_cast<std::size_t>(f.node("a"))];
    QCOMPARE(a.device, 0);
    QVERIFY2(a.note.find("GPU:3") != std::string::npos, a.note.c_str());
    // A task of a job lives in this process: that is what was asked for.
    const Placement& placement = f.session->placement();
    const PlacementEntry& b = placement.entries[static_cast<std::size_t>(f.node("b"))];
    QVERIFY2(b.note.empty(), b.note.c_str());
    QCOMPARE(placement.devices.size(), std::size_t{2});
    QCOMPARE(placement.devices[static_cast<std::size_t>(b.device)].name, std::string("/job:ps/task:7/cpu:0"));
    QVERIFY(placement.devices[1].isTask);
    // One line for the variable and its initial value.
    QCOMPARE(placement.ignored.size(), std::size_t{1});
    QCOMPARE(placement.ignored[0].what.rfind("device /device:GPU:3 for a and ", 0), std::size_t{0});
    QVERIFY2(placement.ignored[0].reason.find("does not exist here (there is /cpu:0)") != std::string::npos,
             placement.ignored[0].reason.c_str());
    QVERIFY(f.session->initializeAll().isOk());
}

void TestPlacement::namesThisProcess_data()
{
    QTest::addColumn<QByteArray>("device");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* device, const char* expected) {
        QTest::newRow(device) << QByteArray(device) << QByteArray(expected);
    };
    row("", "/cpu:0");
    row("/job:localhost/replica:0/task:0", "/cpu:0");
    row("/replica:0/task:0/cpu:1", "/cpu:1");
    row("/job:localhost", "/cpu:0");
    row("/task:3", "/job:localhost/task:3/cpu:0");
    row("/job:worker/task:0", "/job:worker/task:0/cpu:0");
    row("/job:worker", "/job:worker/task:0/cpu:0");
    row("/job:worker/replica:2/cpu:1", "/job:worker/replica:2/task:0/cpu:1");
    row("/job:ps", "/job:ps/task:5/cpu:0"); // the first task that the script names
}

void TestPlacement::namesThisProcess()
{
    QFETCH(QByteArray, device);
    QFETCH(QByteArray, expected);
    const SessionFixture f("with tf.device('/job:ps/task:9'): q = tf.Variable(tf.zeros([1]), name='q')\n"
                           "with tf.device('/job:ps/task:5'): r = tf.Variable(tf.zeros([1]), name='r')\n"
                           "with tf.device('" +
                               device.toStdString() + "'): v = tf.Variable(tf.zeros([1]), name='v')\n",
                           cpus(2));
    const Placement& placement = f.session->placement();
    const PlacementEntry& v = placement.entries[static_cast<std::size_t>(f.node("v"))];
    QCOMPARE(placement.devices[static_cast<std::size_t>(v.device)].name, expected.toStdString());
    QVERIFY2(v.note.empty(), v.note.c_str());
}

void TestPlacement::gpusKeepNoSmallIntegers()
{
    const auto model = modelOf("with tf.device('/gpu:0'):\n"
                               "  a = tf.Variable(tf.zeros([1]), name='a')\n"
                               "  step = tf.Variable(0, name='step')\n"
                               "free = tf.Variable(0, name='free')\n");
    std::vector<runtime::Device> machine(2);
    machine[0].name = "/cpu:0";
    machine[0].type = "CPU";
    machine[1].name = "/gpu:0";
    machine[1].type = "GPU";
    const Result<Placement> soft = placeNodes(*model, machine);
    QVERIFY(soft);
    const auto entry = [&](const char* name) {
        return soft->entries[static_cast<std::size_t>(model->findVariable(name)->node)];
    };
    QCOMPARE(entry("a").device, 1);
    QCOMPARE(entry("step").device, 0);
    QVERIFY2(entry("step").note.find("no supported kernel for Variable of int32 on GPU devices") !=
                 std::string::npos,
             entry("step").note.c_str());
    QCOMPARE(entry("free").device, 0);
    QVERIFY(entry("free").note.empty());
    PlacementOptions strict;
    strict.allowSoftPlacement = false;
    const Result<Placement> refused = placeNodes(*model, machine, strict);
    QVERIFY(!refused);
    QVERIFY2(refused.error().message().find("'/device:GPU:0' of step") != std::string::npos,
             refused.error().message().c_str());
    QVERIFY(refused.error().message().find("of a ") == std::string::npos);
    QCOMPARE(placeNodes(*model, {}).error().code(), StatusCode::FailedPrecondition);
}

void TestPlacement::listsOverruledUpdates()
{
    auto model = std::make_shared<graph::Model>(
        *modelOf("with tf.device('/cpu:0'):\n  v = tf.Variable(tf.zeros([2]), name='v')\n"
                 "u = v.assign([1.0, 2.0])\n"));
    graph::Node& update = model->graph.node(static_cast<graph::NodeId>(model->graph.nodes().size()) - 1);
    update.device = "/device:GPU:0";
    const auto runtime = *runtime::Runtime::create({});
    const Result<Placement> placement = placeNodes(*model, runtime->devices());
    QVERIFY(placement);
    QCOMPARE(placement->ignored.size(), std::size_t{1});
    QCOMPARE(placement->ignored[0].what, "device /device:GPU:0 for " + update.name);
    QCOMPARE(placement->ignored[0].reason, std::string("runs on /cpu:0 with v"));
    QVERIFY(!placement->entries.back().note.empty());
}

void TestPlacement::refusesWithoutSoftPlacement()
{
    const auto runtime = *runtime::Runtime::create({});
    SessionOptions strict;
    strict.allowSoftPlacement = false;
    const auto session = Session::create(modelOf(two("/gpu:3", "/cpu:9")), *runtime, strict);
    QVERIFY(!session);
    QCOMPARE(session.error().code(), StatusCode::InvalidArgument);
    for (const char* word : {"GPU:3", "CPU:9"})
        QVERIFY2(session.error().message().find(word) != std::string::npos,
                 session.error().message().c_str());
}

void TestPlacement::saysWhereNoKernelIs()
{
    const auto model = modelOf("with tf.device('/cpu:0'):\n  a = tf.ones([2]) + tf.ones([2])\n"
                               "b = tf.ones([2]) * tf.ones([2])\n");
    const auto runtime = *runtime::Runtime::create({});
    const auto cannot = [](int, backend::OpCode op, DType) {
        return op != backend::OpCode::Add && op != backend::OpCode::Mul;
    };
    const Result<Placement> soft = placeNodes(*model, runtime->devices(), {}, cannot);
    QVERIFY(soft);
    QVERIFY(soft->ignored.empty());
    for (std::size_t i = 0; i < soft->entries.size(); ++i) {
        const graph::Node& node = model->graph.nodes()[i];
        const bool lacks = node.op == backend::OpCode::Add || node.op == backend::OpCode::Mul;
        QCOMPARE(soft->entries[i].device, 0);
        QCOMPARE(soft->entries[i].note.find("no supported kernel for") != std::string::npos, lacks);
    }
    PlacementOptions strict;
    strict.allowSoftPlacement = false;
    const Result<Placement> refused = placeNodes(*model, runtime->devices(), strict, cannot);
    QVERIFY(!refused);
    QVERIFY2(refused.error().message().find("no supported kernel for Add") != std::string::npos &&
                 refused.error().message().find("Mul") == std::string::npos,
             refused.error().message().c_str());
}

void TestPlacement::updatesStayWithTheirVariable()
{
    const SessionFixture f(two("/cpu:1", "/cpu:0"), cpus(2));
    const graph::Model& model = f.session->model();
    int checked = 0;
    for (const graph::NodeId update : model.trainOps[0].updates) {
        const graph::NodeId variable = model.graph.node(update).colocateWith;
        if (variable == graph::kNoNode)
            continue;
        QCOMPARE(f.session->placement().entries[static_cast<std::size_t>(update)].device,
                 f.session->placement().entries[static_cast<std::size_t>(variable)].device);
        ++checked;
    }
    QCOMPARE(checked, 2);
}

void TestPlacement::twoDevicesGiveTheSameResult()
{
    std::vector<std::vector<float>> results;
    std::vector<std::uint64_t> copied;
    for (const int devices : {1, 2}) {
        const SessionFixture f(two("/cpu:0", devices == 1 ? "/cpu:0" : "/cpu:1"), cpus(devices));
        QVERIFY(f.session->initializeAll().isOk());
        const graph::TrainOp& train = f.session->model().trainOps[0];
        const graph::NodeId loss[] = {train.loss};
        const graph::NodeId x[] = {f.node("x")};
        const Shape shape[] = {{1, 3}};
        const auto plan = f.session->plan(loss, train.updates, x, shape);
        QVERIFY2(plan, plan ? "" : plan.error().toString().c_str());
        std::fill_n(f.session->feedBuffer(*plan, 0).data<float>(), 3, 0.1F);
        for (int i = 0; i < 3; ++i)
            QVERIFY(f.session->run(*plan).isOk());
        std::vector<float> all = f.values("a");
        const std::vector<float> b = f.values("b");
        all.insert(all.end(), b.begin(), b.end());
        results.push_back(all);
        copied.push_back(f.session->planCopyBytes(*plan));
    }
    QCOMPARE(results[1], results[0]);
    QCOMPARE(copied[0], std::uint64_t{0});
    QVERIFY(copied[1] > 0);
}

QTEST_GUILESS_MAIN(TestPlacement)
#include "tst_placement.moc"
