// SPDX-License-Identifier: GPL-3.0-or-later
// What the functions of scripts that networks are trained with compute, and how they refuse.
#include "engine/runtime/runtime.h"
#include "engine/session/session.h"
#include "tests/graph/model_text.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace wr;
using namespace wr::graph;

class TestTrainFunctions : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void computes_data();
    void computes();
    void shapes_data();
    void shapes();
    void refuses_data();
    void refuses();
    void findsIndicesBeforeAStep();
    void dropsOut();

private:
    std::unique_ptr<runtime::Runtime> m_runtime;
};

namespace {

// x is 1 … 6 in two rows of three; v a vector; t of three dimensions.
constexpr const char* kValues =
    "x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])\n"
    "v = tf.constant([2.0, -1.0, 0.5])\n"
    "t = tf.reshape(tf.constant([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]), [2, 2, 2])\n"
    "i = tf.constant([2, 0], dtype=tf.int32)\n"
    "b = tf.constant([1.0, 0.0, 1.0])\n"
    "batch = tf.placeholder(tf.float32, [None, 4])\n"
    "images = tf.placeholder(tf.float32, [None, 28, 28, 1])\n";

NodeId lastNode(const Model& model)
{
    return static_cast<NodeId>(model.graph.nodes().size()) - 1;
}

} // namespace

void TestTrainFunctions::initTestCase()
{
    auto runtime = runtime::Runtime::create({1, 1, {}, {}});
    QVERIFY(runtime.has_value());
    m_runtime = std::move(*runtime);
}

void TestTrainFunctions::computes_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QList<double>>("expected");
    const auto row = [](const char* expression, const QList<double>& expected) {
        QTest::newRow(expression) << QString::fromUtf8(expression) << expected;
    };
    row("tf.matmul(t, t)", {7, 10, 15, 22, 67, 78, 91, 106});
    row("tf.matmul(t, t, transpose_b=True)", {5, 11, 11, 25, 61, 83, 83, 113});
    row("tf.batch_matmul(t, t, adj_x=True)", {10, 14, 14, 20, 74, 86, 86, 100});
    row("tf.transpose(x)", {1, 4, 2, 5, 3, 6});
    row("tf.transpose(t, perm=[1, 0, 2])", {1, 2, 5, 6, 3, 4, 7, 8});
    row("tf.transpose(t)", {1, 5, 3, 7, 2, 6, 4, 8});
    row("tf.concat([x, x], 0)", {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
    row("tf.concat(1, [x, x])", {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
    row("tf.stack([v, b])", {2, -1, 0.5, 1, 0, 1});
    row("tf.stack([v, b], axis=1)", {2, 1, -1, 0, 0.5, 1});
    row("tf.pack([v, b])", {2, -1, 0.5, 1, 0, 1});
    row("tf.unstack(x)[1] * 1.0", {4, 5, 6});
    row("tf.unstack(x, axis=1)[0] * 1.0", {1, 4});
    row("tf.split(x, 3, axis=1)[2] * 1.0", {3, 6});
    row("tf.split(1, 3, x)[0] * 1.0", {1, 4});
    row("tf.split(x, [1, 2], 1)[1] * 1.0", {2, 3, 5, 6});
    row("tf.slice(x, [0, 1], [-1, 2])", {2, 3, 5, 6});
    row("tf.pad(x, [[1, 0], [0, 2]])", {0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0});
    row("tf.pad(v, [[1, 1]], constant_values=9)", {9, 2, -1, 0.5, 9});
    row("tf.tile(x, [1, 2])", {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
    row("tf.tile(v, [2])", {2, -1, 0.5, 2, -1, 0.5});
    row("tf.gather(v, i)", {0.5, 2});
    row("tf.nn.embedding_lookup(tf.transpose(x), i)", {3, 6, 1, 4});
    row("tf.one_hot(i, 3)", {0, 0, 1, 1, 0, 0});
    row("tf.one_hot(i, 3, on_value=5.0, off_value=-1.0)", {-1, -1, 5, 5, -1, -1});
    row("tf.expand_dims(v, 0) + tf.zeros([2, 1])", {2, -1, 0.5, 2, -1, 0.5});
    row("tf.squeeze(tf.expand_dims(v, -1)) * 2.0", {4, -2, 1});
    row("tf.where(v > 0.0, v, b)", {2, 0, 0.5});
    row("tf.nn.top_k(x, 2)[0] * 1.0", {3, 2, 6, 5});
    row("tf.to_float(tf.nn.top_k(v, k=2)[1])", {0, 2});
    row("tf.add_n([x, x, x])", {3, 6, 9, 12, 15, 18});
    row("tf.reduce_min(x, axis=1)", {1, 4});
    row("tf.reduce_prod(x, axis=0)", {4, 10, 18});
    row("tf.to_float(tf.cast(v * 1.001, tf.float16))", {2.001953125, -1.0009765625, 0.50048828125});
    row("tf.to_float(tf.cast(v * 1.01, tf.bfloat16))", {2.015625, -1.0078125, 0.50390625});
    row("tf.to_float(tf.reduce_all(x > 1.0, axis=1))", {0, 1});
    row("tf.to_float(tf.reduce_any(x > 5.0, axis=1))", {0, 1});
    row("tf.to_float(tf.argmin(x, 1))", {0, 0});
    row("tf.floordiv(x, tf.constant(2.0))", {0, 1, 1, 2, 2, 3});
    row("tf.mod(v, tf.constant(2.0))", {0, 1, 0.5});
    row("tf.squared_difference(v, b)", {1, 1, 0.25});
    row("tf.to_float(tf.logical_and(v > 0.0, b > 0.0))", {1, 0, 1});
    row("tf.to_float(tf.logical_not(tf.is_finite(tf.log(v - 2.0))))", {1, 1, 1});
    row("tf.stop_gradient(v) + 0.0", {2, -1, 0.5});
    row("tf.nn.relu6(v * 4.0)", {6, 0, 2});
    row("tf.nn.leaky_relu(v)", {2, -0.2, 0.5});
    row("tf.nn.leaky_relu(v, alpha=0.5)", {2, -0.5, 0.5});
    row("tf.nn.elu(v)", {2, std::exp(-1.0) - 1, 0.5});
    row("tf.nn.gelu(v)", {2 * 0.9772498680518208, -0.15865525393145707, 0.34573123063700656});
    row("tf.nn.swish(v)", {2 / (1 + std::exp(-2.0)), -1 / (1 + std::exp(1.0)), 0.5 / (1 + std::exp(-0.5))});
    row("tf.nn.softsign(v)", {2.0 / 3, -0.5, 1.0 / 3});
    row("tf.log_sigmoid(tf.constant([0.0]))", {-std::log(2.0)});
    row("tf.nn.softmax(tf.constant([[0.0, 0.0], [1000.0, 1000.0]]))", {0.5, 0.5, 0.5, 0.5});
    row("tf.nn.softmax(x, dim=0)",
        {1 / (1 + std::exp(3.0)), 1 / (1 + std::exp(3.0)), 1 / (1 + std::exp(3.0)), 1 / (1 + std::exp(-3.0)),
         1 / (1 + std::exp(-3.0)), 1 / (1 + std::exp(-3.0))});
    row("tf.nn.sigmoid_cross_entropy_with_logits(logits=v, labels=b)",
        {std::log1p(std::exp(-2.0)), std::log1p(std::exp(-1.0)), std::log1p(std::exp(-0.5))});
    row("tf.nn.sigmoid_cross_entropy_with_logits(logits=v * 1000.0, labels=b)", {0, 0, 0});
    row("tf.nn.weighted_cross_entropy_with_logits(targets=b, logits=v, pos_weight=3.0)",
        {3 * std::log1p(std::exp(-2.0)), std::log1p(std::exp(-1.0)), 3 * std::log1p(std::exp(-0.5))});
    row("tf.nn.l2_loss(v)", {(4 + 1 + 0.25) / 2});
    row("tf.to_float(tf.nn.in_top_k(x, i, 1))", {1, 0});
    row("tf.losses.mean_squared_error(b, v)", {(1 + 1 + 0.25) / 3});
    row("tf.losses.mean_squared_error(labels=b, predictions=v, weights=2.0)", {2 * (1 + 1 + 0.25) / 3});
    row("tf.losses.absolute_difference(b, v)", {(1 + 1 + 0.5) / 3});
    row("tf.losses.huber_loss(b, v, delta=0.5)", {(0.375 + 0.375 + 0.125) / 3});
    row("tf.losses.hinge_loss(b, v)", {(0 + 0 + 0.5) / 3});
    row("tf.losses.sigmoid_cross_entropy(b, v)",
        {(std::log1p(std::exp(-2.0)) + std::log1p(std::exp(-1.0)) + std::log1p(std::exp(-0.5))) / 3});
    row("tf.losses.sparse_softmax_cross_entropy(labels=i, logits=x)",
        {(std::log(1 + std::exp(-1.0) + std::exp(-2.0)) + 2 + std::log(1 + std::exp(-1.0) + std::exp(-2.0))) /
         2});
    row("tf.nn.moments(x, [1])[1] * 1.0", {2.0 / 3, 2.0 / 3});
    row("tf.nn.moments(x, axes=[0, 1])[0] * 1.0", {3.5});
    row("tf.nn.l2_normalize(tf.constant([3.0, 4.0]), 0)", {0.6, 0.8});
    row("tf.nn.batch_normalization(v, 0.5, 0.25, 1.0, 2.0, 0.0)", {7, -5, 1});
    row("tf.nn.max_pool(tf.reshape(x, [1, 2, 3, 1]), [1, 2, 2, 1], [1, 1, 1, 1], \"VALID\")", {5, 6});
    row("tf.nn.avg_pool(tf.reshape(x, [1, 2, 3, 1]), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], "
        "padding=\"SAME\")",
        {3, 4.5});
    row("tf.nn.conv2d(tf.reshape(x, [1, 2, 3, 1]), tf.ones([2, 2, 1, 1]), [1, 1, 1, 1], \"VALID\")",
        {12, 16});
    row("tf.nn.conv2d(tf.reshape(x, [1, 2, 3, 1]), tf.ones([3, 3, 1, 1]), strides=[1, 1, 1, 1], "
        "padding=\"SAME\")",
        {12, 21, 16, 12, 21, 16});
    row("tf.nn.depthwise_conv2d(tf.reshape(x, [1, 2, 1, 3]), tf.ones([2, 1, 3, 1]), [1, 1, 1, 1], \"VALID\")",
        {5, 7, 9});
    row("tf.layers.flatten(t)", {1, 2, 3, 4, 5, 6, 7, 8});
}

void TestTrainFunctions::computes()
{
    QFETCH(QString, expression);
    QFETCH(QList<double>, expected);
    const auto model = modelOf(kValues + ("a = " + expression.toStdString() + "\n"));
    QCOMPARE(problems(*model), QString());
    const auto session = session::Session::create(model, *m_runtime);
    QVERIFY(session.has_value());
    const std::vector<NodeId> fetches{lastNode(*model)};
    const auto values = (*session)->evaluate(fetches, {});
    QVERIFY2(values.has_value(), values ? "" : values.error().toString().c_str());
    const Tensor& value = values->front();
    QCOMPARE(value.elementCount(), static_cast<std::int64_t>(expected.size()));
    for (qsizetype i = 0; i < expected.size(); ++i)
        QVERIFY2(std::abs(value.valueAt(i) - expected[i]) <= 1e-5 * (1 + std::abs(expected[i])),
                 qPrintable(QStringLiteral("%1: %2, not %3").arg(i).arg(value.valueAt(i)).arg(expected[i])));
}

void TestTrainFunctions::shapes_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("shape");
    const auto row = [](const char* expression, const char* shape) {
        QTest::newRow(expression) << QString::fromUtf8(expression) << QString::fromUtf8(shape);
    };
    row("tf.expand_dims(batch, 0)", "[1, ?, 4]");
    row("tf.reshape(batch, [tf.shape(batch)[0], 2, 2])", "[?, 2, 2]");
    row("tf.layers.flatten(images)", "[?, 784]");
    row("tf.pad(batch, [[0, 0], [1, 1]])", "[?, 6]");
    row("tf.tile(batch, [1, 3])", "[?, 12]");
    row("tf.split(batch, 2, axis=1)[1] * 1.0", "[?, 2]");
    row("tf.nn.top_k(batch, 2)[0] * 1.0", "[?, 2]");
    row("tf.nn.conv2d(images, tf.ones([5, 5, 1, 6]), [1, 1, 1, 1], \"SAME\")", "[?, 28, 28, 6]");
    row("tf.nn.conv2d(images, tf.ones([5, 5, 1, 6]), [1, 2, 2, 1], \"VALID\")", "[?, 12, 12, 6]");
    row("tf.nn.conv2d(images, tf.ones([3, 3, 1, 6]), [1, 1, 1, 1], \"VALID\", dilations=[1, 2, 2, 1])",
        "[?, 24, 24, 6]");
    row("tf.nn.max_pool(images, [1, 3, 3, 1], [1, 2, 2, 1], \"SAME\")", "[?, 14, 14, 1]");
    row("tf.nn.depthwise_conv2d(tf.tile(images, [1, 1, 1, 3]), tf.ones([3, 3, 3, 2]), [1, 1, 1, 1], "
        "\"SAME\")",
        "[?, 28, 28, 6]");
}

void TestTrainFunctions::shapes()
{
    QFETCH(QString, expression);
    QFETCH(QString, shape);
    const auto model = modelOf(kValues + ("a = " + expression.toStdString() + "\n"));
    QCOMPARE(problems(*model), QString());
    QCOMPARE(text(model->graph.nodes().back().shape.toString()), shape);
}

void TestTrainFunctions::refuses_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* expression, const char* message) {
        QTest::newRow(expression) << QString::fromUtf8(expression) << QString::fromUtf8(message);
    };
    row("tf.nn.dropout(x, 0.0)", "keep_prob must be a scalar tensor or a float in the range (0, 1]");
    row("tf.nn.dropout(x, rate=1.0)", "rate must be a scalar tensor or a float in the range [0, 1)");
    row("tf.nn.dropout(x, v)", "keep_prob must be a scalar");
    row("tf.matmul(t, x)", "one rank");
    row("tf.matmul(t, tf.zeros([3, 2, 2]))", "the batches of [2, 2, 2] and [3, 2, 2] differ");
    row("tf.transpose(t, [0, 1])", "perm names each of the 3 dimensions");
    row("tf.concat([x, v], 0)", "another rank");
    row("tf.stack([x, v])", "Shapes must be equal rank");
    row("tf.split(x, 2, axis=1)", "must be evenly divisible by 2 but is 3");
    row("tf.split(x, [1, 1], 1)", "the parts are 2 long together, but the axis 3");
    row("tf.slice(x, [0, 2], [1, 2])", "does not lie in dimension 1");
    row("tf.pad(x, [[1, 1]])", "paddings is a list of [before, after]");
    row("tf.pad(batch, [[1, 0], [0, 0]])", "that only a step makes known");
    row("tf.tile(x, [2])", "multiples has one entry");
    row("tf.tile(x, [1, 100000])", "from 1 to 4,096");
    row("tf.gather(x, v)", "indices must be int32 or int64");
    row("tf.one_hot(v, 3)", "indices must be int32 or int64");
    row("tf.squeeze(x, [0])", "Can not squeeze dim[0]");
    row("tf.expand_dims(x, 4)", "there is no axis 4");
    row("tf.where(v > 0.0)", "give x and y too");
    row("tf.where(v, v, b)", "takes a bool condition");
    row("tf.nn.top_k(v, 4)", "input must have at least k columns. Had 3, needed 4");
    row("tf.reduce_all(x)", "All takes bool, not float32");
    row("tf.logical_and(v, b)", "takes bool, not float32");
    row("tf.nn.sigmoid_cross_entropy_with_logits(logits=v, labels=x)",
        "logits and labels must have the same shape");
    row("tf.losses.mean_squared_error(x, v)", "are incompatible");
    row("tf.nn.conv2d(images, tf.ones([5, 5, 3, 6]), [1, 1, 1, 1], \"SAME\")",
        "Dimensions must be equal, but are 1 and 3");
    row("tf.nn.conv2d(images, tf.ones([5, 5, 1, 6]), [1, 1, 1, 1], \"FULL\")",
        "padding is \"SAME\" or \"VALID\"");
    row("tf.nn.conv2d(images, tf.ones([5, 5, 1, 6]), [2, 1, 1, 1], \"SAME\")",
        "strides is [1, height, width, 1]");
    row("tf.nn.conv2d(images, tf.ones([29, 5, 1, 6]), [1, 1, 1, 1], \"VALID\")", "Negative dimension size");
    row("tf.nn.conv2d(x, tf.ones([5, 5, 1, 6]), [1, 1, 1, 1], \"SAME\")",
        "images have a shape [batch, height");
    row("tf.nn.max_pool(images, [1, 2, 2, 2], [1, 2, 2, 1], \"SAME\")", "ksize is [1, height, width, 1]");
    row("tf.nn.conv2d(images, tf.ones([5, 5, 1, 6]), [1, 1, 1, 1], \"SAME\", data_format=\"NCHW\")", "NHWC");
}

void TestTrainFunctions::refuses()
{
    QFETCH(QString, expression);
    QFETCH(QString, message);
    const auto model = modelOf(kValues + ("a = " + expression.toStdString() + "\n"));
    const QStringList found = placed(*model);
    QVERIFY2(found.size() == 1 && found.front().contains(message), qPrintable(found.join(QLatin1Char('\n'))));
    QVERIFY(found.front().startsWith(QStringLiteral("8:")));
}

/// A row that is not there ends the step before anything is updated, and says which index it was.
void TestTrainFunctions::findsIndicesBeforeAStep()
{
    const auto model = modelOf("ids = tf.placeholder(tf.int32, [None])\n"
                               "table = tf.Variable(tf.ones([4, 2]), name=\"table\")\n"
                               "loss = tf.reduce_sum(tf.nn.embedding_lookup(table, ids))\n"
                               "train = tf.train.GradientDescentOptimizer(1.0).minimize(loss)\n");
    QCOMPARE(problems(*model), QString());
    const auto session = session::Session::create(model, *m_runtime).value();
    QVERIFY(session->initializeAll().isOk());
    const TrainOp& op = model->trainOps.front();
    const std::vector<NodeId> feeds{model->placeholders.front().node};
    const std::vector<Shape> shapes{Shape{3}};
    const auto plan = session->plan(std::vector<NodeId>{op.loss}, op.updates, feeds, shapes);
    QVERIFY(plan.has_value());
    auto* const ids = session->feedBuffer(*plan, 0).data<std::int32_t>();
    ids[0] = 1;
    ids[1] = 4;
    ids[2] = 1;
    const Status bad = session->run(*plan);
    QVERIFY2(text(bad.message()).contains(QStringLiteral("indices[1] = 4 is not in [0, 4)")),
             bad.message().c_str());
    QCOMPARE(session->value("table").value().valueAt(2), 1.0);
    ids[1] = 3;
    QVERIFY(session->run(*plan).isOk());
    const Tensor table = session->value("table").value();
    const std::vector<double> expected{1, 1, -1, -1, 1, 1, 0, 0};
    for (std::size_t i = 0; i < expected.size(); ++i)
        QCOMPARE(table.valueAt(static_cast<std::int64_t>(i)), expected[i]);
}

/// What stays is scaled, the share of it is what was asked for; another run draws another mask, an equal
/// position the same one; the gradient takes the same way.
void TestTrainFunctions::dropsOut()
{
    const auto model = modelOf("x = tf.placeholder(tf.float32, [None, 100], name=\"x\")\n"
                               "keep = tf.placeholder_with_default(1.0, [], name=\"keep\")\n"
                               "w = tf.Variable(tf.ones([100]))\n"
                               "y = tf.nn.dropout(x * w, keep, seed=3)\n"
                               "g = tf.gradients(tf.reduce_sum(y), [w])[0]\n");
    QCOMPARE(problems(*model), QString());
    const auto session = session::Session::create(model, *m_runtime).value();
    QVERIFY(session->initializeAll().isOk());
    NodeId x = kNoNode;
    NodeId keep = kNoNode;
    NodeId y = kNoNode;
    for (std::size_t id = 0; id < model->graph.nodes().size(); ++id) {
        const std::string& name = model->graph.nodes()[id].name;
        x = name == "x" ? static_cast<NodeId>(id) : x;
        keep = name == "keep" ? static_cast<NodeId>(id) : keep;
        y = name == "dropout/mul" ? static_cast<NodeId>(id) : y;
    }
    Tensor ones = *Tensor::zeros(DType::Float32, Shape{200, 100});
    std::fill_n(ones.data<float>(), ones.elementCount(), 1.0F);
    const std::vector<NodeId> fetches{y, lastNode(*model)};
    const std::vector<session::Feed> half{{x, ones}, {keep, Tensor::scalar(0.25F)}};
    const auto start = session->randomStreams();
    const auto first = session->evaluate(fetches, half);
    QVERIFY2(first.has_value(), first ? "" : first.error().toString().c_str());
    const auto second = session->evaluate(fetches, half);
    session->setRandomStreams(start);
    const auto again = session->evaluate(fetches, half);
    double kept = 0;
    int differ = 0;
    for (std::int64_t i = 0; i < ones.elementCount(); ++i) {
        const double value = (*first)[0].valueAt(i);
        QVERIFY(value == 0.0 || value == 4.0);
        kept += value > 0 ? 1 : 0;
        differ += value != (*second)[0].valueAt(i) ? 1 : 0;
        QCOMPARE((*again)[0].valueAt(i), value);
    }
    QVERIFY(std::abs(kept / 20000 - 0.25) < 0.015);
    QVERIFY(differ > 5000);
    for (std::int64_t column = 0; column < 100; ++column) {
        double sum = 0;
        for (std::int64_t row = 0; row < 200; ++row)
            sum += (*first)[0].valueAt(row * 100 + column);
        QCOMPARE((*first)[1].valueAt(column), sum);
    }
    const auto whole = session->evaluate(fetches, std::vector<session::Feed>{{x, ones}});
    for (std::int64_t i = 0; i < ones.elementCount(); ++i)
        QCOMPARE((*whole)[0].valueAt(i), 1.0);
}

QTEST_GUILESS_MAIN(TestTrainFunctions)
#include "tst_train_functions.moc"
