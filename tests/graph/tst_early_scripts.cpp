// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/runtime.h"
#include "engine/session/session.h"
#include "tests/graph/model_text.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <string>

using namespace wr;
using namespace wr::graph;

namespace {

const char* const kSoftmaxRegression = R"(from tensorflow.examples.tutorials.mnist import input_data
import tensorflow as tf

mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)

x = tf.placeholder(tf.float32, [None, 784])
W = tf.Variable(tf.zeros([784, 10]))
b = tf.Variable(tf.zeros([10]))
y = tf.nn.softmax(tf.matmul(x, W) + b)

y_ = tf.placeholder(tf.float32, [None, 10])
cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)

init = tf.initialize_all_variables()
sess = tf.Session()
sess.run(init)

for i in range(1000):
  batch_xs, batch_ys = mnist.train.next_batch(100)
  sess.run(train_step, feed_dict={x: batch_xs, y_: batch_ys})

correct_prediction = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(correct_prediction, "float"))
print(sess.run(accuracy, feed_dict={x: mnist.test.images, y_: mnist.test.labels}))
)";

const char* const kTwoLayers = R"(import math
import tensorflow as tf

# Network parameters
n_input = 784
n_hidden_1 = 128
n_hidden_2 = 32
n_classes = 10

images = tf.placeholder("float", [None, n_input])
labels = tf.placeholder(tf.int64, [None])

weights = {
    'h1': tf.Variable(tf.truncated_normal([n_input, n_hidden_1], stddev=1.0 / math.sqrt(float(n_input)))),
    'h2': tf.Variable(tf.truncated_normal([n_hidden_1, n_hidden_2], stddev=1.0 / math.sqrt(float(n_hidden_1)))),
    'out': tf.Variable(tf.random_normal([n_hidden_2, n_classes]))
}
biases = {
    'b1': tf.Variable(tf.zeros([n_hidden_1])),
    'b2': tf.Variable(tf.zeros([n_hidden_2])),
    'out': tf.Variable(tf.random_normal([n_classes]))
}
layer_1 = tf.nn.relu(tf.add(tf.matmul(images, weights['h1']), biases['b1']))
layer_2 = tf.nn.relu(tf.add(tf.matmul(layer_1, weights['h2']), biases['b2']))
pred = tf.matmul(layer_2, weights['out']) + biases['out']

global_step = tf.Variable(0, name='global_step', trainable=False)
cost = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(pred, labels))
optimizer = tf.train.AdamOptimizer(learning_rate=0.001)
train_op = optimizer.minimize(cost, global_step=global_step)
init = tf.initialize_all_variables()
)";

const char* const kConvnet = R"(import tensorflow as tf
sess = tf.InteractiveSession()

x = tf.placeholder("float", shape=[None, 784])
y_ = tf.placeholder("float", shape=[None, 10])

W_conv1 = tf.Variable(tf.truncated_normal([5, 5, 1, 32], stddev=0.1))
b_conv1 = tf.Variable(tf.constant(0.1, shape=[32]))
x_image = tf.reshape(x, [-1, 28, 28, 1])

W_conv2 = tf.Variable(tf.truncated_normal([5, 5, 32, 64], stddev=0.1))
b_conv2 = tf.Variable(tf.constant(0.1, shape=[64]))

W_fc1 = tf.Variable(tf.truncated_normal([7 * 7 * 64, 1024], stddev=0.1))
b_fc1 = tf.Variable(tf.constant(0.1, shape=[1024]))
keep_prob = tf.placeholder("float", [])

W_fc2 = tf.Variable(tf.truncated_normal([1024, 10], stddev=0.1))
b_fc2 = tf.Variable(tf.constant(0.1, shape=[10]))
sess.run(tf.initialize_all_variables())
)";

} // namespace

/// Scripts as people wrote them in TensorFlow's first two years: pasted, they are models that initialise.
class TestEarlyScripts : public QObject {
    Q_OBJECT
private slots:
    void initializes_data();
    void initializes();
    void leavesFunctionsOut();
    void staysLinear();
};

void TestEarlyScripts::initializes_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("softmax regression")
        << QString::fromUtf8(kSoftmaxRegression) << list({"W float32 [784, 10]", "b float32 [10]"});
    QTest::newRow("two layers") << QString::fromUtf8(kTwoLayers)
                                << list({"weights/h1 float32 [784, 128]", "weights/h2 float32 [128, 32]",
                                         "weights/out float32 [32, 10]", "biases/b1 float32 [128]",
                                         "biases/b2 float32 [32]", "biases/out float32 [10]",
                                         "global_step int32 []"});
    QTest::newRow("convnet") << QString::fromUtf8(kConvnet)
                             << list({"W_conv1 float32 [5, 5, 1, 32]", "b_conv1 float32 [32]",
                                      "W_conv2 float32 [5, 5, 32, 64]", "b_conv2 float32 [64]",
                                      "W_fc1 float32 [3136, 1024]", "b_fc1 float32 [1024]",
                                      "W_fc2 float32 [1024, 10]", "b_fc2 float32 [10]"});
}

void TestEarlyScripts::initializes()
{
    QFETCH(QString, script);
    QFETCH(QStringList, expected);
    const auto model = modelOf(script.toStdString());
    QVERIFY2(!model->hasErrors(), qPrintable(placed(*model).join(QLatin1Char('\n'))));
    QStringList found;
    for (const Variable& variable : model->variables) {
        if (variable.slotOf.empty())
            found.push_back(text(variable.name + " " + std::string(dtypeName(variable.dtype)) + " " +
                                 variable.shape.toString()));
    }
    QCOMPARE(found, expected);
    const auto runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
    const auto session = session::Session::create(model, *runtime).value();
    const Status done = session->initializeAll();
    QVERIFY2(done.isOk(), done.message().c_str());
    QVERIFY(session->uninitializedVariables().empty());
    for (const Variable& variable : model->variables)
        QCOMPARE(session->value(variable.name).value().shape(), variable.shape);
}

/// A function is named once, where it stands; what is made by calling it stays silent.
void TestEarlyScripts::leavesFunctionsOut()
{
    const auto model =
        modelOf("def weight_variable(shape):\n"
                "  initial = tf.truncated_normal(shape, stddev=0.1)\n"
                "  return tf.Variable(initial)\n\n"
                "W_conv1 = weight_variable([5, 5, 1, 32])\nW_fc1 = weight_variable([3136, 1024])\n"
                "h = tf.matmul(tf.zeros([1, 3136]), W_fc1)\nb = tf.Variable(tf.zeros([10]))\n"
                "if b:\n  c = 3\n  d = c\ne = tf.zeros([c, d])\n");
    const QStringList found = placed(*model);
    QVERIFY2(found.size() == 2, qPrintable(found.join(QLatin1Char('\n'))));
    QVERIFY(found[0].startsWith(QStringLiteral("1:1 \"def\" is not part of Weightroom's script")));
    QVERIFY(found[1].startsWith(QStringLiteral("9:1 \"if\" is not part of Weightroom's script")));
    QCOMPARE(variables(*model), list({"b float32 [10]"}));
}

/// Ten thousand variables, one a line: ten times as many lines take ten times as long, not a hundred.
void TestEarlyScripts::staysLinear()
{
    const auto build = [](int count) {
        std::string script;
        for (int i = 0; i < count; ++i) {
            const std::string number = std::to_string(i);
            script += "v" + number + " = tf.Variable(tf.random_normal([3, 4], stddev=0.1), name=\"layer" +
                      number + "/weights\")\n";
        }
        QElapsedTimer timer;
        timer.start();
        const auto model = modelOf(script);
        const qint64 elapsed = timer.nsecsElapsed();
        if (model->variables.size() != static_cast<std::size_t>(count) || !model->diagnostics.empty())
            return qint64{-1};
        return elapsed;
    };
    qint64 small = build(1000);
    for (int round = 0; round < 4; ++round)
        small = std::min(small, build(1000));
    qint64 large = build(10000);
    large = std::min(large, build(10000));
    QVERIFY(small > 0 && large > 0);
    qInfo("1,000 variables: %.1f ms; 10,000: %.1f ms", static_cast<double>(small) / 1e6,
          static_cast<double>(large) / 1e6);
    QVERIFY2(large < 40 * small, qPrintable(QStringLiteral("%1 times").arg(large / small)));
}

QTEST_GUILESS_MAIN(TestEarlyScripts)
#include "tst_early_scripts.moc"
