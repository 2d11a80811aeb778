// SPDX-License-Identifier: GPL-3.0-or-later
// Initial values: the waves in which they are computed, circles and holes that are named before anything
// runs, what initialized_value() means in both versions of TensorFlow, one draw a run, and many variables at
// once.
#include "engine/session/initialization_order.h"
#include "tests/session/session_fixture.h"

#include <QElapsedTimer>
#include <QTest>
#include <ctime>

using namespace wr;
using namespace wr::session;

class TestInitialization : public QObject {
    Q_OBJECT
private slots:
    void makesWaves();
    void namesCircles();
    void namesIncompleteVariables();
    void nothingRunsWhenSomethingCannot();
    void anEmptyListIsANoOp();
    void initializesWhatHasNoValue();
    void countsZeroElements();
    void readsTheValueInV1();
    void takesTheInitialValueInV1();
    void runsTheInitializerIn011();
    void plainReadsNeedAValueIn011();
    void drawsOnceInARun();
    void wavesDrawTheSameBitsEverywhere();
    void namesAllThatIsMissing();
    void fetchesAreReads();
    void initializesTenThousand();
    void initializesAChain();
};

namespace {

using Waves = std::vector<std::vector<std::size_t>>;

/// A model that a test may change.
std::shared_ptr<graph::Model> changeable(const std::string& script)
{
    return std::make_shared<graph::Model>(*modelOf(script));
}

/// Every tf.identity named "snapshot…" stands for initialized_value().
std::shared_ptr<graph::Model> withSnapshots(const std::string& script)
{
    auto model = changeable(script);
    for (std::size_t i = 0; i < model->graph.nodes().size(); ++i) {
        graph::Node& node = model->graph.node(static_cast<graph::NodeId>(i));
        node.isInitializedValue = node.name.rfind("snapshot", 0) == 0;
    }
    return model;
}

struct Run {
    explicit Run(std::shared_ptr<const graph::Model> model, int threads = 0)
        : runtime(*runtime::Runtime::create(optionsOf(threads))),
          session(*Session::create(std::move(model), *runtime))
    {
    }
    static runtime::RuntimeOptions optionsOf(int threads)
    {
        runtime::RuntimeOptions options;
        options.threads = threads;
        return options;
    }
    Status initialize(const std::vector<std::string>& names) const { return session->initialize(names); }
    std::vector<float> values(const char* name) const
    {
        const Result<Tensor> value = session->value(name);
        if (!value)
            return {};
        const auto span = value->values<float>();
        return {span.begin(), span.end()};
    }
    std::unique_ptr<runtime::Runtime> runtime;
    std::unique_ptr<Session> session;
};

std::vector<float> twice(std::vector<float> values)
{
    for (float& value : values)
        value *= 2.0F;
    return values;
}

const char* const kPair = "w = tf.Variable(tf.random_normal([5]), name=\"w\")\n"
                          "w2 = tf.Variable(tf.identity(w, name=\"snapshot\") * 2.0, name=\"w2\")\n";

} // namespace

void TestInitialization::makesWaves()
{
    const auto model = modelOf("a = tf.Variable(tf.zeros([2]), name=\"a\")\n"
                               "b = tf.Variable(a.initialized_value() + 1.0, name=\"b\")\n"
                               "c = tf.Variable(tf.ones([2]), name=\"c\")\n"
                               "d = tf.Variable(b.initialized_value() * c.initialized_value(), name=\"d\")\n"
                               "e = tf.Variable(c.initialized_value(), name=\"e\")\n");
    const auto all = initializationWaves(*model);
    QVERIFY2(all, all ? "" : all.error().toString().c_str());
    QCOMPARE(*all, (Waves{{0, 2}, {1, 4}, {3}}));
    const std::size_t some[] = {4};
    QCOMPARE(*initializationWaves(*model, some), (Waves{{2}, {4}}));
    QVERIFY(initializationWaves(*model, {})->empty());
    // What has a value is not computed again; what has none and is not asked for is borrowed.
    const std::size_t last[] = {3};
    const auto order = initializationOrder(*model, last, [](std::size_t i) { return i == 1; });
    QVERIFY(order);
    QCOMPARE(order->waves, (Waves{{2}, {3}}));
    QCOMPARE(order->borrowed, std::vector<std::size_t>{2});
}

void TestInitialization::namesCircles()
{
    const auto model = changeable("a = tf.Variable(tf.zeros([2]), name=\"a\")\n"
                                  "b = tf.Variable(a.initialized_value() + 1.0, name=\"b\")\n"
                                  "c = tf.Variable(b.initialized_value() + 1.0, name=\"c\")\n"
                                  "d = tf.Variable(c.initialized_value() + 1.0, name=\"d\")\n"
                                  "e = tf.Variable(tf.ones([2]), name=\"e\")\n");
    model->variables[1].initialValue = model->variables[3].initialValue; // b reads c
    const auto waves = initializationWaves(*model);
    QVERIFY(!waves);
    QCOMPARE(waves.error().code(), StatusCode::InvalidArgument);
    QVERIFY2(waves.error().message().find("b → c → b") != std::string::npos, waves.error().message().c_str());
    const Run run(model);
    QCOMPARE(run.session->initializeAll().code(), StatusCode::InvalidArgument);
    QCOMPARE(run.session->uninitializedVariables().size(), std::size_t{5});
    QVERIFY(run.initialize({"e"}).isOk());
    model->variables[4].initialValue = model->variables[4].node; // reads itself
    QVERIFY(initializationWaves(*model).error().message().find("circle") != std::string::npos);
}

void TestInitialization::namesIncompleteVariables()
{
    const auto model = changeable("a = tf.Variable(tf.zeros([2]), name=\"a\")\n"
                                  "b = tf.Variable(tf.zeros([2]), name=\"b\")\n"
                                  "c = tf.Variable(tf.zeros([2]), name=\"c\")\n"
                                  "d = tf.Variable(b.initialized_value(), name=\"d\")\n");
    for (const std::size_t hole : {1U, 2U}) {
        model->variables[hole].isIncomplete = true;
        model->variables[hole].initialValue = graph::kNoNode;
    }
    const Run run(model);
    const Status all = run.session->initializeAll();
    QCOMPARE(all.code(), StatusCode::FailedPrecondition);
    QVERIFY2(all.message().find("b, c") != std::string::npos, all.message().c_str());
    QCOMPARE(run.session->uninitializedVariables(), (std::vector<std::string>{"a", "b", "c", "d"}));
    QCOMPARE(run.initialize({"c"}).code(), StatusCode::FailedPrecondition);
    QVERIFY(run.initialize({"d"}).message().find("b") != std::string::npos);
    QVERIFY(run.initialize({"a"}).isOk());
    QCOMPARE(run.session->value("b").error().code(), StatusCode::FailedPrecondition);
    QVERIFY(!*run.session->isVariableInitialized("b"));
    const std::vector<NamedTensor> value{{"b", Tensor::of<float>({1, 2}, {2})}};
    const Status assigned = run.session->assign(value, VariableState::Restored);
    QVERIFY2(assigned.message().find("incomplete") != std::string::npos, assigned.message().c_str());
    QCOMPARE(run.session->snapshot()->size(), std::size_t{1});
}

void TestInitialization::nothingRunsWhenSomethingCannot()
{
    // The last variable cannot be computed, since its placeholder has no value.
    const auto model = changeable("w = tf.Variable(tf.random_normal([3]), name=\"w\")\n"
                                  "x = tf.placeholder(tf.float32, [3], name=\"x\")\n"
                                  "v = tf.Variable(tf.zeros([3]), name=\"v\")\n");
    model->variables[1].initialValue = model->placeholders[0].node;
    const Run run(model);
    QVERIFY(run.initialize({"w"}).isOk());
    const std::vector<float> before = run.values("w");
    const auto streams = run.session->randomStreams();
    const Status status = run.session->initializeAll();
    QVERIFY2(status.message().find("x") != std::string::npos, status.message().c_str());
    QCOMPARE(run.values("w"), before);
    QCOMPARE(run.session->randomStreams(), streams);
    QCOMPARE(run.session->uninitializedVariables(), std::vector<std::string>{"v"});
}

void TestInitialization::anEmptyListIsANoOp()
{
    const Run run(modelOf(kPair));
    QVERIFY(run.initialize({}).isOk());
    QCOMPARE(run.session->uninitializedVariables().size(), std::size_t{2});
    QVERIFY(run.session->randomStreams().empty());
    QVERIFY(run.initialize({"w", "w"}).isOk());
}

void TestInitialization::initializesWhatHasNoValue()
{
    const Run run(modelOf("a = tf.Variable(tf.random_normal([9]), name=\"a\")\n"
                          "b = tf.Variable(tf.random_normal([9]), name=\"b\")\n"));
    QVERIFY(run.initialize({"a"}).isOk());
    const std::vector<float> a = run.values("a");
    QVERIFY(*run.session->isVariableInitialized("a"));
    QVERIFY(!*run.session->isVariableInitialized("b"));
    QCOMPARE(run.session->isVariableInitialized("c").error().code(), StatusCode::NotFound);
    QVERIFY(run.session->initializeUninitialized().isOk());
    QCOMPARE(run.values("a"), a);
    QCOMPARE(run.values("b").size(), std::size_t{9});
    QVERIFY(run.session->uninitializedVariables().empty());
    QVERIFY(run.session->initializeUninitialized().isOk());
    QCOMPARE(run.values("a"), a);
}

void TestInitialization::countsZeroElements()
{
    const Run run(modelOf("z = tf.Variable(tf.zeros([0, 4]), name=\"z\")\n"
                          "a = tf.Variable(tf.zeros([1]), name=\"a\")\n"));
    QCOMPARE(run.session->uninitializedVariables(), std::vector<std::string>{"a"});
    QVERIFY(*run.session->isVariableInitialized("z"));
    QVERIFY(run.session->value("z"));
    QCOMPARE(run.session->variableState("z"), VariableState::Uninitialized);
    QVERIFY(run.session->initializeAll().isOk());
}

void TestInitialization::readsTheValueInV1()
{
    const Run run(withSnapshots(kPair));
    QVERIFY(run.initialize({"w"}).isOk());
    const std::vector<float> w = run.values("w");
    QVERIFY(run.initialize({"w2"}).isOk());
    QCOMPARE(run.values("w"), w);
    QCOMPARE(run.values("w2"), twice(w));
}

void TestInitialization::takesTheInitialValueInV1()
{
    const Run run(withSnapshots(kPair));
    QVERIFY(run.initialize({"w2"}).isOk());
    // The source stays as it is; its later initialisation is another draw.
    QCOMPARE(run.session->uninitializedVariables(), std::vector<std::string>{"w"});
    const std::vector<float> w2 = run.values("w2");
    QVERIFY(run.initialize({"w"}).isOk());
    QVERIFY(w2 != twice(run.values("w")));
    // What it took is the first draw.
    const Run other(withSnapshots(kPair));
    QVERIFY(other.initialize({"w"}).isOk());
    QCOMPARE(w2, twice(other.values("w")));
    // In one run there is one draw.
    QVERIFY(run.session->initializeAll().isOk());
    QCOMPARE(run.values("w2"), twice(run.values("w")));
}

void TestInitialization::runsTheInitializerIn011()
{
    const Run run(withSnapshots(std::string("wr.options(tensorflow=\"0.11\")\n") + kPair));
    QVERIFY(run.initialize({"w2"}).isOk());
    QVERIFY(run.session->uninitializedVariables().empty());
    const std::vector<float> w = run.values("w");
    QCOMPARE(run.values("w2"), twice(w));
    // Again: the source gets new random values, though nobody asked for it.
    QVERIFY(run.initialize({"w2"}).isOk());
    QVERIFY(run.values("w") != w);
    QCOMPARE(run.values("w2"), twice(run.values("w")));
}

void TestInitialization::plainReadsNeedAValueIn011()
{
    const Run run(modelOf(std::string("wr.options(tensorflow=\"0.11\")\n") + kPair)); // an ordinary identity
    const Status status = run.initialize({"w2"});
    QCOMPARE(status.code(), StatusCode::FailedPrecondition);
    QVERIFY2(status.message().find("uninitialized value w") != std::string::npos, status.message().c_str());
    QVERIFY(run.session->initializeAll().isOk());
    const std::vector<float> w = run.values("w");
    QVERIFY(run.initialize({"w2"}).isOk());
    QCOMPARE(run.values("w"), w);
}

void TestInitialization::drawsOnceInARun()
{
    // Three variables of two waves share one random op.
    const char* const script = "r = tf.random_normal([7])\n"
                               "a = tf.Variable(r, name=\"a\")\n"
                               "b = tf.Variable(r * 2.0, name=\"b\")\n"
                               "c = tf.Variable(r + a.initialized_value(), name=\"c\")\n";
    const Run run(modelOf(script));
    for (int turn = 0; turn < 2; ++turn) {
        QVERIFY(run.session->initializeAll().isOk());
        QCOMPARE(run.values("b"), twice(run.values("a")));
        QCOMPARE(run.values("c"), run.values("b"));
    }
    QCOMPARE(run.session->randomStreams().size(), std::size_t{1});
    QCOMPARE(run.session->randomStreams().begin()->second, std::uint64_t{2 * 7 * 256});
}

void TestInitialization::wavesDrawTheSameBitsEverywhere()
{
    std::string script = "tf.set_random_seed(3)\n";
    for (int i = 0; i < 40; ++i) {
        const std::string number = std::to_string(i);
        script += "v" + number + " = tf.Variable(tf.truncated_normal([" + std::to_string(1 + i * 97) +
                  "]) * 0.5 + 1.0, name=\"v" + number + "\")\n";
        script += "u" + number + " = tf.Variable(v" + number + ".initialized_value() * 3.0, name=\"u" +
                  number + "\")\n";
    }
    const Run one(modelOf(script), 1);
    QVERIFY(one.session->initializeAll().isOk());
    for (const int threads : {2, 5}) {
        const Run several(modelOf(script), threads);
        QVERIFY(several.session->initializeAll().isOk());
        for (int i = 0; i < 40; ++i) {
            for (const char* const kind : {"v", "u"}) {
                const std::string name = kind + std::to_string(i);
                QCOMPARE(several.values(name.c_str()), one.values(name.c_str()));
            }
        }
        // One after another gives the same values as all at once.
        const Run single(modelOf(script), threads);
        for (int i = 0; i < 40; ++i) {
            const std::string name = "v" + std::to_string(i);
            QVERIFY(single.initialize({name}).isOk());
            QCOMPARE(single.values(name.c_str()), one.values(name.c_str()));
        }
    }
}

void TestInitialization::namesAllThatIsMissing()
{
    const Run run(modelOf("wr.options(tensorflow=\"0.11\")\n"
                          "a = tf.Variable(tf.zeros([2]), name=\"aa\")\n"
                          "b = tf.Variable(tf.zeros([2]), name=\"bb\")\n"
                          "c = tf.Variable(tf.zeros([2]) + tf.identity(a), name=\"cc\")\n"
                          "d = tf.Variable(tf.identity(b) + tf.identity(a), name=\"dd\")\n"));
    const Status status = run.initialize({"cc", "dd"});
    QCOMPARE(status.code(), StatusCode::FailedPrecondition);
    for (const char* const name : {"aa", "bb"})
        QVERIFY2(status.message().find(name) != std::string::npos, status.message().c_str());
    QCOMPARE(run.session->uninitializedVariables().size(), std::size_t{4});
}

void TestInitialization::fetchesAreReads()
{
    const Run run(modelOf("a = tf.Variable(tf.zeros([2]), name=\"a\")\nu = a.assign_add([1.0, 2.0])\n"));
    const graph::Model& model = run.session->model();
    const graph::NodeId variable[] = {model.variables[0].node};
    const auto unread = run.session->evaluate(variable, {});
    QVERIFY(!unread);
    QCOMPARE(unread.error().code(), StatusCode::FailedPrecondition);
    QVERIFY(run.session->initializeAll().isOk());
    // The value of an update is the one after it.
    const graph::NodeId update[] = {static_cast<graph::NodeId>(model.graph.nodes().size()) - 1};
    QCOMPARE(model.graph.node(update[0]).op, backend::OpCode::AssignAdd);
    const auto updated = run.session->evaluate(update, {});
    QVERIFY(updated);
    QCOMPARE((*updated)[0].data<float>()[1], 2.0F);
}

void TestInitialization::initializesTenThousand()
{
    std::string script;
    for (int i = 0; i < 10000; ++i)
        script += "v" + std::to_string(i) + " = tf.Variable(tf.truncated_normal([20, 10]) * 0.1)\n";
    const Run run(modelOf(script));
    QElapsedTimer timer;
    timer.start();
    const std::clock_t before = std::clock();
    QVERIFY(run.session->initializeAll().isOk());
    qInfo("10,000 variables of 200 values were initialised in %lld ms, %lld ms of them computing",
          static_cast<long long>(timer.elapsed()),
          static_cast<long long>((std::clock() - before) * 1000 / CLOCKS_PER_SEC));
    QVERIFY(run.session->uninitializedVariables().empty());
    QVERIFY(run.values("v9999") != run.values("v0"));
}

void TestInitialization::initializesAChain()
{
    std::string script = "v0 = tf.Variable(tf.ones([3]))\n";
    for (int i = 1; i < 3000; ++i)
        script += "v" + std::to_string(i) + " = tf.Variable(v" + std::to_string(i - 1) +
                  ".initialized_value() + 1.0)\n";
    const Run run(modelOf(script));
    QVERIFY(run.session->initializeAll().isOk());
    QCOMPARE(run.values("v2999"), std::vector<float>(3, 3000.0F));
}

QTEST_GUILESS_MAIN(TestInitialization)
#include "tst_initialization.moc"
