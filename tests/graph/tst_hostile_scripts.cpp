// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/graph/model_text.h"

#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <random>
#include <string>

using namespace wr;
using namespace wr::graph;

namespace {

std::string repeated(const std::string& part, int times)
{
    std::string whole;
    for (int i = 0; i < times; ++i)
        whole += part;
    return whole;
}

} // namespace

/// Scripts that would fill the memory, the stack or the day end in one problem each.
class TestHostileScripts : public QObject {
    Q_OBJECT
private slots:
    void survives_data();
    void survives();
    void survivesMutations();
};

void TestHostileScripts::survives_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<QString>("fragment");
    const auto hostile = [](const char* name, const std::string& script, const char* fragment) {
        QTest::newRow(name) << QByteArray::fromStdString(script) << QString::fromUtf8(fragment);
    };
    hostile("doubling lists", "a = [1, 2, 3]\n" + repeated("a = a + a\n", 60), "256 MiB");
    hostile("nesting lists", "a = []\nfor i in range(100000):\n  a = [a]\n", "256 MiB");
    hostile("doubling trees", "a = [1]\nfor i in range(80):\n  a = [a, a]\n", "256 MiB");
    hostile("doubling texts", "a = 'text'\n" + repeated("a = a + a\n", 60), "256 MiB");
    hostile("doubling texts in names", "a = 'text'\n" + repeated("a = f'{a}{a}'\n", 60), "256 MiB");
    hostile("collections in loops",
            "for i in range(3000):\n  v = tf.Variable(1.0, name=f'v{i}')\n"
            "for i in range(100000):\n  c = tf.get_collection('variables', '(a*)*b')\n",
            "256 MiB");
    hostile("comprehensions in loops",
            "a = range(1000)\nfor i in range(1000):\n  b = [j for j in a if j > 3]\n", "steps in all");
    hostile("growing lists", "a = [1]\nfor i in range(1000):\n  a.append(a)\n", "256 MiB");
    hostile("waiting for many",
            "v = tf.Variable(1.0)\na = [v + 1.0 for i in range(90000)]\nfor i in range(100000):\n"
            "  with tf.control_dependencies(a):\n    b = v * 2.0\n",
            "256 MiB");
    hostile("gradients in loops",
            "v = tf.Variable(1.0)\na = v\nfor i in range(60000):\n  a = a * 2.0\n"
            "u = tf.Variable(1.0)\nfor i in range(100000):\n  g = tf.gradients(a, u)\n",
            "too many gradients");
    hostile("loops in loops", "for i in range(100000):\n  for j in range(100000):\n    a = i + j\n",
            "steps in all");
    hostile("long bodies", "for i in range(100000):\n" + repeated("  a = 1\n", 1000), "steps in all");
    hostile("long sum", "a = tf.zeros([1])\nb = " + repeated("a + ", 900) + "a\n", "nested too deeply");
    hostile("big shapes", repeated("tf.zeros([1099511627776])\n", 100) + "b = tf.zeros([1099511627777])\n",
            "too many elements");
    hostile("wide numbers", "a = [1e999, -1e999, 99999999999999999999]\nb = tf.Variable(a, dtype=tf.int64)\n",
            "whole number");
    hostile("overflow", "a = tf.zeros([9223372036854775807 + 1])", "whole numbers");
    hostile("smallest over minus one", "a = (-9223372036854775807 - 1) // -1\nb = tf.zeros([a])",
            "cannot be applied");
}

void TestHostileScripts::survives()
{
    QFETCH(QByteArray, script);
    QFETCH(QString, fragment);
    QElapsedTimer timer;
    timer.start();
    const auto model = modelOf(script.toStdString());
    const qint64 elapsed = timer.elapsed();
    const QStringList found = placed(*model);
    QVERIFY2(found.size() == 1, qPrintable(found.join(QLatin1Char('\n')).left(2000)));
    QVERIFY2(found[0].contains(fragment), qPrintable(found[0]));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
    constexpr qint64 kLongest = 200000; // every access is checked
#else
    constexpr qint64 kLongest = 20000;
#endif
    QVERIFY2(elapsed < kLongest, qPrintable(QStringLiteral("%1 ms").arg(elapsed)));
}

/// The example with a few of its words replaced: whatever comes out has a place for each problem and whole
/// nodes.
void TestHostileScripts::survivesMutations()
{
    QFile file(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples/digits/model.wr"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString script =
        QString::fromUtf8(file.readAll()) +
        QStringLiteral("v = tf.Variable(weights.initialized_value() * 2.0)\nu = biases.assign_add(biases)\n"
                       "saver = tf.train.Saver({'my_v': v})\nfor i in range(3):\n  "
                       "s = tf.Variable(tf.ones([i, 2]), name=f's{i}')\n"
                       "with tf.variable_scope('sc', partitioner=tf.fixed_size_partitioner(2)) as sc:\n"
                       "  p = tf.get_variable('p', [4, 2], initializer=tf.orthogonal_initializer(gain=2.0))\n"
                       "  k = tf.get_variable('k', initializer=tf.zeros([2, 3]))\n"
                       "with tf.variable_scope(sc, reuse=True):\n"
                       "  g = tf.get_variable('p', [4, 2]) + 1.0\n"
                       "q = tf.get_variable('q', [3], initializer=tf.constant_initializer([1, 2]))\n"
                       "r = tf.scatter_add(q, [0], [1.0])\nimport math\n"
                       "c = tf.get_collection('variables', 'sc/(p|k)+')\n"
                       "h = {'a': tf.Variable(math.sqrt(2.0)), 'b': tf.Variable(c[0] * 2.0)}\n"
                       "l = h['a'] + tf.linspace(0.0, 1.0, 3)\n"
                       "m = tf.Variable(tf.random_shuffle(tf.range(4)), validate_shape=False)\n"
                       "n = tf.min_max_variable_partitioner(3, 0, 16)\n"
                       "o = tf.get_variable('o', l.get_shape(), partitioner=n)\n"
                       "t = tf.eye(2, 3) * tf.random_uniform([2, 3], maxval=5.0, seed=3)\n");
    QCOMPARE(problems(*modelOf(script.toStdString())), QString());
    static const QRegularExpression word(QStringLiteral(R"([\w.]+|"[^"]*"|[()\[\],=+*])"));
    QStringList words{QStringLiteral("..."),
                      QStringLiteral("None"),
                      QStringLiteral("-1"),
                      QStringLiteral("0"),
                      QStringLiteral("1e999"),
                      QStringLiteral("[]"),
                      QStringLiteral("{}"),
                      QStringLiteral("9223372036854775807"),
                      QStringLiteral("''"),
                      QStringLiteral("tf"),
                      QStringLiteral("weights.initial_value")};
    QList<QPair<qsizetype, qsizetype>> places;
    for (auto found = word.globalMatch(script); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        words.push_back(match.captured());
        places.push_back({match.capturedStart(), match.capturedLength()});
    }
    std::mt19937_64 random(17);
    const auto pick = [&](qsizetype count) {
        return static_cast<qsizetype>(random() % static_cast<std::uint64_t>(count));
    };
    int sound = 0;
    for (int round = 0; round < 2000; ++round) {
        QString mutant = script;
        QList<qsizetype> chosen;
        for (qsizetype left = 1 + pick(3); left > 0; --left)
            chosen.push_back(pick(places.size()));
        std::sort(chosen.rbegin(), chosen.rend());
        for (const qsizetype index : chosen)
            mutant.replace(places[index].first, places[index].second, words[pick(words.size())]);
        const auto model = modelOf(mutant.toStdString());
        sound += model->hasErrors() ? 0 : 1;
        for (const script::Diagnostic& diagnostic : model->diagnostics) {
            QVERIFY(!diagnostic.message.empty());
            QVERIFY(diagnostic.range.begin <= diagnostic.range.end);
            QVERIFY(diagnostic.range.end <= model->tree->text().size());
        }
        for (std::size_t id = 0; id < model->graph.nodes().size(); ++id) {
            for (const NodeId input : model->graph.nodes()[id].inputs)
                QVERIFY2(input >= 0 && input < static_cast<NodeId>(id), qPrintable(mutant));
        }
        for (const Variable& variable : model->variables)
            QVERIFY(variable.node >= 0 && model->findVariable(variable.name) == &variable);
    }
    QVERIFY2(sound > 100 && sound < 1800, qPrintable(QString::number(sound))); // some replacements do no harm
}

QTEST_GUILESS_MAIN(TestHostileScripts)
#include "tst_hostile_scripts.moc"
