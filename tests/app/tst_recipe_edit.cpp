// SPDX-License-Identifier: GPL-3.0-or-later
// The form over wr.train(…): what it shows is what the script says, and a change is a minimal edit that can
// be undone.
#include "app/document/optimizer_edit.h"
#include "app/document/project.h"
#include "app/document/recipe_edit.h"
#include "app/run/preflight.h"
#include "tests/app/run_fixture.h"

#include <QTest>

using namespace wr::app;

class TestRecipeEdit : public QObject {
    Q_OBJECT
private slots:
    void changes_data();
    void changes();
    void refuses();
    void changesTheOptimizer_data();
    void changesTheOptimizer();
    void leavesSeveralOptimizersAlone();
    void tellsWhatStandsInTheWay();
};

void TestRecipeEdit::changes_data()
{
    QTest::addColumn<QString>("keyword");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    const auto row = [](const char* keyword, const char* value, const char* before, const char* after) {
        QTest::addRow("%s = %s", keyword, value) << QString::fromUtf8(keyword) << QString::fromUtf8(value)
                                                 << QString::fromUtf8(before) << QString::fromUtf8(after);
    };
    row("epochs", "5", "epochs=3", "epochs=5");
    row("batch_size", " 8 ", "batch_size=16", "batch_size=8");
    row("patience", "4", "metrics={\"accuracy\": accuracy})",
        "metrics={\"accuracy\": accuracy}, patience=4)");
    row("monitor", "\"accuracy\"", "{\"accuracy\": accuracy})",
        "{\"accuracy\": accuracy}, monitor=\"accuracy\")");
    row("epochs", "", ", epochs=3", "");
}

void TestRecipeEdit::changes()
{
    QFETCH(QString, keyword);
    QFETCH(QString, value);
    QFETCH(QString, before);
    QFETCH(QString, after);
    Project project;
    const QString script = SmallTraining().script();
    project.newFromText(script, QStringLiteral("small"));
    project.parseNow();
    const Explanation problem = project.setRecipeArgument(keyword, value);
    QVERIFY2(problem.isEmpty(), qPrintable(problem.toText()));
    QCOMPARE(project.script(), QString(script).replace(before, after));
    project.parseNow();
    QCOMPARE(recipeArgument(*project.model(), keyword), value.trimmed());
    project.undo();
    QCOMPARE(project.script(), script);
}

void TestRecipeEdit::changesTheOptimizer_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("function");
    QTest::addColumn<QString>("after");
    const auto row = [](const char* before, const char* function, const char* after) {
        QTest::addRow("%s to %s", before, function)
            << QString::fromUtf8(before) << QString::fromUtf8(function) << QString::fromUtf8(after);
    };
    row("tf.train.AdamOptimizer(0.01)", "tf.train.GradientDescentOptimizer",
        "tf.train.GradientDescentOptimizer(0.01)");
    row("tf.train.AdamOptimizer(beta1=0.8, learning_rate=0.01)", "tf.train.MomentumOptimizer",
        "tf.train.MomentumOptimizer(0.01, momentum=0.9)");
    row("tf.train.AdamOptimizer()", "tf.train.AdagradOptimizer", "tf.train.AdagradOptimizer(0.001)");
    row("tf.train.GradientDescentOptimizer(0.5)", "tf.contrib.opt.AdamWOptimizer",
        "tf.contrib.opt.AdamWOptimizer(learning_rate=0.5, weight_decay=1e-04)");
    row("tf.train.AdamOptimizer(0.01)", "tf.train.AdamOptimizer", "tf.train.AdamOptimizer(0.01)");
}

void TestRecipeEdit::changesTheOptimizer()
{
    QFETCH(QString, before);
    QFETCH(QString, function);
    QFETCH(QString, after);
    SmallTraining training;
    const QByteArray optimizer = before.toUtf8();
    training.optimizer = optimizer.constData();
    Project project;
    project.newFromText(training.script(), QStringLiteral("small"));
    project.parseNow();
    QVERIFY(before.startsWith(optimizerText(*project.model()).function));
    const Explanation problem = project.setOptimizer(function);
    QVERIFY2(problem.isEmpty(), qPrintable(problem.toText()));
    QCOMPARE(project.script(), QString(training.script()).replace(before, after));
    project.parseNow();
    QVERIFY(!project.model()->hasErrors());
    QCOMPARE(optimizerText(*project.model()).function, function);
    const QString schedule =
        QStringLiteral("tf.train.exponential_decay(0.1, tf.train.create_global_step(), 10, 0.5)");
    QVERIFY(project.setOptimizerRate(schedule).isEmpty());
    project.parseNow();
    QVERIFY(!project.model()->hasErrors());
    QCOMPARE(optimizerText(*project.model()).rate, schedule);
    // What cannot be is refused, and the script stays.
    const QString script = project.script();
    QVERIFY(!project.setOptimizerRate(QStringLiteral("\"fast\"")).isEmpty());
    QVERIFY(!project.setOptimizerRate(QString()).isEmpty());
    QVERIFY(!project.setOptimizer(QStringLiteral("tf.train.NoSuchOptimizer")).isEmpty());
    QCOMPARE(project.script(), script);
}

void TestRecipeEdit::leavesSeveralOptimizersAlone()
{
    SmallTraining training;
    training.head = "other = tf.train.GradientDescentOptimizer(0.1)";
    Project project;
    project.newFromText(training.script(), QStringLiteral("small"));
    project.parseNow();
    QVERIFY(optimizerText(*project.model()).function.isEmpty());
    QVERIFY(!project.setOptimizer(QStringLiteral("tf.train.AdamOptimizer")).isEmpty());
    QCOMPARE(project.script(), training.script());
}

void TestRecipeEdit::refuses()
{
    Project project;
    const QString script = SmallTraining().script();
    project.newFromText(script, QStringLiteral("small"));
    project.parseNow();
    for (const char* const value : {"0", "many", "1 +", "\"x\"", "2)"}) {
        const Explanation problem =
            project.setRecipeArgument(QStringLiteral("epochs"), QString::fromUtf8(value));
        QVERIFY2(!problem.isEmpty(), value);
        QVERIFY2(!problem.why.isEmpty(), value);
        QCOMPARE(project.script(), script);
    }
    QVERIFY(project.setRecipeArgument(QStringLiteral("epochs"), QStringLiteral("3")).isEmpty()); // as it is
    QVERIFY(!project.canUndo());
    const auto [begin, end] = project.recipePlace();
    QVERIFY(script.mid(begin, end - begin).startsWith(QLatin1String("wr.train(")));

    Project bare;
    bare.newFromText(QStringLiteral("v = tf.Variable(tf.zeros([2]), name=\"v\")\n"), QStringLiteral("bare"));
    bare.parseNow();
    QVERIFY(bare.setRecipeArgument(QStringLiteral("epochs"), QStringLiteral("3"))
                .why.contains(QLatin1String("wr.train")));
}

void TestRecipeEdit::tellsWhatStandsInTheWay()
{
    using Level = PreflightItem::Level;
    const auto model = SmallTraining().model();
    RunState state;
    state.canTrain = true;
    state.uninitialized = 4;
    state.trainBytes = 1000;
    QVector<PreflightItem> items = preflight(model.get(), state, 0);
    QCOMPARE(items.first().level, Level::Obstacle);
    QCOMPARE(items.first().fix, PreflightItem::Fix::Init);
    state.uninitialized = 0;
    items = preflight(model.get(), state, 0);
    QVERIFY(std::none_of(items.begin(), items.end(),
                         [](const PreflightItem& item) { return item.level == Level::Obstacle; }));
    state.trainBytes = quint64{1} << 60U;
    items = preflight(model.get(), state, 2);
    QCOMPARE(std::count_if(items.begin(), items.end(),
                           [](const PreflightItem& item) { return item.level == Level::Obstacle; }),
             2);
    items = preflight(nullptr, state, 0);
    QCOMPARE(items.size(), 1);
    QCOMPARE(items.first().level, Level::Obstacle);
}

QTEST_GUILESS_MAIN(TestRecipeEdit)
#include "tst_recipe_edit.moc"
