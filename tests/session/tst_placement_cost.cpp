// SPDX-License-Identifier: GPL-3.0-or-later
// What a placement costs, told beforehand, against what the plan of a training step then takes: values,
// gradients, slots, workspace and copies.
#include "engine/session/placement.h"
#include "tests/session/session_fixture.h"

#include <QElapsedTimer>
#include <QTest>
#include <map>

using namespace wr;
using namespace wr::session;

class TestPlacementCost : public QObject {
    Q_OBJECT
private slots:
    void equalsThePlan_data();
    void equalsThePlan();
    void countsByHand();
    void needsNoRecipe();
    void countsCopiesBetweenTasks();
    void tellsOfThousandsOfVariables();
};

namespace {

std::string textOf(const char* optimizer, const char* first, const char* second, int batch)
{
    return std::string("x = tf.placeholder(tf.float32, [None, 784], name=\"x\")\n"
                       "y = tf.placeholder(tf.int64, [None], name=\"y\")\n"
                       "with tf.device(") +
           first +
           "):\n"
           "    w1 = tf.Variable(tf.truncated_normal([784, 50], stddev=0.1), name=\"w1\")\n"
           "    b1 = tf.Variable(tf.zeros([50]), name=\"b1\")\n"
           "with tf.device(" +
           second +
           "):\n"
           "    w2 = tf.Variable(tf.truncated_normal([50, 10], stddev=0.1), name=\"w2\")\n"
           "    b2 = tf.Variable(tf.zeros([10]), name=\"b2\")\n"
           "    h = tf.nn.relu(tf.matmul(x, w1) + b1)\n"
           "    logits = tf.matmul(h, w2) + b2\n"
           "loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=y))\n"
           "train = tf.train." +
           optimizer +
           ".minimize(loss)\n"
           "wr.train(train, data=wr.data.digits(train=100, test=10), inputs=x, labels=y, batch_size=" +
           std::to_string(batch) + ")\n";
}

struct Trained {
    Trained(const std::string& text, int cpus)
        : fixture(text, options(cpus)),
          cost(placementCost(fixture.session->model(), fixture.session->placement(), fixture.runtime.get()))
    {
        const graph::Model& model = fixture.session->model();
        const graph::TrainingRecipe& recipe = *model.recipe;
        const graph::TrainOp& op = model.trainOps[recipe.trainOp];
        const graph::NodeId fetches[] = {op.loss};
        const graph::NodeId feeds[] = {recipe.inputs, recipe.labels, op.learningRate};
        const Shape shapes[] = {{recipe.batchSize, 784}, {recipe.batchSize}, {}};
        const auto made = fixture.session->plan(fetches, op.updates, feeds, shapes);
        if (!made)
            qFatal("%s", made.error().toString().c_str());
        plan = *made;
    }
    static runtime::RuntimeOptions options(int cpus)
    {
        runtime::RuntimeOptions made;
        made.cpuDevices = cpus;
        return made;
    }
    SessionFixture fixture;
    PlacementCost cost;
    PlanId plan = -1;
};

/// Bytes by pair of devices.
std::map<std::pair<std::string, std::string>, std::uint64_t> pairs(const Placement& placement,
                                                                   const std::vector<DeviceCopy>& copies)
{
    std::map<std::pair<std::string, std::string>, std::uint64_t> bytes;
    for (const DeviceCopy& copy : copies)
        bytes[{placement.devices[static_cast<std::size_t>(copy.from)].name,
               placement.devices[static_cast<std::size_t>(copy.to)].name}] += copy.bytes;
    return bytes;
}

} // namespace

void TestPlacementCost::equalsThePlan_data()
{
    QTest::addColumn<QString>("optimizer");
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<int>("batch");
    for (const char* const optimizer :
         {"GradientDescentOptimizer(0.1)", "MomentumOptimizer(0.1, 0.9)", "AdamOptimizer(0.001)"}) {
        const auto row = [&](const char* first, const char* second, int batch) {
            QTest::addRow("%s, %s and %s, %d", optimizer, first, second, batch)
                << QString::fromLatin1(optimizer) << QString::fromLatin1(first) << QString::fromLatin1(second)
                << batch;
        };
        row("\"/cpu:0\"", "\"/cpu:0\"", 1);
        row("\"/cpu:0\"", "\"/cpu:1\"", 32);
        row("\"/job:ps/task:7\"", "\"/job:worker/task:0/cpu:1\"", 100);
        row("\"/gpu:0\"", "\"/job:ps/task:1/gpu:3\"", 7);
        row("tf.train.replica_device_setter(ps_tasks=3)", "tf.train.replica_device_setter(ps_tasks=2)", 16);
    }
}

void TestPlacementCost::equalsThePlan()
{
    QFETCH(QString, optimizer);
    QFETCH(QString, first);
    QFETCH(QString, second);
    QFETCH(int, batch);
    const Trained t(textOf(optimizer.toUtf8().constData(), first.toUtf8().constData(),
                           second.toUtf8().constData(), batch),
                    2);
    const Session& session = *t.fixture.session;
    const std::vector<std::size_t>& used = session.planDeviceBytes(t.plan);
    QCOMPARE(t.cost.memory.size(), session.placement().devices.size());
    QCOMPARE(used.size(), t.cost.memory.size());
    std::uint64_t all = 0;
    std::uint64_t gradients = 0;
    for (std::size_t i = 0; i < used.size(); ++i) {
        QCOMPARE(t.cost.memory[i].gradients + t.cost.memory[i].workspace, std::uint64_t{used[i]});
        all += used[i];
        gradients += t.cost.memory[i].gradients;
    }
    QCOMPARE(all, std::uint64_t{session.planBytes(t.plan)});
    QVERIFY(gradients >= (784 * 50 + 50 + 50 * 10 + 10) * 4);
    const std::vector<DeviceCopy>& copies = session.planCopies(t.plan);
    QCOMPARE(t.cost.copies.size(), copies.size());
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        QCOMPARE(t.cost.copies[i].node, copies[i].node);
        QCOMPARE(t.cost.copies[i].from, copies[i].from);
        QCOMPARE(t.cost.copies[i].to, copies[i].to);
        QCOMPARE(t.cost.copies[i].bytes, copies[i].bytes);
        QVERIFY(copies[i].from != copies[i].to);
        bytes += copies[i].bytes;
    }
    QCOMPARE(bytes, session.planCopyBytes(t.plan));
    QCOMPARE(copies.empty(),
             session.placement().devices.size() == 2 && second == QStringLiteral("\"/cpu:0\""));
    // Without a runtime only the kernels' scratch memory is missing.
    const PlacementCost plain = placementCost(session.model(), session.placement());
    for (std::size_t i = 0; i < used.size(); ++i) {
        QVERIFY(plain.memory[i].total() <= t.cost.memory[i].total());
        QCOMPARE(plain.memory[i].values, t.cost.memory[i].values);
    }
}

void TestPlacementCost::countsByHand()
{
    const Trained t(textOf("MomentumOptimizer(0.1, 0.9)", "\"/cpu:0\"", "\"/cpu:1\"", 10), 2);
    QCOMPARE(t.cost.memory[0].values, std::uint64_t{(784 * 50 + 50) * 4});
    QCOMPARE(t.cost.memory[1].values, std::uint64_t{(50 * 10 + 10) * 4});
    QCOMPARE(t.cost.memory[0].optimizerSlots, t.cost.memory[0].values);
    QCOMPARE(t.cost.memory[1].optimizerSlots, t.cost.memory[1].values);
    QVERIFY(t.cost.memory[0].workspace > 0 && t.cost.memory[1].workspace > 0);
}

void TestPlacementCost::needsNoRecipe()
{
    const SessionFixture f(
        "with tf.device(\"/job:ps/task:2\"):\n  a = tf.Variable(tf.zeros([10]), name=\"a\")\n");
    const PlacementCost cost = placementCost(f.session->model(), f.session->placement(), f.runtime.get());
    QCOMPARE(cost.memory.size(), std::size_t{2});
    QCOMPARE(cost.memory[0].total(), std::uint64_t{0});
    QCOMPARE(cost.memory[1].total(), std::uint64_t{40});
    QVERIFY(cost.copies.empty());
}

void TestPlacementCost::countsCopiesBetweenTasks()
{
    const SessionFixture f("with tf.device(\"/job:ps/task:7\"):\n"
                           "  a = tf.Variable(tf.ones([10, 4]), name=\"a\")\n"
                           "with tf.device(\"/job:worker/task:0\"):\n"
                           "  twice = tf.add(a, a, name=\"twice\")\n"
                           "  s = tf.reduce_sum(twice, name=\"s\")\n");
    QVERIFY(f.session->initializeAll().isOk());
    const graph::NodeId s[] = {f.node("s")};
    const auto plan = f.session->plan(s, {}, {}, {});
    QVERIFY(plan);
    // One copy, however often it is read.
    const auto bytes = pairs(f.session->placement(), f.session->planCopies(*plan));
    QCOMPARE(bytes.size(), std::size_t{1});
    QCOMPARE((bytes.at({"/job:ps/task:7/cpu:0", "/job:worker/task:0/cpu:0"})), std::uint64_t{160});
    QVERIFY(f.session->run(*plan).isOk());
    QCOMPARE(f.session->fetched(*plan, 0).data<float>()[0], 80.0F);
}

void TestPlacementCost::tellsOfThousandsOfVariables()
{
    std::string text = "x = tf.placeholder(tf.float32, [None, 8], name=\"x\")\n"
                       "y = tf.placeholder(tf.int64, [None], name=\"y\")\n"
                       "s = x\n"
                       "with tf.device(tf.train.replica_device_setter(ps_tasks=4)):\n";
    constexpr int kCount = 3000;
    for (int i = 0; i < kCount; ++i)
        text += "  v" + std::to_string(i) + " = tf.Variable(tf.zeros([8]))\n  s = s + v" + std::to_string(i) +
                "\n";
    text += "  loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits=s, labels=y))\n"
            "  train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\n"
            "wr.train(train, data=wr.data.digits(train=100, test=10), inputs=x, labels=y, batch_size=4)\n";
    const auto model = modelOf(text);
    const auto runtime = *runtime::Runtime::create({});
    QElapsedTimer timer;
    timer.start();
    const Result<Placement> placement = placeNodes(*model, runtime->devices());
    QVERIFY(placement);
    const auto placed = static_cast<long long>(timer.restart());
    const PlacementCost cost = placementCost(*model, *placement, runtime.get());
    qInfo("%d variables: placed in %lld ms, cost told in %lld ms", kCount, placed,
          static_cast<long long>(timer.elapsed()));
    std::uint64_t values = 0;
    for (const DeviceMemory& memory : cost.memory)
        values += memory.values;
    QCOMPARE(values, std::uint64_t{kCount * 32});
    // Each variable goes to the worker once and each gradient comes back once; the rate stays a constant.
    std::map<graph::NodeId, int> copies;
    for (const DeviceCopy& copy : cost.copies)
        ++copies[copy.node];
    QVERIFY(copies.size() >= 2 * kCount);
    for (const graph::Variable& variable : model->variables)
        QCOMPARE(copies[variable.node], 1);
}

QTEST_GUILESS_MAIN(TestPlacementCost)
#include "tst_placement_cost.moc"
