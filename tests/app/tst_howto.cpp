// SPDX-License-Identifier: GPL-3.0-or-later
// Every code block of the how-to on variables, pasted: what the document says of it, and what its recipes do
// when they are run.
#include "app/library/checkpoint_file.h"
#include "engine/checkpoint/checkpoint.h"
#include "tests/app/howto_snippets.h"
#include "tests/app/recipe_stage.h"

#include <QDir>
#include <QFile>
#include <algorithm>
#include <bit>
#include <cstring>

using namespace wr;
using namespace wr::app;

namespace {

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

class TestHowto : public QObject, private RecipeStage {
    Q_OBJECT
private slots:
    void init() { set(); }
    void cleanup() { clear(); }
    void creates();
    void placesOnDevices();
    void initializes();
    void initializesFromAnotherVariable();
    void saves();
    void savesWithHoles();
    void restores();
    void choosesWhatToSave();
    void readsTheExamples_data();
    void readsTheExamples();
};

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
    m_project->newFromText(howto::kDevices, QStringLiteral("Untitled"));
    const auto devices = [this] {
        QStringList names;
        for (const VariableRow& row : m_project->variables())
            names += row.device;
        return names;
    };
    const QStringList wanted{QStringLiteral("/cpu:0"), QStringLiteral("/gpu:0"),
                             QStringLiteral("/job:ps/task:7")};
    QCOMPARE(devices(), wanted);
    QVERIFY(!m_project->variables()[0].isClashing);
    QVERIFY(m_project->variables()[1].isClashing && m_project->variables()[2].isClashing);

    // One name for three variables is an error, with a fix on offer for each of the later two.
    for (int fixes = 0; fixes < 2; ++fixes) {
        const QVector<Problem> problems = m_project->problems();
        const auto clash = std::find_if(problems.begin(), problems.end(), [](const Problem& problem) {
            return problem.severity == Problem::Severity::Error;
        });
        QVERIFY(clash != problems.end());
        QVERIFY(!clash->fixLabel.isEmpty());
        QVERIFY(m_project->applyFix(*clash).isEmpty());
    }
    QVERIFY2(!m_project->isStale(), qPrintable(messages(Problem::Severity::Error).join(u'\n')));
    QCOMPARE(devices(), wanted);
    const auto& variables = m_project->model()->variables;
    QCOMPARE(variables.size(), std::size_t{3});
    for (const graph::Variable& variable : variables)
        QVERIFY(variable.isIncomplete && !variable.isClashing);
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
        QCOMPARE(std::bit_cast<std::uint32_t>(twice.data<float>()[i]),
                 std::bit_cast<std::uint32_t>(expected));
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
    clear();
    const auto folder = std::move(m_folder);
    set();
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
    QCOMPARE(file.file->tensorCount(), 1);
    QCOMPARE(file.file->tensor(0).name, QStringLiteral("my_v2"));
    QCOMPARE(results()[0], QStringLiteral("1 variable initialised"));
    QVERIFY(results()[2].startsWith(QStringLiteral("1 variable restored")));
    QTRY_COMPARE(life("v2"), VariableLife::Restored);
    QCOMPARE(life("v1"), VariableLife::Uninitialized);
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
