// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts say about training besides minimize(): the names of slots and averages, gradients as lists,
// what is refused and in which words.
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

constexpr const char* kProblem = "w = tf.Variable([1.0, 2.0], name=\"w\")\nb = tf.Variable(3.0, name=\"b\")\n"
                                 "loss = tf.reduce_sum(w * w) * b\n";

/// The values of the node `name` after all variables were initialised.
std::vector<double> valuesOf(const Model& model, const std::shared_ptr<const Model>& shared,
                             const std::string& name)
{
    const auto runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
    const auto session = session::Session::create(shared, *runtime).value();
    if (!session->initializeAll().isOk())
        qFatal("not initialised");
    for (std::size_t id = 0; id < model.graph.nodes().size(); ++id) {
        if (model.graph.nodes()[id].name != name)
            continue;
        const NodeId node[] = {static_cast<NodeId>(id)};
        const auto found = session->evaluate(node, {});
        if (!found)
            qFatal("%s", found.error().toString().c_str());
        std::vector<double> values;
        for (std::int64_t i = 0; i < (*found)[0].elementCount(); ++i)
            values.push_back((*found)[0].valueAt(i));
        return values;
    }
    qFatal("there is no node %s", name.c_str());
}

} // namespace

class TestOptimizerScripts : public QObject {
    Q_OBJECT
private slots:
    void refuses_data();
    void refuses();
    void namesSlots();
    void givesSlots();
    void pairsGradients();
    void computes_data();
    void computes();
    void givesNoGradient();
    void namesAverages();
    void findsTheGlobalStep();
    void tellsTheLoss();
    void groupsSteps();
    void groupsInitialisers();
    void runsGroupsInSessions();
    void warnsOfFactorsWithoutEffect();
};

void TestOptimizerScripts::refuses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected"); ///< the beginning of the only problem
    QTest::addColumn<QString>("errorClass");
    const auto row = [](const char* text, const char* expected, const char* errorClass = "") {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(expected)
                            << QString::fromUtf8(errorClass);
    };
    row("o = tf.train.AdagradOptimizer()", "tf.train.AdagradOptimizer needs the argument \"learning_rate\"");
    row("o = tf.train.AdagradOptimizer(0.1, 0.0)", "initial_accumulator_value must be positive",
        "ValueError");
    row("o = tf.train.AdagradOptimizer(0.1, accumulator=1.0)",
        "tf.train.AdagradOptimizer has no argument \"accumulator\"");
    row("o = tf.train.MomentumOptimizer(0.1)", "tf.train.MomentumOptimizer needs the argument \"momentum\"");
    row("o = tf.train.MomentumOptimizer(-0.1, 0.9)", "the learning rate cannot be negative");
    row("o = tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=1)", "True or False is expected here");
    row("o = tf.train.RMSPropOptimizer(w)",
        "a learning rate is a floating-point scalar, but this is float32 of "
        "shape [2]");
    row("o = tf.train.RMSPropOptimizer(0.1, epsilon=-1.0)", "epsilon needs to be positive or zero");
    row("o = tf.train.FtrlOptimizer(0.1, 0.5)", "learning_rate_power needs to be negative or zero",
        "ValueError");
    row("o = tf.train.FtrlOptimizer(0.1, initial_accumulator_value=-0.1)",
        "initial_accumulator_value needs to be positive or zero", "ValueError");
    row("o = tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-0.1)",
        "l1_regularization_strength needs to be positive or zero", "ValueError");
    row("o = tf.train.AdamOptimizer(beta1=1.0)", "beta1 must lie in [0, 1)");
    row("o = tf.contrib.opt.AdamWOptimizer()", "tf.contrib.opt.AdamWOptimizer needs the argument "
                                               "\"weight_decay\"");
    row("o = tf.train.AdamOptimizer()\ng = o.apply_gradients([])", "No variables provided.", "ValueError");
    row("o = tf.train.AdamOptimizer()\ng = o.apply_gradients([(None, w)])",
        "the loss does not depend on \"w\"");
    row("o = tf.train.AdamOptimizer()\ng = o.apply_gradients([w, b])",
        "grads_and_vars is a list of (gradient, variable) pairs", "TypeError");
    row("o = tf.train.AdamOptimizer()\ng = o.apply_gradients([(1.0, b)])",
        "Gradient must be a Tensor, IndexedSlices, or None", "TypeError");
    row("o = tf.train.AdamOptimizer()\ng = o.apply_gradients([(loss, w)])",
        "ApplyAdam requires shapes of both tensors to match", "ValueError");
    row("o = tf.train.AdamOptimizer()\ng = o.compute_gradients(loss, var_list=[])",
        "No variables to optimize.", "ValueError");
    row("o = tf.train.AdamOptimizer()\ng = o.minimize(loss, global_step=3)", "global_step must be a variable",
        "TypeError");
    row("o = wr.rate_factors(loss, {})", "an optimizer is expected here");
    row("o = wr.rate_factors(tf.train.AdamOptimizer(), {'w': -1.0})", "the factor for \"w\" must be a number "
                                                                      "from 0 up");
    row("g = tf.gradients(tf.constant([1, 2]), w)", "only floating-point tensors have gradients, not int32",
        "TypeError");
    row("g = tf.gradients(loss, w, grad_ys=[1.0, 2.0])", "Passed 2 grad_ys for 1 ys", "ValueError");
    row("g = tf.gradients(w, w, grad_ys=[[1.0, 2.0, 3.0]])", "a grad_ys of shape [3] does not fit",
        "ValueError");
    row("c = tf.clip_by_value(loss, [0.0, 1.0], 2.0)", "the limits must fit the shape []", "ValueError");
    row("c = tf.clip_by_norm(w, 1.0, axes=[1])", "there is no axis 1 in shape [2]");
    row("c = tf.global_norm(w)", "t_list should be a sequence", "TypeError");
    row("c = tf.clip_by_global_norm([None], 1.0)", "there is no tensor in this list", "ValueError");
    row("r = tf.train.exponential_decay(0.1, None, 10, 0.9)",
        "global_step is required for exponential_decay.", "ValueError");
    row("r = tf.train.cosine_decay(0.1, b)", "cosine_decay needs the argument");
    row("r = tf.train.piecewise_constant(b, [1.0], [0.1])",
        "The length of boundaries should be 1 less than the length of values", "ValueError");
    row("r = tf.train.polynomial_decay(w, b, 10)", "a learning rate is a floating-point scalar");
    row("r = tf.train.inverse_time_decay(0.1, w, 10, 0.5)", "global_step must be a scalar");
    row("e = tf.train.ExponentialMovingAverage(1.5)", "decay must lie between 0 and 1");
    row("e = tf.train.ExponentialMovingAverage(0.9)\na = e.apply([loss])",
        "only variables have a moving average here", "TypeError");
    row("n = tf.Variable(1)\ne = tf.train.ExponentialMovingAverage(0.9)\na = e.apply([n])",
        "The variables must be half, float, or double: n", "TypeError");
    row("e = tf.train.ExponentialMovingAverage(0.9)\na = e.apply([w])\nc = e.apply([w])",
        "Moving average already computed for: w", "ValueError");
    row("with tf.control_dependencies(loss):\n  n = tf.no_op()", "tf.control_dependencies takes a list",
        "TypeError");
    row("with tf.control_dependencies([3]):\n  n = tf.no_op()", "an op or a tensor is expected here",
        "TypeError");
    row("g = tf.group(tf.assign(b, 1.0), tf.global_variables_initializer())",
        "initialising is an action of its own");
    row("s = tf.train.create_global_step()\nt = tf.train.create_global_step()",
        "\"global_step\" already exists.", "ValueError");
    row("s = tf.Variable(0.0, name='global_step')\nt = tf.train.get_global_step()",
        "Existing \"global_step\" does not have integer type: float32", "TypeError");
}

void TestOptimizerScripts::refuses()
{
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QFETCH(QString, errorClass);
    const auto model = modelOf(kProblem + text.toStdString() + "\n");
    QVERIFY2(!model->diagnostics.empty(), "nothing was refused");
    const script::Diagnostic& first = model->diagnostics.front();
    const QString said = QString::fromStdString(first.message);
    if (expected.startsWith(QLatin1String("cosine_decay needs")))
        QVERIFY2(said.contains(QLatin1String("needs the argument \"decay_steps\"")), qPrintable(said));
    else
        QVERIFY2(said.startsWith(expected), qPrintable(said));
    QCOMPARE(QString::fromStdString(first.errorClass), errorClass);
    QVERIFY(model->tree->position(first.range.begin).line >= 4);
}

void TestOptimizerScripts::namesSlots()
{
    const auto slotsOf = [](const char* optimizer) {
        const auto model =
            modelOf(std::string(kProblem) + "t = " + optimizer + ".minimize(loss, var_list=[w])\n");
        QStringList names;
        for (const Variable& variable : model->variables) {
            if (!variable.slotOf.empty())
                names.push_back(text(variable.name) + QLatin1Char(' ') + text(variable.shape.toString()));
        }
        return problems(*model) + names.join(QStringLiteral(", "));
    };
    QCOMPARE(slotsOf("tf.train.AdagradOptimizer(0.1)"), QStringLiteral("w/Adagrad [2]"));
    QCOMPARE(slotsOf("tf.train.AdadeltaOptimizer()"), QStringLiteral("w/Adadelta [2], w/Adadelta_1 [2]"));
    QCOMPARE(slotsOf("tf.train.RMSPropOptimizer(0.1)"), QStringLiteral("w/RMSProp [2], w/RMSProp_1 [2]"));
    QCOMPARE(slotsOf("tf.train.RMSPropOptimizer(0.1, centered=True)"),
             QStringLiteral("w/RMSProp [2], w/RMSProp_1 [2], w/RMSProp_2 [2]"));
    QCOMPARE(slotsOf("tf.train.FtrlOptimizer(0.1)"), QStringLiteral("w/Ftrl [2], w/Ftrl_1 [2]"));
    QCOMPARE(slotsOf("tf.train.FtrlOptimizer(0.1, accum_name='n', linear_name='z')"),
             QStringLiteral("w/n [2], w/z [2]"));
    QCOMPARE(slotsOf("tf.train.MomentumOptimizer(0.1, 0.9, name='M')"), QStringLiteral("w/M [2]"));
    QCOMPARE(slotsOf("tf.contrib.opt.AdamWOptimizer(0.1)"),
             QStringLiteral("beta1_power [], beta2_power [], w/AdamW [2], w/AdamW_1 [2]"));
}

void TestOptimizerScripts::givesSlots()
{
    const auto model = modelOf(std::string(kProblem) +
                               "o = tf.train.RMSPropOptimizer(0.1, centered=True)\nt = o.minimize(loss)\n"
                               "s = [o.get_slot(w, n).name for n in o.get_slot_names()]\n"
                               "v = [tf.Variable(0.0, name='copy_' + n) for n in o.get_slot_names()]\n"
                               "m = tf.identity(o.get_slot(b, 'momentum'), name='of_b')\n");
    QVERIFY(model->findVariable("copy_rms") != nullptr);
    QVERIFY(model->findVariable("copy_mg") != nullptr);
    const auto& nodes = model->graph.nodes();
    const auto found =
        std::find_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.name == "of_b"; });
    QVERIFY(found != nodes.end());
    QCOMPARE(text(model->graph.node(found->inputs[0]).name), QStringLiteral("b/RMSProp_2"));
}

void TestOptimizerScripts::pairsGradients()
{
    const auto model = modelOf(std::string(kProblem) +
                               "c = tf.Variable(1.0)\no = tf.train.GradientDescentOptimizer(1.0)\n"
                               "pairs = o.compute_gradients(loss, [w, b, c])\n"
                               "clipped = [(tf.clip_by_value(g, -3.0, 3.0), v) for g, v in pairs if g is not "
                               "None]\n"
                               "t = o.apply_gradients(clipped, global_step=tf.train.create_global_step())\n");
    QCOMPARE(problems(*model), QString());
    const TrainOp& op = model->trainOps.at(0);
    QCOMPARE(op.variables, (std::vector<std::string>{"w", "b"}));
    QCOMPARE(text(model->graph.node(op.gradients[0]).name), QStringLiteral("clip_by_value"));
    QCOMPARE(op.initialLearningRate, 1.0);
    QVERIFY(op.loss != kNoNode);
    const auto runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
    const auto session = session::Session::create(model, *runtime).value();
    QVERIFY(session->initializeAll().isOk());
    const auto plan = session->plan({}, op.updates, {}, {});
    QVERIFY(session->run(*plan).isOk());
    QCOMPARE(session->value("w").value().valueAt(0), -2.0); // the gradient 6 counts as 3
    QCOMPARE(session->value("b").value().valueAt(0), 0.0);  // 5 as well
    QCOMPARE(session->value("global_step").value().valueAt(0), 1.0);
}

void TestOptimizerScripts::computes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<double>>("expected");
    const auto row = [](const char* text, QList<double> expected) {
        QTest::newRow(text) << QString::fromUtf8(text) << expected;
    };
    row("tf.clip_by_value(w * 4.0, -1.0, 5.0)", {4.0, 5.0});
    row("tf.clip_by_value([-3.0, 0.5], clip_value_min=-1.0, clip_value_max=w)", {-1.0, 0.5});
    row("tf.clip_by_norm([3.0, 4.0], 1.0)", {0.6, 0.8});
    row("tf.clip_by_norm([3.0, 4.0], 10.0)", {3.0, 4.0});
    row("tf.clip_by_norm([[3.0, 4.0], [0.0, 0.0], [0.3, 0.4]], 1.0, axes=[1])",
        {0.6, 0.8, 0.0, 0.0, 0.3, 0.4});
    row("tf.clip_by_norm([0.0, 0.0], 1.0)", {0.0, 0.0});
    row("tf.gradients(tf.clip_by_norm(w * 0.0, 1.0), w)[0]", {0.0, 0.0});
    row("tf.global_norm([w, None, b])", {std::sqrt(14.0)});
    row("tf.clip_by_global_norm([w, None, b], 2.0)[0][2]", {3.0 * 2.0 / std::sqrt(14.0)});
    row("tf.clip_by_global_norm([w, b], 2.0, use_norm=1.0)[0][0]", {1.0, 2.0});
    row("tf.clip_by_global_norm([w * 0.0], 2.0)[0][0]", {0.0, 0.0});
    row("tf.gradients(loss, [w, b])[0]", {6.0, 12.0});
    row("tf.gradients(loss + 0.5 * sum([tf.reduce_sum(tf.square(v)) for v in tf.trainable_variables() if "
        "'b' not in v.name]), w)[0]",
        {7.0, 14.0}); // weight decay by a sum of squares
    row("tf.gradients(loss, b)[0]", {5.0});
    row("tf.gradients(w * w, w)[0]", {2.0, 4.0});
    row("tf.gradients([loss, w * 10.0], w)[0]", {16.0, 22.0});
    row("tf.gradients(w * w, w, grad_ys=[[10.0, 100.0]])[0]", {20.0, 400.0});
    row("tf.gradients(w, w)[0]", {1.0, 1.0});
    row("tf.gradients([w * w, w], [w], grad_ys=[None, w])[0]", {3.0, 6.0});
    row("tf.gradients(tf.gradients(w * w * w, w)[0], w)[0]", {6.0, 12.0});
    row("tf.train.GradientDescentOptimizer(1.0).compute_gradients(loss, [w], grad_loss=0.5)[0][0]",
        {3.0, 6.0});
}

void TestOptimizerScripts::computes()
{
    QFETCH(QString, text);
    QFETCH(QList<double>, expected);
    const auto model =
        modelOf(kProblem + std::string("r = tf.identity(") + text.toStdString() + ", name=\"result\")\n");
    QCOMPARE(problems(*model), QString());
    const std::vector<double> found = valuesOf(*model, model, "result");
    QCOMPARE(static_cast<qsizetype>(found.size()), expected.size());
    for (qsizetype i = 0; i < expected.size(); ++i)
        QVERIFY2(std::abs(found[static_cast<std::size_t>(i)] - expected[i]) < 1e-6,
                 qPrintable(QString::number(found[static_cast<std::size_t>(i)], 'g', 9)));
}

void TestOptimizerScripts::givesNoGradient()
{
    const auto model =
        modelOf(std::string(kProblem) +
                "c = tf.Variable(1.0)\ngs = tf.gradients(loss, [w, c])\n"
                "found = [tf.Variable(0.0, name=n) for n, g in zip(['a', 'z'], gs) if g is None]\n");
    QCOMPARE(problems(*model), QString());
    QVERIFY(model->findVariable("z") != nullptr);
    QVERIFY(model->findVariable("a") == nullptr);
}

void TestOptimizerScripts::namesAverages()
{
    const auto model =
        modelOf(std::string(kProblem) +
                "frozen = tf.Variable(1.0, trainable=False)\n"
                "ema = tf.train.ExponentialMovingAverage(decay=0.5)\nop = ema.apply()\n"
                "short = tf.identity(ema.average(w), name='short')\n"
                "none = [tf.Variable(0.0, name='yes') for v in [frozen] if ema.average(v) is None]\n"
                "name = tf.Variable(0.0, name=ema.average_name(frozen) + '_x')\n"
                "saver = tf.train.Saver(ema.variables_to_restore())\n");
    QCOMPARE(problems(*model), QString());
    const Variable* const shadow = model->findVariable("w/ExponentialMovingAverage");
    QVERIFY(shadow != nullptr && !shadow->trainable && shadow->slotOf == "w");
    QVERIFY(model->findVariable("b/ExponentialMovingAverage") != nullptr);
    QVERIFY(model->findVariable("frozen/ExponentialMovingAverage") == nullptr);
    QVERIFY(model->findVariable("frozen/ExponentialMovingAverage_x") != nullptr);
    QVERIFY(model->findVariable("yes") != nullptr);
    QCOMPARE(valuesOf(*model, model, "short"), (std::vector<double>{1.0, 2.0}));
    QCOMPARE(model->savers.size(), std::size_t{1});
    const auto& entries = model->savers[0].entries;
    QCOMPARE(text(entries.at("w/ExponentialMovingAverage")), QStringLiteral("w"));
    QCOMPARE(text(entries.at("frozen")), QStringLiteral("frozen"));
    QVERIFY(entries.count("w") == 0);
}

void TestOptimizerScripts::findsTheGlobalStep()
{
    const auto model = modelOf("a = tf.train.get_or_create_global_step()\n"
                               "b = tf.train.get_or_create_global_step()\n"
                               "c = [tf.Variable(0.0, name='same') for s in [a] if s is "
                               "tf.train.get_global_step()]\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), list({"global_step int64 []", "same float32 []"}));
    QVERIFY(!model->variables[0].trainable);
    const auto none = modelOf("c = [tf.Variable(0.0, name='none') for s in [None] if "
                              "tf.train.get_global_step() is s]\n");
    QCOMPARE(variables(*none), list({"none float32 []"}));
}

namespace {

std::string trained(const std::string& text, const char* more = "")
{
    return "x = tf.placeholder(tf.float32, [None, 784])\ny = tf.placeholder(tf.int64, [None])\n" +
           std::string(kProblem) + text +
           "wr.train(t, data=wr.data.digits(train=20, test=0), inputs=x, labels=y" + more + ")\n";
}

} // namespace

/// Gradients that were changed still tell of their loss; those of an unknown source need it said.
void TestOptimizerScripts::tellsTheLoss()
{
    const std::string own = "o = tf.train.AdamOptimizer()\nt = o.apply_gradients([(w * 1.0, w)])\n";
    QVERIFY(problems(*modelOf(trained(own))).contains(QStringLiteral("add loss=… to wr.train")));
    const auto said = modelOf(trained(own, ", loss=loss"));
    QCOMPARE(problems(*said), QString());
    QCOMPARE(text(said->graph.node(said->trainOps[said->recipe->trainOp].loss).name),
             QStringLiteral("Mul_1"));
    const auto known = modelOf(trained("o = tf.train.AdamOptimizer()\n"
                                       "t = o.apply_gradients(zip(tf.gradients(loss, [w, b]), [w, b]))\n"));
    QCOMPARE(problems(*known), QString());
    QCOMPARE(text(known->graph.node(known->trainOps[known->recipe->trainOp].loss).name),
             QStringLiteral("Mul_1"));
    QVERIFY(problems(*modelOf(trained("t = tf.no_op()\n")))
                .contains(QStringLiteral("the result of minimize(…) is expected here")));
    QVERIFY(
        problems(*modelOf(trained(own, ", loss=w"))).contains(QStringLiteral("loss must be a floating-")));
}

/// Two optimizers for two parts of a model, as one step.
void TestOptimizerScripts::groupsSteps()
{
    const auto model = modelOf(trained(
        "one = tf.train.AdamOptimizer(0.1).minimize(loss, var_list=[w])\n"
        "two = tf.train.GradientDescentOptimizer(0.2).minimize(loss, var_list=[b])\nt = tf.group(one, "
        "two)\n"));
    QCOMPARE(problems(*model), QString());
    const TrainOp& op = model->trainOps.at(model->recipe->trainOp);
    QCOMPARE(op.variables, (std::vector<std::string>{"w", "b"}));
    QCOMPARE(op.otherRates.size(), std::size_t{1});
    QCOMPARE(op.initialLearningRate, 0.1);
    QCOMPARE(op.updates.size(), std::size_t{4}); // w, two powers, b
}

void TestOptimizerScripts::groupsInitialisers()
{
    const auto model = modelOf("a = tf.Variable(0.0)\nb = tf.Variable(1.0)\n"
                               "init = tf.group(tf.global_variables_initializer(), "
                               "tf.variables_initializer([b]))\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(text(model->initGroups.back().name), QStringLiteral("init"));
    QVERIFY(model->initGroups.back().all);
}

void TestOptimizerScripts::runsGroupsInSessions()
{
    const auto model = modelOf("a = tf.Variable(0.0)\nb = tf.Variable(1.0)\n"
                               "both = tf.group(a.assign(2.0), b.assign(3.0), name='both')\n"
                               "with tf.Session() as sess:\n  sess.run(both)\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->recipes.at(0).actions.size(), std::size_t{1});
    const Node& node = model->graph.node(model->recipes[0].actions[0].nodes.at(0));
    QCOMPARE(text(node.name), QStringLiteral("both"));
    QCOMPARE(node.controlInputs.size(), std::size_t{2});
    const auto runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
    const auto session = session::Session::create(model, *runtime).value();
    QVERIFY(session->initializeAll().isOk());
    const auto plan = session->plan({}, model->recipes[0].actions[0].nodes, {}, {});
    QVERIFY(plan && session->run(*plan).isOk());
    QCOMPARE(session->value("a").value().valueAt(0), 2.0);
    QCOMPARE(session->value("b").value().valueAt(0), 3.0);
}

void TestOptimizerScripts::warnsOfFactorsWithoutEffect()
{
    const auto model = modelOf(std::string(kProblem) +
                               "o = wr.rate_factors(tf.train.AdamOptimizer(), {\"conv*\": 0.1, \"w\": 2})\n"
                               "t = o.minimize(loss)\n");
    QCOMPARE(placed(*model), list({"4:47 \"conv*\" is the name of no variable that is trained here"}));
}

QTEST_GUILESS_MAIN(TestOptimizerScripts)
#include "tst_optimizer_scripts.moc"
