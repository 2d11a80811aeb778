// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/initializer_spec.h"
#include "engine/graph/seeds.h"
#include "engine/runtime/runtime.h"
#include "engine/session/session.h"
#include "tests/graph/model_text.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <string>

using namespace wr;
using namespace wr::graph;
using backend::OpCode;

namespace {

using Numbers = QVector<double>;

const Node& initial(const Model& model, const char* name)
{
    return model.graph.node(model.findVariable(name)->initialValue);
}

Numbers numbersOf(const Tensor& tensor)
{
    Numbers numbers;
    for (std::int64_t i = 0; i < tensor.elementCount(); ++i)
        numbers.push_back(tensor.valueAt(i));
    return numbers;
}

/// The first values are these, to all digits that were printed.
QString difference(const Numbers& found, const Numbers& expected)
{
    constexpr double kPrinted = 6e-8;
    if (found.size() < expected.size())
        return QStringLiteral("only %1 values").arg(found.size());
    for (qsizetype i = 0; i < expected.size(); ++i) {
        if (std::abs(found[i] - expected[i]) > kPrinted * std::max(1.0, std::abs(expected[i])))
            return QStringLiteral("value %1 is %2, not %3")
                .arg(i)
                .arg(found[i], 0, 'g', 10)
                .arg(expected[i], 0, 'g', 10);
    }
    return {};
}

} // namespace

/// What initial values hold: every producer, the scales of initializers.
class TestInitialValues : public QObject {
    Q_OBJECT
private slots:
    void produces_data();
    void produces();
    void draws_data();
    void draws();
    void countsFans_data();
    void countsFans();
    void refusesHoles();
    void forcesTheLastOfALine();

private:
    std::unique_ptr<session::Session> sessionOf(const std::shared_ptr<const Model>& model)
    {
        if (!m_runtime)
            m_runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
        return session::Session::create(model, *m_runtime).value();
    }

    std::unique_ptr<runtime::Runtime> m_runtime;
};

void TestInitialValues::produces_data()
{
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<Numbers>("values");
    const auto row = [](const char* value, const char* expected, const Numbers& values) {
        QTest::newRow(value) << QString::fromUtf8(value) << QString::fromUtf8(expected) << values;
    };
    row("tf.constant([1, 2, 3], shape=[2, 3])", "int32 [2, 3]", {1, 2, 3, 3, 3, 3});
    row("tf.constant(-1.0, shape=[2, 2])", "float32 [2, 2]", {-1, -1, -1, -1});
    row("tf.constant(0.5, 'float')", "float32 []", {0.5});
    row("tf.zeros([2, 2], tf.bool)", "bool [2, 2]", {0, 0, 0, 0});
    row("tf.zeros([0, 3])", "float32 [0, 3]", {});
    row("tf.ones([3], tf.int64)", "int64 [3]", {1, 1, 1});
    row("tf.zeros_like(tf.ones([2], tf.int32))", "int32 [2]", {0, 0});
    row("tf.ones_like([[1.5]], dtype=tf.int32)", "int32 [1, 1]", {1});
    row("tf.fill([2, 1], 7.5)", "float32 [2, 1]", {7.5, 7.5});
    row("tf.linspace(1.0, 2.0, 5)", "float32 [5]", {1, 1.25, 1.5, 1.75, 2});
    row("tf.lin_space(4.0, 9.0, 1)", "float32 [1]", {4});
    row("tf.range(10, 0, -3)", "int32 [4]", {10, 7, 4, 1});
    row("tf.range(0.0, 1.0, 0.25)", "float32 [4]", {0, 0.25, 0.5, 0.75});
    row("tf.zeros_initializer([2])", "float32 [2]", {0, 0}); // 0.x
    row("tf.zeros_initializer()([2])", "float32 [2]", {0, 0});
    row("tf.ones_initializer(tf.int32)([2])", "int32 [2]", {1, 1});
    row("tf.ones_initializer()([2], tf.float64)", "float64 [2]", {1, 1});
    row("tf.keras.initializers.Ones()([1])", "float32 [1]", {1});
    row("tf.constant_initializer(3)([2])", "float32 [2]", {3, 3});
    row("tf.constant_initializer([1, 2])([2, 2])", "float32 [2, 2]", {1, 2, 2, 2});
    row("tf.initializers.constant(2, dtype=tf.int32)([2])", "int32 [2]", {2, 2});
    row("tf.random_uniform([2], 3, 4, tf.int32)", "int32 [2]", {3, 3});
    row("tf.random_shuffle([5, 5, 5])", "int32 [3]", {5, 5, 5});
    row("tf.eye(2)", "float32 [2, 2]", {1, 0, 0, 1});
    row("tf.eye(2, 3, dtype=tf.float64)", "float64 [2, 3]", {1, 0, 0, 0, 1, 0});
    row("tf.initializers.identity(gain=2.0)([2, 2])", "float32 [2, 2]", {2, 0, 0, 2});
    row("tf.get_variable('s', [2, 1], initializer=tf.zeros_initializer) + 1.0", "float32 [2, 1]", {1, 1});
    row("[0.5] * 3", "float32 [3]", {0.5, 0.5, 0.5});
    row("tf.get_variable('s', [3], initializer=tf.constant_initializer([1, 2, 3]), "
        "partitioner=tf.fixed_size_partitioner(1)) * 2.0",
        "float32 [3]", {2, 4, 6});
    row("tf.get_variable('s', initializer=[1.0, 2.0, 3.0], partitioner=tf.fixed_size_partitioner(2)) * 2.0",
        "float32 [3]", {2, 4, 6});
}

void TestInitialValues::produces()
{
    QFETCH(QString, value);
    QFETCH(QString, expected);
    QFETCH(Numbers, values);
    const auto model = modelOf("v = tf.Variable(" + value.toStdString() + ")");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model).last(), QStringLiteral("v ") + expected);
    const auto session = sessionOf(model);
    const Status done = session->initializeAll();
    if (done.code() == StatusCode::Unimplemented)
        QSKIP("this build has no kernel for it");
    QVERIFY2(done.isOk(), done.message().c_str());
    const Numbers found = numbersOf(session->value("v").value());
    QCOMPARE(found.size(), values.size());
    QCOMPARE(difference(found, values), QString());
}

/// The op that draws, and its two numbers.
void TestInitialValues::draws_data()
{
    QTest::addColumn<QString>("initializer");
    QTest::addColumn<QString>("op");
    QTest::addColumn<double>("first");
    QTest::addColumn<double>("second");
    const auto row = [](const char* initializer, const char* op, double first, double second) {
        QTest::newRow(initializer) << QString::fromUtf8(initializer) << QString::fromUtf8(op) << first
                                   << second;
    };
    const auto uniform = [&](const char* initializer, double bound) {
        row(initializer, "RandomUniform", -bound, bound);
    };
    const auto truncated = [&](const char* initializer, double deviation) {
        row(initializer, "TruncatedNormal", 0.0, deviation);
    };
    // Of a [3, 4, 20, 30] kernel: 240 in, 360 out.
    constexpr double kCut = 0.87962566103423978;
    uniform("None", std::sqrt(3.0 / 300.0));
    row("tf.random_uniform_initializer()", "RandomUniform", 0.0, 1.0);
    row("tf.random_uniform_initializer(-0.5, 0.5)", "RandomUniform", -0.5, 0.5);
    row("tf.random_uniform_initializer(maxval=0.25)", "RandomUniform", 0.0, 0.25);
    row("tf.random_normal_initializer()", "RandomNormal", 0.0, 1.0);
    row("tf.random_normal_initializer(1.0, 0.5)", "RandomNormal", 1.0, 0.5);
    row("tf.truncated_normal_initializer(stddev=0.1)", "TruncatedNormal", 0.0, 0.1);
    row("tf.keras.initializers.RandomUniform()", "RandomUniform", -0.05, 0.05);
    row("tf.keras.initializers.TruncatedNormal()", "TruncatedNormal", 0.0, 0.05);
    uniform("tf.uniform_unit_scaling_initializer(factor=1.43)", 1.43 * std::sqrt(3.0 / 240.0));
    uniform("tf.glorot_uniform_initializer()", std::sqrt(3.0 / 300.0));
    truncated("tf.glorot_normal_initializer()", std::sqrt(1.0 / 300.0) / kCut);
    truncated("tf.initializers.he_normal()", std::sqrt(2.0 / 240.0) / kCut);
    uniform("tf.keras.initializers.he_uniform()", std::sqrt(6.0 / 240.0));
    truncated("tf.initializers.lecun_normal()", std::sqrt(1.0 / 240.0) / kCut);
    uniform("tf.initializers.lecun_uniform()", std::sqrt(3.0 / 240.0));
    truncated("tf.variance_scaling_initializer()", std::sqrt(1.0 / 240.0) / kCut);
    truncated("tf.variance_scaling_initializer(2.0, 'fan_out', 'normal')", std::sqrt(2.0 / 360.0) / kCut);
    row("tf.variance_scaling_initializer(2.0, 'fan_avg', 'untruncated_normal')", "RandomNormal", 0.0,
        std::sqrt(2.0 / 300.0));
    uniform("tf.contrib.layers.xavier_initializer()", std::sqrt(3.0 / 300.0));
    truncated("tf.contrib.layers.xavier_initializer(uniform=False)", std::sqrt(1.3 / 300.0));
    truncated("tf.contrib.layers.variance_scaling_initializer()", std::sqrt(2.6 / 240.0));
    row("tf.orthogonal_initializer(gain=3.0)", "RandomNormal", 0.0, 1.0);
}

void TestInitialValues::draws()
{
    QFETCH(QString, initializer);
    QFETCH(QString, op);
    QFETCH(double, first);
    QFETCH(double, second);
    const auto model =
        modelOf("w = tf.get_variable('w', [3, 4, 20, 30], initializer=" + initializer.toStdString() + ")");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), list({"w float32 [3, 4, 20, 30]"}));
    const Node* node = &initial(*model, "w");
    if (node->op == OpCode::Reshape) { // orthogonal: 240 rows of 30
        const Node& factor = model->graph.node(node->inputs[0]);
        QCOMPARE(factor.op, OpCode::Orthogonal);
        QCOMPARE(factor.attributes.scalars[0], 3.0);
        node = &model->graph.node(factor.inputs[0]);
        QCOMPARE(node->shape, (Shape{240, 30}));
    }
    QCOMPARE(text(std::string(backend::opName(node->op))), op);
    QVERIFY(std::abs(node->attributes.scalars[0] - first) < 1e-12);
    QVERIFY(std::abs(node->attributes.scalars[1] - second) < 1e-12);
    QCOMPARE(node->attributes.seed, kDefaultGraphSeed);
    QCOMPARE(node->attributes.seed2, nameSeed(kDefaultGraphSeed, "w"));
}

void TestInitialValues::countsFans_data()
{
    QTest::addColumn<Numbers>("shape");
    QTest::addColumn<double>("in");
    QTest::addColumn<double>("out");
    QTest::newRow("scalar") << Numbers{} << 1.0 << 1.0;
    QTest::newRow("vector") << Numbers{7} << 7.0 << 7.0;
    QTest::newRow("matrix") << Numbers{7, 3} << 7.0 << 3.0;
    QTest::newRow("kernel") << Numbers{5, 5, 3, 32} << 75.0 << 800.0;
    QTest::newRow("empty") << Numbers{0, 3} << 0.0 << 3.0;
}

void TestInitialValues::countsFans()
{
    QFETCH(Numbers, shape);
    QFETCH(double, in);
    QFETCH(double, out);
    std::vector<std::int64_t> dims;
    for (const double dim : shape)
        dims.push_back(static_cast<std::int64_t>(dim));
    const Fans fans = fansOf(Shape(dims));
    QCOMPARE(fans.in, in);
    QCOMPARE(fans.out, out);
}

/// What waits for a value is not initialised, and says so.
void TestInitialValues::refusesHoles()
{
    const auto model = modelOf("w = tf.Variable([1.0])\n\nv = tf.Variable(...)\n");
    const auto session = sessionOf(model);
    QCOMPARE(session->uninitializedVariables(), (std::vector<std::string>{"w", "v"}));
    const Status all = session->initializeAll();
    QCOMPARE(all.code(), StatusCode::FailedPrecondition);
    QVERIFY2(all.message().find("v has no initial value yet: fill in the \"...\" on line 3") !=
                 std::string::npos,
             all.message().c_str());
    const std::vector<std::string> one{"w"};
    QVERIFY(session->initialize(one).isOk());
    QCOMPARE(session->uninitializedVariables(), std::vector<std::string>{"v"});
}

void TestInitialValues::forcesTheLastOfALine()
{
    QCOMPARE(modelOf("v = tf.linspace(0.0, 1.0, 3)\n")->graph.node(0).attributes.scalars[2], 1.0);
    QCOMPARE(modelOf("wr.options(tensorflow='0.11')\nv = tf.linspace(0.0, 1.0, 3)\n")
                 ->graph.node(0)
                 .attributes.scalars[2],
             0.0);
}

QTEST_GUILESS_MAIN(TestInitialValues)
#include "tst_initial_values.moc"
