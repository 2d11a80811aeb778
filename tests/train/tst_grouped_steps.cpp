// SPDX-License-Identifier: GPL-3.0-or-later
// What runs together with a step of training: gradients that are clipped on their way, averages after the
// update, ops of a collection before it, on one device and on several.
#include "tests/session/session_fixture.h"

#include <QTest>
#include <cmath>
#include <tuple>

using namespace wr;
using session::SessionFixture;

namespace {

void takeSteps(SessionFixture& f, int count, std::size_t trainOp = 0)
{
    session::Session& session = *f.session;
    const Result<session::PlanId> plan = session.plan({}, session.model().trainOps[trainOp].updates, {}, {});
    QVERIFY2(plan, plan ? "" : plan.error().toString().c_str());
    for (int i = 0; i < count; ++i) {
        const Status status = session.run(*plan);
        QVERIFY2(status.isOk(), status.toString().c_str());
    }
}

} // namespace

class TestGroupedSteps : public QObject {
    Q_OBJECT
private slots:
    void clipsByGlobalNorm();
    void averagesAfterTheStep_data();
    void averagesAfterTheStep();
    void runsUpdatesBeforeTheStep();
    void readsFromOtherDevicesAfterTheStep();
};

void TestGroupedSteps::clipsByGlobalNorm()
{
    // Gradients 3 and 4 have the norm 5, and shrink to a norm of 1; under a limit of 10 they stay.
    for (const auto& [limit, a, b] : {std::tuple{"1.0", 0.4F, 0.2F}, std::tuple{"10.0", -2.0F, -3.0F}}) {
        SessionFixture f(std::string("a = tf.Variable(1.0)\nb = tf.Variable(1.0)\nloss = 3.0 * a + 4.0 * b\n"
                                     "opt = tf.train.GradientDescentOptimizer(1.0)\n"
                                     "grads, variables = zip(*opt.compute_gradients(loss))\n"
                                     "grads, norm = tf.clip_by_global_norm(grads, ") +
                         limit +
                         ")\ntrain = opt.apply_gradients(zip(grads, variables))\n"
                         "same = tf.identity(norm, name=\"norm\")\n");
        QVERIFY(f.session->initializeAll().isOk());
        const graph::NodeId norm[] = {f.node("norm")};
        QCOMPARE(f.session->evaluate(norm, {}).value()[0].valueAt(0), 5.0);
        takeSteps(f, 1);
        QVERIFY(std::abs(f.values("a")[0] - a) < 1e-6F);
        QVERIFY(std::abs(f.values("b")[0] - b) < 1e-6F);
    }
}

void TestGroupedSteps::averagesAfterTheStep_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("control dependencies")
        << QStringLiteral("with tf.control_dependencies([step]):\n  train = ema.apply([w])\n");
    QTest::newRow("no_op") << QStringLiteral(
        "with tf.control_dependencies([step]):\n  average = ema.apply()\n"
        "with tf.control_dependencies([step, average]):\n  train = tf.no_op(name=\"train\")\n");
    QTest::newRow("group") << QStringLiteral(
        "with tf.control_dependencies([step]):\n  average = ema.apply([w])\n"
        "train = tf.group(step, average, name=\"both\")\n");
}

/// shadow = 0.75 · shadow + 0.25 · w, with the w of after the step.
void TestGroupedSteps::averagesAfterTheStep()
{
    QFETCH(QString, text);
    SessionFixture f(
        "images = tf.placeholder(tf.float32, [None, 784])\nlabels = tf.placeholder(tf.int64, "
        "[None])\nw = tf.Variable(1.0)\n"
        "step = tf.train.GradientDescentOptimizer(0.5).minimize(w)\n"
        "ema = tf.train.ExponentialMovingAverage(0.75)\n" +
        text.toStdString() +
        "wr.train(train, data=wr.data.digits(train=20, test=0), inputs=images, labels=labels)\n");
    QVERIFY(f.session->initializeAll().isOk());
    QCOMPARE(f.values("w/ExponentialMovingAverage")[0], 1.0F);
    double w = 1.0;
    double shadow = 1.0;
    for (int i = 0; i < 4; ++i) {
        w -= 0.5;
        shadow = 0.75 * shadow + 0.25 * w;
    }
    takeSteps(f, 4, f.session->model().recipe->trainOp);
    QCOMPARE(static_cast<double>(f.values("w")[0]), w);
    QCOMPARE(static_cast<double>(f.values("w/ExponentialMovingAverage")[0]), shadow);
}

/// The habit of batch normalisation: what the collection holds runs with each step, before its update.
void TestGroupedSteps::runsUpdatesBeforeTheStep()
{
    SessionFixture f("w = tf.Variable(1.0)\nseen = tf.Variable(0.0, trainable=False)\n"
                     "tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign(seen, w * 10.0))\n"
                     "with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):\n"
                     "  train = tf.train.MomentumOptimizer(0.5, 0.9).minimize(w)\n");
    QVERIFY(f.session->initializeAll().isOk());
    QCOMPARE(f.values("w/Momentum")[0], 0.0F);
    takeSteps(f, 1);
    QCOMPARE(f.values("w")[0], 0.5F);
    QCOMPARE(f.values("seen")[0], 10.0F);
}

/// A device that read the variable before its update reads it again for what comes after.
void TestGroupedSteps::readsFromOtherDevicesAfterTheStep()
{
    SessionFixture f(
        "w = tf.Variable(1.0)\nloss = tf.square(w)\n"
        "with tf.device(\"/job:ps/task:1\"):\n"
        "  early = tf.Variable(0.0, trainable=False)\n  late = tf.Variable(0.0, trainable=False)\n"
        "  seen = tf.assign(early, w * 10.0)\n"
        "with tf.control_dependencies([seen]):\n"
        "  step = tf.train.GradientDescentOptimizer(0.25).minimize(loss)\n"
        "with tf.control_dependencies([step]):\n  with tf.device(\"/job:ps/task:1\"):\n"
        "    train = tf.group(late.assign(w * 10.0))\n"
        "images = tf.placeholder(tf.float32, [None, 784])\nlabels = tf.placeholder(tf.int64, "
        "[None])\n"
        "wr.train(train, data=wr.data.digits(train=20, test=0), inputs=images, labels=labels)\n");
    QVERIFY(f.session->initializeAll().isOk());
    takeSteps(f, 1, f.session->model().recipe->trainOp);
    QCOMPARE(f.values("w")[0], 0.5F);
    QCOMPARE(f.values("early")[0], 10.0F);
    QCOMPARE(f.values("late")[0], 5.0F);
}

QTEST_GUILESS_MAIN(TestGroupedSteps)
#include "tst_grouped_steps.moc"
