// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/runtime.h"
#include "engine/session/session.h"
#include "tests/graph/model_text.h"

#include <QFile>
#include <QTest>

#include <string>

using namespace wr;
using namespace wr::graph;
using backend::OpCode;

class TestModelTraining : public QObject {
    Q_OBJECT
private slots:
    void colocatesUpdates();
    void makesSlots_data();
    void makesSlots();
    void trainsChosenVariables();
    void trainsDoublesWithAFloatLoss();
    void readsTheExample();
};

/// An op that changes a variable runs beside it; another wish is listed with its reason.
void TestModelTraining::colocatesUpdates()
{
    const auto model = modelOf("with tf.device('/cpu:0'):\n  v = tf.Variable(tf.zeros([2]))\n"
                               "with tf.device('/gpu:0'):\n  step = v.assign_add([1.0, 2.0])\n");
    QCOMPARE(problems(*model), QString());
    const Node& update = model->graph.nodes().back();
    QCOMPARE(update.op, OpCode::AssignAdd);
    QCOMPARE(update.colocateWith, model->variables[0].node);
    QCOMPARE(text(update.device), QStringLiteral("/device:CPU:0"));
    QCOMPARE(model->ignored.size(), std::size_t{1});
    QCOMPARE(model->tree->position(model->ignored[0].source.begin).line, 4);
    QVERIFY(text(model->ignored[0].what).contains(QStringLiteral("/device:GPU:0")));
    QVERIFY(text(model->ignored[0].reason).contains(QStringLiteral("/device:CPU:0")));
}

void TestModelTraining::makesSlots_data()
{
    QTest::addColumn<QString>("optimizer");
    QTest::addColumn<QStringList>("expected");
    QTest::addColumn<int>("updates");
    const auto row = [](const char* optimizer, std::initializer_list<const char*> expected, int updates) {
        QTest::newRow(optimizer) << QString::fromUtf8(optimizer) << list(expected) << updates;
    };
    row("GradientDescentOptimizer(0.5)", {}, 2);
    row("MomentumOptimizer(0.5, 0.9)", {"w/Momentum of w [2, 1]", "b/Momentum of b []"}, 2);
    row("AdamOptimizer(0.5)",
        {"beta1_power of beta1_power []", "beta2_power of beta2_power []", "w/Adam of w [2, 1]",
         "w/Adam_1 of w [2, 1]", "b/Adam of b []", "b/Adam_1 of b []"},
        4);
}

void TestModelTraining::makesSlots()
{
    QFETCH(QString, optimizer);
    QFETCH(QStringList, expected);
    QFETCH(int, updates);
    const auto model = modelOf("x = tf.placeholder(tf.float32, [None, 2])\n"
                               "w = tf.Variable(tf.zeros([2, 1]))\nb = tf.Variable(0.0)\n"
                               "loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - 1.0))\n"
                               "train = tf.train." +
                               optimizer.toStdString() +
                               ".minimize(loss)\n"
                               "late = tf.Variable(tf.zeros([1]))\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model).mid(0, 3),
             list({"w float32 [2, 1]", "b float32 []", "late float32 [1]"})); // slots come last
    QStringList found;
    for (const Variable& variable : model->variables) {
        if (variable.slotOf.empty())
            continue;
        QVERIFY(!variable.trainable && !variable.source.editable);
        found.push_back(text(variable.name + " of " + variable.slotOf + " " + variable.shape.toString()));
    }
    QCOMPARE(found, expected);
    QCOMPARE(model->trainOps.size(), std::size_t{1});
    const TrainOp& op = model->trainOps[0];
    QCOMPARE(text(op.name), QStringLiteral("train"));
    QCOMPARE(op.initialLearningRate, 0.5);
    QCOMPARE(model->graph.node(op.learningRate).constant.valueAt(0), 0.5);
    QCOMPARE(op.variables, (std::vector<std::string>{"w", "b"}));
    QCOMPARE(op.gradients.size(), std::size_t{2});
    QCOMPARE(static_cast<int>(op.updates.size()), updates);
    for (const NodeId update : op.updates)
        QVERIFY(model->graph.node(update).colocateWith != kNoNode);
}

void TestModelTraining::trainsChosenVariables()
{
    const auto model =
        modelOf("a = tf.Variable(1.0)\nb = tf.Variable(2.0)\n"
                "c = tf.Variable(3.0, trainable=False)\nstep = tf.Variable(0, trainable=False)\n"
                "loss = tf.square(a * b * c)\n"
                "one = tf.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[c])\n"
                "two = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->trainOps.size(), std::size_t{2});
    QCOMPARE(model->trainOps[0].variables, (std::vector<std::string>{"c"}));
    QCOMPARE(model->trainOps[1].variables, (std::vector<std::string>{"a", "b"}));
    const Node& advance = model->graph.node(model->trainOps[1].updates.back());
    QCOMPARE(advance.op, OpCode::AssignAdd);
    QCOMPARE(advance.colocateWith, model->findVariable("step")->node);
}

/// Learning rates and slots take the type of the variable that they serve.
void TestModelTraining::trainsDoublesWithAFloatLoss()
{
    for (const char* const optimizer : {"GradientDescentOptimizer(0.25)", "MomentumOptimizer(0.25, 0.0)"}) {
        const auto model = modelOf(std::string("v = tf.Variable(tf.constant(3.0, tf.float64))\n"
                                               "loss = tf.square(tf.cast(v, tf.float32))\n"
                                               "train = tf.train.") +
                                   optimizer + ".minimize(loss)\n");
        QCOMPARE(problems(*model), QString());
        const auto runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
        const auto session = session::Session::create(model, *runtime).value();
        QVERIFY(session->initializeAll().isOk());
        const Result<session::PlanId> plan = session->plan({}, model->trainOps[0].updates, {}, {});
        QVERIFY2(plan.has_value(), plan ? "" : plan.error().message().c_str());
        QVERIFY(session->run(*plan).isOk());
        QCOMPARE(session->value("v").value().valueAt(0), 1.5); // 3 − ¼ · 2 · 3
    }
}

void TestModelTraining::readsTheExample()
{
    QFile file(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples/digits/model.wr"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto model = modelOf(file.readAll().toStdString());
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model),
             list({"weights float32 [784, 200] /device:CPU:0", "biases float32 [200] /device:CPU:0",
                   "out_weights float32 [200, 10] /device:CPU:0", "out_biases float32 [10] /device:CPU:0"}));
    QCOMPARE(model->placeholders.size(), std::size_t{2});
    QCOMPARE(text(model->graph.node(model->placeholders[0].node).shape.toString()),
             QStringLiteral("[?, 784]"));
    QVERIFY(model->recipe.has_value());
    const TrainingRecipe& recipe = *model->recipe;
    QCOMPARE(recipe.data.kind, DataKind::Digits);
    QCOMPARE(recipe.data.train, std::int64_t{8000});
    QCOMPARE(recipe.data.test, std::int64_t{2000});
    QCOMPARE(recipe.batchSize, std::int64_t{32});
    QCOMPARE(recipe.epochs, std::int64_t{20});
    QCOMPARE(recipe.inputs, model->placeholders[0].node);
    QCOMPARE(recipe.labels, model->placeholders[1].node);
    QCOMPARE(recipe.metrics.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(recipe.metrics.front().name), QStringLiteral("accuracy"));
    QVERIFY(recipe.metrics.front().node != kNoNode);
    QCOMPARE(model->trainOps.at(recipe.trainOp).variables.size(), std::size_t{4});
}

QTEST_GUILESS_MAIN(TestModelTraining)
#include "tst_model_training.moc"
