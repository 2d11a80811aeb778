// SPDX-License-Identifier: GPL-3.0-or-later
// Every code block of the how-to on variables, pasted: what the document says of it, and what its recipes do
// when they are run.
// Scripts and lists of them read better as plain literals.
#undef QT_NO_CAST_FROM_ASCII

#include "app/document/project.h"
#include "app/library/checkpoint_file.h"
#include "app/models/recipe_list_model.h"
#include "app/run/run_controller.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/graph/model.h"
#include "tests/app/howto_snippets.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>

using namespace wr;
using namespace wr::app;

namespace {

constexpr int kLong = 60000; // sanitizers are slow

/// A hole that leaves its variable incomplete is a warning; a document in which it is an error has no model.
bool holesAreWarnings()
{
    const auto model = graph::buildModel(script::parse("v = tf.Variable(...)\n"));
    return !model->hasErrors() && !model->variables.empty() && model->variables.front().isIncomplete;
}

Tensor stored(const QString& path, const char* name)
{
    const auto reader = checkpoint::openCheckpoint(Vfs::posix(), path.toStdString());
    if (!reader || (*reader)->find(name) < 0)
        return {};
    return (*reader)->read(static_cast<std::size_t>((*reader)->find(name))).value_or(Tensor());
}

bool isSame(const Tensor& a, const Tensor& b)
{
    return a.isValid() && a.dtype() == b.dtype() && a.shape() == b.shape() &&
           std::memcmp(a.bytes().data(), b.bytes().data(), a.byteSize()) == 0;
}

} // namespace

class TestHowto : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void creates();
    void placesOnDevices();
    void initializes();
    void initializesFromAnotherVariable();
    void saves();
    void savesWithHoles();
    void restores();
    void restoreNeedsNoInit();
    void restoresAllOrNothing();
    void choosesWhatToSave();
    void stopsAtTheFirstFailure();
    void waitsAtHoles();
    void savesByStep();
    void answersQuestions();
    void runsOpsAndPrints();
    void keepsToItsFolder();
    void readsTheExamples_data();
    void readsTheExamples();

private:
    void paste(const QString& text);
    void paste(const char* text) { paste(QString::fromUtf8(text)); }
    QStringList actions() const;
    QStringList results() const;
    QStringList messages(Problem::Severity severity) const;
    void run(int program = 0);
    QString checkpoint(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    VariableLife life(const char* name) const { return m_run->variableLife(QLatin1String(name)); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Project> m_project;
    std::unique_ptr<RunController> m_run;
    std::unique_ptr<RecipeListModel> m_recipe;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    QVector<Explanation> m_failures;
};

void TestHowto::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = std::make_unique<Project>();
    m_run = std::make_unique<RunController>();
    m_recipe = std::make_unique<RecipeListModel>(m_project.get(), m_run.get());
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_recipe.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_failures.clear();
    connect(m_run.get(), &RunController::failed, this,
            [this](const Explanation& explanation) { m_failures.append(explanation); });
}

void TestHowto::cleanup()
{
    m_tester.reset();
    m_recipe.reset();
    m_run.reset();
    m_project.reset();
}

void TestHowto::paste(const QString& text)
{
    m_project->newFromText(text, QStringLiteral("Untitled"));
    QVERIFY2(!m_project->isStale(), qPrintable(messages(Problem::Severity::Error).join(u'\n')));
    m_run->setModel(m_project->model(), {}, m_folder->path());
}

QStringList TestHowto::actions() const
{
    QStringList words;
    for (int row = 0; row < m_recipe->rowCount(); ++row)
        words += m_recipe->index(row, 0).data(RecipeListModel::WordRole).toString();
    return words;
}

QStringList TestHowto::results() const
{
    QStringList texts;
    for (int row = 0; row < m_recipe->rowCount(); ++row)
        texts += m_recipe->index(row, RecipeListModel::ResultColumn).data().toString();
    return texts;
}

QStringList TestHowto::messages(Problem::Severity severity) const
{
    QStringList all;
    for (const Problem& problem : m_project->problems()) {
        if (problem.severity == severity)
            all += problem.message;
    }
    return all;
}

/// Runs it until it ends, fails or waits at a hole.
void TestHowto::run(int program)
{
    m_recipe->setProgram(program);
    int changes = 0;
    const auto counted = connect(m_run.get(), &RunController::recipeChanged, this, [&changes] { ++changes; });
    m_run->runRecipe(program);
    QTRY_VERIFY_WITH_TIMEOUT(changes > 1 && !m_run->recipe().isRunning, kLong);
    disconnect(counted);
}

void TestHowto::creates()
{
    paste(howto::kCreate);
    QVERIFY(m_project->problems().isEmpty());
    const QVector<VariableRow>& rows = m_project->variables();
    QCOMPARE(rows.size(), 2);
    QCOMPARE(rows[0].name, QStringLiteral("weights"));
    QCOMPARE(rows[1].name, QStringLiteral("biases"));
    QCOMPARE(rows[0].parameters + rows[1].parameters, 157000);
    QCOMPARE(rows[0].bytes + rows[1].bytes, 628000);
    QCOMPARE(rows[0].dtype, QStringLiteral("float32"));
    QCOMPARE(m_recipe->rowCount(), 0); // nothing to run by itself
    QVERIFY(m_recipe->programs().isEmpty());
}

void TestHowto::placesOnDevices()
{
    if (!holesAreWarnings())
        QSKIP("this build takes a hole for an error");
    paste(howto::kDevices);
    const QVector<VariableRow>& rows = m_project->variables();
    QCOMPARE(rows.size(), 3);
    QCOMPARE(rows[0].device, QStringLiteral("/cpu:0"));
    QCOMPARE(rows[1].device, QStringLiteral("/gpu:0"));
    QCOMPARE(rows[2].device, QStringLiteral("/job:ps/task:7"));
    const auto& variables = m_project->model()->variables;
    QVERIFY(variables[0].isIncomplete && variables[1].isIncomplete && variables[2].isIncomplete);
    QVERIFY(!variables[0].isClashing && variables[1].isClashing && variables[2].isClashing);
    // The clash is told, with a fix on offer.
    int fixes = 0;
    for (const Problem& problem : m_project->problems())
        fixes += problem.fixLabel.isEmpty() ? 0 : 1;
    QVERIFY(fixes >= 2);
}

void TestHowto::initializes()
{
    paste(howto::kInitialize);
    QCOMPARE(messages(Problem::Severity::Note).size(), 1);
    QVERIFY(messages(Problem::Severity::Note).first().contains(QStringLiteral("old name, still understood")));
    QCOMPARE(m_recipe->programs(), (QStringList{"sess (line 10)", "init_op (line 7)"}));
    QCOMPARE(actions(), (QStringList{"init", "hole"}));
    QVERIFY(m_recipe->index(0, 0).data().toString().contains(QStringLiteral("all variables (init_op)")));
    QCOMPARE(life("weights"), VariableLife::Uninitialized); // nothing runs by pasting

    run();
    QCOMPARE(m_run->recipe().openAt, 1);
    QCOMPARE(results().first(), QStringLiteral("2 variables initialised"));
    QVERIFY(results().last().contains(QStringLiteral("leaves this open")));
    QTRY_COMPARE(life("weights"), VariableLife::Initialized);
    m_run->continueRecipe();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->recipe().openAt < 0, kLong);

    // The init op by itself, by a button.
    run(1);
    QCOMPARE(results(), QStringList{"2 variables initialised"});
    QVERIFY(m_failures.isEmpty());
}

void TestHowto::initializesFromAnotherVariable()
{
    paste(QString::fromUtf8(howto::kFromAnother) +
          QStringLiteral("init_op = tf.global_variables_initializer()\nsaver = tf.train.Saver()\n"
                         "with tf.Session() as sess:\n  sess.run(init_op)\n"
                         "  saver.save(sess, \"/tmp/model.ckpt\")\n"));
    QVERIFY(m_project->problems().isEmpty());
    QCOMPARE(m_project->variables().size(), 3);
    run();
    QVERIFY2(m_failures.isEmpty(), qPrintable(results().join(u'\n')));
    const QString file = checkpoint("model.ckpt.wrck");
    const Tensor weights = stored(file, "weights");
    QVERIFY(isSame(weights, stored(file, "w2")));
    const Tensor twice = stored(file, "w_twice");
    QCOMPARE(twice.elementCount(), 784 * 200);
    double sum = 0.0;
    for (std::int64_t i = 0; i < twice.elementCount(); ++i) {
        const float expected = weights.data<float>()[i] * 2.0F;
        QVERIFY(std::memcmp(&twice.data<float>()[i], &expected, sizeof expected) == 0);
        sum += expected * expected;
    }
    QVERIFY(sum > 0.0);
}

void TestHowto::saves()
{
    paste(howto::completed(howto::kSave));
    QCOMPARE(actions(), (QStringList{"init", "hole", "save", "print"}));
    run();
    QCOMPARE(m_run->recipe().openAt, 1);
    QVERIFY(!QFile::exists(checkpoint("model.ckpt.wrck")));
    m_run->continueRecipe();
    QTRY_VERIFY_WITH_TIMEOUT(results().last().contains(QStringLiteral("Model saved")), kLong);
    QVERIFY(m_failures.isEmpty());
    const QString file = checkpoint("model.ckpt.wrck");
    // The path that is told is the one that exists.
    QCOMPARE(results().last(), QStringLiteral("Model saved in file: %1").arg(file));
    QVERIFY(results()[2].startsWith(QStringLiteral("Saved %1").arg(file)));
    QCOMPARE(stored(file, "v1").elementCount(), 3);
    QVERIFY(stored(file, "v2").valueAt(0) != 0.0);
    QVERIFY(!QFile::exists(QStringLiteral("/tmp/model.ckpt.wrck")));
}

/// As it stands in the how-to: nothing can be initialised yet, and the recipe says so.
void TestHowto::savesWithHoles()
{
    if (!holesAreWarnings())
        QSKIP("this build takes a hole for an error");
    paste(howto::kSave);
    QCOMPARE(m_project->variables().size(), 2);
    QCOMPARE(messages(Problem::Severity::Warning).size(), 2);
    QCOMPARE(actions(), (QStringList{"init", "hole", "save", "print"}));
    run();
    QCOMPARE(m_failures.size(), 1);
    QVERIFY2(m_failures.first().why.contains(QStringLiteral("v1, v2 have no initial value yet")),
             qPrintable(m_failures.first().why));
    QCOMPARE(m_run->recipe().steps[0].state, RecipeStepState::Failed);
    QCOMPARE(m_run->recipe().steps[2].state, RecipeStepState::Waiting);
}

void TestHowto::restores()
{
    paste(howto::completed(howto::kSave).remove(QStringLiteral("  ..\n")));
    run();
    const Tensor before = stored(checkpoint("model.ckpt.wrck"), "v2");
    QVERIFY(before.isValid());
    // Another program of the day after, with other values to begin with.
    cleanup();
    const auto folder = std::move(m_folder);
    init();
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QFile::copy(folder->filePath(QStringLiteral("model.ckpt.wrck")), checkpoint("model.ckpt.wrck")));
    paste(howto::completed(howto::kRestore) + QStringLiteral("  saver.save(sess, \"/tmp/again.ckpt\")\n"));
    QCOMPARE(actions(), (QStringList{"restore", "print", "hole", "save"}));
    QCOMPARE(life("v2"), VariableLife::Uninitialized);
    run();
    QVERIFY2(m_failures.isEmpty(), qPrintable(results().join(u'\n')));
    QCOMPARE(results()[1], QStringLiteral("Model restored."));
    QTRY_COMPARE(life("v1"), VariableLife::Restored);
    QCOMPARE(life("v2"), VariableLife::Restored);
    m_run->continueRecipe();
    QTRY_VERIFY_WITH_TIMEOUT(results()[3].startsWith(QStringLiteral("Saved")), kLong);
    QVERIFY(isSame(before, stored(checkpoint("again.ckpt.wrck"), "v2")));
    // Undone as any restore.
    QTRY_VERIFY(m_run->canUndoRestore());
}

void TestHowto::restoreNeedsNoInit()
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

void TestHowto::restoresAllOrNothing()
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

void TestHowto::choosesWhatToSave()
{
    paste(howto::completed(howto::kChoose) +
          QStringLiteral("with tf.Session() as sess:\n  sess.run(v2.initializer)\n"
                         "  saver.save(sess, \"/tmp/part\")\n  saver.restore(sess, \"/tmp/part\")\n"));
    const auto& savers = m_project->model()->savers;
    QCOMPARE(savers.size(), std::size_t{1});
    QVERIFY(!savers[0].all);
    QCOMPARE(savers[0].entries, (std::map<std::string, std::string>{{"my_v2", "v2"}}));
    QVERIFY(m_recipe->index(1, 0).data().toString().contains(QStringLiteral("v2 as my_v2")));
    run();
    QVERIFY2(m_failures.isEmpty(), qPrintable(results().join(u'\n')));
    const CheckpointFile::Opened file = CheckpointFile::open(checkpoint("part.wrck"));
    QVERIFY(file.file != nullptr);
    QCOMPARE(file.file->tensors().size(), 1);
    QCOMPARE(file.file->tensors().first().name, QStringLiteral("my_v2"));
    QCOMPARE(results()[0], QStringLiteral("1 variable initialised"));
    QVERIFY(results()[2].startsWith(QStringLiteral("1 variable restored")));
    QTRY_COMPARE(life("v2"), VariableLife::Restored);
    QCOMPARE(life("v1"), VariableLife::Uninitialized);
}

void TestHowto::stopsAtTheFirstFailure()
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

void TestHowto::waitsAtHoles()
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

void TestHowto::savesByStep()
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

void TestHowto::answersQuestions()
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

void TestHowto::runsOpsAndPrints()
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

/// A script's path never leads out of the checkpoint folder.
void TestHowto::keepsToItsFolder()
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
    QCOMPARE(QDir(inside).entryList(QDir::Files), (QStringList{"m.wrck", "model.ckpt.wrck"}));
    QVERIFY(QDir(outside).entryList(QDir::Files).isEmpty());
    // Unless somebody asks for the script's own folders.
    m_run->runRecipe(0, true);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(outside + QStringLiteral("/m.wrck")), kLong);
}

void TestHowto::readsTheExamples_data()
{
    QTest::addColumn<QString>("file");
    const QDir examples(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples"));
    for (const QString& name : examples.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        QTest::newRow(qPrintable(name)) << examples.filePath(name + "/model.wr");
}

void TestHowto::readsTheExamples()
{
    QFETCH(QString, file);
    QFile script(file);
    QVERIFY(script.open(QIODevice::ReadOnly));
    m_project->newFromText(QString::fromUtf8(script.readAll()), QStringLiteral("Example"));
    const QString errors = messages(Problem::Severity::Error).join(u'\n');
    if (errors.contains("replica_device_setter is not known"))
        QSKIP("this build does not know tf.train.replica_device_setter");
    QVERIFY2(m_project->problems().isEmpty(), qPrintable(errors));
    QVERIFY(m_project->variables().size() >= 4);
}

QTEST_GUILESS_MAIN(TestHowto)
#include "tst_howto.moc"
