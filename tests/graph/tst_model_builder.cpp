// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/seeds.h"
#include "engine/runtime/runtime.h"
#include "engine/session/session.h"
#include "tests/graph/model_text.h"

#include <QTest>

#include <cmath>
#include <string>

using namespace wr;
using namespace wr::graph;
using backend::OpCode;

namespace {

const Node& initial(const Model& model, const char* name)
{
    return model.graph.node(model.findVariable(name)->initialValue);
}

QString slice(const Model& model, const script::Expr* expr)
{
    return expr == nullptr ? QStringLiteral("-") : text(std::string(model.tree->slice(expr->range)));
}

} // namespace

class TestModelBuilder : public QObject {
    Q_OBJECT
private slots:
    void createsVariables();
    void pinsToDevices();
    void mergesDevices();
    void initializesInASession();
    void initializesFromAnotherVariable();
    void savesAll();
    void savesUnderOtherNames();
    void notesHoles();
    void namesVariables_data();
    void namesVariables();
    void readsInitialValues_data();
    void readsInitialValues();
    void seedsByName();
    void seedsAsTold();
    void staysSmallForSharedValues();

private:
    std::unique_ptr<session::Session> sessionOf(const std::shared_ptr<const Model>& model)
    {
        if (!m_runtime)
            m_runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
        return session::Session::create(model, *m_runtime).value();
    }

    std::unique_ptr<runtime::Runtime> m_runtime;
};

void TestModelBuilder::createsVariables()
{
    const auto model = modelOf("# Two parameters.\n"
                               "weights = tf.Variable(tf.random_normal([784, 200], stddev=0.35),\n"
                               "                      name=\"weights\")\n"
                               "biases = tf.Variable(tf.zeros([200]), name=\"biases\")\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), list({"weights float32 [784, 200]", "biases float32 [200]"}));
    const Variable& weights = model->variables[0];
    QVERIFY(weights.trainable && weights.source.editable && weights.slotOf.empty());
    QCOMPARE(text(weights.initializer), QStringLiteral("tf.random_normal([784, 200], stddev=0.35)"));
    QCOMPARE(slice(*model, weights.source.initializer), text(weights.initializer));
    QCOMPARE(slice(*model, weights.source.shape), QStringLiteral("[784, 200]"));
    QCOMPARE(slice(*model, weights.source.device), QStringLiteral("-"));
    QCOMPARE(model->tree->position(weights.source.statement.begin).line, 2);
    QCOMPARE(model->graph.node(weights.node).op, OpCode::Variable);
    QCOMPARE(initial(*model, "weights").op, OpCode::RandomNormal);
    QCOMPARE(initial(*model, "weights").attributes.scalars[0], 0.0);
    QCOMPARE(initial(*model, "weights").attributes.scalars[1], 0.35);
    QCOMPARE(initial(*model, "biases").op, OpCode::Fill);
    QVERIFY(model->findVariable("nothing") == nullptr);
}

void TestModelBuilder::pinsToDevices()
{
    const auto model = modelOf("with tf.device(\"/cpu:0\"):\n"
                               "  a = tf.Variable(tf.zeros([1]))\n"
                               "with tf.device(\"/gpu:0\"):\n"
                               "  b = tf.Variable(tf.zeros([2]))\n"
                               "with tf.device(\"/job:ps/task:7\"):\n"
                               "  c = tf.Variable(tf.zeros([3]))\n"
                               "d = tf.Variable(tf.zeros([4]))\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), list({"a float32 [1] /device:CPU:0", "b float32 [2] /device:GPU:0",
                                      "c float32 [3] /job:ps/task:7", "d float32 [4]"}));
    QCOMPARE(slice(*model, model->variables[1].source.device), QStringLiteral("\"/gpu:0\""));
    for (const Variable& variable : model->variables)
        QCOMPARE(model->graph.node(variable.node).device, variable.device);
}

void TestModelBuilder::mergesDevices()
{
    const auto model = modelOf("with tf.device('/job:worker/cpu:1'):\n"
                               "  a = tf.Variable(tf.zeros([1]))\n"
                               "  with tf.device('/task:3'):\n"
                               "    b = tf.Variable(tf.zeros([1]))\n"
                               "    with tf.device('/gpu'), tf.name_scope('s'):\n"
                               "      c = tf.Variable(tf.zeros([1]))\n"
                               "    with tf.device(None):\n"
                               "      d = tf.Variable(tf.zeros([1]))\n"
                               "  with tf.device('/job:ps/device:CPU:0'): e = tf.Variable(tf.zeros([1]))\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model),
             list({"a float32 [1] /job:worker/device:CPU:1", "b float32 [1] /job:worker/task:3/device:CPU:1",
                   "s/c float32 [1] /job:worker/task:3/device:GPU:1", "d float32 [1]",
                   "e float32 [1] /job:ps/device:CPU:0"}));
    QCOMPARE(slice(*model, model->variables[1].source.device), QStringLiteral("'/task:3'"));
    QCOMPARE(slice(*model, model->variables[3].source.device), QStringLiteral("-"));
}

void TestModelBuilder::initializesInASession()
{
    const auto model = modelOf("weights = tf.Variable(tf.random_normal([784, 200], stddev=0.35),\n"
                               "                      name=\"weights\")\n"
                               "biases = tf.Variable(tf.zeros([200]), name=\"biases\")\n"
                               "...\n"
                               "init_op = tf.initialize_all_variables()\n"
                               "with tf.Session() as sess:\n"
                               "  sess.run(init_op)\n"
                               "  ...\n");
    QCOMPARE(problems(*model), QString());
    const auto session = sessionOf(model);
    QVERIFY(session->initializeAll().isOk());
    const Tensor weights = session->value("weights").value();
    double sum = 0.0;
    double squares = 0.0;
    for (const float value : weights.values<float>()) {
        sum += value;
        squares += static_cast<double>(value) * value;
    }
    const auto count = static_cast<double>(weights.elementCount());
    QVERIFY(std::abs(sum / count) < 0.005);
    QVERIFY(std::abs(std::sqrt(squares / count) - 0.35) < 0.005);
    const Tensor biases = session->value("biases").value();
    for (const float value : biases.values<float>())
        QCOMPARE(value, 0.0F);
}

void TestModelBuilder::initializesFromAnotherVariable()
{
    const auto model =
        modelOf("weights = tf.Variable(tf.random_normal([78, 20], stddev=0.35), name=\"weights\")\n"
                "w2 = tf.Variable(weights.initialized_value(), name=\"w2\")\n"
                "w_twice = tf.Variable(weights.initialized_value() * 2.0, name=\"w_twice\")\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model),
             list({"weights float32 [78, 20]", "w2 float32 [78, 20]", "w_twice float32 [78, 20]"}));
    QVERIFY(model->variables[1].source.shape == nullptr);
    QCOMPARE(initial(*model, "w_twice").op, OpCode::Mul);
    const auto session = sessionOf(model);
    QVERIFY(session->initializeAll().isOk());
    const Tensor weights = session->value("weights").value();
    const Tensor same = session->value("w2").value();
    const Tensor twice = session->value("w_twice").value();
    QVERIFY(weights.valueAt(0) != weights.valueAt(1));
    for (std::int64_t i = 0; i < weights.elementCount(); ++i) {
        QCOMPARE(same.valueAt(i), weights.valueAt(i));
        QCOMPARE(twice.valueAt(i), 2.0 * weights.valueAt(i));
    }
}

void TestModelBuilder::savesAll()
{
    const auto model = modelOf("v1 = tf.Variable(tf.zeros([1]), name=\"v1\")\n"
                               "v2 = tf.Variable(tf.zeros([2]), name=\"v2\")\n"
                               "init_op = tf.initialize_all_variables()\n"
                               "saver = tf.train.Saver()\n"
                               "with tf.Session() as sess:\n"
                               "  sess.run(init_op)\n"
                               "  ..\n"
                               "  save_path = saver.save(sess, \"/tmp/model.ckpt\")\n"
                               "  print(\"Model saved in file: %s\" % save_path)\n"
                               "  saver.restore(sess, \"/tmp/model.ckpt\")\n"
                               "  print(\"Model restored.\")\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->savers.size(), std::size_t{1});
    QCOMPARE(text(model->savers[0].name), QStringLiteral("saver"));
    QVERIFY(model->savers[0].all);
    QVERIFY(model->savers[0].entries.empty());
}

void TestModelBuilder::savesUnderOtherNames()
{
    const auto model = modelOf("v1 = tf.Variable(tf.zeros([1]), name=\"v1\")\n"
                               "v2 = tf.Variable(tf.zeros([2]), name=\"v2\")\n"
                               "saver = tf.train.Saver({\"my_v2\": v2})\n"
                               "both = tf.train.Saver(var_list=[v1, v2])\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->savers.size(), std::size_t{2});
    QVERIFY(!model->savers[0].all);
    QCOMPARE(model->savers[0].entries, (std::map<std::string, std::string>{{"my_v2", "v2"}}));
    QCOMPARE(text(model->savers[1].name), QStringLiteral("both"));
    QCOMPARE(model->savers[1].entries, (std::map<std::string, std::string>{{"v1", "v1"}, {"v2", "v2"}}));
}

/// The how-to's tf.Variable(...): the variable is there, its value is asked for, with a fix that helps.
void TestModelBuilder::notesHoles()
{
    const std::string script =
        "with tf.device(\"/cpu:0\"):\n  v = tf.Variable(...)\nw = tf.Variable(..., name=\"w\")\n";
    const auto model = modelOf(script);
    QCOMPARE(variables(*model), list({"v float32 [] /device:CPU:0", "w float32 []"}));
    QCOMPARE(model->variables[0].initialValue, kNoNode);
    QCOMPARE(model->diagnostics.size(), std::size_t{2});
    QVERIFY(problems(*model).startsWith(QStringLiteral("the initial value of \"v\" is missing")));
    QVERIFY(model->variables[0].isIncomplete && !model->hasErrors());
    std::string mended = script;
    for (std::size_t i = model->diagnostics.size(); i-- > 0;) {
        const script::TextEdit& edit = model->diagnostics[i].fix.at(0);
        mended.replace(edit.range.begin, edit.range.end - edit.range.begin, edit.replacement);
    }
    QCOMPARE(problems(*modelOf(mended)), QString());
}

void TestModelBuilder::namesVariables_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char* name, const char* script, std::initializer_list<const char*> expected) {
        QTest::newRow(name) << QString::fromUtf8(script) << list(expected);
    };
    row("by the name on the left", "v = tf.Variable(tf.zeros([2]))", {"v float32 [2]"});
    row("by name=", "v = tf.Variable(tf.zeros([2]), name='w')", {"w float32 [2]"});
    row("by name=None", "v = tf.Variable(tf.zeros([2]), name=None)", {"v float32 [2]"});
    row("without either", "tf.Variable(tf.zeros([2]))", {"Variable float32 [2]"});
    row("in a scope", "with tf.name_scope('a'):\n  with tf.variable_scope('b/c'):\n    v = tf.Variable(0.5)",
        {"a/b/c/v float32 []"});
    row("in a loop",
        "sizes = [4, 3, 2]\nfor i in range(2):\n"
        "  with tf.name_scope(f'layer{i + 1}'):\n    w = tf.Variable(tf.zeros([sizes[i], sizes[i + 1]]), "
        "name='w')",
        {"layer1/w float32 [4, 3]", "layer2/w float32 [3, 2]"});
    row("pairs", "for n, size in [('a', 1), ('b', 2)]:\n  tf.Variable(tf.zeros([size]), name=n + '/w')",
        {"a/w float32 [1]", "b/w float32 [2]"});
    row("two at once", "a, b = tf.Variable(1.0, name='x'), tf.Variable(2, name='y')",
        {"x float32 []", "y int32 []"});
}

void TestModelBuilder::namesVariables()
{
    QFETCH(QString, script);
    QFETCH(QStringList, expected);
    const auto model = modelOf(script.toStdString());
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), expected);
    const bool looped = script.contains(QStringLiteral("for "));
    for (const Variable& variable : model->variables)
        QCOMPARE(variable.source.editable, !looped);
}

void TestModelBuilder::readsInitialValues_data()
{
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<QVector<double>>("values");
    const auto row = [](const char* value, const char* expected, const QVector<double>& values) {
        QTest::newRow(value) << QString::fromUtf8(value) << QString::fromUtf8(expected) << values;
    };
    row("1.5", "float32 []", {1.5});
    row("3", "int32 []", {3});
    row("True", "bool []", {1});
    row("[1, 2.5]", "float32 [2]", {1, 2.5});
    row("[[1, 2], [3, 4], [5, 6]]", "int32 [3, 2]", {1, 2, 3, 4, 5, 6});
    row("2 ** 3 * [1, 2][1] - 7 // 2", "int32 []", {13});
    row("tf.constant([1, 2], dtype=tf.float64)", "float64 [2]", {1, 2});
    row("tf.constant(7, shape=[2, 2])", "int32 [2, 2]", {7, 7, 7, 7});
    row("tf.constant([1, 2], shape=[5])", "int32 [5]", {1, 2, 2, 2, 2});
    row("tf.constant([1, 2, 3, 4], tf.int64, [2, 2])", "int64 [2, 2]", {1, 2, 3, 4});
    row("tf.constant([[1, 2], [3, 4]], shape=[4])", "int32 [4]", {1, 2, 3, 4});
    row("tf.zeros([2])", "float32 [2]", {0, 0});
    row("tf.ones((2,), tf.int32)", "int32 [2]", {1, 1});
    row("tf.ones([], dtype='float64')", "float64 []", {1});
    row("tf.fill([3], 9)", "int32 [3]", {9, 9, 9});
    row("tf.range(3)", "int32 [3]", {0, 1, 2});
    row("tf.range(1, 6, 2)", "int32 [3]", {1, 3, 5});
    row("tf.range(1.0, 2.0, 0.5)", "float32 [2]", {1, 1.5});
    row("tf.linspace(0.0, 1.0, 5)", "float32 [5]", {0, 0.25, 0.5, 0.75, 1});
    row("tf.zeros_like([1.0, 2.0])", "float32 [2]", {0, 0});
    row("tf.ones_like(tf.zeros([2]), dtype=tf.int64)", "int64 [2]", {1, 1});
    row("tf.ones([2]) * 3.0 - 1.0", "float32 [2]", {2, 2});
    row("-tf.ones([2]) / 4", "float32 [2]", {-0.25, -0.25});
    row("tf.reshape([1, 2, 3, 4], [2, -1])", "int32 [2, 2]", {1, 2, 3, 4});
    row("tf.transpose([[1.0, 2.0], [3.0, 4.0]])", "float32 [2, 2]", {1, 3, 2, 4});
    row("tf.cast([1.7, -1.7], tf.int32)", "int32 [2]", {1, -1});
    row("tf.reduce_sum([[1.0, 2.0], [3.0, 4.0]], axis=1)", "float32 [2]", {3, 7});
    row("tf.matmul([[1.0, 2.0]], [[3.0], [4.0]])", "float32 [1, 1]", {11});
    row("tf.random_uniform([2], 5.0, 5.000001)", "float32 [2]", {5, 5});
    row("lambda: tf.ones([1])", "float32 [1]", {1});
}

void TestModelBuilder::readsInitialValues()
{
    QFETCH(QString, value);
    QFETCH(QString, expected);
    QFETCH(QVector<double>, values);
    const auto model = modelOf("v = tf.Variable(" + value.toStdString() + ")");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), QStringList{QStringLiteral("v ") + expected});
    const auto session = sessionOf(model);
    const Status done = session->initializeAll();
    QVERIFY2(done.isOk(), done.message().c_str());
    const Tensor found = session->value("v").value();
    QCOMPARE(found.elementCount(), values.size());
    for (qsizetype i = 0; i < values.size(); ++i)
        QVERIFY(std::abs(found.valueAt(i) - values[i]) < 1e-5);
}

/// Without seed=, a variable's name decides: what else the script holds does not matter.
void TestModelBuilder::seedsByName()
{
    const auto alone = modelOf("w = tf.Variable(tf.random_normal([3]))");
    const auto among = modelOf("a = tf.Variable(tf.random_normal([9]))\nb = tf.zeros([3])\n"
                               "w = tf.Variable(tf.random_normal([3]) + tf.random_normal([3]))\n");
    const auto& attributes = initial(*alone, "w").attributes;
    QCOMPARE(attributes.seed, kDefaultGraphSeed);
    QCOMPARE(attributes.seed2, nameSeed(kDefaultGraphSeed, "w"));
    const Node& sum = initial(*among, "w");
    QCOMPARE(sum.op, OpCode::Add);
    const auto seedOf = [&](std::size_t input) {
        return among->graph.node(sum.inputs[input]).attributes.seed2;
    };
    QVERIFY(seedOf(0) != seedOf(1));
    QVERIFY(seedOf(0) == attributes.seed2 || seedOf(1) == attributes.seed2);
    QVERIFY(initial(*among, "a").attributes.seed2 != attributes.seed2);
}

void TestModelBuilder::seedsAsTold()
{
    const auto model = modelOf("a = tf.Variable(tf.random_normal([3], seed=5))\n"
                               "tf.set_random_seed(42)\n"
                               "b = tf.Variable(tf.random_normal([3], seed=5))\n"
                               "c = tf.Variable(tf.truncated_normal([3]))\n");
    QCOMPARE(problems(*model), QString());
    QVERIFY(model->hasGraphSeed);
    QCOMPARE(model->graphSeed, std::uint64_t{42});
    QCOMPARE(initial(*model, "a").attributes.seed, kDefaultGraphSeed);
    QCOMPARE(initial(*model, "a").attributes.seed2, std::uint64_t{5});
    QCOMPARE(initial(*model, "b").attributes.seed, std::uint64_t{42});
    QCOMPARE(initial(*model, "b").attributes.seed2, std::uint64_t{5});
    QCOMPARE(initial(*model, "c").attributes.seed2, nameSeed(42, "c"));
}

/// A value that is used twice at each of 64 steps has 2^64 paths and 64 nodes.
void TestModelBuilder::staysSmallForSharedValues()
{
    const auto model =
        modelOf("x = tf.random_normal([1])\nfor i in range(64):\n  x = x + x\nv = tf.Variable(x)\n");
    QCOMPARE(problems(*model), QString());
    QVERIFY(model->graph.nodes().size() < 100);
    QCOMPARE(model->graph.node(0).attributes.seed2, nameSeed(kDefaultGraphSeed, "v"));
}

QTEST_GUILESS_MAIN(TestModelBuilder)
#include "tst_model_builder.moc"
