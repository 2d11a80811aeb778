// SPDX-License-Identifier: GPL-3.0-or-later
// What is offered at a place of the script, and which parameter the cursor is at. "|" is the cursor.
#include "app/document/script_completion.h"

#include <QElapsedTimer>
#include <QTest>

using namespace wr::app;

class TestScriptCompletion : public QObject {
    Q_OBJECT
private slots:
    void offers_data();
    void offers();
    void replaces_data();
    void replaces();
    void hints_data();
    void hints();
    void knowsNames();
    void survivesAnything();
    void isQuick();
};

namespace {

QString withoutCursor(QString text, int* cursor)
{
    *cursor = static_cast<int>(text.indexOf(u'|'));
    return text.remove(*cursor, 1);
}

QStringList labels(const Completion& completion)
{
    QStringList result;
    for (const CompletionItem& item : completion.items)
        result += item.insert;
    return result;
}

} // namespace

void TestScriptCompletion::offers_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("offered");    // one of them
    QTest::addColumn<QString>("notOffered"); // empty: nothing to check
    const auto row = [](const char* name, const char* text, const char* offered, const char* not_ = "") {
        QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(offered)
                            << QString::fromUtf8(not_);
    };
    row("module", "x = tf.|", "tf.zeros()", "wr.train()");
    row("prefix", "x = tf.ran|", "tf.random_normal()", "tf.zeros()");
    row("inside a name", "x = tf.normal|", "tf.random_normal()", "tf.zeros()");
    row("deeper module", "x = tf.nn.re|", "tf.nn.relu()", "tf.zeros()");
    row("own functions", "wr.|", "wr.train()", "tf.zeros()");
    row("type", "x = tf.placeholder(tf.fl|", "tf.float32");
    row("arguments", "x = tf.random_normal([3], |", "stddev=", "wr.train()");
    row("argument by its beginning", "x = tf.random_normal([3], st|", "stddev=", "seed=");
    row("arguments that are left", "x = tf.random_normal([3], stddev=1.0, |", "seed=", "stddev=");
    row("no arguments behind =", "x = tf.random_normal([3], stddev=|", "", "seed=");
    row("over lines", "x = tf.Variable(tf.zeros([3]),\n                |", "trainable=");
    row("names above", "weights = 3\ny = we|", "weights");
    row("names of a loop", "for item in range(3):\n    y = it|", "item");
    row("names of a block", "with tf.Session() as sess:\n    se|", "sess");
    row("not the line's own", "weights = we|", "", "weights");
    row("not from below", "y = we|\nweights = 3\n", "", "weights");
    row("methods", "v = 3\nw = v.|", "initialized_value()", "tf.zeros()");
    row("a method's beginning", "v = 3\nw = v.ass|", "assign()", "minimize()");
    row("an optimizer's methods", "o = 3\nt = o.app|", "apply_gradients()", "minimize()");
    row("arguments of an optimizer", "o = tf.train.RMSPropOptimizer(0.1, cen|", "centered=", "decay=");
    row("any number of arguments", "t = tf.group(|", "name=", "*inputs=");
    row("devices", "with tf.device(\"|", "/fpga:3", "tf.zeros()");
    row("devices of the script", "with tf.device('/job:ps/task:7'):\n  pass\nwith tf.device(\"/j|",
        "/job:ps/task:7", "/fpga:3");
    row("device of a rule", "wr.place(\"a*\", \"/f|", "/fpga:3");
    row("nothing for its pattern", "wr.place(\"/f|", "", "/fpga:3");
    row("name of the target", "weights = tf.Variable(tf.zeros([3]), name=\"|", "weights");
    row("hole", "v = tf.Variable(...|", "tf.zeros([])", "trainable=");
    row("hole behind the cursor", "v = tf.Variable(|..., name=\"v\")", "tf.zeros([])");
    row("empty initial value", "v = tf.Variable(|", "tf.random_normal([], stddev=0.1)");
    row("comment", "# tf.|", "", "tf.zeros()");
    row("text", "print(\"tf.|", "", "tf.zeros()");
    row("number", "x = 3.|", "", "tf.zeros()");
    row("after text with a bracket", "x = tf.add(\"(\", |", "y=");
}

void TestScriptCompletion::offers()
{
    QFETCH(QString, text);
    QFETCH(QString, offered);
    QFETCH(QString, notOffered);
    int cursor = 0;
    const QString script = withoutCursor(text, &cursor);
    const QStringList found = labels(completeScript(script, cursor, {QStringLiteral("/fpga:3")}, false));
    if (!offered.isEmpty())
        QVERIFY2(found.contains(offered), qPrintable(found.join(u' ')));
    if (!notOffered.isEmpty())
        QVERIFY2(!found.contains(notOffered), qPrintable(found.join(u' ')));
}

void TestScriptCompletion::replaces_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("item");
    QTest::addColumn<QString>("result"); // with the cursor
    QTest::newRow("function") << QStringLiteral("x = tf.zer|") << QStringLiteral("tf.zeros()")
                              << QStringLiteral("x = tf.zeros(|)");
    QTest::newRow("rest of the word") << QStringLiteral("x = tf.ze|ro + 1") << QStringLiteral("tf.zeros()")
                                      << QStringLiteral("x = tf.zeros(|) + 1");
    QTest::newRow("argument") << QStringLiteral("x = tf.zeros([3], dt|)") << QStringLiteral("dtype=")
                              << QStringLiteral("x = tf.zeros([3], dtype=|)");
    QTest::newRow("method") << QStringLiteral("y = v.init|") << QStringLiteral("initialized_value()")
                            << QStringLiteral("y = v.initialized_value()|");
    QTest::newRow("hole") << QStringLiteral("v = tf.Variable(...|, name=\"v\")")
                          << QStringLiteral("tf.zeros([])")
                          << QStringLiteral("v = tf.Variable(tf.zeros([|]), name=\"v\")");
    QTest::newRow("device") << QStringLiteral("with tf.device(\"/g|\"):") << QStringLiteral("/gpu:0")
                            << QStringLiteral("with tf.device(\"/gpu:0|\"):");
}

void TestScriptCompletion::replaces()
{
    QFETCH(QString, text);
    QFETCH(QString, item);
    QFETCH(QString, result);
    int cursor = 0;
    QString script = withoutCursor(text, &cursor);
    const Completion completion = completeScript(script, cursor, {}, true);
    for (const CompletionItem& each : completion.items) {
        if (each.insert != item)
            continue;
        script.replace(completion.begin, completion.end - completion.begin, each.insert);
        script.insert(completion.begin + each.insert.size() - each.cursorBack, u'|');
        QCOMPARE(script, result);
        return;
    }
    QFAIL(qPrintable(labels(completion).join(u' ')));
}

void TestScriptCompletion::hints_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("function");
    QTest::addColumn<QString>("parameter");
    const auto row = [](const char* name, const char* text, const char* function, const char* parameter) {
        QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(function)
                            << QString::fromUtf8(parameter);
    };
    row("first", "x = tf.zeros(|", "tf.zeros", "shape");
    row("in a list", "x = tf.zeros([3, |], 2)", "tf.zeros", "shape");
    row("second", "x = tf.zeros([3, 4], |", "tf.zeros", "dtype");
    row("keyword", "x = tf.zeros([3], name=\"|", "tf.zeros", "name");
    row("inner", "v = tf.Variable(tf.random_normal([3], 0.0, |), name=\"v\")", "tf.random_normal", "stddev");
    row("outer again", "v = tf.Variable(tf.zeros([3]), |", "tf.Variable", "trainable");
    row("method", "v.assign(|", "v.assign", "value");
    row("none", "x = (3 + |", "", "");
    row("unknown", "x = foo(|", "", "");
    row("closed", "x = tf.zeros([3])|", "", "");
    row("after a text", "x = tf.constant(\"a, (b\", |", "tf.constant", "dtype");
}

void TestScriptCompletion::hints()
{
    QFETCH(QString, text);
    QFETCH(QString, function);
    QFETCH(QString, parameter);
    int cursor = 0;
    const QString script = withoutCursor(text, &cursor);
    const CallHint hint = callAt(script, cursor);
    QCOMPARE(hint.function, function);
    QCOMPARE(hint.current < 0 ? QString() : hint.parameters[hint.current], parameter);
}

void TestScriptCompletion::knowsNames()
{
    for (const char* name : {"tf", "tf.nn", "tf.nn.relu", "tf.float32", "wr.train", "range"})
        QVERIFY2(isKnownName(QLatin1String(name)), name);
    for (const char* name : {"tf.nn.rellu", "nq", "os.system", ""})
        QVERIFY2(!isKnownName(QLatin1String(name)), name);
}

void TestScriptCompletion::survivesAnything()
{
    const QStringList texts{QString(5000, u'('),
                            QString(5000, u')'),
                            QStringLiteral("'''"),
                            QStringLiteral("\"\\"),
                            QStringLiteral("tf."),
                            QStringLiteral("."),
                            QStringLiteral(".."),
                            QString(3, QChar(0xD800)),
                            QStringLiteral("with as for =\n = ,,,(=,"),
                            QString()};
    for (const QString& text : texts) {
        for (int cursor : {-1, 0, 1, static_cast<int>(text.size()), 1 << 30}) {
            completeScript(text, cursor, {}, true);
            callAt(text, cursor);
        }
    }
}

void TestScriptCompletion::isQuick()
{
    QString script;
    for (int i = 0; i < 5000; ++i)
        script += QStringLiteral("v%1 = tf.Variable(tf.random_normal([784, 200]), name=\"v%1\")\n").arg(i);
    script += QStringLiteral("x = tf.nn.re");
    completeScript(script, static_cast<int>(script.size()), {}, false); // tables are made once
    QElapsedTimer timer;
    timer.start();
    constexpr int kRounds = 20;
    for (int i = 0; i < kRounds; ++i)
        completeScript(script, static_cast<int>(script.size()), {}, false);
    const double milliseconds = static_cast<double>(timer.nsecsElapsed()) / 1e6 / kRounds;
    qInfo("completion after 5,000 lines: %.3f ms", milliseconds);
    QVERIFY2(milliseconds < 100, "the popup would hold up typing");
}

QTEST_GUILESS_MAIN(TestScriptCompletion)
#include "tst_script_completion.moc"
