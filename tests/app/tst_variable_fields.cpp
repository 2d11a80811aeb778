// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of several variables as one step, seeds, renames with their aliases, and initial values to choose.
#include "app/document/initial_value.h"
#include "app/document/project.h"
#include "engine/graph/model.h"

#include <QSignalSpy>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

const char* const kScript = R"(a = tf.Variable(tf.random_normal([4, 3], stddev=0.5), name="a")
b = tf.Variable(tf.random_normal([3], seed=7), name="b")
c = tf.Variable(tf.zeros([3]), name="c", trainable=False)
for i in range(2):
    l = tf.Variable(tf.zeros([2]), name=f"l{i}")
saver = tf.train.Saver({"stored": b})
)";

QStringList list(std::initializer_list<const char*> words)
{
    QStringList result;
    for (const char* word : words)
        result += QLatin1String(word);
    return result;
}

} // namespace

class TestVariableFields : public QObject {
    Q_OBJECT
private slots:
    void init();
    void setsSeveralAtOnce_data();
    void setsSeveralAtOnce();
    void setsAllOrNone();
    void setsThousandsAtOnce();
    void editsSeeds();
    void remembersOldNames();
    void forgetsNamesThatCameBack();
    void remembersOnlyWhatWasUsed();
    void renamesEveryUse();
    void capturesNothing();
    void offersInitialValues();
    void readsInitialValues_data();
    void readsInitialValues();
    void drawsInitialValues();

private:
    VariableRow row(const char* name) const
    {
        for (const VariableRow& each : m_project->variables()) {
            if (each.name == QLatin1String(name))
                return each;
        }
        return {};
    }
    std::unique_ptr<Project> m_project;
};

void TestVariableFields::init()
{
    m_project = std::make_unique<Project>();
    m_project->newFromText(QLatin1String(kScript), QStringLiteral("fields"));
    QVERIFY2(!m_project->isStale(),
             m_project->problems().isEmpty() ? "" : qPrintable(m_project->problems().first().message));
}

void TestVariableFields::setsSeveralAtOnce_data()
{
    QTest::addColumn<VariableField>("field");
    QTest::addColumn<QString>("value");
    QTest::newRow("trainable") << VariableField::Trainable << QStringLiteral("false");
    QTest::newRow("type") << VariableField::DType << QStringLiteral("float64");
    QTest::newRow("device") << VariableField::Device << QStringLiteral("/cpu:0");
    QTest::newRow("initial value") << VariableField::Initializer << QStringLiteral("tf.ones([5])");
    QTest::newRow("shape") << VariableField::Shape << QStringLiteral("6, 2");
}

void TestVariableFields::setsSeveralAtOnce()
{
    QFETCH(VariableField, field);
    QFETCH(QString, value);
    QSignalSpy changed(m_project.get(), &Project::modelChanged);
    const Explanation explanation = m_project->setVariableFields(list({"a", "b", "c"}), field, value);
    QVERIFY2(explanation.isEmpty(), qPrintable(explanation.toText()));
    QCOMPARE(changed.count(), 1); // read once
    QVERIFY(m_project->undoLabel().contains(QStringLiteral("3 variables")));
    for (const char* name : {"a", "b", "c"}) {
        const VariableRow now = row(name);
        switch (field) {
        case VariableField::Trainable:
            QVERIFY(!now.trainable);
            break;
        case VariableField::DType:
            QCOMPARE(now.dtype, value);
            break;
        case VariableField::Device:
            QCOMPARE(now.device, value);
            break;
        case VariableField::Initializer:
            QCOMPARE(now.initializer, value);
            break;
        default:
            QCOMPARE(now.dims, (QVector<qint64>{6, 2}));
        }
    }
    m_project->undo();
    QCOMPARE(m_project->script(), QLatin1String(kScript));
    QVERIFY(!m_project->canUndo());
}

void TestVariableFields::setsAllOrNone()
{
    const Explanation loop =
        m_project->setVariableFields(list({"a", "l0"}), VariableField::Trainable, QStringLiteral("no"));
    QVERIFY2(loop.why.contains(QStringLiteral("made in the loop")), qPrintable(loop.why));
    QVERIFY(loop.what.contains(QStringLiteral("2 variables")));
    const Explanation unknown =
        m_project->setVariableFields(list({"a", "zz"}), VariableField::Trainable, QStringLiteral("no"));
    QVERIFY(unknown.why.contains(QStringLiteral("zz")));
    const Explanation names =
        m_project->setVariableFields(list({"a", "b"}), VariableField::Name, QStringLiteral("x"));
    QVERIFY(!names.isEmpty());
    QVERIFY(m_project->setVariableFields({}, VariableField::Trainable, QStringLiteral("no")).isEmpty());
    QCOMPARE(m_project->script(), QLatin1String(kScript));
    QVERIFY(!m_project->canUndo());
}

void TestVariableFields::setsThousandsAtOnce()
{
    QString script;
    QStringList names;
    constexpr int kCount = 500;
    for (int i = 0; i < kCount; ++i) {
        names += QStringLiteral("v%1").arg(i);
        script += QStringLiteral("v%1 = tf.Variable(tf.zeros([2]), name=\"v%1\")  # größer\n").arg(i);
    }
    m_project->newFromText(script, QStringLiteral("many"));
    QSignalSpy edited(m_project.get(), &Project::textEdited);
    QVERIFY(m_project->setVariableFields(names, VariableField::Trainable, QStringLiteral("no")).isEmpty());
    QCOMPARE(edited.count(), 1);
    QString expected = script;
    expected.replace(QLatin1String("\")"), QLatin1String("\", trainable=False)"));
    QCOMPARE(m_project->script(), expected);
    QString shown = script;
    shown.replace(edited[0][0].toInt(), edited[0][1].toInt(), edited[0][2].toString());
    QCOMPARE(shown, expected);
    m_project->undo();
    QCOMPARE(m_project->script(), script);
}

void TestVariableFields::editsSeeds()
{
    QVERIFY(row("a").canHaveSeed && row("b").canHaveSeed && !row("c").canHaveSeed);
    QVERIFY(row("a").seed.isEmpty());
    QVERIFY2(row("a").nameSeed.startsWith(QStringLiteral("0x")), qPrintable(row("a").nameSeed));
    QCOMPARE(row("b").seed, QStringLiteral("7"));
    QVERIFY(row("b").nameSeed.isEmpty());
    const auto set = [this](const char* name, const char* value) {
        return m_project->setVariableField(QLatin1String(name), VariableField::Seed, QLatin1String(value));
    };
    QVERIFY(set("a", "42").isEmpty());
    QVERIFY(m_project->script().contains(QStringLiteral("stddev=0.5, seed=42)")));
    QVERIFY(set("b", "0x10").isEmpty());
    QVERIFY(m_project->script().contains(QStringLiteral("[3], seed=16)")));
    QVERIFY(set("b", "").isEmpty());
    QVERIFY(m_project->script().contains(QStringLiteral("tf.random_normal([3]), name=\"b\"")));
    QVERIFY(set("a", "").isEmpty());
    QVERIFY(m_project->script().contains(QStringLiteral("stddev=0.5), name=\"a\"")));
    QVERIFY(set("a", "many").why.contains(QStringLiteral("is no seed")));
    QVERIFY(set("c", "3").why.contains(QStringLiteral("not drawn at random")));
}

void TestVariableFields::remembersOldNames()
{
    m_project->setRemembersName([](const QString&, bool isMadeUp) { return !isMadeUp; });
    const auto rename = [this](const char* from, const char* to) {
        return m_project->setVariableField(QLatin1String(from), VariableField::Name, QLatin1String(to));
    };
    QVERIFY(rename("b", "offsets").isEmpty());
    QVERIFY(m_project->script().contains(QStringLiteral("{\"stored\": offsets}")));
    QVERIFY(m_project->script().endsWith(QStringLiteral("\nwr.alias(\"b\", \"offsets\")\n")));
    QCOMPARE(m_project->model()->aliases.size(), std::size_t{1});
    m_project->undo(); // the name and its alias are one step
    QCOMPARE(m_project->script(), QLatin1String(kScript));
    m_project->redo();

    // A chain stays flat: both old names mean the newest.
    QVERIFY(rename("offsets", "shift").isEmpty());
    QVERIFY(m_project->script().endsWith(
        QStringLiteral("\nwr.alias(\"b\", \"shift\")\nwr.alias(\"offsets\", \"shift\")\n")));
    QVERIFY(m_project->problems().isEmpty());

    // A name that the program made up is worth nothing.
    QVERIFY(m_project->addVariable().isEmpty());
    QVERIFY(rename("variable", "fresh").isEmpty());
    QVERIFY(!m_project->script().contains(QStringLiteral("wr.alias(\"variable\"")));
    QVERIFY(rename("fresh", "older").isEmpty());
    QVERIFY(m_project->script().contains(QStringLiteral("wr.alias(\"fresh\", \"older\")")));
}

void TestVariableFields::forgetsNamesThatCameBack()
{
    m_project->setRemembersName([](const QString&, bool) { return true; });
    const auto rename = [this](const char* from, const char* to) {
        const Explanation explanation =
            m_project->setVariableField(QLatin1String(from), VariableField::Name, QLatin1String(to));
        QVERIFY2(explanation.isEmpty(), qPrintable(explanation.toText()));
    };
    rename("b", "d");
    rename("d", "b");
    QCOMPARE(m_project->script(), QLatin1String(kScript));
    rename("b", "d");
    rename("d", "e");
    rename("e", "b");
    QVERIFY2(m_project->script().endsWith(QStringLiteral("\nwr.alias(\"d\", \"b\")\n")),
             qPrintable(m_project->script()));
}

void TestVariableFields::remembersOnlyWhatWasUsed()
{
    QVERIFY(
        m_project->setVariableField(QStringLiteral("b"), VariableField::Name, QStringLiteral("d")).isEmpty());
    QVERIFY(!m_project->script().contains(QStringLiteral("alias")));
}

void TestVariableFields::renamesEveryUse()
{
    const QString script = QString::fromLatin1(R"(b = tf.Variable(tf.zeros([3]), name="b")
w = tf.Variable(b.initialized_value() * 2.0, name="w")
wr.alias("ancient", "b")
wr.place("b", "/cpu:0")
wr.place("b*", "/cpu:0")
saver = tf.train.Saver({"b": b})
)");
    m_project->newFromText(script, QStringLiteral("uses"));
    QVERIFY2(!m_project->isStale(),
             m_project->problems().isEmpty() ? "" : qPrintable(m_project->problems().first().message));
    const Explanation renamed =
        m_project->setVariableField(QStringLiteral("b"), VariableField::Name, QStringLiteral("bias"));
    QVERIFY2(renamed.isEmpty(), qPrintable(renamed.toText()));
    QCOMPARE(m_project->script(), QString::fromLatin1(R"(bias = tf.Variable(tf.zeros([3]), name="bias")
w = tf.Variable(bias.initialized_value() * 2.0, name="w")
wr.alias("ancient", "bias")
wr.place("bias", "/cpu:0")
wr.place("b*", "/cpu:0")
saver = tf.train.Saver({"b": bias})
)"));
}

void TestVariableFields::capturesNothing()
{
    // "v" stands for two variables in turn: only the first one's own name changes.
    m_project->newFromText(QString::fromLatin1(R"(v = tf.Variable(tf.zeros([3]), name="v")
v = tf.Variable(tf.ones([3]), name="second")
w = tf.Variable(v.initialized_value(), name="w")
)"),
                           QStringLiteral("twice"));
    QVERIFY(m_project->setVariableField(QStringLiteral("v"), VariableField::Name, QStringLiteral("first"))
                .isEmpty());
    QCOMPARE(m_project->script(), QString::fromLatin1(R"(v = tf.Variable(tf.zeros([3]), name="first")
v = tf.Variable(tf.ones([3]), name="second")
w = tf.Variable(v.initialized_value(), name="w")
)"));
    m_project->newFromText(QString::fromLatin1("v = tf.Variable(tf.zeros([3]), name=\"v\")\nx = 3.0\n"),
                           QStringLiteral("taken"));
    QVERIFY(!m_project->setVariableField(QStringLiteral("v"), VariableField::Name, QStringLiteral("x"))
                 .isEmpty());
}

void TestVariableFields::offersInitialValues()
{
    const QVector<InitialValueForm>& forms = initialValueForms();
    QVERIFY(forms.size() >= 6);
    for (const InitialValueForm& form : forms) {
        QVERIFY2(!form.label.isEmpty() || form.function.contains(QStringLiteral("initializers.")),
                 qPrintable(form.function));
        Project project;
        const QString text = initialValueText(form, {4, 3}, QStringLiteral("float32"), false);
        project.newFromText(QStringLiteral("v = tf.Variable(%1, name=\"v\")\n").arg(text),
                            QStringLiteral("form"));
        QVERIFY2(!project.isStale(), qPrintable(text));
        QCOMPARE(project.variables().first().dims, (QVector<qint64>{4, 3}));
        InitialValueForm read;
        QVERIFY2(formOf(text, &read) >= 0, qPrintable(text));
        QCOMPARE(initialValueText(read, {4, 3}, QStringLiteral("float32"), false), text);
    }
}

void TestVariableFields::readsInitialValues_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("again");
    QTest::newRow("positional") << QStringLiteral("tf.random_normal([9], 1.0, 0.5)")
                                << QStringLiteral("tf.random_normal([4, 3], mean=1.0, stddev=0.5)");
    QTest::newRow("constant") << QStringLiteral("tf.constant(0.25, shape=[2])")
                              << QStringLiteral("tf.constant(0.25, shape=[4, 3])");
    QTest::newRow("other") << QStringLiteral("weights.initialized_value()") << QString();
    QTest::newRow("product") << QStringLiteral("tf.zeros([3]) * 2.0") << QString();
    QTest::newRow("broken") << QStringLiteral("tf.zeros([3]") << QString();
    QTest::newRow("nothing") << QString() << QString();
}

void TestVariableFields::readsInitialValues()
{
    QFETCH(QString, text);
    QFETCH(QString, again);
    InitialValueForm form;
    QCOMPARE(formOf(text, &form) >= 0, !again.isEmpty());
    if (!again.isEmpty())
        QCOMPARE(initialValueText(form, {4, 3}, QStringLiteral("float32"), false), again);
}

void TestVariableFields::drawsInitialValues()
{
    const InitialValueSample normal = drawInitialValue(
        QStringLiteral("tf.random_normal([100, 50], stddev=0.5)"), {100, 50}, QStringLiteral("w"), false);
    QVERIFY2(normal.problem.isEmpty(), qPrintable(normal.problem));
    QCOMPARE(normal.count, 5000);
    QVERIFY(std::abs(normal.mean) < 0.05 && std::abs(normal.stddev - 0.5) < 0.05);
    QVERIFY(normal.min < -1.0 && normal.max > 1.0);
    QCOMPARE(normal.fanIn, 100);
    QCOMPARE(normal.fanOut, 50);
    QVERIFY(!normal.isCapped);
    QVERIFY(normal.bins.size() > 10);

    const InitialValueSample large = drawInitialValue(QStringLiteral("tf.random_uniform([100000, 100])"),
                                                      {100000, 100}, QStringLiteral("w"), false);
    QVERIFY2(large.problem.isEmpty(), qPrintable(large.problem));
    QVERIFY(large.isCapped && large.count <= 65536 && large.count > 60000);
    QCOMPARE(large.fanIn, 100000);

    QVERIFY(drawInitialValue(QStringLiteral("tf.zeros([3]"), {3}, {}, false)
                .problem.contains(QStringLiteral("cannot be read")));
    QVERIFY(!drawInitialValue(QStringLiteral("other.initialized_value()"), {3}, {}, false).problem.isEmpty());
    QVERIFY(drawInitialValue(QStringLiteral("tf.random_normal([3], stddev=-1.0)"), {3}, {}, false)
                .problem.contains(QStringLiteral("stddev")));
}

QTEST_GUILESS_MAIN(TestVariableFields)
#include "tst_variable_fields.moc"
