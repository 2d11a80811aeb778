// SPDX-License-Identifier: GPL-3.0-or-later
// Variables and plans: initialisation in order, reading what has no value, assigning all or nothing, feeds
// and fetches, and random numbers that do not depend on threads or instruction set.
#include "tests/session/session_fixture.h"

#include <QTest>
#include <cmath>

using namespace wr;
using namespace wr::session;

namespace {

const char* const kTwoLayers = R"(
tf.set_random_seed(7)
x = tf.placeholder(tf.float32, [None, 3], name="x")
w = tf.Variable(tf.random_normal([3, 2], stddev=0.5), name="w")
b = tf.Variable(tf.zeros([2]), name="b")
twice = tf.Variable(w.initialized_value() * 2.0, name="twice")
y = tf.add(tf.matmul(x, w), b, name="y")
)";

} // namespace

class TestSession : public QObject {
    Q_OBJECT
private slots:
    void initializesInOrder();
    void initializesSome();
    void namesAllUninitialized();
    void evaluates();
    void assignsAllOrNothing();
    void snapshotHoldsWhatIsInitialized();
    void drawsTheSameBitsEverywhere_data();
    void drawsTheSameBitsEverywhere();
    void unrelatedVariablesChangeNothing();
    void continuesRandomStreams();
    void plansFitTheirFeeds();
    void trainsAStepByHand();
};

void TestSession::initializesInOrder()
{
    const SessionFixture f(kTwoLayers);
    QCOMPARE(f.session->uninitializedVariables(), (std::vector<std::string>{"w", "b", "twice"}));
    QVERIFY(f.session->initializeAll().isOk());
    QVERIFY(f.session->uninitializedVariables().empty());
    const std::vector<float> w = f.values("w");
    const std::vector<float> twice = f.values("twice");
    for (std::size_t i = 0; i < w.size(); ++i)
        QCOMPARE(twice[i], 2.0F * w[i]);
    QCOMPARE(f.session->variableState("w"), VariableState::Initialized);
}

void TestSession::initializesSome()
{
    const SessionFixture f(kTwoLayers);
    const std::vector<std::string> b{"b"};
    QVERIFY(f.session->initialize(b).isOk());
    QCOMPARE(f.session->uninitializedVariables(), (std::vector<std::string>{"w", "twice"}));
    const std::vector<std::string> unknown{"b", "nothing"};
    const Status status = f.session->initialize(unknown);
    QCOMPARE(status.code(), StatusCode::NotFound);
    QVERIFY(status.message().find("nothing") != std::string::npos);
}

void TestSession::namesAllUninitialized()
{
    const SessionFixture f(kTwoLayers);
    const graph::NodeId y[] = {f.node("y")};
    const Feed feed[] = {{f.node("x"), Tensor::of<float>({1, 2, 3}, {1, 3})}};
    const auto result = f.session->evaluate(y, feed);
    QVERIFY(!result);
    QCOMPARE(result.error().code(), StatusCode::FailedPrecondition);
    QVERIFY2(result.error().message().find("w") != std::string::npos &&
                 result.error().message().find("b") != std::string::npos,
             result.error().message().c_str());
    const auto value = f.session->value("w");
    QCOMPARE(value.error().code(), StatusCode::FailedPrecondition);
    QCOMPARE(f.session->value("nobody").error().code(), StatusCode::NotFound);
}

void TestSession::evaluates()
{
    const SessionFixture f(kTwoLayers);
    const std::vector<NamedTensor> values{{"w", Tensor::of<float>({1, 2, 3, 4, 5, 6}, {3, 2})},
                                          {"b", Tensor::of<float>({10, 20}, {2})}};
    QVERIFY(f.session->assign(values, VariableState::Restored).isOk());
    QCOMPARE(f.session->variableState("b"), VariableState::Restored);
    const graph::NodeId y[] = {f.node("y")};
    const Feed feed[] = {{f.node("x"), Tensor::of<float>({1, 0, 0, 1, 1, 1}, {2, 3})}};
    const auto result = f.session->evaluate(y, feed);
    QVERIFY2(result, result ? "" : result.error().toString().c_str());
    const auto out = (*result)[0].values<float>();
    QCOMPARE(std::vector<float>(out.begin(), out.end()), (std::vector<float>{11, 22, 19, 32}));
}

void TestSession::assignsAllOrNothing()
{
    const SessionFixture f(kTwoLayers);
    QVERIFY(f.session->initializeAll().isOk());
    const std::vector<float> before = f.values("w");
    const std::vector<NamedTensor> wrongShape{{"w", Tensor::of<float>({0, 0, 0, 0, 0, 0}, {3, 2})},
                                              {"b", Tensor::of<float>({0, 0, 0}, {3})}};
    const Status shape = f.session->assign(wrongShape, VariableState::Restored);
    QCOMPARE(shape.code(), StatusCode::InvalidArgument);
    QVERIFY2(shape.message().find("[3]") != std::string::npos, shape.message().c_str());
    const std::vector<NamedTensor> wrongName{{"w", Tensor::of<float>({0, 0, 0, 0, 0, 0}, {3, 2})},
                                             {"q", Tensor::of<float>({0}, {1})}};
    const Status name = f.session->assign(wrongName, VariableState::Restored);
    QVERIFY2(!name.isOk() && name.message().find("q") != std::string::npos, name.message().c_str());
    const std::vector<NamedTensor> wrongType{{"b", Tensor::of<double>({0, 0}, {2})}};
    QVERIFY(!f.session->assign(wrongType, VariableState::Restored).isOk());
    QCOMPARE(f.values("w"), before);
    QCOMPARE(f.session->variableState("w"), VariableState::Initialized);
}

void TestSession::snapshotHoldsWhatIsInitialized()
{
    const SessionFixture f(kTwoLayers);
    const std::vector<std::string> b{"b"};
    QVERIFY(f.session->initialize(b).isOk());
    auto snapshot = f.session->snapshot();
    QVERIFY(snapshot);
    QCOMPARE(snapshot->size(), std::size_t{1});
    // A copy: changing it does not change the variable.
    (*snapshot)[0].tensor.data<float>()[0] = 9.0F;
    QCOMPARE(f.values("b")[0], 0.0F);
}

void TestSession::drawsTheSameBitsEverywhere_data()
{
    QTest::addColumn<QString>("isa");
    QTest::addColumn<int>("threads");
    for (const char* isa : {"baseline", "avx2", "avx512"}) {
        for (const int threads : {1, 2, 5})
            QTest::addRow("%s, %d threads", isa, threads) << QString::fromLatin1(isa) << threads;
    }
}

void TestSession::drawsTheSameBitsEverywhere()
{
    QFETCH(QString, isa);
    QFETCH(int, threads);
    const char* const script = R"(
tf.set_random_seed(7)
n = tf.Variable(tf.random_normal([301, 77]), name="n")
t = tf.Variable(tf.truncated_normal([5001], stddev=0.1), name="t")
u = tf.Variable(tf.random_uniform([4099], minval=-1.0, maxval=3.0), name="u")
)";
    runtime::RuntimeOptions options;
    options.cpuIsa = isa.toStdString();
    options.threads = threads;
    if (const auto probe = runtime::Runtime::create(options); !probe)
        QSKIP(qPrintable(QStringLiteral("this machine has no %1").arg(isa)));
    const SessionFixture f(script, options);
    QVERIFY(f.session->initializeAll().isOk());
    runtime::RuntimeOptions plain;
    plain.cpuIsa = "baseline";
    plain.threads = 1;
    const SessionFixture reference(script, plain);
    QVERIFY(reference.session->initializeAll().isOk());
    for (const char* name : {"n", "t", "u"})
        QCOMPARE(f.values(name), reference.values(name));
}

void TestSession::unrelatedVariablesChangeNothing()
{
    const SessionFixture a("w = tf.Variable(tf.random_normal([9]), name=\"w\")\n");
    const SessionFixture b("q = tf.Variable(tf.random_normal([3]), name=\"q\")\n"
                           "w = tf.Variable(tf.random_normal([9]), name=\"w\")\n");
    QVERIFY(a.session->initializeAll().isOk());
    QVERIFY(b.session->initializeAll().isOk());
    QCOMPARE(a.values("w"), b.values("w"));
}

void TestSession::continuesRandomStreams()
{
    const char* const script = "w = tf.Variable(tf.random_normal([1000]), name=\"w\")\n";
    const SessionFixture a(script);
    QVERIFY(a.session->initializeAll().isOk());
    const std::vector<float> first = a.values("w");
    const auto streams = a.session->randomStreams();
    QVERIFY(a.session->initializeAll().isOk());
    const std::vector<float> second = a.values("w");
    QVERIFY(first != second);
    const SessionFixture b(script);
    b.session->setRandomStreams(streams);
    QVERIFY(b.session->initializeAll().isOk());
    QCOMPARE(b.values("w"), second);
}

void TestSession::plansFitTheirFeeds()
{
    const SessionFixture f(kTwoLayers);
    QVERIFY(f.session->initializeAll().isOk());
    const graph::NodeId y[] = {f.node("y")};
    const graph::NodeId x[] = {f.node("x")};
    const Shape wrong[] = {{2, 4}};
    const auto refused = f.session->plan(y, {}, x, wrong);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), StatusCode::InvalidArgument);
    const auto unfed = f.session->plan(y, {}, {}, {});
    QVERIFY(!unfed);
    QVERIFY2(unfed.error().message().find("x") != std::string::npos, unfed.error().message().c_str());
    std::vector<PlanId> plans;
    for (int batch = 1; batch <= 3; ++batch) {
        const Shape shape[] = {{batch, 3}};
        const auto plan = f.session->plan(y, {}, x, shape);
        QVERIFY(plan);
        plans.push_back(*plan);
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
        Tensor& feed = f.session->feedBuffer(plans[i], 0);
        std::fill_n(feed.data<float>(), feed.elementCount(), 1.0F);
        QVERIFY(f.session->run(plans[i]).isOk());
        QCOMPARE(f.session->fetched(plans[i], 0).shape(), (Shape{static_cast<std::int64_t>(i) + 1, 2}));
    }
    const float once = f.session->fetched(plans[0], 0).data<float>()[0];
    f.session->dropPlan(plans[1]);
    QVERIFY(f.session->run(plans[0]).isOk());
    QCOMPARE(f.session->fetched(plans[0], 0).data<float>()[0], once);
}

void TestSession::trainsAStepByHand()
{
    // loss = mean((x w)²): d/dw = 2 xᵀ(x w) / n, with x = [[1, 2]], w = [[3], [4]]: x w = 11, gradient [[22],
    // [44]].
    const SessionFixture f(R"(
x = tf.placeholder(tf.float32, [None, 2], name="x")
w = tf.Variable(tf.zeros([2, 1]), name="w")
loss = tf.reduce_mean(tf.square(tf.matmul(x, w)), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
)");
    const std::vector<NamedTensor> start{{"w", Tensor::of<float>({3, 4}, {2, 1})}};
    QVERIFY(f.session->assign(start, VariableState::Initialized).isOk());
    const graph::TrainOp& train = f.session->model().trainOps[0];
    const graph::NodeId loss[] = {train.loss};
    const graph::NodeId x[] = {f.node("x")};
    const Shape shape[] = {{1, 2}};
    const auto plan = f.session->plan(loss, train.updates, x, shape);
    QVERIFY2(plan, plan ? "" : plan.error().toString().c_str());
    float* const feed = f.session->feedBuffer(*plan, 0).data<float>();
    feed[0] = 1.0F;
    feed[1] = 2.0F;
    QVERIFY(f.session->runUntilUpdates(*plan).isOk());
    QCOMPARE(f.values("w"), (std::vector<float>{3, 4}));
    QVERIFY(std::isfinite(f.session->gradientNorm(*plan)));
    QVERIFY(f.session->runUpdates(*plan).isOk());
    QCOMPARE(f.session->fetched(*plan, 0).data<float>()[0], 121.0F);
    // Near, since a fused multiplication rounds once.
    QVERIFY(std::abs(f.values("w")[0] - 0.8F) < 1e-6F);
    QVERIFY(std::abs(f.values("w")[1] + 0.4F) < 1e-6F);
    QCOMPARE(f.session->variableState("w"), VariableState::Trained);
}

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
