// SPDX-License-Identifier: GPL-3.0-or-later
// Init groups and session blocks: what each statement becomes, in order.
#include "tests/graph/model_text.h"

#include <QTest>

using namespace wr;
using namespace wr::graph;

namespace {

constexpr const char* kHead = "v = tf.Variable(tf.zeros([1]), name=\"v\")\n"
                              "w = tf.Variable(tf.ones([2]), name=\"w\")\n"
                              "init_op = tf.global_variables_initializer()\n"
                              "saver = tf.train.Saver()\n";

/// "init init_op", "save saver /tmp/m -1", …
QStringList actions(const Model& model, std::size_t recipe = 0)
{
    using Kind = RecipeAction::Kind;
    QStringList lines;
    if (recipe >= model.recipes.size())
        return lines;
    for (const RecipeAction& action : model.recipes[recipe].actions) {
        QString nodes;
        for (const NodeId id : action.nodes)
            nodes += QLatin1Char(' ') + text(model.graph.node(id).name);
        switch (action.kind) {
        case Kind::Init:
            lines += "init " + text(model.initGroups[action.group].name);
            break;
        case Kind::Run:
            lines += "run" + nodes;
            break;
        case Kind::Report:
            lines += "report" + nodes + " | " + text(action.text);
            break;
        case Kind::Save:
            lines += "save " + text(model.savers[action.saver].name + " " + action.path) +
                     QStringLiteral(" %1").arg(action.step) + nodes;
            break;
        case Kind::Restore:
            lines += "restore " + text(model.savers[action.saver].name + " " + action.path);
            break;
        case Kind::Log:
            lines += "log " + text(action.text + " | " + action.path);
            break;
        case Kind::Hole:
            lines += "hole";
            break;
        }
    }
    return lines;
}

} // namespace

class TestRecipes : public QObject {
    Q_OBJECT
private slots:
    void reads_data();
    void reads();
    void groups_data();
    void groups();
    void notesOldNames();
    void warnsOfLateVariables();
    void namesBlocks();
    void leavesFedRunsOpen();
    void namesMisuse_data();
    void namesMisuse();
    void boundsLoops();
};

void TestRecipes::reads_data()
{
    QTest::addColumn<QString>("body");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char* body, const QStringList& expected) {
        QTest::newRow(body) << QString::fromUtf8(body) << expected;
    };
    row("sess.run(init_op)", {"init init_op"});
    row("init_op.run()", {"init init_op"});
    row("sess.run([init_op, v])", {"init init_op", "run v"});
    row("sess.run(v.initializer)", {"init v.initializer"});
    row("v.initializer.run(session=sess)", {"init v.initializer"});
    row("sess.run(tf.initialize_variables([w]))", {"init init"});
    row("sess.run([v, w])", {"run v w"});
    row("sess.run(\"w:0\")", {"run w"});
    row("sess.run(\"init_op\")", {"init init_op"});
    row("a, b = sess.run([v, w])\nprint(a)", {"run v w", "report v | %s"});
    row("v.eval()", {"run v"});
    row("(v * 2.0).eval()", {"run Mul"});
    row("sess.run(v.assign([3.0]))", {"run Assign"});
    row("...\n...", {"hole"});
    row("..", {"hole"});
    row("sess.run(init_op)\n...\nsess.run(v)", {"init init_op", "hole", "run v"});
    row("saver.save(sess, \"/tmp/m\")", {"save saver /tmp/m -1"});
    row("saver.save(sess, \"/tmp/m\", global_step=1000)", {"save saver /tmp/m 1000"});
    row("saver.restore(sess, \"/tmp/m\")", {"restore saver /tmp/m"});
    row("saver.restore(sess, tf.train.latest_checkpoint(\"/tmp\"))", {"restore saver /tmp/"});
    row("p = saver.save(sess, \"/tmp/m\")\nsaver.restore(sess, p)",
        {"save saver /tmp/m -1", "restore saver /tmp/m"});
    row("p = saver.save(sess, \"/tmp/m\")\nprint(\"Model saved in file: %s\" % p)",
        {"save saver /tmp/m -1", "log Model saved in file: %s | /tmp/m"});
    row("p = saver.save(sess, \"/tmp/m\")\nprint(f\"100% in {p}\")",
        {"save saver /tmp/m -1", "log 100%% in %s | /tmp/m"});
    row("print(\"Model restored.\")", {"log Model restored. | "});
    row("print \"Python\", 2", {"log Python 2 | "});
    row("print(\"%d of %s: %.2f%%\" % (3, \"x\", 1.5))", {"log 3 of x: 1.50% | "});
    row("print(\"{} and {{}} {}\".format(1, \"b\"))", {"log 1 and {} b | "});
    row("print(\"a\", 1, True, None, [1, 2])", {"log a 1 True None [1, 2] | "});
    row("print(sess.run(v))", {"report v | %s"});
    row("print(\"v is %s, 100%%\" % sess.run(v))", {"report v | v is %s, 100%%"});
    row("print(f\"{v.eval()} {w.eval()}\")", {"report v w | %s %s"});
    row("print(f\"{v.eval():.3f} {w.eval()!r} {1}\")", {"report v w | %s %s 1"});
    row("print(sess.run(tf.report_uninitialized_variables()))", {"report | %s"});
    row("sess.run(tf.report_uninitialized_variables([v]))", {"run report_uninitialized_variables"});
    row("print(sess.run(tf.is_variable_initialized(v)))", {"report IsVariableInitialized | %s"});
    row("print(sess.run(v.assign([1.0])))", {"run Assign", "report Assign | %s"});
    row("for i in range(3):\n  saver.save(sess, \"/tmp/m\", global_step=i)",
        {"save saver /tmp/m 0", "save saver /tmp/m 1", "save saver /tmp/m 2"});
    row("sess.close()", {});
}

void TestRecipes::reads()
{
    QFETCH(QString, body);
    QFETCH(QStringList, expected);
    QString indented = body;
    indented.replace(u'\n', QStringLiteral("\n  "));
    const auto block = modelOf(kHead + ("with tf.Session() as sess:\n  " + indented).toStdString() + "\n");
    QVERIFY2(!block->hasErrors(), qPrintable(problems(*block)));
    QCOMPARE(actions(*block), expected);
    QCOMPARE(text(block->recipes[0].name), QStringLiteral("sess"));
    // The same calls on an interactive session.
    const auto flat = modelOf(kHead + ("sess = tf.InteractiveSession()\n" + body).toStdString() + "\n");
    QVERIFY2(!flat->hasErrors(), qPrintable(problems(*flat)));
    QCOMPARE(actions(*flat), expected);
    // Reading changes nothing of the model's own.
    QCOMPARE(variables(*block), list({"v float32 [1]", "w float32 [2]"}));
}

void TestRecipes::groups_data()
{
    QTest::addColumn<QString>("call");
    QTest::addColumn<bool>("all");
    QTest::addColumn<QStringList>("expected");
    const QStringList both{"v", "w"};
    QTest::newRow("old") << "tf.initialize_all_variables()" << true << both;
    QTest::newRow("new") << "tf.global_variables_initializer()" << true << both;
    QTest::newRow("list") << "tf.initialize_variables([w])" << false << QStringList{"w"};
    QTest::newRow("list twice") << "tf.variables_initializer([w, v, w])" << false << QStringList{"w", "v"};
    QTest::newRow("no variables") << "tf.variables_initializer([])" << false << QStringList{};
    QTest::newRow("local") << "tf.local_variables_initializer()" << false << QStringList{};
    QTest::newRow("one") << "w.initializer" << false << QStringList{"w"};
}

void TestRecipes::groups()
{
    QFETCH(QString, call);
    QFETCH(bool, all);
    QFETCH(QStringList, expected);
    const auto model = modelOf("v = tf.Variable(tf.zeros([1]), name=\"v\")\n"
                               "w = tf.Variable(tf.ones([2]), name=\"w\")\nmy_init = " +
                               call.toStdString() + "\n");
    QVERIFY2(!model->hasErrors(), qPrintable(problems(*model)));
    QCOMPARE(model->initGroups.size(), std::size_t{1});
    const InitGroup& group = model->initGroups[0];
    QCOMPARE(group.all, all);
    QStringList names;
    for (const std::string& name : group.variables)
        names += text(name);
    QCOMPARE(names, expected);
    QCOMPARE(text(std::string(model->tree->slice(group.source))), call);
    if (!call.startsWith(u'w'))
        QCOMPARE(text(group.name), QStringLiteral("my_init"));
}

void TestRecipes::notesOldNames()
{
    const std::string script = "v = tf.Variable(tf.zeros([1]))\ninit_op = tf.initialize_all_variables()\n";
    const auto model = modelOf(script);
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    const script::Diagnostic& note = model->diagnostics[0];
    QCOMPARE(note.severity, script::Severity::Note);
    QVERIFY(text(note.message).contains(QStringLiteral("old name, still understood")));
    std::string mended = script;
    const script::TextEdit& edit = note.fix.at(0);
    mended.replace(edit.range.begin, edit.range.end - edit.range.begin, edit.replacement);
    QVERIFY(modelOf(mended)->diagnostics.empty());
    QCOMPARE(modelOf(mended)->initGroups.size(), std::size_t{1});
}

void TestRecipes::warnsOfLateVariables()
{
    const auto model = modelOf("v = tf.Variable(tf.zeros([1]))\ninit = tf.global_variables_initializer()\n"
                               "late = tf.Variable(tf.zeros([1]))\n");
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    QCOMPARE(model->diagnostics[0].severity, script::Severity::Warning);
    QVERIFY(problems(*model).contains(QStringLiteral("not initialised by it: late")));
    QCOMPARE(text(model->diagnostics[0].errorClass), QStringLiteral("FailedPreconditionError"));
    const auto twice = modelOf("v = tf.Variable(tf.zeros([1]))\ninit = tf.global_variables_initializer()\n"
                               "u = tf.Variable(tf.zeros([1]))\ninit = tf.global_variables_initializer()\n");
    QVERIFY(twice->diagnostics.empty());
}

void TestRecipes::namesBlocks()
{
    const auto model = modelOf(std::string(kHead) +
                               "with tf.Graph().as_default(), tf.Session() as one:\n  one.run(init_op)\n"
                               "two = tf.Session()\ntwo.run(v)\nwith two.as_default():\n  w.eval()\n"
                               "two.run(w)\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(model->recipes.size(), std::size_t{2});
    QCOMPARE(text(model->recipes[0].name), QStringLiteral("one"));
    QCOMPARE(actions(*model, 0), QStringList{"init init_op"});
    QCOMPARE(text(model->recipes[1].name), QStringLiteral("two"));
    QCOMPARE(actions(*model, 1), (QStringList{"run v", "run w", "run w"}));
    QVERIFY(text(std::string(model->tree->slice(model->recipes[1].source)))
                .endsWith(QStringLiteral("two.run(w)")));
}

void TestRecipes::leavesFedRunsOpen()
{
    const auto model =
        modelOf("x = tf.placeholder(tf.float32, [None])\nv = tf.Variable(tf.zeros([1]), name=\"v\")\n"
                "y = v * x\nwith tf.Session() as sess:\n  for i in range(5):\n"
                "    _, value = sess.run([y, v], feed_dict={x: [1.0]})\n  sess.run(v)\n");
    QCOMPARE(problems(*model), QString());
    QCOMPARE(actions(*model), (QStringList{"hole", "run v"}));
    QCOMPARE(model->ignored.size(), std::size_t{1});
    QCOMPARE(text(model->ignored[0].reason), QStringLiteral("Weightroom feeds data by wr.train"));
}

void TestRecipes::namesMisuse_data()
{
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("errorClass");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* body, const char* errorClass, const char* message) {
        QTest::newRow(body) << QString::fromUtf8(body) << QString::fromUtf8(errorClass)
                            << QString::fromUtf8(message);
    };
    row("v.eval()", "ValueError", "No default session is registered");
    row("init_op.run()", "ValueError", "No default session is registered");
    row("v.eval(session=3)", "TypeError", "must be a Session");
    row("with tf.Session() as sess:\n  sess.run(None)", "TypeError", "Fetch argument None");
    row("with tf.Session() as sess:\n  sess.run(3)", "TypeError", "invalid type");
    row("with tf.Session() as sess:\n  sess.run(\"nothing\")", "ValueError", "cannot be interpreted");
    row("with tf.Session() as sess:\n  pass\nsess.run(v)", "RuntimeError", "closed Session");
    row("with tf.Session() as sess:\n  sess.run(v, feed_dict={3: 4})", "TypeError", "feed_dict key");
    row("with tf.Session() as sess:\n  print(\"%s %s\" % 1)", "TypeError", "not enough arguments");
    row("with tf.Session() as sess:\n  print(\"%s\" % (1, 2))", "TypeError", "not all arguments converted");
    row("with tf.Session() as sess:\n  print(\"%d\" % \"x\")", "TypeError", "a number is required");
    row("with tf.Session() as sess:\n  print(\"%y\" % 1)", "ValueError", "unsupported format character 'y'");
    row("i = tf.variables_initializer(v)", "TypeError", "a list of variables");
    row("i = tf.variables_initializer([3])", "AttributeError", "only variables");
}

void TestRecipes::namesMisuse()
{
    QFETCH(QString, body);
    QFETCH(QString, errorClass);
    QFETCH(QString, message);
    const auto model = modelOf(kHead + body.toStdString() + "\n");
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    QCOMPARE(text(model->diagnostics[0].errorClass), errorClass);
    QVERIFY2(problems(*model).contains(message), qPrintable(problems(*model)));
}

void TestRecipes::boundsLoops()
{
    const auto model = modelOf(std::string(kHead) +
                               "with tf.Session() as sess:\n  for i in range(50000):\n    sess.run(v)\n");
    QVERIFY(!model->hasErrors());
    QCOMPARE(model->recipes[0].actions.size(), std::size_t{10000});
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    const auto wide = modelOf("with tf.Session() as sess:\n  print(\"%99999999d %.99999999f\" % (1, 2.5))\n");
    QVERIFY(!wide->hasErrors());
    QVERIFY(wide->recipes[0].actions[0].text.size() < 1000);
}

QTEST_GUILESS_MAIN(TestRecipes)
#include "tst_recipes.moc"
