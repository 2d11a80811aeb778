// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/suggestion.h"
#include "tests/graph/model_text.h"

#include <QTest>

#include <string>

using namespace wr;
using namespace wr::graph;

namespace {

/// Comes before the script of each row: names that rows use. Three lines.
const char* const kPrelude = "x = tf.placeholder(tf.float32, [None, 4])\n"
                             "w = tf.Variable(tf.zeros([4, 2]))\n"
                             "y = tf.placeholder(tf.int64, [None])\n";

void columns()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("place");
    QTest::addColumn<QString>("fragment");
}

/// A script as the name of its row: in one line.
std::string rowName(const char* script)
{
    std::string name(script);
    for (std::size_t at = name.find('\n'); at != std::string::npos; at = name.find('\n', at))
        name.replace(at, 1, " | ");
    return name;
}

void row(const char* script, const char* place, const char* fragment)
{
    QTest::newRow(rowName(script).c_str())
        << QString::fromUtf8(script) << QString::fromUtf8(place) << QString::fromUtf8(fragment);
}

/// One problem, at the place, with these words.
void checkRow()
{
    QFETCH(QString, script);
    QFETCH(QString, place);
    QFETCH(QString, fragment);
    const auto model = modelOf(kPrelude + script.toStdString());
    const QStringList found = placed(*model);
    QVERIFY2(found.size() == 1, qPrintable(found.join(QLatin1Char('\n'))));
    QVERIFY2(found[0].startsWith(place + QLatin1Char(' ')), qPrintable(found[0]));
    QVERIFY2(found[0].contains(fragment), qPrintable(found[0]));
    const bool warns = model->diagnostics[0].severity == script::Severity::Warning;
    QCOMPARE(model->hasErrors(), !warns);
}

} // namespace

class TestDiagnostics : public QObject {
    Q_OBJECT
private slots:
    void names_data();
    void names() { checkRow(); }
    void calls_data();
    void calls() { checkRow(); }
    void values_data();
    void values() { checkRow(); }
    void ops_data();
    void ops() { checkRow(); }
    void variables_data();
    void variables() { checkRow(); }
    void training_data();
    void training() { checkRow(); }
    void statements_data();
    void statements() { checkRow(); }
    void suggests_data();
    void suggests();
    void fixes_data();
    void fixes();
    void saysItOnce();
    void sortsByPlace();
};

void TestDiagnostics::names_data()
{
    columns();
    row("a = b", "4:5", "\"b\" is not defined above this line");
    row("a = 1\nb = a + weight", "5:9", "\"weight\" is not defined above this line");
    row("a = later\nlater = 1", "4:5", "\"later\" is not defined");
    row("a = tf.zeros([undefined])", "4:15", "\"undefined\" is not defined");
    row("a = tf.Varible(1.0)", "4:5", "did you mean tf.Variable?");
    row("a = tf.nn.rellu(x)", "4:5", "did you mean tf.nn.relu?");
    row("a = tf.zeros([2], tf.flaot32)", "4:19", "did you mean tf.float32?");
    row("a = tf.something_else_entirely(x)", "4:5", "tf.something_else_entirely is not known to Weightroom");
    row("a = wr.data.digit(train=1)", "4:5", "did you mean wr.data.digits?");
    row("a = np.zeros([2])", "4:5", "\"np.zeros\" is not defined");
    row("a = tf", "4:5", "\"tf\" alone is no value");
    row("größe = grösse", "4:9", "\"grösse\" is not defined");
    row("a = w.initialised_value()", "4:6", "\"initialised_value\" is not known here");
    row("a = w.color", "4:5", "\"color\" is not known here");
    row("a = 1\na(2)", "5:1", "this cannot be called");
}

void TestDiagnostics::calls_data()
{
    columns();
    row("a = tf.zeros()", "4:5", "tf.zeros needs the argument \"shape\"");
    row("a = tf.matmul(x)", "4:5", "tf.matmul needs the argument \"b\"");
    row("a = tf.zeros([2], tf.float32, 'n', 4)", "4:36", "tf.zeros takes at most 3 arguments");
    row("a = tf.zeros([2], dtipe=tf.float32)", "4:19", "no argument \"dtipe\"; did you mean dtype?");
    row("a = tf.zeros([2], color=3)", "4:19", "no argument \"color\"");
    row("a = tf.zeros([2], shape=[3])", "4:19", "\"shape\" is given twice");
    row("a = w.assign()", "4:5", "assign needs the argument \"value\"");
    row("a = tf.nn.softmax(x, dim=2)", "4:26", "there is no axis 2");
    row("a = tf.nn.softmax_cross_entropy_with_logits(logits=x, labels=x, dim=0)", "4:69",
        "only the last axis");
}

void TestDiagnostics::values_data()
{
    columns();
    row("a = tf.zeros([2.5])", "4:14", "a shape is a list of whole numbers");
    row("a = tf.zeros([-1])", "4:14", "a shape is a list of whole numbers");
    row("a = tf.zeros('2')", "4:14", "a shape is a list of whole numbers");
    row("a = tf.zeros([1, 1, 1, 1, 1, 1, 1, 1, 1])", "4:14", "at most 8 dimensions");
    row("a = tf.zeros([1000000, 1000000, 1000000])", "4:14", "too many elements");
    row("a = tf.zeros([9223372036854775807, 9223372036854775807])", "4:14", "too many elements");
    row("a = tf.zeros([2], 3)", "4:19", "an element type is expected here");
    row("a = tf.constant([1, [2]])", "4:17", "nor a list of numbers that has a shape");
    row("a = tf.constant([[1, 2], [3]])", "4:17", "nor a list of numbers that has a shape");
    row("a = tf.constant('text')", "4:17", "this is no tensor and no number");
    row("a = tf.constant(None)", "4:17", "a tensor is expected here");
    row("a = tf.constant(1.5, tf.int32)", "4:17", "a whole number is expected here");
    row("a = tf.constant(3000000000)", "4:17", "does not fit into int32");
    row("a = tf.constant(256, tf.uint8)", "4:17", "does not fit into uint8");
    row("a = tf.constant([1, 2, 3], shape=[2])", "4:17", "Needed at most 2, but received 3");
    row("a = tf.constant(1.0, tf.float16)", "4:17", "float16 cannot be written yet");
    row("a = tf.fill([2], [1])", "4:18", "value must be a scalar");
    row("a = tf.zeros_like(x)", "4:19", "not fully known");
    row("a = tf.random_normal([2], stddev=-1.0)", "4:34", "stddev cannot be negative");
    row("a = tf.random_uniform([2], 3, 2)", "4:5", "Need minval < maxval");
    row("a = tf.random_normal([2], dtype=tf.int32)", "4:33", "float32 or float64");
    row("a = tf.random_normal([2], stddev='1')", "4:34", "a number is expected here");
    row("a = tf.random_normal([2], seed=1.5)", "4:32", "a whole number is expected here");
    row("a = tf.range(0, 5, 0)", "4:5", "the step of a range cannot be 0");
    row("a = tf.range(5, 0)", "4:5", "Requires start <= limit");
    row("a = range(1000000000)", "4:5", "this range is too long");
    row("a = tf.linspace(0.0, 1.0, 0)", "4:27", "Requires num > 0");
    row("a = tf.placeholder([2])", "4:20", "an element type is expected");
    row("a = tf.placeholder(tf.float32)", "4:5", "needs a shape here");
    row("a = [1, 2][2]", "4:5", "there is no item 2 in a list of 2");
    row("a = x[0]", "4:5", "slices of tensors are not understood yet");
    row("a = 1 / 0", "4:5", "\"/\" cannot be applied to these two");
    row("a = 'a' + 1", "4:5", "\"+\" cannot be applied to these two");
    row("a = -'a'", "4:5", "\"-\" cannot be applied to this");
    row("a = f'{1.5}'", "4:8", "only whole numbers and strings can stand in a name");
    row("a = f'{ab}'", "4:8", "\"ab\" is not defined");
}

void TestDiagnostics::ops_data()
{
    columns();
    row("a = tf.matmul(x, tf.zeros([5, 2]))", "4:5",
        "Dimensions must be equal, but are 4 and 5 for MatMul of [?, 4]");
    row("a = tf.matmul(x, [1.0, 2.0])", "4:5",
        "MatMul: the second input must have rank 2, but its shape is [2]");
    row("a = x + tf.zeros([3])", "4:5", "Add: shapes [?, 4] and [3] cannot be broadcast together");
    row("a = 1.0 + (\n  x * y)", "5:3", "Mul needs both inputs of one type, not float32 and int64");
    row("a = tf.exp(y)", "4:5", "Exp needs a floating-point input, not int64");
    row("a = tf.reshape(w, [3, -1])", "4:19", "8 elements cannot be arranged as [3, ?]");
    row("a = tf.reshape(w, [-1, -1])", "4:19", "only one dimension of a shape can be left open");
    row("a = tf.reshape(w, [3])", "4:5", "Cannot reshape a tensor with 8 elements to shape [3]");
    row("a = tf.transpose(w, [0, 2])", "4:21", "perm is not a permutation of 0 to 1");
    row("a = tf.reduce_sum(w, axis=2)", "4:27", "there is no axis 2 in shape [4, 2]");
    row("a = tf.reduce_sum(w, axis=-3)", "4:27", "there is no axis -3 in shape [4, 2]");
    row("a = tf.reduce_sum(w, [0, -2])", "4:22", "the axis -2 is named twice");
    row("a = tf.argmax(w, 5)", "4:18", "there is no axis 5 in shape [4, 2]");
    row("a = tf.cast(w, tf.int16)", "4:16", "a cast to int16 is not understood yet");
    row("a = tf.nn.bias_add(x, w)", "4:23", "a bias has one dimension, but this one is [4, 2]");
    row("a = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=x, labels=x)", "4:5",
        "labels must be int32 or int64 class numbers, not float32");
    row("a = w.assign([1.0])", "4:5",
        "Assign requires shapes of both tensors to match. lhs shape= [4, 2] rhs shape= [1]");
}

void TestDiagnostics::variables_data()
{
    columns();
    row("v = tf.Variable()", "4:5", "initial_value must be specified");
    row("v = tf.Variable(...)", "4:17", "the initial value of \"v\" is missing");
    row("v = tf.Variable(x)", "4:17", "must have a shape specified, and fully so, but it is [?, 4]");
    row("v = tf.Variable(1.0, name='w')", "4:27", "there is a variable \"w\" already, on line 2");
    row("w = tf.Variable(1.0)", "4:5", "there is a variable \"w\" already, on line 2");
    row("v = tf.Variable(1.0, name='a b')", "4:27", "\"a b\" is no legal name");
    row("v = tf.Variable(1.0, name='')", "4:27", "\"\" is no legal name");
    row("v = tf.Variable(1.0, name='v:0')", "4:27", "\"v:0\" is no legal name");
    row("v = tf.Variable(1.0, name=3)", "4:27", "a string in quotes is expected here");
    row("v = tf.Variable(1.0, trainable=1)", "4:32", "True or False is expected here");
    row("v = tf.Variable(tf.zeros([2]), dtype=tf.float64)", "4:17",
        "the initial value is float32, not float64");
    row("for i in range(3):\n  v = tf.Variable(1.0)", "5:7", "there is a variable \"v\" already, on line 5");
    row("with tf.device('/cpu:0/gpu:0'): pass", "4:16", "Cannot specify multiple device types");
    row("with tf.device('/cpu:x'): pass", "4:16", "needs a number, as in cpu:0");
    row("with tf.device('/tpu:0'): pass", "4:16", "\"tpu:0\" is neither a job, replica or task nor a device");
    row("with tf.device('/job:'): pass", "4:16", "names no job");
    row("with tf.device(7): pass", "4:16", "a string in quotes is expected");
    row("with tf.device(): pass", "4:6", "tf.device needs a device");
    row("with tf.name_scope(): pass", "4:6", "tf.name_scope needs a name");
    row("s = tf.train.Saver(w)", "4:20", "a list or a dictionary of variables");
    row("s = tf.train.Saver([x])", "4:20", "a saver takes variables");
    row("s = tf.train.Saver({'a': w, 'a': w})", "4:20", "At least two variables have the same name: a");
    row("s = tf.train.Saver({'a': w, 'b': w})", "4:20", "restored with two names: w");
}

void TestDiagnostics::training_data()
{
    columns();
    const auto minimize = [](const char* optimizer, const char* loss, const char* place,
                             const char* fragment) {
        const std::string script =
            std::string("o = tf.train.") + optimizer + "\nt = o.minimize(" + loss + ")";
        row(script.c_str(), place, fragment);
    };
    minimize("GradientDescentOptimizer(0.1)", "w", "5:16",
             "floating-point scalar, but it is float32 of shape [4, 2]");
    minimize("GradientDescentOptimizer(0.1)", "tf.reduce_sum(w), var_list=[]", "5:5",
             "No variables to optimize.");
    row("o = tf.train.GradientDescentOptimizer()", "4:5", "needs the argument \"learning_rate\"");
    row("o = tf.train.GradientDescentOptimizer(-0.1)", "4:39", "the learning rate cannot be negative");
    row("o = tf.train.GradientDescentOptimizer('0.1')", "4:39", "a number is expected here");
    row("o = tf.train.GradientDescentOptimizer([0.1])", "4:39", "a number is expected here");
    minimize("GradientDescentOptimizer(tf.constant([0.1, 0.2]))", "tf.reduce_sum(w)", "4:39",
             "a learning rate is a floating-point scalar, but this is float32 of shape [2]");
    row("o = tf.train.MomentumOptimizer(0.1)", "4:5", "needs the argument \"momentum\"");
    row("o = tf.train.AdamOptimizer(beta1=1.0)", "4:34", "beta1 must lie in [0, 1)");
    row("o = tf.train.AdamOptimiser()", "4:5", "did you mean tf.train.AdamOptimizer?");
    row("d = wr.data.digits(train=0)", "4:5", "train must be from 1");
    row("d = wr.data.idx(images='a')", "4:5", "needs the argument \"labels\"");
    row("d = wr.data.idx(images='a', labels=1)", "4:36", "a string in quotes is expected here");
    row("wr.train(w, data=wr.data.digits(), inputs=x, labels=y)", "4:10", "the result of minimize");
    const std::string recipe = "t = tf.train.AdamOptimizer().minimize(tf.reduce_sum(tf.matmul(x, w)))\n"
                               "d = wr.data.digits()\n";
    const auto train = [&](const char* call, const char* place, const char* fragment) {
        row((recipe + call).c_str(), place, fragment);
    };
    train("wr.train(t, data=3, inputs=x, labels=y)", "6:18", "a data set, as wr.data.digits");
    train("wr.train(t, data=d, inputs=y, labels=y)", "6:28", "inputs must be a float32 placeholder");
    train("wr.train(t, data=d, inputs=x, labels=x)", "6:38", "labels must be an int32 or int64 placeholder");
    train("wr.train(t, data=d, inputs=x, labels=y, batch_size=0)", "6:1", "from 1 to 1,000,000");
    train("wr.train(t, data=d, inputs=x, labels=y, metrics={'a': x})", "6:49", "a float32 scalar");
    train("wr.train(t, data=d, inputs=x, labels=y, epoch=3)", "6:41", "did you mean epochs?");
    train("wr.train(t, data=d, inputs=x, labels=y)\nwr.train(t, data=d, inputs=x, labels=y)", "7:1",
          "there is a wr.train(…) already");
    row("v = tf.Variable(1.0)\nt = tf.train.AdamOptimizer().minimize(tf.reduce_sum(w))", "5:5",
        "the loss does not depend on \"v\"");
}

void TestDiagnostics::statements_data()
{
    columns();
    row("a += 1", "4:1", "\"+=\" is not part of Weightroom's script");
    row("a += b", "4:6", "\"b\" is not defined");
    row("w += 1.0", "4:1", "\"+=\" is not part of Weightroom's script");
    row("a, b = 1", "4:1", "2 names stand before \"=\", but not as many values after it");
    row("a, b = [1, 2, 3]", "4:1", "2 names stand before \"=\"");
    row("a.b = 1", "4:1", "only names can be assigned to");
    row("for i in 3: pass", "4:10", "a loop runs over range(n) or a list");
    row("for i in range(2): a = undefined", "4:24", "\"undefined\" is not defined");
    row("def f(): pass", "4:1", "\"def\" is not part of Weightroom's script");
    row("a = lambda b: b", "4:5", "only a lambda without parameters");
    row("a = (1", "4:5", "expected \")\"");
}

void TestDiagnostics::suggests_data()
{
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("expected");
    const auto pair = [](const char* word, const char* expected) {
        QTest::newRow(word) << QString::fromUtf8(word) << QString::fromUtf8(expected);
    };
    pair("weights", "weights");
    pair("wieghts", "weights"); // two letters swapped
    pair("weigths", "weights");
    pair("weight", "weights");
    pair("weightss", "weights");
    pair("wights", "weights");
    pair("biasses", "biases");
    pair("out_weihgts", "out_weights");
    pair("b", ""); // too short for a guess
    pair("zz", "");
    pair("", "");
    pair("completely_other", "");
    pair("weights_of_the_first_layer", "");
}

void TestDiagnostics::suggests()
{
    QFETCH(QString, word);
    QFETCH(QString, expected);
    const std::vector<std::string_view> candidates{"weights", "biases", "out_weights", "out_biases", "x"};
    QCOMPARE(text(nearestName(word.toStdString(), candidates)), expected);
    QCOMPARE(text(nearestName(word.toStdString(), {})), QString());
    QCOMPARE(text(nearestName(std::string(100000, 'w'), candidates)), QString());
}

/// Applying the fix of the only problem leaves none.
void TestDiagnostics::fixes_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("expected");
    const auto fix = [](const char* script, const char* label, const char* expected) {
        QTest::newRow(rowName(script).c_str())
            << QString::fromUtf8(script) << QString::fromUtf8(label) << QString::fromUtf8(expected);
    };
    fix("a = tf.Varible(1.0)", "Change to tf.Variable", "a = tf.Variable(1.0)");
    fix("count = 3\na = tf.zeros([cuont])", "Change to count", "count = 3\na = tf.zeros([count])");
    fix("v = tf.Variable(..., name='v')", "Start with zeros", "v = tf.Variable(tf.zeros([1]), name='v')");
    fix("v = tf.Variable(1.0, name='w')", "Call this one \"w_2\"", "v = tf.Variable(1.0, name=\"w_2\")");
    fix("w = tf.Variable(1.0)", "Call this one \"w_2\"", "w = tf.Variable(1.0, name=\"w_2\")");
}

void TestDiagnostics::fixes()
{
    QFETCH(QString, script);
    QFETCH(QString, label);
    QFETCH(QString, expected);
    const std::string before = kPrelude + script.toStdString();
    const auto model = modelOf(before);
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    const script::Diagnostic& diagnostic = model->diagnostics[0];
    QCOMPARE(text(diagnostic.fixLabel), label);
    QCOMPARE(diagnostic.fix.size(), std::size_t{1});
    std::string after = before;
    const script::TextRange range = diagnostic.fix[0].range;
    after.replace(range.begin, range.end - range.begin, diagnostic.fix[0].replacement);
    QCOMPARE(text(after), text(kPrelude) + expected);
    QCOMPARE(problems(*modelOf(after)), QString());
}

/// A bad value is named where it stands, and whatever uses it keeps silent.
void TestDiagnostics::saysItOnce()
{
    const auto model =
        modelOf("a = tf.zeros([nothing])\nb = a + 1.0\nc = tf.Variable(b)\nd = [a, b, c]\n"
                "for i in range(9):\n  e = c * mistake\nwith tf.device(a):\n  f = c.assign(b)\n");
    const QStringList found = placed(*model);
    QVERIFY2(found.size() == 2, qPrintable(found.join(QLatin1Char('\n'))));
    QVERIFY(found[0].startsWith(QStringLiteral("1:15 ")));
    QVERIFY(found[1].startsWith(QStringLiteral("6:11 ")));
}

void TestDiagnostics::sortsByPlace()
{
    const auto model = modelOf("a = nothing\nb = (\nc = missing\nd = 1 +\n");
    QStringList places;
    for (const QString& line : placed(*model))
        places.push_back(line.section(QLatin1Char(' '), 0, 0));
    QCOMPARE(places, list({"1:5", "2:6", "3:5", "4:8"}));
}

QTEST_GUILESS_MAIN(TestDiagnostics)
#include "tst_diagnostics.moc"
