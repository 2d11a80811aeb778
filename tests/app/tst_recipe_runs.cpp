// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes carried out: restores that are all or nothing, holes, steps, questions, prints, and the folder that
// they keep to.
#include "app/library/checkpoint_file.h"
#include "app/run/recipe_actions.h"
#include "tests/app/recipe_stage.h"

#include <QDir>
#include <QFile>

using namespace wr;
using namespace wr::app;

class TestRecipeRuns : public QObject, private RecipeStage {
    Q_OBJECT
private slots:
    void init() { set(); }
    void cleanup() { clear(); }
    void restoresAllOrNothing();
    void stopsAtTheFirstFailure();
    void waitsAtHoles();
    void savesByStep();
    void savesWithAChosenSaver();
    void answersQuestions();
    void runsOpsAndPrints();
    void runsGroups();
    void keepsToItsFolder();
    void restoreNeedsNoInit();
};

void TestRecipeRuns::restoresAllOrNothing()
{
    paste(
        QStringLiteral("v = tf.Variable(tf.ones([2]), name=\"v\")\ninit = tf.global_variables_initializer()\n"
                       "one = tf.train.Saver({\"a\": v})\nwith tf.Session() as s:\n  s.run(init)\n"
                       "  one.save(s, \"/tmp/x\")\n"));
    run();
    QVERIFY(m_failures.isEmpty());
    paste(QStringLiteral(
        "v = tf.Variable(tf.zeros([2]), name=\"v\")\nw = tf.Variable(tf.zeros([2]), name=\"w\")\n"
        "u = tf.Variable(tf.zeros([3]), name=\"u\")\n"
        "two = tf.train.Saver({\"a\": v, \"b\": w, \"c\": u})\nwith tf.Session() as s:\n"
        "  two.restore(s, \"/tmp/x\")\n"));
    run();
    QCOMPARE(m_failures.size(), 1);
    // All missing keys at once, and no value touched.
    QVERIFY2(m_failures.first().why.contains(QStringLiteral("Key b, c not found in checkpoint")),
             qPrintable(m_failures.first().why));
    QCOMPARE(life("w"), VariableLife::Uninitialized);
    paste(QStringLiteral("v = tf.Variable(tf.zeros([3]), name=\"v\")\n"
                         "s3 = tf.train.Saver({\"a\": v})\nwith tf.Session() as s:\n"
                         "  s3.restore(s, \"/tmp/x\")\n"));
    run();
    QCOMPARE(m_failures.size(), 2);
    QVERIFY(m_failures.last().why.contains(QStringLiteral("[2] cannot fill [3]")));
    paste(QStringLiteral("v = tf.Variable(tf.zeros([2]), name=\"v\")\n"
                         "s3 = tf.train.Saver()\nwith tf.Session() as s:\n"
                         "  s3.restore(s, \"/nowhere/y.ckpt\")\n"));
    run();
    QCOMPARE(m_failures.size(), 3);
    QVERIFY(m_failures.last().why.contains(QStringLiteral("not a valid checkpoint: /nowhere/y.ckpt")));
    QVERIFY(m_failures.last().why.contains(m_folder->path()));
}

void TestRecipeRuns::stopsAtTheFirstFailure()
{
    paste(QStringLiteral(
        "v = tf.Variable(tf.ones([2]), name=\"v\")\nw = tf.Variable(tf.ones([2]), name=\"w\")\n"
        "saver = tf.train.Saver()\nwith tf.Session() as s:\n  print(\"first\")\n"
        "  saver.save(s, \"/tmp/x\")\n  s.run(v.initializer)\n"));
    run();
    QCOMPARE(m_failures.size(), 1);
    QVERIFY2(m_failures.first().why.contains(QStringLiteral("Attempting to use uninitialized value v, w")),
             qPrintable(m_failures.first().why));
    QCOMPARE(m_run->recipe().steps[0].state, RecipeStepState::Done);
    QCOMPARE(m_run->recipe().steps[1].state, RecipeStepState::Failed);
    QCOMPARE(m_run->recipe().steps[2].state, RecipeStepState::Waiting);
    QCOMPARE(life("v"), VariableLife::Uninitialized);
    QVERIFY(QDir(m_folder->path()).entryList(QDir::Files).isEmpty());
}

void TestRecipeRuns::waitsAtHoles()
{
    const QString script =
        QStringLiteral("v = tf.Variable(tf.ones([2]), name=\"v\")\nwith tf.Session() as s:\n"
                       "  s.run(v.initializer)\n  ...\n  print(\"v is %s\" % s.run(v))\n");
    paste(script);
    run();
    QCOMPARE(m_run->recipe().openAt, 1);
    // An edit at the hole that leaves the block as it is: what follows is read anew.
    m_project->editText(static_cast<int>(script.indexOf(QStringLiteral("v is"))), 4, QStringLiteral("now:"));
    m_project->parseNow();
    m_run->setModel(m_project->model(), {}, m_folder->path());
    m_run->continueRecipe();
    QTRY_COMPARE_WITH_TIMEOUT(results().last(), QStringLiteral("now: [1, 1]"), kLong);
    // With other actions in the block there is nothing to continue.
    run();
    QCOMPARE(m_run->recipe().openAt, 1);
    m_project->editText(static_cast<int>(m_project->script().indexOf(QStringLiteral("  s.run(v.init"))), 0,
                        QStringLiteral("  print(\"more\")\n"));
    m_project->parseNow();
    m_run->setModel(m_project->model(), {}, m_folder->path());
    m_run->continueRecipe();
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 1, kLong);
    QVERIFY(m_run->recipe().openAt < 0);
}

void TestRecipeRuns::savesByStep()
{
    paste(QStringLiteral("v = tf.Variable(tf.ones([2]), name=\"v\")\n"
                         "global_step = tf.Variable(7, name=\"global_step\")\n"
                         "init = tf.global_variables_initializer()\nsaver = tf.train.Saver()\n"
                         "padded = tf.train.Saver(pad_step_number=True)\nwith tf.Session() as s:\n"
                         "  s.run(init)\n  saver.save(s, \"/tmp/model.ckpt\", global_step=1000)\n"
                         "  s.run(global_step.assign_add(1))\n"
                         "  padded.save(s, \"/tmp/model.ckpt\", global_step=global_step)\n"
                         "  saver.restore(s, tf.train.latest_checkpoint(\"/tmp\"))\n"));
    run();
    QVERIFY2(m_failures.isEmpty(), qPrintable(results().join(u'\n')));
    QVERIFY(QFile::exists(checkpoint("model.ckpt-1000.wrck")));
    QVERIFY(QFile::exists(checkpoint("model.ckpt-00000008.wrck")));
}

/// Saving by hand through the script's savers: names and policy are the saver's.
void TestRecipeRuns::savesWithAChosenSaver()
{
    paste(QStringLiteral("v = tf.Variable(tf.ones([2]), name=\"v\")\n"
                         "w = tf.Variable(tf.ones([3]), name=\"w\")\n"
                         "saver = tf.train.Saver(max_to_keep=2)\n"
                         "part = tf.train.Saver({\"my_v\": v}, max_to_keep=0)\nwr.keep(saver, best=3)\n"));
    const QVector<SaverChoice> choices = saverChoices(*m_project->model());
    QCOMPARE(choices.size(), 2);
    QCOMPARE(choices[0].name, QStringLiteral("saver"));
    QCOMPARE(choices[0].words, QStringLiteral("all variables, keeps the newest 2 and the best 3"));
    QCOMPARE(choices[1].words, QStringLiteral("1 variable (my_v), keeps all"));

    m_run->saveWith(1); // nothing holds a value yet
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 1, kLong);
    QVERIFY(m_failures[0].why.contains(QLatin1String("v")));
    m_failures.clear();
    QSignalSpy saved(m_run.get(), &RunController::saved);
    m_run->initializeAll();
    m_run->saveWith(1);
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 1, kLong);
    const CheckpointFile::Opened part = CheckpointFile::open(saved[0][0].toString());
    QVERIFY2(part.file, qPrintable(part.problem.toText()));
    QCOMPARE(part.file->tensorCount(), 1);
    QCOMPARE(part.file->tensor(0).name, QStringLiteral("my_v"));
    QVERIFY(saved[0][0].toString().endsWith(QLatin1String("part-0.wrck")));
    m_run->saveWith(0);
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 2, kLong);
    QCOMPARE(CheckpointFile::open(saved[1][0].toString()).file->tensorCount(), 2);
    QVERIFY(m_failures.isEmpty());
}

void TestRecipeRuns::answersQuestions()
{
    paste(QStringLiteral(
        "v = tf.Variable(tf.ones([2]), name=\"v\")\nw = tf.Variable(tf.ones([2]), name=\"w\")\n"
        "with tf.Session() as s:\n  print(s.run(tf.report_uninitialized_variables()))\n"
        "  s.run(v.initializer)\n  print(s.run(tf.is_variable_initialized(v)))\n"
        "  print(\"%s, %s\" % (s.run(tf.is_variable_initialized(w)), v.eval()))\n"
        "  print(s.run(tf.report_uninitialized_variables([v, w])))\n"));
    run();
    QVERIFY2(m_failures.isEmpty(), qPrintable(results().join(u'\n')));
    QCOMPARE(results(), (QStringList{"[v, w]", "1 variable initialised", "True", "False, [1, 1]", "[w]"}));
}

void TestRecipeRuns::runsOpsAndPrints()
{
    paste(QStringLiteral(
        "v = tf.Variable([1.5, 2.5], name=\"v\")\nx = tf.placeholder(tf.float32, [2], name=\"x\")\n"
        "total = tf.reduce_sum(v, name=\"total\")\ninit = tf.global_variables_initializer()\n"
        "with tf.Session() as s:\n  s.run(init)\n  s.run(total)\n  s.run(v.assign([3.0, 4.0]))\n"
        "  print(f\"total {s.run(total)}\")\n  s.run(v + x)\n"));
    run();
    QCOMPARE(results()[1], QStringLiteral("total = 4"));
    QCOMPARE(results()[3], QStringLiteral("total 7"));
    QCOMPARE(m_failures.size(), 1); // a placeholder that nobody feeds
    QVERIFY2(m_failures.first().why.contains(u'x'), qPrintable(m_failures.first().why));
}

/// A group has no value to show; what it waits for has run.
void TestRecipeRuns::runsGroups()
{
    paste(QStringLiteral(
        "a = tf.Variable(1.0, name=\"a\")\nb = tf.Variable(2.0, name=\"b\")\n"
        "init = tf.group(tf.global_variables_initializer(), tf.local_variables_initializer())\n"
        "with tf.control_dependencies([a.assign(5.0)]):\n  later = b.assign(a * 2.0)\n"
        "both = tf.group(later, name=\"both\")\nwith tf.Session() as s:\n  s.run(init)\n  s.run(both)\n"
        "  s.run(b)\n"));
    run();
    QVERIFY2(m_failures.isEmpty(), qPrintable(m_failures.isEmpty() ? QString() : m_failures.first().why));
    QCOMPARE(results()[1], QStringLiteral("1 update"));
    QCOMPARE(results()[2], QStringLiteral("b = 10"));
}

/// A script's path never leads out of the checkpoint folder.
void TestRecipeRuns::keepsToItsFolder()
{
    const QString outside = m_folder->filePath(QStringLiteral("outside"));
    QVERIFY(QDir().mkpath(outside));
    const QString script = QStringLiteral("v = tf.Variable(tf.ones([2]), name=\"v\")\n"
                                          "saver = tf.train.Saver()\nwith tf.Session() as s:\n"
                                          "  s.run(v.initializer)\n  saver.save(s, \"%1/../outside/m\")\n"
                                          "  saver.save(s, \"..\")\n")
                               .arg(outside);
    m_project->newFromText(script, QStringLiteral("Untitled"));
    const QString inside = m_folder->filePath(QStringLiteral("inside"));
    m_run->setModel(m_project->model(), {}, inside);
    run();
    QVERIFY2(m_failures.isEmpty(), qPrintable(results().join(u'\n')));
    QCOMPARE(QDir(inside).entryList(QDir::Files), (QStringList{"checkpoint", "m.wrck", "model.ckpt.wrck"}));
    QVERIFY(QDir(outside).entryList(QDir::Files).isEmpty());
    // Unless somebody asks for the script's own folders.
    m_run->runRecipe(0, true);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(outside + QStringLiteral("/m.wrck")), kLong);
}

void TestRecipeRuns::restoreNeedsNoInit()
{
    paste(
        QStringLiteral("v = tf.Variable(tf.ones([2]), name=\"v\")\ninit = tf.global_variables_initializer()\n"
                       "saver = tf.train.Saver()\nwith tf.Session() as a:\n  a.run(init)\n"
                       "  saver.save(a, \"/tmp/x\")\nwith tf.Session() as b:\n  b.run(v.assign([5.0, 6.0]))\n"
                       "  saver.restore(b, \"/tmp/x\")\n  print(\"v is %s\" % b.run(v))\n"));
    run(0);
    run(1);
    QVERIFY2(m_failures.isEmpty(), qPrintable(results().join(u'\n')));
    QCOMPARE(results().last(), QStringLiteral("v is [1, 1]"));
    QTRY_COMPARE(life("v"), VariableLife::Restored);
    // One step back: the values from before the recipe.
    QTRY_VERIFY(m_run->canUndoRestore());
    m_run->undoRestore();
    QTRY_COMPARE(life("v"), VariableLife::Initialized);
}

QTEST_GUILESS_MAIN(TestRecipeRuns)
#include "tst_recipe_runs.moc"
