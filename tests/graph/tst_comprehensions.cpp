// SPDX-License-Identifier: GPL-3.0-or-later
// Lists made from lists, zip, arguments after *, and questions about constants, as scripts write them around
// gradients and variables.
#include "tests/graph/model_text.h"

#include <QTest>

using namespace wr;
using namespace wr::graph;

class TestComprehensions : public QObject {
    Q_OBJECT
private slots:
    void makesLists_data();
    void makesLists();
    void keepsNames();
    void refuses_data();
    void refuses();
    void stopsAtTheLimit();
};

void TestComprehensions::makesLists_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected"); ///< names of the variables made
    const auto row = [](const char* name, const char* text, std::initializer_list<const char*> expected) {
        QTest::newRow(name) << QString::fromUtf8(text) << list(expected);
    };
    row("numbers", "all = [tf.Variable(0.0, name='v%s' % i) for i in range(0)]\nb = tf.Variable(1.0)\n",
        {"b float32 []"});
    row("names", "all = [tf.Variable(tf.zeros([n]), name=f'v{n}') for n in [2, 3]]\n",
        {"v2 float32 [2]", "v3 float32 [3]"});
    row("a condition", "all = [tf.Variable(0.0, name=n) for n in ['a', 'b_bias', 'c'] if 'bias' not in n]\n",
        {"a float32 []", "c float32 []"});
    row("two conditions", "all = [tf.Variable(tf.zeros([i])) for i in range(1, 9) if i > 2 if i <= 4]\n",
        {"all float32 [3]", "all_2 float32 [4]"});
    row("rows", "all = [tf.Variable(tf.zeros([n]), name=s) for s, n in [('a', 2), ('b', 5)]]\n",
        {"a float32 [2]", "b float32 [5]"});
    row("zip", "all = [tf.Variable(tf.zeros([n]), name=s) for s, n in zip(['a', 'b', 'c'], [2, 5])]\n",
        {"a float32 [2]", "b float32 [5]"});
    row("zip and back",
        "names, sizes = zip(*[('a', 2), ('b', 5)])\nv = tf.Variable(tf.zeros([sizes[1]]), "
        "name=names[1])\n",
        {"b float32 [5]"});
    row("spread arguments", "v = tf.Variable(tf.zeros(*[[4]]), *[True], name='w')\n", {"w float32 [4]"});
    row("or", "all = [tf.Variable(0.0, name=n) for n in ['a', 'b', 'c'] if n == 'a' or n != 'b' and True]\n",
        {"a float32 []", "c float32 []"});
    row("none", "all = [tf.Variable(0.0, name=n) for n in ['a', None] if n is not None]\n", {"a float32 []"});
    row("in a list", "all = [tf.Variable(0.0, name=n) for n in ['a', 'b'] if n in ['b', 'x']]\n",
        {"b float32 []"});
    row("keys", "all = [tf.Variable(0.0, name=n) for n in ['a', 'b'] if n in {'b': 1}]\n", {"b float32 []"});
    row("enumerate", "for i, n in enumerate([5, 6]):\n  w = tf.Variable(tf.zeros([i]), name=f'w{n}')\n",
        {"w5 float32 [0]", "w6 float32 [1]"});
    row("enumerate from", "a = [tf.Variable(tf.zeros([i]), name=n) for i, n in enumerate(['a'], start=7)]\n",
        {"a float32 [7]"});
    row("reversed", "a = list(reversed([2, 3, 4]))\nv = tf.Variable(tf.zeros([a[0], len(tuple(a))]))\n",
        {"v float32 [4, 3]"});
    row("keys of a dictionary", "a = list({'x': 1, 'y': 2})\nv = tf.Variable(0.0, name=a[1])\n",
        {"y float32 []"});
    row("sum of numbers", "v = tf.Variable(tf.zeros([sum([1, 2, 3]), sum([], 4)]))\n", {"v float32 [6, 4]"});
    row("append",
        "all = []\nfor n in [2, 3]:\n  all.append(n)\n  all.append(n * 10)\n"
        "v = tf.Variable(tf.zeros([all[3], len(all)]))\n",
        {"v float32 [30, 4]"});
    row("extend",
        "all = [1]\nall.extend((5, 6))\nall.append([7])\nv = tf.Variable(tf.zeros([all[2], len(all)]))\n",
        {"v float32 [6, 4]"});
    row("by object",
        "a = tf.Variable(0.0)\nb = tf.Variable(1.0)\n"
        "c = [tf.Variable(tf.zeros([2])) for v in tf.trainable_variables() if v not in [a]]\n",
        {"a float32 []", "b float32 []", "c float32 [2]"});
}

void TestComprehensions::makesLists()
{
    QFETCH(QString, text);
    QFETCH(QStringList, expected);
    if (text.contains(QLatin1String("range(1, 9)"))) {
        // Two variables of one name clash, in a list as in a loop.
        const auto model = modelOf(text.toStdString());
        QVERIFY(problems(*model).contains(QStringLiteral("there is a variable \"all\" already")));
        return;
    }
    const auto model = modelOf(text.toStdString());
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), expected);
}

/// The names of a comprehension are its own.
void TestComprehensions::keepsNames()
{
    const auto model = modelOf("n = 3\nsizes = [n * 2 for n in [10, 20]]\nv = tf.Variable(tf.zeros([n]))\n"
                               "w = tf.Variable(tf.zeros([sizes[1]]))\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(variables(*model), list({"v float32 [3]", "w float32 [40]"}));
    QVERIFY(problems(*modelOf("a = [k for k in [1]]\nv = tf.Variable(tf.zeros([k]))\n"))
                .contains(QStringLiteral("\"k\" is not defined")));
}

void TestComprehensions::refuses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char* name, const char* text, std::initializer_list<const char*> expected) {
        QTest::newRow(name) << QString::fromUtf8(text) << list(expected);
    };
    row("over a number", "a = [i for i in 3]\n", {"1:17 a comprehension runs over range(n) or a list"});
    row("over a variable", "v = tf.Variable(0.0)\na = [i for i in v]\n",
        {"2:17 a comprehension runs over range(n) or a list"});
    row("one error for all turns", "a = [unknown for i in range(100)]\n",
        {"1:6 \"unknown\" is not defined above this line"});
    row("a condition of a tensor", "v = tf.Variable(0.0)\na = [i for i in [1, 2] if v > 0.0]\n",
        {"2:27 a condition here must be known before the script runs"});
    row("rows that do not fit", "a = [x for x, y in [(1, 2, 3)]]\n",
        {"1:12 2 names stand before \"=\", but not as many values after it"});
    row("spread of a number", "v = tf.zeros(*3)\n", {"1:14 only a list or a tuple can stand after *"});
    row("too many spread", "v = tf.zeros(*[1, tf.float32, 'n', 4])\n",
        {"1:14 tf.zeros takes at most 3 arguments"});
    row("given twice", "v = tf.zeros(*[[1]], shape=[2])\n", {"1:22 \"shape\" is given twice"});
    row("extend by a number", "a = []\na.extend(3)\n", {"2:1 extend takes a list or a tuple"});
    row("append of nothing", "a = []\na.append()\n", {"2:1 append needs the argument \"object\""});
    row("append to a number", "a = 3\na.append(1)\n", {"2:2 \"append\" is not known here"});
    row("sum of texts", "v = sum(['a'])\n", {"1:9 sum adds numbers and tensors"});
    row("reversed number", "v = reversed(3)\n", {"1:14 reversed takes a list or a tuple"});
    row("zip of a number", "v = zip([1], 2)\n", {"1:5 zip takes lists and tuples"});
}

void TestComprehensions::refuses()
{
    QFETCH(QString, text);
    QFETCH(QStringList, expected);
    QCOMPARE(placed(*modelOf(text.toStdString())), expected);
}

void TestComprehensions::stopsAtTheLimit()
{
    const auto model = modelOf("a = [[i for i in range(1000)] for j in range(1000)]\nv = tf.Variable(0.0)\n");
    const QStringList found = placed(*model);
    QCOMPARE(found.size(), 1);
    QVERIFY2(found[0].contains(QStringLiteral("200,000")), qPrintable(found[0]));
    QCOMPARE(variables(*model), list({"v float32 []"}));
}

QTEST_GUILESS_MAIN(TestComprehensions)
#include "tst_comprehensions.moc"
