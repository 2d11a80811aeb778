// SPDX-License-Identifier: GPL-3.0-or-later
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

} // namespace

/// What scripts say about variables: names, holes, scopes, sharing, collections, partitions, mutations.
class TestVariables : public QObject {
    Q_OBJECT
private slots:
    void names_data();
    void names();
    void keepsClashingVariables();
    void leavesHoles();
    void complainsOncePerUseOfAHole();
    void sharesByName();
    void collects_data();
    void collects();
    void trainsTheCollection();
    void cutsIntoSlices();
    void mutates();
    void readsInitializedValues();
    void tellsOfItself_data();
    void tellsOfItself();
    void ignoresWithAReason();
};

void TestVariables::names_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char* name, const char* script, std::initializer_list<const char*> expected) {
        QTest::newRow(name) << QString::fromUtf8(script) << list(expected);
    };
    row("name scopes are numbered",
        "for i in range(3):\n  with tf.name_scope('layer'):\n    w = tf.Variable(1.0, name='w')",
        {"layer/w float32 []", "layer_1/w float32 []", "layer_2/w float32 []"});
    row("but not where they end in a slash",
        "with tf.name_scope('a') as s:\n  w = tf.Variable(1.0)\nwith tf.name_scope(s):\n  v = "
        "tf.Variable(1.0)",
        {"a/w float32 []", "a/v float32 []"});
    row("name scopes pass get_variable by", "with tf.name_scope('a'):\n  w = tf.get_variable('w', [2])",
        {"w float32 [2]"});
    row("variable scopes do not",
        "with tf.variable_scope('a'):\n  w = tf.get_variable('w', [2])\n  v = tf.Variable(1.0)\n"
        "with tf.variable_scope('a'):\n  u = tf.get_variable('u', [2])\n  v = tf.Variable(1.0)",
        {"a/w float32 [2]", "a/v float32 []", "a/u float32 [2]", "a_1/v float32 []"});
    row("scopes nest",
        "with tf.variable_scope('a'), tf.variable_scope('b'):\n  w = tf.get_variable('w', [2])",
        {"a/b/w float32 [2]"});
    row("scopes are entered again as objects",
        "with tf.variable_scope('a') as s: pass\nwith tf.variable_scope('b'):\n  with tf.variable_scope(s):\n"
        "    w = tf.get_variable('w', [2])\n    v = tf.Variable(1.0)",
        {"a/w float32 [2]", "b/a/v float32 []"});
    row("default names are numbered",
        "for i in range(2):\n  with tf.variable_scope(None, default_name='d'):\n    w = tf.get_variable('w', "
        "[2])",
        {"d/w float32 [2]", "d_1/w float32 [2]"});
    row("a scope's type and initializer",
        "with tf.variable_scope('a', initializer=tf.zeros_initializer(), dtype=tf.float64):\n"
        "  w = tf.get_variable('w', [2])",
        {"a/w float64 [2]"});
    row("an initializer that is a value", "w = tf.get_variable('w', initializer=tf.constant([1, 2, 3]))",
        {"w int32 [3]"});
    row("a Python value", "w = tf.get_variable('w', initializer=[1.0, 2.0])", {"w float32 [2]"});
    row("dictionaries", "w = {'h1': tf.Variable(1.0), 'out': tf.Variable([2.0])}\nv = tf.Variable(w['h1'])",
        {"w/h1 float32 []", "w/out float32 [1]", "v float32 []"});
    row("lists", "w = [tf.Variable(1.0), tf.Variable(2)]\nv = tf.Variable(w[1])",
        {"w/0 float32 []", "w/1 int32 []", "v int32 []"});
    row("a list of one", "w = [tf.Variable(1.0)]", {"w float32 []"});
    row("rows", "a, b = tf.Variable(1.0), tf.Variable(2)", {"a float32 []", "b int32 []"});
    row("a function as initial value", "v = tf.Variable(lambda: tf.zeros([2]), dtype=tf.float32)",
        {"v float32 [2]"});
    row("an open shape later", "v = tf.Variable(tf.zeros([2]), validate_shape=False)", {"v float32 [2]"});
    row("by numpy's type", "import numpy as np\nv = tf.Variable(tf.zeros([2], dtype=np.float64))",
        {"v float64 [2]"});
    row("by math", "import math\nv = tf.Variable(tf.truncated_normal([4], stddev=1.0 / math.sqrt(float(4))))",
        {"v float32 [4]"});
}

void TestVariables::names()
{
    QFETCH(QString, script);
    QFETCH(QStringList, expected);
    const auto model = modelOf(script.toStdString());
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), expected);
    for (const Variable& variable : model->variables)
        QCOMPARE(model->findVariable(variable.name), &variable);
}

/// The how-to pins three variables that are all called v.
void TestVariables::keepsClashingVariables()
{
    const auto model = modelOf("with tf.device(\"/cpu:0\"):\n  v = tf.Variable(...)\n"
                               "with tf.device(\"/gpu:0\"):\n  v = tf.Variable(...)\n"
                               "with tf.device(\"/job:ps/task:7\"):\n  v = tf.Variable(...)\n");
    QCOMPARE(variables(*model), list({"v float32 [] /device:CPU:0", "v_2 float32 [] /device:GPU:0",
                                      "v_3 float32 [] /job:ps/task:7"}));
    QStringList errors;
    for (const script::Diagnostic& diagnostic : model->diagnostics) {
        if (diagnostic.severity == script::Severity::Error)
            errors.push_back(text(diagnostic.fixLabel));
    }
    QCOMPARE(errors, list({"Call this one \"v_2\"", "Call this one \"v_3\""}));
    for (std::size_t i = 0; i < 3; ++i) {
        QVERIFY(model->variables[i].isIncomplete);
        QCOMPARE(model->variables[i].isClashing, i > 0);
    }
    const auto again = modelOf("v = tf.get_variable('w', [2])\nu = tf.get_variable('w', [3])\nx = u + 1.0\n");
    QCOMPARE(variables(*again), list({"w float32 [2]", "w_2 float32 [3]"}));
    QVERIFY(again->variables[1].isClashing);
    QCOMPARE(text(again->diagnostics.at(0).fix.at(0).replacement), QStringLiteral("\"w_2\""));
    QCOMPARE(again->diagnostics.size(), std::size_t{1});
    const auto cut =
        modelOf("p = tf.fixed_size_partitioner(2)\nv = tf.get_variable('w', [4], partitioner=p)\n"
                "u = tf.get_variable('w', [4], partitioner=p)\nw = tf.Variable(1.0)\n");
    QCOMPARE(variables(*cut), list({"w/part_0 float32 [2]", "w/part_1 float32 [2]", "w_2/part_0 float32 [2]",
                                    "w_2/part_1 float32 [2]", "w_3 float32 []"}));
    QCOMPARE(cut->diagnostics.size(), std::size_t{2});
}

void TestVariables::leavesHoles()
{
    const auto model =
        modelOf("v1 = tf.Variable(..., name=\"v1\")\nv2 = tf.Variable(tf.zeros(..), dtype=tf.float64)\n"
                "...\n..\nv3 = tf.get_variable('v3', ...)\nw = tf.Variable(1.0)\n"
                "saver = tf.train.Saver({\"my_v2\": v2})\n"
                "t = tf.train.AdamOptimizer().minimize(w * w)\n");
    QVERIFY(!model->hasErrors());
    QCOMPARE(model->diagnostics.size(), std::size_t{3});
    for (std::size_t i = 0; i < 3; ++i) {
        const Variable& variable = model->variables[i];
        QVERIFY(variable.isIncomplete && !variable.isClashing);
        QCOMPARE(variable.initialValue, kNoNode);
        QCOMPARE(variable.shape.elementCount().value(), std::int64_t{1}); // never "always initialised"
        QCOMPARE(model->diagnostics[i].severity, script::Severity::Warning);
        QCOMPARE(model->diagnostics[i].fixLabel.empty(), i == 2);
    }
    QCOMPARE(model->variables[1].dtype, DType::Float64);
    QCOMPARE(model->trainOps.at(0).variables, std::vector<std::string>{"w"});
}

void TestVariables::complainsOncePerUseOfAHole()
{
    for (const char* const use :
         {"u = v + 1.0", "u = -v", "u = tf.matmul(v, v)", "u = v.assign(1.0)",
          "u = tf.Variable(v.initialized_value() * 2.0)", "u = v.initial_value", "u = tf.assign_add(v, 1.0)",
          "u = v.get_shape()", "u = tf.identity(v) + 1.0"}) {
        const auto model = modelOf("\n\nv = tf.Variable(...)\n" + std::string(use) + "\nx = [u]\n");
        QStringList errors;
        for (const script::Diagnostic& diagnostic : model->diagnostics) {
            if (diagnostic.severity == script::Severity::Error)
                errors.push_back(text(diagnostic.message));
        }
        const int expected = std::string(use).find("matmul") == std::string::npos ? 1 : 2; // it is used twice
        QVERIFY2(errors.size() == expected, qPrintable(errors.join(QLatin1Char('\n'))));
        QVERIFY2(errors[0].contains(QStringLiteral("fill in the \"...\" on line 3")), qPrintable(errors[0]));
    }
}

void TestVariables::sharesByName()
{
    const auto model = modelOf("with tf.variable_scope('s') as scope:\n"
                               "  a = tf.get_variable('w', [2])\n"
                               "  scope.reuse_variables()\n"
                               "  b = tf.get_variable('w', [2])\n"
                               "with tf.variable_scope('s', reuse=True):\n"
                               "  with tf.variable_scope('', reuse=False):\n"
                               "    pass\n"
                               "  c = tf.get_variable('w')\n"
                               "with tf.variable_scope('s', reuse=tf.AUTO_REUSE):\n"
                               "  d = tf.get_variable('w', [2])\n"
                               "  e = tf.get_variable('new', [3])\n"
                               "tf.get_variable_scope().reuse_variables()\n"
                               "f = tf.get_variable('s/w', [2])\n"
                               "all = a + b + c + d + f\n"
                               "p = tf.Variable(tf.zeros([len(tf.trainable_variables())]))\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), list({"s/w float32 [2]", "s/new float32 [3]", "p float32 [2]"}));
}

void TestVariables::collects_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<int>("count");
    const auto row = [](const char* expression, int count) {
        QTest::newRow(expression) << QString::fromUtf8(expression) << count;
    };
    row("tf.all_variables()", 4);
    row("tf.global_variables()", 4);
    row("tf.trainable_variables()", 3);
    row("tf.local_variables()", 1);
    row("tf.model_variables()", 0);
    row("tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES)", 4);
    row("tf.get_collection('variables')", 4);
    row("tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope='layer1')", 2); // layer10 too
    row("tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope='layer1/')", 1);
    row("tf.get_collection('variables', 'ayer')", 0);
    row("tf.get_collection('variables', '.*w:0$')", 4);
    row("tf.get_collection('variables', 'layer(2|10)')", 2);
    row("tf.trainable_variables('layer2')", 0);
    row("tf.get_collection('mine')", 2);
    row("tf.get_collection('none')", 0);
}

void TestVariables::collects()
{
    QFETCH(QString, expression);
    QFETCH(int, count);
    const auto model = modelOf(
        "a = tf.Variable(1.0, name='layer1/w')\nb = tf.Variable(1.0, name='layer10/w')\n"
        "c = tf.Variable(1.0, trainable=False, name='layer2/w')\n"
        "d = tf.Variable(1.0, collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False, name='l')\n"
        "e = tf.Variable(1.0, name='w')\ntf.add_to_collection('mine', a)\ntf.add_to_collection('mine', a * "
        "2.0)\n"
        "n = tf.zeros([len(" +
        expression.toStdString() + ")], name='probe')\n");
    QCOMPARE(problems(*model), QString());
    bool found = false;
    for (const Node& node : model->graph.nodes()) {
        if (node.name != "probe")
            continue;
        found = true;
        QCOMPARE(node.shape.dim(0), std::int64_t{count});
    }
    QVERIFY(found);
    QCOMPARE(model->findVariable("layer1/w")->collections,
             (std::vector<std::string>{"variables", "trainable_variables", "mine"}));
    QCOMPARE(model->findVariable("l")->collections, std::vector<std::string>{"local_variables"});
}

void TestVariables::trainsTheCollection()
{
    const std::string script =
        "a = tf.Variable(1.0)\nb = tf.Variable(2.0)\nc = tf.Variable(3.0, trainable=False)\n"
        "p = tf.get_variable('p', [4], partitioner=tf.fixed_size_partitioner(2))\n"
        "loss = a * b * c\n";
    const auto trained = [&](const char* arguments) {
        const auto model =
            modelOf(script + "t = tf.train.GradientDescentOptimizer(0.1).minimize(loss" + arguments + ")\n");
        return model->trainOps.empty() ? std::vector<std::string>{} : model->trainOps[0].variables;
    };
    using Names = std::vector<std::string>;
    QCOMPARE(trained(""), (Names{"a", "b"}));
    QCOMPARE(trained(", var_list=[c]"), Names{"c"});
    QCOMPARE(trained(", var_list=tf.trainable_variables('b')"), Names{"b"});
    QCOMPARE(trained(", var_list=tf.all_variables()"), (Names{"a", "b", "c"}));
    // Slots are global variables, and nobody trains them.
    const auto model = modelOf(script + "t = tf.train.AdamOptimizer().minimize(loss)\n"
                                        "u = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\n");
    QCOMPARE(model->findVariable("a/Adam")->collections, Names{"variables"});
    QCOMPARE(model->trainOps.at(1).variables, (Names{"a", "b"}));
}

void TestVariables::cutsIntoSlices()
{
    const auto model =
        modelOf("with tf.variable_scope('s', partitioner=tf.fixed_size_partitioner(3)):\n"
                "  w = tf.get_variable('w', [8, 2], initializer=tf.uniform_unit_scaling_initializer())\n"
                "  b = tf.get_variable('b', [])\n"
                "k = tf.get_variable('k', initializer=tf.zeros([2, 5]),\n"
                "                    partitioner=tf.fixed_size_partitioner(2, axis=1))\n"
                "y = tf.matmul([[1.0, 2.0]], k)\nz = w + 1.0\n"
                "old = tf.create_partitioned_variables([4], [2], tf.ones([4]), name='old')\n"
                "n = tf.zeros([len(old)], name='probe')\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model),
             list({"s/w/part_0 float32 [3, 2]", "s/w/part_1 float32 [3, 2]", "s/w/part_2 float32 [2, 2]",
                   "s/b float32 []", "k/part_0 float32 [2, 3]", "k/part_1 float32 [2, 2]",
                   "old/part_0 float32 [2]", "old/part_1 float32 [2]"}));
    const Variable& last = *model->findVariable("s/w/part_2");
    QVERIFY(last.slice.has_value());
    QCOMPARE(text(last.slice->fullName), QStringLiteral("s/w"));
    QCOMPARE(last.slice->fullShape, (Shape{8, 2}));
    QCOMPARE(last.slice->offset, (std::vector<std::int64_t>{6, 0}));
    QVERIFY(!model->findVariable("s/b")->slice);
    // The bound is that of the whole: sqrt(3 / 8).
    QCOMPARE(initial(*model, "s/w/part_2").attributes.scalars[1], std::sqrt(3.0 / 8.0));
    QVERIFY(initial(*model, "s/w/part_0").attributes.seed2 != initial(*model, "s/w/part_1").attributes.seed2);
    const Node& part = initial(*model, "k/part_1");
    QCOMPARE(part.op, OpCode::Slice);
    QCOMPARE(part.attributes.axes[0], 0);
    QCOMPARE(part.attributes.axes[1], 3);
    int joined = 0;
    for (const Node& node : model->graph.nodes()) {
        joined += node.op == OpCode::Concat ? 1 : 0;
        if (node.op == OpCode::Add)
            QCOMPARE(node.shape, (Shape{8, 2}));
        if (node.op == OpCode::MatMul)
            QCOMPARE(node.shape, (Shape{1, 5}));
    }
    QCOMPARE(joined, 3);
}

void TestVariables::mutates()
{
    const auto model = modelOf("with tf.device('/cpu:0'):\n  v = tf.Variable(tf.zeros([4, 2]))\n"
                               "a = tf.assign(v, tf.ones([4, 2]))\n"
                               "with tf.device('/gpu:0'):\n  b = tf.scatter_add(v, [0, 2], tf.ones([2, 2]))\n"
                               "c = v.scatter_sub(tf.IndexedSlices([[1.0, 2.0]], [3]))\n"
                               "d = tf.scatter_mul(v, 1, [2.0, 3.0])\n"
                               "e = v.assign_sub(tf.ones([4, 2]))\n");
    QCOMPARE(problems(*model), QString());
    std::vector<OpCode> found;
    for (const Node& node : model->graph.nodes()) {
        if (node.colocateWith == kNoNode)
            continue;
        found.push_back(node.op);
        QCOMPARE(node.colocateWith, model->variables[0].node);
        QCOMPARE(node.shape, (Shape{4, 2}));
    }
    QCOMPARE(found, (std::vector<OpCode>{OpCode::Assign, OpCode::ScatterAdd, OpCode::ScatterSub,
                                         OpCode::ScatterMul, OpCode::AssignSub}));
    QCOMPARE(model->ignored.size(), std::size_t{1});
    QVERIFY(text(model->ignored[0].what).contains(QStringLiteral("device /device:GPU:0 for an update of v")));
}

/// 1.x puts initialised values where an initial value reads variables, 0.11 does so when it is asked to.
void TestVariables::readsInitializedValues()
{
    const std::string script = "w = tf.Variable(tf.random_normal([2]))\nearly = w * 2.0\n"
                               "a = tf.Variable(w.initialized_value())\nb = tf.Variable(w * 3.0)\n"
                               "c = tf.Variable(early + 1.0)\nd = w * 4.0\n";
    const auto model = modelOf(script);
    QCOMPARE(problems(*model), QString());
    const Graph& graph = model->graph;
    const auto readsAsItStands = [](const Model& of, NodeId from) {
        std::vector<NodeId> open{from};
        while (!open.empty()) {
            const Node& node = of.graph.node(open.back());
            open.pop_back();
            if (node.op == OpCode::Variable)
                return true;
            if (!node.isInitializedValue)
                open.insert(open.end(), node.inputs.begin(), node.inputs.end());
        }
        return false;
    };
    const Node& identity = initial(*model, "a");
    QVERIFY(identity.isInitializedValue && identity.op == OpCode::Identity);
    QCOMPARE(identity.inputs, std::vector<NodeId>{model->findVariable("w")->node});
    for (const char* const name : {"b", "c"})
        QVERIFY(!readsAsItStands(*model, model->findVariable(name)->initialValue));
    QVERIFY(readsAsItStands(*model, static_cast<NodeId>(graph.nodes().size()) - 1)); // d is no initial value
    const auto old = modelOf("wr.options(tensorflow=\"0.11\")\n" + script);
    QVERIFY(initial(*old, "a").isInitializedValue);
    QVERIFY(readsAsItStands(*old, old->findVariable("b")->initialValue));
    QVERIFY(readsAsItStands(*old, old->findVariable("c")->initialValue));
}

void TestVariables::tellsOfItself_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* script, const char* expected) {
        QTest::newRow(script) << QString::fromUtf8(script) << QString::fromUtf8(expected);
    };
    row("u = tf.Variable(1.0, name=v.op.name + '_u')", "v_u float32 []");
    row("u = tf.Variable(tf.zeros(v.get_shape(), dtype=v.dtype))", "u float64 [2, 3]");
    row("u = tf.Variable(tf.zeros([v.get_shape()[1], v.shape.as_list()[0]]))", "u float32 [3, 2]");
    row("u = tf.Variable(v.initial_value)", "u float64 [2, 3]");
    row("u = tf.Variable(tf.zeros([v.get_shape().ndims]))", "u float32 [2]");
    row("with tf.variable_scope('s') as s: pass\nu = tf.Variable(1.0, name=s.name + '/u')", "s/u float32 []");
}

void TestVariables::tellsOfItself()
{
    QFETCH(QString, script);
    QFETCH(QString, expected);
    const auto model = modelOf("v = tf.Variable(tf.zeros([2, 3], tf.float64))\n" + script.toStdString());
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model).last(), expected);
}

void TestVariables::ignoresWithAReason()
{
    const auto model =
        modelOf("v = tf.Variable(1.0, caching_device='/cpu:0')\n"
                "w = tf.get_variable('w', [2], regularizer=tf.contrib.layers.l2_regularizer(0.1))\n"
                "tf.scalar_summary('v', v)\n");
    QCOMPARE(problems(*model), QString());
    QStringList what;
    for (const IgnoredDirective& directive : model->ignored) {
        QVERIFY(!directive.reason.empty() && directive.source.end > directive.source.begin);
        what.push_back(text(directive.what));
    }
    QCOMPARE(what, list({"caching_device=", "regularizer=", "tf.scalar_summary(…)"}));
}

QTEST_GUILESS_MAIN(TestVariables)
#include "tst_variables.moc"
