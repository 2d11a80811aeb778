// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of the variable table: the script changes where it must, and nowhere else.
#include "engine/graph/model.h"
#include "tests/app/project_fixture.h"

#include <QSignalSpy>
#include <QTest>

using namespace wr;
using namespace wr::app;

class TestProjectEdits : public QObject {
    Q_OBJECT
private slots:
    void init();
    void editsFields_data();
    void editsFields();
    void refusesFields_data();
    void refusesFields();
    void addsAndRemoves();
    void refusesToRemove_data();
    void refusesToRemove();
    void removesEmptyBlocks();
    void canMendInTheTable();
    void appliesFixes();

private:
    std::unique_ptr<Project> m_project;
};

void TestProjectEdits::init()
{
    m_project = std::make_unique<Project>();
    m_project->newFromText(example(), QStringLiteral("test"));
    QVERIFY2(!m_project->isStale(),
             m_project->problems().isEmpty() ? "" : qPrintable(m_project->problems().first().message));
}

void TestProjectEdits::editsFields_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<VariableField>("field");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* variable, VariableField field, const char* value,
                        const QString& text) {
        QTest::newRow(name) << QString::fromUtf8(variable) << field << QString::fromUtf8(value) << text;
    };
    const QString shaped = replaced("normal([4, 3],", "normal([4, 6],");
    for (const char* spelling : {"4x6", "4×6", "4 × 6", "[4, 6]", "4,6", "(4, 6)"})
        row(spelling, "weights", VariableField::Shape, spelling, shaped);
    row("tuple", "spare", VariableField::Shape, "7", replaced("(5,)", "(7,)"));
    row("two of a tuple", "spare", VariableField::Shape, "7x2", replaced("(5,)", "(7, 2)"));
    row("scalar", "one", VariableField::Shape, "scalar", replaced("tf.zeros([1])", "tf.zeros([])"));
    row("same shape", "weights", VariableField::Shape, "4 x 3", example());
    row("initializer", "one", VariableField::Initializer, " tf.ones([1]) ",
        replaced("tf.zeros([1])", "tf.ones([1])"));
    row("initializer of another size", "spare", VariableField::Initializer, "tf.truncated_normal([2, 2])",
        replaced("tf.zeros((5,))", "tf.truncated_normal([2, 2])"));
    row("wrap", "biases", VariableField::Device, "/cpu:0",
        replaced("biases = ", "with tf.device(\"/cpu:0\"):\n    biases = "));
    row("wrap two lines", "weights", VariableField::Device, "/job:ps/task:7",
        replaced("\nweights = ", "\nwith tf.device(\"/job:ps/task:7\"):\n    weights = "));
    row("change the block's own", "spare", VariableField::Device, "/job:ps/task:7",
        replaced("\"/cpu:0\"):\n    spare", "\"/job:ps/task:7\"):\n    spare"));
    row("wrap inside a block", "two", VariableField::Device, "/cpu:1",
        replaced("    two = ", "    with tf.device(\"/cpu:1\"):\n        two = "));
    row("the same device", "spare", VariableField::Device, "/device:CPU:0", example());
    row("unwrap", "spare", VariableField::Device, "",
        replaced("with tf.device(\"/cpu:0\"):\n    spare", "spare"));
    row("clear among others", "one", VariableField::Device, "",
        replaced("    one = ", "    with tf.device(None):\n        one = "));
    row("not trainable", "one", VariableField::Trainable, "false",
        replaced("name=\"one\")", "name=\"one\", trainable=False)"));
    row("type", "one", VariableField::DType, "int32",
        replaced("tf.zeros([1])", "tf.zeros([1], dtype=tf.int32)"));
    row("name and Python name", "one", VariableField::Name, "first",
        replaced("one = tf.Variable(tf.zeros([1]), name=\"one\")",
                 "first = tf.Variable(tf.zeros([1]), name=\"first\")"));
    row("name that is no Python name", "one", VariableField::Name, "a/b-c",
        replaced("name=\"one\"", "name=\"a/b-c\""));
    row("name in the same quotes, and its uses", "biases", VariableField::Name, "b",
        example()
            .replace(QLatin1String("biases = tf"), QLatin1String("b = tf"))
            .replace(QLatin1String("'biases'"), QLatin1String("'b'"))
            .replace(QLatin1String("+ biases))"), QLatin1String("+ b))")));
}

void TestProjectEdits::editsFields()
{
    QFETCH(QString, variable);
    QFETCH(VariableField, field);
    QFETCH(QString, value);
    QFETCH(QString, text);
    QSignalSpy edited(m_project.get(), &Project::textEdited);
    const Explanation explanation = m_project->setVariableField(variable, field, value);
    QVERIFY2(explanation.isEmpty(), qPrintable(explanation.toText()));
    QCOMPARE(m_project->script(), text);
    QCOMPARE(m_project->canUndo(), text != example());
    if (text == example())
        return;
    QVERIFY(m_project->undoLabel().contains(variable));
    // What the editor is told gives the same text.
    QString shown = example();
    for (const QList<QVariant>& arguments : edited)
        shown.replace(arguments[0].toInt(), arguments[1].toInt(), arguments[2].toString());
    QCOMPARE(shown, text);
    m_project->undo();
    QCOMPARE(m_project->script(), example());
    m_project->redo();
    QCOMPARE(m_project->script(), text);
}

void TestProjectEdits::refusesFields_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<VariableField>("field");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const char* variable, VariableField field, const char* value,
                        const char* reason) {
        QTest::newRow(name) << QString::fromUtf8(variable) << field << QString::fromUtf8(value)
                            << QString::fromUtf8(reason);
    };
    row("no shape", "weights", VariableField::Shape, "[4, x]", "“[4, x]” is no shape");
    row("empty shape", "weights", VariableField::Shape, "", "is no shape");
    row("zero", "weights", VariableField::Shape, "4x0", "is no shape");
    row("negative", "weights", VariableField::Shape, "[4, -3]", "is no shape");
    row("too large", "weights", VariableField::Shape, "99999999999999999", "too large");
    row("too many", "weights", VariableField::Shape, "1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1", "17 dimensions");
    row("shape of values", "two", VariableField::Shape, "3", "follows from its initial value");
    row("broken expression", "one", VariableField::Initializer, "tf.zeros([1]", "cannot be read");
    row("two statements", "one", VariableField::Initializer, "1\n2", "");
    row("comment", "one", VariableField::Initializer, "tf.zeros([1]) # no", "not a single expression");
    row("escape from the call", "one", VariableField::Initializer, "tf.zeros([1])), (tf.zeros([1])", "");
    row("unknown op", "one", VariableField::Initializer, "tf.zeroes([1])", "zeroes");
    row("no device", "one", VariableField::Device, "/cpu:x", "/cpu:x");
    row("no type", "one", VariableField::DType, "float31", "is no type");
    row("no name", "one", VariableField::Name, "_one", "is no name");
    row("name with quotes", "one", VariableField::Name, "a\"b", "is no name");
    row("taken name", "one", VariableField::Name, "two", "already");
    row("taken Python name", "one", VariableField::Name, "loss", "for something else");
    row("loop", "layer1", VariableField::Shape, "3", "made in the loop on line 12");
    row("unknown variable", "nothing", VariableField::Shape, "3", "does not make this variable");
}

void TestProjectEdits::refusesFields()
{
    QFETCH(QString, variable);
    QFETCH(VariableField, field);
    QFETCH(QString, value);
    QFETCH(QString, reason);
    const Explanation explanation = m_project->setVariableField(variable, field, value);
    QVERIFY(explanation.what.contains(variable));
    QVERIFY2(explanation.why.contains(reason), qPrintable(explanation.why));
    QVERIFY(!explanation.wayOut.isEmpty());
    QCOMPARE(m_project->script(), example());
    QVERIFY(!m_project->canUndo());
}

void TestProjectEdits::addsAndRemoves()
{
    QVERIFY2(m_project->addVariable().isEmpty(), "first");
    QCOMPARE(m_project->script(),
             replaced("loss = ", "variable = tf.Variable(tf.zeros([1]), name=\"variable\")\nloss = "));
    QVERIFY2(m_project->addVariable().isEmpty(), "second");
    QVERIFY(names(*m_project).contains(QStringLiteral("variable_2")));
    const Explanation removed =
        m_project->removeVariables({QStringLiteral("variable"), QStringLiteral("variable_2")});
    QVERIFY2(removed.isEmpty(), qPrintable(removed.toText()));
    QCOMPARE(m_project->script(), example());
    m_project->undo();
    QVERIFY(names(*m_project).contains(QStringLiteral("variable_2")) || m_project->isParsing());

    Project empty;
    empty.newFromText({}, QStringLiteral("empty"));
    QVERIFY(empty.addVariable().isEmpty());
    QCOMPARE(empty.script(), QStringLiteral("variable = tf.Variable(tf.zeros([1]), name=\"variable\")\n"));
    empty.newFromText(QStringLiteral("# no end"), QStringLiteral("open"));
    QVERIFY(empty.addVariable().isEmpty());
    QCOMPARE(empty.script(),
             QStringLiteral("# no end\nvariable = tf.Variable(tf.zeros([1]), name=\"variable\")\n"));
}

void TestProjectEdits::refusesToRemove_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("reason");
    QTest::newRow("used") << QStringLiteral("weights") << QStringLiteral("weights is used on line 14");
    QTest::newRow("loop") << QStringLiteral("layer0") << QStringLiteral("loop on line 12");
    QTest::newRow("unknown") << QStringLiteral("nothing") << QStringLiteral("nothing");
}

void TestProjectEdits::refusesToRemove()
{
    QFETCH(QString, variable);
    QFETCH(QString, reason);
    const Explanation explanation = m_project->removeVariables({variable});
    QVERIFY2(explanation.why.contains(reason), qPrintable(explanation.why));
    QCOMPARE(m_project->script(), example());
}

void TestProjectEdits::removesEmptyBlocks()
{
    QVERIFY(m_project->removeVariables({QStringLiteral("spare")}).isEmpty());
    QCOMPARE(
        m_project->script(),
        replaced("with tf.device(\"/cpu:0\"):\n    spare = tf.Variable(tf.zeros((5,)), name=\"spare\")\n",
                 ""));
    m_project->undo();
    QVERIFY(m_project->removeVariables({QStringLiteral("two")}).isEmpty());
    QCOMPARE(m_project->script(),
             replaced("    two = tf.Variable(tf.constant([1.0, 2.0]), name=\"two\")\n", ""));
    QVERIFY(m_project->removeVariables({QStringLiteral("one")}).isEmpty());
    QVERIFY(!m_project->script().contains(QLatin1String("one = ")));
    QCOMPARE(m_project->script().count(QLatin1String("with tf.device")), 1);
}

void TestProjectEdits::canMendInTheTable()
{
    // One shape that no longer fits breaks the model, but not the table in which the other can be made to
    // fit.
    QVERIFY(
        m_project->setVariableField(QStringLiteral("weights"), VariableField::Shape, QStringLiteral("4x6"))
            .isEmpty());
    QVERIFY(m_project->isStale());
    QCOMPARE(m_project->variables()[0].shape, QStringLiteral("4 × 6"));
    const Explanation mended =
        m_project->setVariableField(QStringLiteral("biases"), VariableField::Shape, QStringLiteral("6"));
    QVERIFY2(mended.isEmpty(), qPrintable(mended.toText()));
    QVERIFY2(!m_project->isStale(),
             m_project->problems().isEmpty() ? "" : qPrintable(m_project->problems().first().message));
    QCOMPARE(m_project->model()->findVariable("biases")->shape, (Shape{6}));
}

void TestProjectEdits::appliesFixes()
{
    m_project->newFromText(QStringLiteral("# ö\nb = tf.Variable(tf.zeroes([3]), name=\"b\")\n"),
                           QStringLiteral("misspelt"));
    QVERIFY(m_project->isStale());
    const Problem problem = m_project->problems().first();
    QVERIFY(!problem.fixLabel.isEmpty());
    const Explanation explanation = m_project->applyFix(problem);
    QVERIFY2(explanation.isEmpty(), qPrintable(explanation.toText()));
    QCOMPARE(m_project->script(), QStringLiteral("# ö\nb = tf.Variable(tf.zeros([3]), name=\"b\")\n"));
    QVERIFY(!m_project->isStale());
    QCOMPARE(m_project->undoLabel(), problem.fixLabel);
    QVERIFY(!m_project->applyFix(problem).isEmpty()); // it is no longer there
    QVERIFY(!m_project->applyFix({}).isEmpty());
}

QTEST_GUILESS_MAIN(TestProjectEdits)
#include "tst_project_edits.moc"
