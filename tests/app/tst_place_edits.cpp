// SPDX-License-Identifier: GPL-3.0-or-later
// Placing many variables: minimal edits, one step of undo, all or nothing, and rules.
#include "engine/graph/model.h"
#include "tests/app/project_fixture.h"

#include <QSignalSpy>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

QString deviceOf(const Project& project, const char* name)
{
    const graph::Variable* variable = project.model()->findVariable(name);
    return variable != nullptr ? QString::fromStdString(variable->device) : QStringLiteral("no variable");
}

QString manyVariables(int count)
{
    QString text;
    for (int i = 0; i < count; ++i)
        text += QStringLiteral("v%1 = tf.Variable(tf.zeros([4]), name=\"s%2/v%1\")\n").arg(i).arg(i / 100);
    return text;
}

} // namespace

class TestPlaceEdits : public QObject {
    Q_OBJECT
private slots:
    void init()
    {
        m_project = std::make_unique<Project>();
        m_project->newFromText(example(), QStringLiteral("test"));
    }
    void places_data();
    void places();
    void refuses_data();
    void refuses();
    void comesBack_data();
    void comesBack();
    void comments();
    void unpinsInsideOthers();
    void unpinKeepsRules();
    void rules();
    void rulesBeforeSessions();
    void rulesWithoutLineEnd();
    void manyAtOnce();
    void offTheThread();
    void offTheThreadAfterTyping();

private:
    std::unique_ptr<Project> m_project;
};

void TestPlaceEdits::places_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("device");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* names, const char* device, const QString& text) {
        QTest::newRow(name) << QString::fromUtf8(names).split(u' ') << QString::fromUtf8(device) << text;
    };
    row("one", "biases", "/cpu:0", replaced("biases = ", "with tf.device(\"/cpu:0\"):\n    biases = "));
    row("neighbours share a block", "biases weights", "/gpu:0",
        QString::fromUtf8(kScript)
            .replace(QStringLiteral("\nweights = "),
                     QStringLiteral("\nwith tf.device(\"/gpu:0\"):\n    weights = "))
            .replace(QStringLiteral("\nbiases = "), QStringLiteral("\n    biases = ")));
    row("a whole block takes the other device", "one two", "/gpu:0",
        QString::fromUtf8(kScript).replace(QStringLiteral("with tf.device(\"/cpu:0\"):\n    one"),
                                           QStringLiteral("with tf.device(\"/gpu:0\"):\n    one")));
    row("apart", "weights one", "/gpu:0",
        QString::fromUtf8(kScript)
            .replace(QStringLiteral("\nweights = "),
                     QStringLiteral("\nwith tf.device(\"/gpu:0\"):\n    weights = "))
            .replace(QStringLiteral("\n    one = "),
                     QStringLiteral("\n    with tf.device(\"/gpu:0\"):\n        one = ")));
    row("a loop as a whole", "layer0 layer1", "/cpu:0",
        replaced("    layer = ", "    with tf.device(\"/cpu:0\"):\n        layer = "));
    row("there already", "one two spare", "/device:CPU:0", example());
    row("unpin one", "spare", "", replaced("with tf.device(\"/cpu:0\"):\n    spare", "spare"));
    row("unpin a block of two", "one two", "",
        QString::fromUtf8(kScript)
            .replace(QStringLiteral("with tf.device(\"/cpu:0\"):\n    one = "), QStringLiteral("one = "))
            .replace(QStringLiteral("    two = "), QStringLiteral("two = ")));
    row("unpin among others", "one", "", replaced("    one = ", "    with tf.device(None):\n        one = "));
    row("unpin what has no pin", "weights", "", example());
}

void TestPlaceEdits::places()
{
    QFETCH(QStringList, names);
    QFETCH(QString, device);
    QFETCH(QString, text);
    const Explanation problem = m_project->placeVariables(names, device);
    QVERIFY2(problem.isEmpty(), qPrintable(problem.toText()));
    QCOMPARE(m_project->script(), text);
    QCOMPARE(m_project->canUndo(), text != example());
    if (text == example())
        return;
    QVERIFY(!m_project->isStale());
    m_project->undo();
    QCOMPARE(m_project->script(), example());
    QVERIFY(!m_project->canUndo());
    m_project->redo();
    QCOMPARE(m_project->script(), text);
}

void TestPlaceEdits::refuses_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("device");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const QString& script, const char* names, const char* device,
                        const char* reason) {
        QTest::newRow(name) << script << QString::fromUtf8(names).split(u' ') << QString::fromUtf8(device)
                            << QString::fromUtf8(reason);
    };
    row("part of a loop", example(), "biases layer1", "/cpu:0",
        "\"layer1\" is made in the loop on line 12 together with \"layer0\"");
    row("unknown", example(), "biases nothing", "/cpu:0", "here is no variable \"nothing\"");
    row("no device", example(), "biases", "/cpu:x", "/cpu:x");
    row("one line", QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"a\"); b = tf.zeros([2])\n"), "a",
        "/cpu:0", "\"a\" shares line 1 with another statement");
    row("a slot",
        QString::fromUtf8("w = tf.Variable(tf.zeros([1]), name=\"w\")\nloss = tf.reduce_mean(w)\n"
                          "t = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)\n"),
        "w w/Momentum", "/cpu:0", "\"w/Momentum\" is kept by the optimizer for \"w\"");
    row("the block around adds a job",
        QString::fromUtf8("with tf.device(\"/job:ps\"):\n    a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                          "    b = tf.Variable(tf.zeros([1]), name=\"b\")\n"),
        "a", "/cpu:0", "\"a\" would be on /job:ps/device:CPU:0");
    row("by rule",
        QString::fromUtf8("a = tf.Variable(tf.zeros([1]), name=\"a\")\nwr.place(\"*\", \"/cpu:0\")\n"), "a",
        "", "\"a\" is placed by the rule \"*\" on line 2");
}

void TestPlaceEdits::refuses()
{
    QFETCH(QString, script);
    QFETCH(QStringList, names);
    QFETCH(QString, device);
    QFETCH(QString, reason);
    m_project->newFromText(script, QStringLiteral("test"));
    const Explanation problem = m_project->placeVariables(names, device);
    QVERIFY2(problem.why.contains(reason), qPrintable(problem.toText()));
    QVERIFY(!problem.what.isEmpty());
    QVERIFY(!problem.wayOut.isEmpty());
    QCOMPARE(m_project->script(), script);
    QVERIFY(!m_project->canUndo());
}

void TestPlaceEdits::comesBack_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::newRow("one") << QStringList{QStringLiteral("biases")};
    QTest::newRow("two lines") << QStringList{QStringLiteral("weights")};
    QTest::newRow("neighbours") << QStringList{QStringLiteral("weights"), QStringLiteral("biases")};
    QTest::newRow("loop") << QStringList{QStringLiteral("layer0"), QStringLiteral("layer1")};
    QTest::newRow("all without a pin") << QStringList{QStringLiteral("weights"), QStringLiteral("layer1"),
                                                      QStringLiteral("biases"), QStringLiteral("layer0")};
}

void TestPlaceEdits::comesBack()
{
    QFETCH(QStringList, names);
    QVERIFY(m_project->placeVariables(names, QStringLiteral("/gpu:1")).isEmpty());
    QVERIFY(m_project->script() != example());
    for (const QString& name : names)
        QCOMPARE(deviceOf(*m_project, name.toUtf8().constData()), QStringLiteral("/device:GPU:1"));
    const Explanation problem = m_project->placeVariables(names, {});
    QVERIFY2(problem.isEmpty(), qPrintable(problem.toText()));
    QCOMPARE(m_project->script(), example());
}

void TestPlaceEdits::comments()
{
    const QString before = QString::fromUtf8("# first\n"
                                             "a = tf.Variable(tf.zeros([1]), name=\"a\")  # größer\n"
                                             "\n"
                                             "# between\n"
                                             "b = tf.Variable(tf.zeros([1]), name=\"b\")\n"
                                             "# last\n");
    const QString after = QString::fromUtf8("# first\n"
                                            "with tf.device(\"/cpu:0\"):\n"
                                            "    a = tf.Variable(tf.zeros([1]), name=\"a\")  # größer\n"
                                            "\n"
                                            "    # between\n"
                                            "    b = tf.Variable(tf.zeros([1]), name=\"b\")\n"
                                            "# last\n");
    m_project->newFromText(before, QStringLiteral("test"));
    const QStringList names{QStringLiteral("a"), QStringLiteral("b")};
    QVERIFY(m_project->placeVariables(names, QStringLiteral("/cpu:0")).isEmpty());
    QCOMPARE(m_project->script(), after);
    QVERIFY(m_project->placeVariables(names, {}).isEmpty());
    QCOMPARE(m_project->script(), before);

    // A comment behind the head is kept: the block then says that there is no device.
    m_project->newFromText(QStringLiteral("with tf.device(\"/cpu:0\"):  # why\n"
                                          "    a = tf.Variable(tf.zeros([1]), name=\"a\")\n"),
                           QStringLiteral("test"));
    QVERIFY(m_project->placeVariables({QStringLiteral("a")}, {}).isEmpty());
    QCOMPARE(m_project->script(), QStringLiteral("with tf.device(None):  # why\n"
                                                 "    a = tf.Variable(tf.zeros([1]), name=\"a\")\n"));
    QCOMPARE(deviceOf(*m_project, "a"), QString());
    QVERIFY(m_project->placeVariables({QStringLiteral("a")}, QStringLiteral("/gpu:0")).isEmpty());
    QCOMPARE(deviceOf(*m_project, "a"), QStringLiteral("/device:GPU:0"));
}

void TestPlaceEdits::unpinsInsideOthers()
{
    const QString before = QStringLiteral("with tf.device(\"/job:ps/task:1\"):\n"
                                          "    with tf.device(\"/cpu:0\"):\n"
                                          "        a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                          "    b = tf.Variable(tf.zeros([1]), name=\"b\")\n");
    m_project->newFromText(before, QStringLiteral("test"));
    const Explanation problem = m_project->placeVariables({QStringLiteral("a")}, {});
    QVERIFY2(problem.isEmpty(), qPrintable(problem.toText()));
    QCOMPARE(m_project->script(),
             QString(before).replace(QStringLiteral("\"/cpu:0\""), QStringLiteral("None")));
    QCOMPARE(deviceOf(*m_project, "a"), QString());
    QCOMPARE(deviceOf(*m_project, "b"), QStringLiteral("/job:ps/task:1"));
}

void TestPlaceEdits::unpinKeepsRules()
{
    m_project->newFromText(QStringLiteral("with tf.device(\"/gpu:0\"):\n"
                                          "    a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                          "wr.place(\"a*\", \"/cpu:0\")\n"),
                           QStringLiteral("test"));
    QCOMPARE(deviceOf(*m_project, "a"), QStringLiteral("/device:GPU:0"));
    const Explanation problem = m_project->placeVariables({QStringLiteral("a")}, {});
    QVERIFY2(problem.isEmpty(), qPrintable(problem.toText()));
    QCOMPARE(deviceOf(*m_project, "a"), QStringLiteral("/device:CPU:0"));
}

void TestPlaceEdits::rules()
{
    QVERIFY(m_project->addPlacementRule(QStringLiteral("layer*"), QStringLiteral("/gpu:0")).isEmpty());
    const QString one = example() + QStringLiteral("wr.place(\"layer*\", \"/gpu:0\")\n");
    QCOMPARE(m_project->script(), one);
    QCOMPARE(deviceOf(*m_project, "layer1"), QStringLiteral("/device:GPU:0"));
    QCOMPARE(m_project->model()->rules.size(), std::size_t(1));
    QCOMPARE(m_project->model()->rules[0].hits, 2);

    // The newest stands first and so wins.
    QVERIFY(m_project->addPlacementRule(QStringLiteral("*1"), QStringLiteral("/cpu:0")).isEmpty());
    QCOMPARE(m_project->script(), example() + QStringLiteral("wr.place(\"*1\", \"/cpu:0\")\n"
                                                             "wr.place(\"layer*\", \"/gpu:0\")\n"));
    QCOMPARE(deviceOf(*m_project, "layer1"), QStringLiteral("/device:CPU:0"));
    QCOMPARE(deviceOf(*m_project, "layer0"), QStringLiteral("/device:GPU:0"));

    // The same pattern again changes the rule.
    QVERIFY(m_project->addPlacementRule(QStringLiteral("*1"), QStringLiteral("/gpu:1")).isEmpty());
    QCOMPARE(deviceOf(*m_project, "layer1"), QStringLiteral("/device:GPU:1"));
    QCOMPARE(m_project->model()->rules.size(), std::size_t(2));

    QVERIFY(m_project->removePlacementRule(0).isEmpty());
    QCOMPARE(m_project->script(), one);
    QVERIFY(m_project->removePlacementRule(0).isEmpty());
    QCOMPARE(m_project->script(), example());
    for (int i = 0; i < 5; ++i)
        m_project->undo();
    QCOMPARE(m_project->script(), example());
    QVERIFY(!m_project->canUndo());

    QVERIFY(!m_project->removePlacementRule(0).isEmpty());
    QVERIFY(
        m_project->addPlacementRule({}, QStringLiteral("/cpu:0")).why.contains(QStringLiteral("pattern")));
    QVERIFY(m_project->addPlacementRule(QStringLiteral("*"), {}).why.contains(QStringLiteral("device")));
    QVERIFY(m_project->addPlacementRule(QStringLiteral("*"), QStringLiteral("/cpu:x"))
                .why.contains(QStringLiteral("/cpu:x")));
    QCOMPARE(m_project->script(), example());
}

void TestPlaceEdits::rulesBeforeSessions()
{
    const QString before = QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                          "init_op = tf.initialize_all_variables()\n");
    const QString session = QStringLiteral("with tf.Session() as sess:\n    sess.run(init_op)\n");
    m_project->newFromText(before + session, QStringLiteral("test"));
    QVERIFY(m_project->addPlacementRule(QStringLiteral("*"), QStringLiteral("/cpu:0")).isEmpty());
    QCOMPARE(m_project->script(), before + QStringLiteral("wr.place(\"*\", \"/cpu:0\")\n") + session);
}

void TestPlaceEdits::rulesWithoutLineEnd()
{
    const QString before = QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"a\")");
    m_project->newFromText(before, QStringLiteral("test"));
    QVERIFY(m_project->addPlacementRule(QStringLiteral("*"), QStringLiteral("/cpu:0")).isEmpty());
    QCOMPARE(m_project->script(), before + QStringLiteral("\nwr.place(\"*\", \"/cpu:0\")"));
    QVERIFY(m_project->removePlacementRule(0).isEmpty());
    QCOMPARE(m_project->script(), before);
}

void TestPlaceEdits::manyAtOnce()
{
    constexpr int kCount = 10000;
    const QString text = manyVariables(kCount);
    m_project->newFromText(text, QStringLiteral("test"));
    QStringList odd;
    for (int i = 1; i < kCount; i += 2)
        odd += QStringLiteral("s%1/v%2").arg(i / 100).arg(i);
    QSignalSpy edits(m_project.get(), &Project::textEdited);
    const Explanation problem = m_project->placeVariables(odd, QStringLiteral("/cpu:0"));
    QVERIFY2(problem.isEmpty(), qPrintable(problem.toText()));
    QCOMPARE(edits.size(), 1); // thousands of edits travel as one
    QCOMPARE(m_project->script().count(QStringLiteral("with tf.device")), kCount / 2);
    QCOMPARE(deviceOf(*m_project, "s0/v1"), QStringLiteral("/device:CPU:0"));
    QCOMPARE(deviceOf(*m_project, "s0/v2"), QString());
    QVERIFY(m_project->placeVariables(odd, {}).isEmpty());
    QCOMPARE(m_project->script(), text);
    m_project->undo();
    m_project->undo();
    QVERIFY(!m_project->canUndo());
    QCOMPARE(m_project->script(), text);

    // All of them, standing side by side, share one block.
    QStringList all;
    for (const VariableRow& row : m_project->variables())
        all += row.name;
    QVERIFY(m_project->placeVariables(all, QStringLiteral("/cpu:0")).isEmpty());
    QCOMPARE(m_project->script().count(QStringLiteral("with tf.device")), 1);
}

void TestPlaceEdits::offTheThread()
{
    QSignalSpy finished(m_project.get(), &Project::placingFinished);
    m_project->startPlacing({QStringLiteral("weights"), QStringLiteral("biases")}, QStringLiteral("/gpu:0"));
    QVERIFY(m_project->isPlacing());
    QCOMPARE(m_project->script(), example());
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(finished.takeFirst().first().value<Explanation>().isEmpty());
    QVERIFY(!m_project->isPlacing());
    QCOMPARE(deviceOf(*m_project, "weights"), QStringLiteral("/device:GPU:0"));
    m_project->undo();
    QCOMPARE(m_project->script(), example());

    m_project->startPlacing({QStringLiteral("layer0")}, QStringLiteral("/gpu:0"));
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(finished.first().first().value<Explanation>().why.contains(QStringLiteral("loop on line 12")));
    QCOMPARE(m_project->script(), example());

    m_project->startAddingRule(QStringLiteral("layer*"), QStringLiteral("/gpu:0"));
    QTRY_COMPARE(finished.size(), 2);
    QVERIFY(finished.last().first().value<Explanation>().isEmpty());
    QCOMPARE(m_project->script(), example() + QStringLiteral("wr.place(\"layer*\", \"/gpu:0\")\n"));
    m_project->startRemovingRule(0);
    QTRY_COMPARE(finished.size(), 3);
    QCOMPARE(m_project->script(), example());
    m_project->startRemovingRule(0);
    QTRY_COMPARE(finished.size(), 4);
    QVERIFY(!finished.last().first().value<Explanation>().isEmpty());
}

void TestPlaceEdits::offTheThreadAfterTyping()
{
    QSignalSpy finished(m_project.get(), &Project::placingFinished);
    m_project->startPlacing({QStringLiteral("biases")}, QStringLiteral("/gpu:0"));
    m_project->editText(0, 0, QStringLiteral("# typed meanwhile\n"));
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(finished.first().first().value<Explanation>().isEmpty());
    QCOMPARE(m_project->script(), QStringLiteral("# typed meanwhile\n") +
                                      replaced("biases = ", "with tf.device(\"/gpu:0\"):\n    biases = "));
}

QTEST_MAIN(TestPlaceEdits)
#include "tst_place_edits.moc"
