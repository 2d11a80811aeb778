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
    QVERIFY(!f.session->placement().entries[static_cast<std::size_t>(f.node("b"))].note.empty());
    QVERIFY(f.session->initializeAll().isOk());
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
