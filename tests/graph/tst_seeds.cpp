// SPDX-License-Identifier: GPL-3.0-or-later
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

/// Seeds, and the numbers that they give: against what TensorFlow itself printed.
class TestSeeds : public QObject {
    Q_OBJECT
private slots:
    void seedsAsTensorFlowDoes_data();
    void seedsAsTensorFlowDoes();
    void drawsTheNextRun();
    void countsOps_data();
    void countsOps();
    void saysWhereTheCountIsAGuess();
    void pairsSeeds();
    void keepsNamesAsTheRule();

private:
    std::unique_ptr<session::Session> sessionOf(const std::shared_ptr<const Model>& model)
    {
        if (!m_runtime)
            m_runtime = runtime::Runtime::create({1, 1, {}, {}}).value();
        return session::Session::create(model, *m_runtime).value();
    }

    std::unique_ptr<runtime::Runtime> m_runtime;
};

/// Numbers that TensorFlow printed, from scripts.
void TestSeeds::seedsAsTensorFlowDoes_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QVector<quint64>>("seeds"); // pairs, of the random ops in turn
    QTest::addColumn<Numbers>("values");         // of the first op
    QTest::addColumn<Numbers>("last");           // of the last op
    const auto row = [](const char* name, const std::string& script, const QVector<quint64>& seeds,
                        const Numbers& values, const Numbers& last) {
        QTest::newRow(name) << QString::fromStdString(script) << seeds << values << last;
    };
    const std::string old = "wr.options(seeds=\"tensorflow\", tensorflow=\"0.11\")\n";
    const std::string later = "wr.options(seeds=\"tensorflow\")\n";
    const Numbers alone{0.47769845, -1.17613626, -1.06156325, -0.85632306, -0.62591958};
    const Numbers behind{1.58872545, 0.94011414, -1.35924089, 1.19359171, 1.48940694};
    const char* const get = "y = tf.get_variable('y', [1, 5])\n";
    row("alone", old + "tf.set_random_seed(42)\n" + get, {42, 3}, alone, {});
    row("behind a summary", old + "tf.set_random_seed(42)\ntf.scalar_summary('dummy', 1.0)\n" + get, {42, 6},
        behind, {});
    const std::string twice = "tf.set_random_seed(1)\nx = tf.constant(0.0)\n"
                              "a = tf.truncated_normal_initializer()([1])\n"
                              "b = tf.truncated_normal_initializer()([1])\n";
    row("two initializers", later + twice, {1, 4, 1, 10}, {1.05293429}, {-0.4487586});
    row("two initializers, 0.11", old + twice, {1, 4, 1, 10}, {1.05293429}, {-0.4487586});
    const Numbers weights{0.28075090, 0.17698765, 0.63420445, -0.01116193};
    row("the how-to's weights",
        later + "tf.set_random_seed(42)\nweights = tf.Variable("
                "tf.random_normal([784, 200], stddev=0.35), name=\"weights\")\n",
        {42, 3}, weights, {});
    // With a seed of the op alone, whatever the rule.
    const Numbers twelve{-0.43663138, 0.8449775, -0.01180986, -0.8844008, -0.18527539, 0.21195167};
    row("seed=12", "a = tf.Variable(tf.random_normal([2, 3], seed=12))\n", {87654321, 12}, twelve, {});
    row("seed=12, TensorFlow's rule", later + "a = tf.Variable(tf.random_normal([2, 3], seed=12))\n",
        {87654321, 12}, twelve, {});
    row("uniform", "a = tf.random_uniform([4], seed=1)\n", {87654321, 1},
        {0.23903739, 0.92039955, 0.05051243, 0.49574447}, {});
    row("uniform, float64", "a = tf.random_uniform([2], dtype=tf.float64, seed=1)\n", {87654321, 1},
        {0.91229992345, 0.40409974846}, {});
    row("normal", "a = tf.random_normal([4], seed=1)\n", {87654321, 1},
        {-0.81131822, 1.48459876, 0.06532937, -2.44270420}, {});
    row("truncated", "a = tf.truncated_normal([8], seed=1)\n", {87654321, 1},
        {-0.81131822, 1.48459876, 0.06532937, 0.09924840, 0.63969707, 1.61087120, 0.16353562, -1.51570559},
        {});
    row("whole numbers",
        "tf.set_random_seed(5)\na = tf.random_uniform([], maxval=3, dtype=tf.int32, seed=10)\n", {5, 10}, {2},
        {});
}

void TestSeeds::seedsAsTensorFlowDoes()
{
    QFETCH(QString, script);
    QFETCH(QVector<quint64>, seeds);
    QFETCH(Numbers, values);
    QFETCH(Numbers, last);
    const auto model = modelOf(script.toStdString());
    QCOMPARE(problems(*model), QString());
    std::vector<NodeId> drawn;
    QVector<quint64> found;
    for (std::size_t id = 0; id < model->graph.nodes().size(); ++id) {
        const Node& node = model->graph.nodes()[id];
        if (node.op != OpCode::RandomUniform && node.op != OpCode::RandomNormal &&
            node.op != OpCode::TruncatedNormal && node.op != OpCode::RandomUniformInt)
            continue;
        drawn.push_back(static_cast<NodeId>(id));
        found += {node.attributes.seed, node.attributes.seed2};
    }
    QCOMPARE(found, seeds);
    const auto session = sessionOf(model);
    const auto tensors = session->evaluate(drawn, {});
    if (!tensors && tensors.error().code() == StatusCode::Unimplemented)
        QSKIP("this build has no kernel for it");
    QVERIFY2(tensors.has_value(), tensors ? "" : tensors.error().message().c_str());
    QCOMPARE(difference(numbersOf(tensors->front()), values), QString());
    QCOMPARE(difference(numbersOf(tensors->back()), last), QString());
}

/// Initialising again in the same session goes on in the stream of numbers; a new session begins anew.
void TestSeeds::drawsTheNextRun()
{
    const auto model = modelOf("v = tf.Variable(tf.random_normal([2, 3], seed=12))\n");
    const Numbers first{-0.43663138, 0.8449775, -0.01180986, -0.8844008, -0.18527539, 0.21195167};
    const Numbers second{-1.587453, -1.2733358, 1.568891, 1.3985995, -0.2998891, 0.6742214};
    for (int round = 0; round < 2; ++round) {
        const auto session = sessionOf(model);
        QVERIFY(session->initializeAll().isOk());
        QCOMPARE(difference(numbersOf(session->value("v").value()), first), QString());
        QVERIFY(session->initializeAll().isOk());
        QCOMPARE(difference(numbersOf(session->value("v").value()), second), QString());
    }
}

/// How many ops TensorFlow makes of a line: the second seed of a random op behind it, less the three
/// constants of its own.
void TestSeeds::countsOps_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("later");
    QTest::addColumn<int>("old");
    const auto row = [](const char* line, int later, int old) {
        QTest::newRow(line) << QString::fromUtf8(line) << later << old;
    };
    row("", 0, 0);
    row("a = 1 + 2", 0, 0);
    row("a = tf.constant(1.0)", 1, 1);
    row("a = tf.constant(1.0, shape=[5])", 1, 1);
    row("a = tf.constant([1, 2], shape=[5])", 1, 1);
    row("a = tf.zeros([999])", 1, 1);
    row("a = tf.zeros([1000])", 3, 1);
    row("a = tf.ones([10])", 1, 1);
    row("a = tf.fill([2], 1.0)", 3, 3);
    row("a = tf.zeros_like([1.0])", 2, 2);
    row("a = tf.ones_like(tf.constant(1.0))", 4, 4);
    row("a = tf.range(3)", 4, 4);
    row("a = tf.linspace(0.0, 1.0, 3)", 4, 4);
    row("a = tf.placeholder(tf.float32, [2])", 1, 1);
    row("a = tf.random_normal([2], seed=1)", 6, 6);
    row("a = tf.truncated_normal([2], seed=1)", 6, 6);
    row("a = tf.random_uniform([2], seed=1)", 7, 7);
    row("a = tf.random_uniform([2], maxval=3, dtype=tf.int32, seed=1)", 4, 4);
    row("a = tf.random_shuffle([1, 2], seed=1)", 2, 2);
    row("a = tf.Variable(1.0)", 4, 4);
    row("a = tf.Variable(tf.zeros([2]))", 4, 4);
    row("a = tf.Variable(tf.zeros([1000]))", 6, 4);
    row("a = tf.Variable(tf.random_normal([2]))", 9, 9);
    row("a = tf.get_variable('a', [2])", 10, 10);
    row("a = tf.get_variable('a', [2], initializer=tf.constant_initializer(1.0))", 4, 4);
    row("a = tf.Variable(1.0)\nb = a * 2.0", 6, 6);
    row("a = tf.Variable(1.0)\nb = a.assign(2.0)", 6, 6);
    row("a = tf.matmul([[1.0]], [[1.0]])", 3, 3);
    row("a = tf.reshape([1.0], [1, 1])", 3, 3);
    row("a = tf.reduce_sum([1.0])", 3, 3);
    row("tf.summary.scalar('a', 1.0)", 3, 3);
}

void TestSeeds::countsOps()
{
    QFETCH(QString, line);
    QFETCH(int, later);
    QFETCH(int, old);
    for (const bool isOld : {false, true}) {
        const std::string options = isOld ? "wr.options(seeds='tensorflow', tensorflow='0.11')\n"
                                          : "wr.options(seeds='tensorflow')\n";
        const auto model = modelOf(options + "tf.set_random_seed(7)\n" + line.toStdString() +
                                   "\nend = tf.random_normal([1])\n");
        QCOMPARE(problems(*model), QString());
        const Node& node = model->graph.nodes().back();
        QCOMPARE(node.op, OpCode::RandomNormal);
        QCOMPARE(node.attributes.seed, std::uint64_t{7});
        QCOMPARE(node.attributes.seed2, static_cast<std::uint64_t>((isOld ? old : later) + 3));
    }
}

void TestSeeds::saysWhereTheCountIsAGuess()
{
    const std::string before =
        "wr.options(seeds='tensorflow')\ntf.set_random_seed(7)\nw = tf.Variable([1.0])\n"
        "t = tf.train.AdamOptimizer().minimize(tf.reduce_sum(w * w))\n";
    const std::string script =
        before + "a = tf.Variable(tf.random_normal([2], seed=3))\n"
                 "b = tf.Variable(tf.random_normal([2]))\nc = tf.Variable(tf.random_normal([2]))\n";
    const auto model = modelOf(script);
    QVERIFY(!model->hasErrors());
    QCOMPARE(model->diagnostics.size(), std::size_t{1}); // for b, and not again for c
    const script::Diagnostic& note = model->diagnostics[0];
    QCOMPARE(note.severity, script::Severity::Note);
    QCOMPARE(model->tree->position(note.range.begin).line, 6);
    QVERIFY2(text(note.message).contains(QStringLiteral("minimize()")), note.message.c_str());
    std::string mended = script;
    QCOMPARE(note.fix.size(), std::size_t{1});
    mended.replace(note.fix[0].range.begin, note.fix[0].range.end - note.fix[0].range.begin,
                   note.fix[0].replacement);
    const auto after = modelOf(mended);
    // The seed that is written down draws what was drawn before.
    QCOMPARE(initial(*after, "b").attributes.seed2, initial(*model, "b").attributes.seed2);
    QCOMPARE(after->diagnostics.size(), std::size_t{1}); // now for c
    QVERIFY(
        modelOf(script.substr(script.find('\n') + 1))->diagnostics.empty()); // by names nothing is a guess
}

void TestSeeds::pairsSeeds()
{
    QCOMPARE(tensorFlowSeeds(42, 3, true), (SeedPair{42, 3}));
    QCOMPARE(tensorFlowSeeds(0, 0, true), (SeedPair{0, 2147483647}));
    QCOMPARE(tensorFlowSeeds(0, 0, false), (SeedPair{0, 0}));
    QCOMPARE(tensorFlowSeeds(2147483647, 2147483648, true), (SeedPair{0, 1}));
    QCOMPARE(tensorFlowSeeds(static_cast<std::uint64_t>(-1), -2, true), (SeedPair{2147483646, 2147483645}));
    const auto old = modelOf("wr.options(seeds='tensorflow', tensorflow='0.11')\ntf.set_random_seed(0)\n"
                             "a = tf.random_normal([1], seed=0)\n");
    QVERIFY(!old->hasErrors() && old->diagnostics.size() == 1);
    QVERIFY(problems(*old).contains(QStringLiteral("draws other values each time")));
    const auto later = modelOf("wr.options(seeds='tensorflow')\ntf.set_random_seed(0)\n"
                               "a = tf.random_normal([1], seed=0)\n");
    QCOMPARE(problems(*later), QString());
    QCOMPARE(later->graph.nodes().back().attributes.seed2, std::uint64_t{2147483647});
}

/// Without the option nothing that stands elsewhere changes a variable's values.
void TestSeeds::keepsNamesAsTheRule()
{
    const std::string tail = "w = tf.get_variable('w', [2])\n";
    const auto alone = modelOf(tail);
    const auto among = modelOf("a = tf.zeros([5000])\nb = tf.Variable(a + 1.0)\n" + tail);
    QCOMPARE(initial(*alone, "w").attributes.seed2, initial(*among, "w").attributes.seed2);
    // TensorFlow's rule without any seed: it would draw others each time, so the name decides too.
    const auto unseeded = modelOf("wr.options(seeds='tensorflow')\n" + tail);
    QCOMPARE(initial(*unseeded, "w").attributes.seed2, nameSeed(kDefaultGraphSeed, "w"));
}

QTEST_GUILESS_MAIN(TestSeeds)
#include "tst_seeds.moc"
