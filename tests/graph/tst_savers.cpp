// SPDX-License-Identifier: GPL-3.0-or-later
// tf.train.Saver: every argument, what each form saves, and every misuse with TensorFlow's error class.
#include "tests/graph/model_text.h"

#include <QTest>

using namespace wr;
using namespace wr::graph;

namespace {

constexpr const char* kHead = "v1 = tf.Variable(tf.zeros([1]), name=\"v1\")\n"
                              "v2 = tf.Variable(tf.zeros([2]), name=\"v2\")\n";

std::shared_ptr<const Model> withHead(const QString& script)
{
    return modelOf(kHead + script.toStdString());
}

QStringList entries(const SaverInfo& saver)
{
    QStringList lines;
    for (const auto& [stored, variable] : saver.entries)
        lines += text(stored) + u'=' + text(variable);
    return lines;
}

} // namespace

class TestSavers : public QObject {
    Q_OBJECT
private slots:
    void saves_data();
    void saves();
    void readsOptions();
    void tellsWhatHasNoEffect_data();
    void tellsWhatHasNoEffect();
    void namesMisuse_data();
    void namesMisuse();
    void savesWhatWasThere();
    void mayBeBuiltLater();
    void mayBeEmpty();
};

void TestSavers::saves_data()
{
    QTest::addColumn<QString>("call");
    QTest::addColumn<bool>("all");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("none") << "tf.train.Saver()" << true << QStringList{};
    QTest::newRow("None") << "tf.train.Saver(None)" << true << QStringList{};
    QTest::newRow("dict") << "tf.train.Saver({\"my_v2\": v2})" << false << QStringList{"my_v2=v2"};
    QTest::newRow("list") << "tf.train.Saver([v2, v1])" << false << QStringList{"v1=v1", "v2=v2"};
    QTest::newRow("tuple") << "tf.train.Saver(var_list=(v1,))" << false << QStringList{"v1=v1"};
}

void TestSavers::saves()
{
    QFETCH(QString, call);
    QFETCH(bool, all);
    QFETCH(QStringList, expected);
    const auto model = withHead("saver = " + call);
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->savers.size(), std::size_t{1});
    QCOMPARE(text(model->savers[0].name), QStringLiteral("saver"));
    QCOMPARE(model->savers[0].all, all);
    QCOMPARE(entries(model->savers[0]), expected);
    QCOMPARE(text(std::string(model->tree->slice(model->savers[0].source))), call);
}

void TestSavers::readsOptions()
{
    const auto model = withHead("s = tf.train.Saver(max_to_keep=3, keep_checkpoint_every_n_hours=0.5, "
                                "pad_step_number=True)\nt = tf.train.Saver(max_to_keep=None)\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->savers[0].maxToKeep, 3);
    QCOMPARE(model->savers[0].keepEveryNHours, 0.5);
    QVERIFY(model->savers[0].padStepNumber);
    QCOMPARE(model->savers[1].maxToKeep, 0);
    QVERIFY(!model->savers[1].padStepNumber);
    QCOMPARE(withHead("s = tf.train.Saver()\nwr.keep(s, best=3)\n")->savers[0].keepBest, 3);
    QVERIFY(problems(*withHead("wr.keep(4, best=3)\n")).contains(QStringLiteral("wants a saver")));
    QVERIFY(problems(*withHead("s = tf.train.Saver()\nwr.keep(s, best=-1)\n"))
                .contains(QStringLiteral("fewer than 0")));
    const auto plain = withHead("s = tf.train.Saver()");
    QCOMPARE(plain->savers[0].maxToKeep, 5);
    QCOMPARE(plain->savers[0].keepEveryNHours, 10000.0);
}

void TestSavers::tellsWhatHasNoEffect_data()
{
    QTest::addColumn<QString>("argument");
    QTest::addColumn<QString>("what");
    for (const char* option :
         {"reshape=True", "sharded=True", "restore_sequentially=True", "write_version=2",
          "save_relative_paths=True", "filename=\"x\"", "name=\"x\"", "write_version=tf.train.SaverDef.V1"}) {
        const QString argument = QString::fromUtf8(option);
        QTest::newRow(option) << argument << argument.left(argument.indexOf(u'=') + 1);
    }
}

void TestSavers::tellsWhatHasNoEffect()
{
    QFETCH(QString, argument);
    QFETCH(QString, what);
    const auto model = withHead("s = tf.train.Saver(" + argument + ")");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->savers.size(), std::size_t{1});
    QCOMPARE(model->ignored.size(), std::size_t{1});
    QVERIFY2(text(model->ignored[0].what).contains(what), model->ignored[0].what.c_str());
    QVERIFY(!model->ignored[0].reason.empty());
    // The default says nothing.
    QVERIFY(withHead("s = tf.train.Saver(reshape=False, sharded=False)")->ignored.empty());
}

void TestSavers::namesMisuse_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("errorClass");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* script, const char* errorClass, const char* message) {
        QTest::newRow(script) << QString::fromUtf8(script) << QString::fromUtf8(errorClass)
                              << QString::fromUtf8(message);
    };
    row("s = tf.train.Saver(v1)", "TypeError", "passed in a dict or list");
    row("s = tf.train.Saver([tf.zeros([1])])", "TypeError", "Variable to save is not a Variable");
    row("s = tf.train.Saver({1: v1})", "TypeError", "Name is not a string");
    row("s = tf.train.Saver({\"a\": 3})", "TypeError", "Variable to save is not a Variable");
    row("s = tf.train.Saver({\"a\": v1, \"b\": v1})", "ValueError",
        "The same saveable will be restored with two names: v1");
    row("s = tf.train.Saver([v1, v1])", "ValueError", "At least two variables have the same name: v1");
    row("s = tf.train.Saver([])", "ValueError", "No variables to save");
    row("s = tf.train.Saver([v1], defer_build=True)", "ValueError", "then build cannot be deferred");
    row("s = tf.train.Saver(write_version=3)", "RuntimeError", "Unexpected write_version");
    row("s = tf.train.Saver(defer_build=True)\nwith tf.Session() as sess:\n  s.save(sess, \"/tmp/m\")",
        "RuntimeError", "`build()` should be called before save");
    row("s = tf.train.Saver()\ns.save(3, \"/tmp/m\")", "TypeError", "'sess' must be a Session");
    row("s = tf.train.Saver()\nwith tf.Session() as sess:\n  s.save(sess, 3)", "TypeError",
        "a path in quotes");
    row("s = tf.train.Saver()\nwith tf.Session() as sess:\n  s.restore(sess, None)", "ValueError",
        "Can't load save_path when it is None.");
    row("s = tf.train.Saver()\nwith tf.Session() as sess:\n  s.save(sess, \"/tmp/m\", "
        "latest_filename=\"a/b\")",
        "ValueError", "'latest_filename' must not contain path components");
    row("s = tf.train.Saver()\nwith tf.Session() as sess:\n  s.save(sess, \"/tmp/m\", latest_filename=\"m\")",
        "ValueError", "'latest_filename' collides with 'save_path': 'm' and '/tmp/m'");
    row("s = tf.train.Saver()\nwith tf.Session() as sess:\n  s.save(sess, \"/tmp/m\", global_step=v1)",
        "TypeError", "global_step must be an integer");
    row("s = tf.train.Saver()\nwith tf.Session() as sess:\n  s.save(sess, \"/tmp/m\", global_step=\"no:0\")",
        "KeyError", "does not exist");
    row("s = tf.train.Saver()\nwith tf.Session() as sess:\n  pass\ns.save(sess, \"/tmp/m\")", "RuntimeError",
        "closed Session");
}

void TestSavers::namesMisuse()
{
    QFETCH(QString, script);
    QFETCH(QString, errorClass);
    QFETCH(QString, message);
    const auto model = withHead(script);
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    const script::Diagnostic& found = model->diagnostics.front();
    QCOMPARE(found.severity, script::Severity::Error);
    QCOMPARE(text(found.errorClass), errorClass);
    QVERIFY2(text(found.message).contains(message), found.message.c_str());
    QVERIFY(found.range.begin >= std::string(kHead).size());
}

/// A saver without a list takes the variables that there are when it is made, and says which came too late.
void TestSavers::savesWhatWasThere()
{
    const auto model = withHead("s = tf.train.Saver()\nlate = tf.Variable(tf.zeros([3]), name=\"late\")\n");
    QCOMPARE(entries(model->savers[0]), (QStringList{"v1=v1", "v2=v2"}));
    QVERIFY(model->savers[0].all);
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    QCOMPARE(model->diagnostics[0].severity, script::Severity::Warning);
    QVERIFY(problems(*model).contains(QStringLiteral("not saved by this saver: late")));
}

void TestSavers::mayBeBuiltLater()
{
    const auto model = modelOf("s = tf.train.Saver(defer_build=True)\n"
                               "v = tf.Variable(tf.zeros([1]), name=\"v\")\ns.build()\n"
                               "with tf.Session() as sess:\n  s.save(sess, \"/tmp/m\")\n");
    QCOMPARE(problems(*model), QString());
    QVERIFY(model->savers[0].all);
    QVERIFY(model->savers[0].entries.empty());
    QCOMPARE(model->recipes[0].actions.size(), std::size_t{1});
}

void TestSavers::mayBeEmpty()
{
    QVERIFY(problems(*modelOf("s = tf.train.Saver()")).contains(QStringLiteral("No variables to save")));
    const auto model = modelOf("s = tf.train.Saver(allow_empty=True)");
    QVERIFY(!model->hasErrors());
    QCOMPARE(model->savers.size(), std::size_t{1});
    QVERIFY(!model->savers[0].all);
    QVERIFY(model->savers[0].entries.empty());
}

QTEST_GUILESS_MAIN(TestSavers)
#include "tst_savers.moc"
