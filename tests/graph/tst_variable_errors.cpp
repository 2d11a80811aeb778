// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/graph/model_text.h"

#include <QTest>

#include <string>

using namespace wr;
using namespace wr::graph;

/// Every situation around variables and initial values that TensorFlow refuses, with the class of its error
/// and the words that people search for.
class TestVariableErrors : public QObject {
    Q_OBJECT
private slots:
    void refuses_data();
    void refuses();
    void refusesAsOldVersionsDo_data();
    void refusesAsOldVersionsDo();
};

void TestVariableErrors::refuses_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("errorClass");
    QTest::addColumn<QString>("fragment");
    const auto row = [](const char* script, const char* errorClass, const char* fragment) {
        QTest::newRow(script) << QString::fromUtf8(script) << QString::fromUtf8(errorClass)
                              << QString::fromUtf8(fragment);
    };
    const char* const value = "ValueError";
    const char* const type = "TypeError";
    const char* const invalid = "InvalidArgumentError";
    // Creation
    row("v = tf.Variable()", value, "initial_value must be specified");
    row("v = tf.Variable(None)", value, "initial_value must be specified");
    row("v = tf.Variable(1.0, variable_def=3)", value,
        "variable_def and initial_value are mutually exclusive");
    row("x = tf.placeholder(tf.float32, [None])\nv = tf.Variable(x)", value,
        "initial_value must have a shape specified");
    row("v = tf.Variable(1.0, collections='variables')", value, "must be a list, tuple, or set");
    row("v = tf.Variable(tf.zeros([2]), expected_shape=[3])", value, "Shapes [2] and [3] are not compatible");
    row("v = tf.Variable(tf.zeros([2]), dtype=tf.float64)", value,
        "the initial value is float32, not float64");
    row("v = tf.Variable(tf.zeros_initializer())", type, "required argument 'shape'");
    row("v = tf.Variable(1.0, name='a b')", value, "is no legal name");
    row("v = tf.Variable(1.0)\nfor i in v: pass", type, "a loop runs over");
    // get_variable
    row("v = tf.get_variable('w')", value, "Shape of a new variable (w) must be fully defined");
    row("v = tf.get_variable('w', [None, 2])", value, "must be fully defined, but instead was [?, 2].");
    row("v = tf.get_variable('w', [2])\nu = tf.get_variable('w', [2])", value,
        "Variable w already exists, disallowed. Did you mean to set reuse=True");
    row("with tf.variable_scope('s', reuse=True):\n  v = tf.get_variable('w', [2])", value,
        "Variable s/w does not exist, or was not created with tf.get_variable()");
    row("w = tf.Variable(1.0)\nwith tf.variable_scope('', reuse=True):\n  v = tf.get_variable('w', [])",
        value, "does not exist, or was not created with tf.get_variable()");
    row("v = tf.get_variable('w', [2])\nwith tf.variable_scope('', reuse=True):\n  tf.get_variable('w', [3])",
        value, "Trying to share variable w, but specified shape [3] and found shape [2].");
    row("v = tf.get_variable('w', [2])\nwith tf.variable_scope('', reuse=True):\n"
        "  tf.get_variable('w', [2], tf.float64)",
        value, "Trying to share variable w, but specified dtype float64 and found dtype float32.");
    row("v = tf.get_variable('w', [2], initializer=tf.zeros([2]))", value,
        "If initializer is a constant, do not specify shape");
    row("v = tf.get_variable('w', [2], tf.int32, tf.random_normal_initializer())", value,
        "Expected floating point type, got int32.");
    // Scopes
    row("with tf.variable_scope(None): pass", value, "name_or_scope is required");
    row("with tf.variable_scope(3): pass", type, "a name in quotes or another scope");
    row("with tf.variable_scope('s', reuse=3): pass", value,
        "The reuse parameter must be True or False or None");
    row("with tf.variable_scope('s', partitioner=3): pass", type, "Partitioner must be callable");
    // Partitioners
    row("p = tf.fixed_size_partitioner(0)", value, "num_shards must be positive");
    row("p = tf.variable_axis_size_partitioner(0)", value,
        "max_shard_bytes and bytes_per_string_element must be");
    row("p = tf.variable_axis_size_partitioner(9, max_shards=0)", value, "max_shards must be positive.");
    row("p = tf.min_max_variable_partitioner(0)", value, "max_partitions must be positive.");
    row("p = tf.min_max_variable_partitioner(2, 0, 0)", value, "min_slice_size must be positive.");
    row("v = tf.get_variable('w', [4], partitioner=[2])", type, "Partitioner must be callable");
    row("v = tf.get_variable('w', [4], partitioner=tf.fixed_size_partitioner(2, axis=1))", value,
        "Can not partition along axis 1 when shape is only [4]");
    row("v = tf.create_partitioned_variables([4], [], tf.zeros_initializer())", value, "and not empty");
    row("v = tf.create_partitioned_variables([4], [0], tf.zeros_initializer())", value,
        "slicing must be positive");
    row("v = tf.create_partitioned_variables([4], [1, 2], tf.zeros_initializer())", value,
        "must have the length");
    row("v = tf.create_partitioned_variables([4, 4], [2, 2], tf.zeros_initializer())", "NotImplementedError",
        "Cannot slice a variable along more than one dimension");
    const char* const cut = "p = tf.fixed_size_partitioner(2)\nv = tf.get_variable('w', [4], partitioner=p)\n"
                            "with tf.variable_scope('', reuse=True):\n  u = tf.get_variable('w', [4]";
    row((std::string(cut) + ")").c_str(), value, "a partitioned version of it exists (found w/part_0)");
    row((std::string(cut) + ", partitioner=tf.fixed_size_partitioner(4))").c_str(), value,
        "Trying to reuse partitioned variable w with 4 partitions, but found 2");
    row("v = tf.get_variable('w', [4], partitioner=tf.fixed_size_partitioner(2))\nu = tf.assign(v, [1, 2, 3, "
        "4])",
        "NotImplementedError", "has not been implemented for PartitionedVariable");
    // Mutations
    row("v = tf.Variable([1.0])\nu = v.assign([1.0, 2.0])", value, "lhs shape= [1] rhs shape= [2]");
    row("v = tf.Variable([1.0])\nu = tf.assign_add(v, [1.0, 2.0])", value, "lhs shape= [1] rhs shape= [2]");
    row("v = tf.Variable([1.0])\nu = v.assign(tf.constant([1]))", type, "of one type");
    row("v = tf.zeros([1])\nu = tf.assign(v, [1.0])", type, "requires l-value input");
    row("v = tf.Variable([1.0])\nu = v.scatter_sub([1.0])", type, "sparse_delta is not IndexedSlices");
    row("v = tf.Variable([1.0])\nu = tf.scatter_update(v, [0], [[1.0]])", value, "Must have updates.shape =");
    row("v = tf.Variable([1.0])\nu = tf.scatter_update(v, [0.5], [1.0])", value,
        "indices must be int32 or int64");
    // Producers
    row("v = tf.constant([1, 2, 3], shape=[2])", value,
        "Too many elements provided. Needed at most 2, but received 3");
    row("v = tf.constant([1, 2], shape=[2, 1], verify_shape=True)", type,
        "Expected Tensor's shape: [2, 1], got [2]");
    row("v = tf.fill(3, 1.0)", invalid, "dims must be a vector");
    row("v = tf.fill([3], [1.0])", invalid, "value must be a scalar");
    row("v = tf.linspace(0.0, 1.0, 0)", invalid, "Requires num > 0: 0");
    row("v = tf.linspace([0.0], 1.0, 2)", invalid, "start must be a scalar");
    row("v = tf.range(0, 3, 0)", invalid, "Requires delta != 0");
    row("v = tf.range(3, 0)", invalid, "Requires start <= limit when delta > 0");
    row("v = tf.random_uniform([2], dtype=tf.int32)", value, "Must specify maxval for integer dtype int32");
    row("v = tf.random_uniform([2], dtype=tf.bool)", value, "Invalid dtype bool");
    row("v = tf.random_uniform([2], 3, 2)", invalid, "Need minval < maxval, got 3.0 >= 2.0");
    row("v = tf.random_shuffle(1.0)", "", "a scalar has no rows");
    row("v = tf.constant_initializer('a')", type, "Invalid type for initial value");
    row("v = tf.constant_initializer([1, 2, 3])([2])", value, "Needed at most 2, but received 3");
    row("v = tf.truncated_normal_initializer(dtype=tf.int32)([2])", value, "Expected floating point type");
    row("v = tf.variance_scaling_initializer(scale=0.0)", value, "`scale` must be positive float.");
    row("v = tf.variance_scaling_initializer(mode='fan')", value, "Invalid `mode` argument: fan");
    row("v = tf.variance_scaling_initializer(distribution='cauchy')", value,
        "Invalid `distribution` argument");
    row("v = tf.orthogonal_initializer()([3])", value, "must be at least two-dimensional");
    row("v = tf.initializers.identity()([3])", value, "can only be used for 2D matrices");
    row("v = tf.get_collection(3)", "", "a string in quotes");
}

void TestVariableErrors::refuses()
{
    QFETCH(QString, script);
    QFETCH(QString, errorClass);
    QFETCH(QString, fragment);
    const auto model = modelOf(script.toStdString());
    const QStringList found = placed(*model);
    QVERIFY2(found.size() == 1, qPrintable(found.join(QLatin1Char('\n'))));
    QVERIFY2(found[0].contains(fragment), qPrintable(found[0]));
    QCOMPARE(text(model->diagnostics[0].errorClass), errorClass);
    QCOMPARE(model->diagnostics[0].severity, script::Severity::Error);
}

void TestVariableErrors::refusesAsOldVersionsDo_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("fragment");
    const auto row = [](const char* script, const char* fragment) {
        QTest::newRow(script) << QString::fromUtf8(script) << QString::fromUtf8(fragment);
    };
    row("v = tf.Variable(lambda: tf.zeros([1]))", "dtype must be specified too");
    row("v = tf.Variable([1.0])\nu = v.scatter_sub([1.0])", "sparse_delta is not IndexedSlices");
    row("v = tf.get_variable('w', [2], tf.int32)", "Expected floating point type, got int32.");
}

void TestVariableErrors::refusesAsOldVersionsDo()
{
    QFETCH(QString, script);
    QFETCH(QString, fragment);
    const auto old = modelOf("wr.options(tensorflow=\"0.11\")\n" + script.toStdString());
    QVERIFY2(problems(*old).contains(fragment), qPrintable(problems(*old)));
    QCOMPARE(text(old->diagnostics[0].errorClass), QStringLiteral("ValueError"));
    const auto later = modelOf(script.toStdString());
    QVERIFY(later->diagnostics.empty() || later->diagnostics[0].errorClass == "TypeError");
}

QTEST_GUILESS_MAIN(TestVariableErrors)
#include "tst_variable_errors.moc"
