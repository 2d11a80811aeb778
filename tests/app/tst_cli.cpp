// SPDX-License-Identifier: GPL-3.0-or-later
// The program weightroom-cli itself, as a shell would start it.
#include "tests/app/checkpoint_fixture.h"
#include "tests/app/cli_outcome.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

constexpr const char* kScript = R"(images = tf.placeholder(tf.float32, [None, 784], name="images")
labels = tf.placeholder(tf.int64, [None], name="labels")
weights = tf.Variable(tf.random_normal([784, 20], stddev=0.05), name="weights")
biases = tf.Variable(tf.zeros([20]), name="biases")
out_weights = tf.Variable(tf.random_normal([20, 10], stddev=0.1), name="out_weights")
out_biases = tf.Variable(tf.zeros([10]), name="out_biases")
hidden = tf.nn.relu(tf.matmul(images, weights) + biases)
logits = tf.matmul(hidden, out_weights) + out_biases
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))
train_op = tf.train.AdamOptimizer(0.01).minimize(loss)
digits = wr.data.digits(train=256, test=64, seed=3)
wr.train(train_op, data=digits, inputs=images, labels=labels, batch_size=32, epochs=2, metrics={"accuracy": accuracy})
)";

} // namespace

class TestCli : public QObject {
    Q_OBJECT
private slots:
    void init();
    void explainsItself();
    void refusesWrongUsage_data();
    void refusesWrongUsage();
    void trainsSavesAndPaints();
    void resumesWithTheSameBits();
    void keepsTheRateOfASchedule();
    void initialisesAndInspects();
    void comparesWithExitCodes();
    void restoresUnderOtherNames();
    void savesUnderOtherNames();
    void namesTheLineOfAScriptError();
    void saysWhatAWrongFileIs();
    void findsDamage();
    void savesTheLastStepOnce();
    void removesWhatRulesLetGo();
    void runsRecipes();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    void writeScript(const QByteArray& text) const;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestCli::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    writeScript(kScript);
}

void TestCli::writeScript(const QByteArray& text) const
{
    QFile script(path(QStringLiteral("model.wr")));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write(text);
}

void TestCli::explainsItself()
{
    const Outcome help = runCli({QStringLiteral("--help")});
    QCOMPARE(help.code, 0);
    for (const char* command : {"train", "init", "save", "restore", "run-recipe", "inspect", "diff"})
        QVERIFY(help.out.contains(QLatin1String(command)));
    QCOMPARE(runCli({QStringLiteral("train"), QStringLiteral("--help")}).code, 0);
    QCOMPARE(runCli({QStringLiteral("--version")}).code, 0);
}

void TestCli::refusesWrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("expected");
    QTest::newRow("nothing") << QStringList{} << QString();
    QTest::newRow("no command") << QStringList{"paint"} << "paint";
    QTest::newRow("no such option") << QStringList{"inspect", "--wrong", "x"} << "wrong";
    QTest::newRow("too few") << QStringList{"diff", "a"} << "A B";
    QTest::newRow("no such project") << QStringList{"train", "nowhere"} << "nowhere";
    QTest::newRow("no such file") << QStringList{"inspect", "/nowhere/a.wrck"} << "a.wrck";
}

void TestCli::refusesWrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, expected);
    const Outcome outcome = runCli(arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.err.contains(expected), qPrintable(outcome.err));
}

void TestCli::trainsSavesAndPaints()
{
    const Outcome trained = runCli({"train", m_folder->path(), "--json"});
    QCOMPARE(trained.code, 0);
    const QJsonObject done = trained.objects.last();
    QCOMPARE(done.value(QLatin1String("event")).toString(), QStringLiteral("done"));
    QVERIFY(QFile::exists(done.value(QLatin1String("checkpoint")).toString()));
    const double accuracy =
        done.value(QLatin1String("metrics")).toObject().value(QLatin1String("test_accuracy")).toDouble(-1);
    QVERIFY(accuracy >= 0.0 && accuracy <= 1.0);
    QFile picture(done.value(QLatin1String("curves")).toString());
    QVERIFY2(picture.open(QIODevice::ReadOnly), qPrintable(picture.fileName()));
    QVERIFY(picture.read(8).startsWith("\x89PNG"));
    int epochs = 0;
    for (const QJsonObject& object : trained.objects)
        epochs += object.value(QLatin1String("event")) == QLatin1String("epoch") ? 1 : 0;
    QCOMPARE(epochs, 2);
}

void TestCli::resumesWithTheSameBits()
{
    const QString whole = path(QStringLiteral("whole.wrck"));
    const QString half = path(QStringLiteral("half.wrck"));
    const QString resumed = path(QStringLiteral("resumed.wrck"));
    QCOMPARE(runCli({"train", m_folder->path(), "--no-curves", "--output", whole}).code, 0);
    QCOMPARE(runCli({"train", m_folder->path(), "--no-curves", "--steps", "5", "--output", half}).code, 0);
    QCOMPARE(runCli({"train", m_folder->path(), "--no-curves", "--resume", half, "--output", resumed}).code,
             0);
    const Outcome diff = runCli({"diff", whole, resumed});
    QVERIFY2(diff.code == 0, qPrintable(diff.out));
}

void TestCli::keepsTheRateOfASchedule()
{
    QByteArray script(kScript);
    script.replace("AdamOptimizer(0.01)", "AdamOptimizer(tf.train.exponential_decay(0.01, "
                                          "tf.train.create_global_step(), 1, 0.5))");
    QVERIFY(script.contains("exponential_decay"));
    writeScript(script);
    const Outcome outcome =
        runCli({"train", m_folder->path(), "--no-curves", "--steps", "2", "--learning-rate", "0.1"});
    QVERIFY(outcome.code != 0);
    QVERIFY2(outcome.err.contains(QLatin1String("computes the learning rate")), qPrintable(outcome.err));
    QCOMPARE(runCli({"train", m_folder->path(), "--no-curves", "--steps", "2", "--output",
                     path(QStringLiteral("after.wrck"))})
                 .code,
             0);
}

void TestCli::savesTheLastStepOnce()
{
    QByteArray script(kScript);
    script.replace("epochs=2", "epochs=2, checkpoint_steps=8");
    writeScript(script);
    QCOMPARE(runCli({"train", m_folder->path(), "--no-curves"}).code, 0);
    QCOMPARE(QDir(path(QStringLiteral("checkpoints")))
                 .entryList({QStringLiteral("*.wrck")}, QDir::Files, QDir::Name),
             (QStringList{QStringLiteral("step-00000008.wrck"), QStringLiteral("step-00000016.wrck")}));
    QFile state(path(QStringLiteral("checkpoints/checkpoint")));
    QVERIFY(state.open(QIODevice::ReadOnly));
    QVERIFY(state.readAll().startsWith("model_checkpoint_path: \"step-00000016.wrck\"\n"));
}

void TestCli::removesWhatRulesLetGo()
{
    QByteArray script(kScript);
    script.replace("epochs=2", "epochs=2, checkpoint_steps=4");
    writeScript(script);
    QCOMPARE(runCli({"train", m_folder->path(), "--no-curves"}).code, 0);
    const auto names = [&] {
        return QDir(path(QStringLiteral("checkpoints")))
            .entryList({QStringLiteral("*.wrck")}, QDir::Files, QDir::Name);
    };
    QCOMPARE(names().size(), 4);
    script.replace("checkpoint_steps=4", "checkpoint_steps=4, checkpoint_keep=1");
    writeScript(script);
    const Outcome dry = runCli({"gc", m_folder->path(), "--dry-run", "--json"});
    QCOMPARE(dry.code, 0);
    QCOMPARE(dry.objects.last().value(QStringLiteral("would_go")).toInt(), 2);
    QCOMPARE(names().size(), 4);
    const Outcome done = runCli({"gc", m_folder->path()});
    QCOMPARE(done.code, 0);
    QVERIFY2(done.out.contains(QLatin1String("2 of 4 checkpoints")), qPrintable(done.out));
    // The newest by rule, and the last step, which the command itself saved.
    QCOMPARE(names(),
             (QStringList{QStringLiteral("step-00000012.wrck"), QStringLiteral("step-00000016.wrck")}));
}

void TestCli::initialisesAndInspects()
{
    const QString file = path(QStringLiteral("initial.safetensors.zst"));
    QCOMPARE(runCli({"init", m_folder->path(), "--profile", "plain", "--output", file}).code, 0);
    const Outcome listing = runCli({"inspect", file, "--verify", "--json"});
    QCOMPARE(listing.code, 0);
    QStringList names;
    for (const QJsonObject& object : listing.objects) {
        if (object.value(QLatin1String("event")) == QLatin1String("tensor"))
            names += object.value(QLatin1String("name")).toString();
    }
    QVERIFY(names.contains(QStringLiteral("weights")));
    QVERIFY(names.contains(QStringLiteral("weights/Adam")));
    const Outcome people = runCli({"inspect", file});
    QVERIFY(people.out.contains(QStringLiteral("784 × 20")));
    const Outcome values = runCli({"inspect", file, "--tensor", "biases"});
    QCOMPARE(values.code, 0);
    QCOMPARE(runCli({"inspect", file, "--tensor", "nothing"}).code, 2);
    // A file that exists is never overwritten.
    QCOMPARE(runCli({"init", m_folder->path(), "--output", file}).code, 3);
}

void TestCli::comparesWithExitCodes()
{
    QCOMPARE(writeCheckpoint(path(QStringLiteral("a.wrck")), digitsTensors(0.0F)), QString());
    QCOMPARE(writeCheckpoint(path(QStringLiteral("b.wrck")), digitsTensors(0.5F)), QString());
    QCOMPARE(runCli({"diff", path("a.wrck"), path("a.wrck")}).code, 0);
    const Outcome different = runCli({"diff", path("a.wrck"), path("b.wrck"), "--json"});
    QCOMPARE(different.code, 1);
    QCOMPARE(different.objects.last().value(QLatin1String("count_changed")).toInt(), 4);
    QCOMPARE(runCli({"diff", path("a.wrck"), path("c.wrck")}).code, 2);
}

void TestCli::restoresUnderOtherNames()
{
    QCOMPARE(writeCheckpoint(path("old.wrck"), digitsTensors(0.25F)), QString());
    QByteArray script(kScript);
    script.replace("name=\"weights\"", "name=\"params\"");
    writeScript(script);
    const Outcome plan = runCli({"restore", m_folder->path(), path("old.wrck"), "--dry-run"});
    QCOMPARE(plan.code, 0);
    const QString out = path("restored.wrck");
    const Outcome restored = runCli({"restore", m_folder->path(), path("old.wrck"), "--map", "weights=params",
                                     "--output", out, "--json"});
    QVERIFY2(restored.code == 0, qPrintable(restored.out + restored.err));
    QVERIFY(restored.objects.last().value(QLatin1String("restored")).toInt() == 4);
    const Outcome values = runCli({"inspect", out, "--tensor", "params"});
    QVERIFY2(values.out.contains(QStringLiteral("0.25")), qPrintable(values.out));
    QCOMPARE(runCli({"restore", m_folder->path(), path("old.wrck"), "--map", "nothing=params"}).code, 2);
}

void TestCli::savesUnderOtherNames()
{
    QCOMPARE(writeCheckpoint(path("old.wrck"), digitsTensors(0.25F)), QString());
    const QString out = path("renamed.wrck");
    const Outcome saved =
        runCli({"save", m_folder->path(), path("old.wrck"), out, "--as", "my_weights=weights"});
    QVERIFY2(saved.code == 0, qPrintable(saved.err));
    const Outcome listing = runCli({"inspect", out, "--json"});
    QCOMPARE(listing.objects.first().value(QLatin1String("tensors")).toInt(), 1);
    QCOMPARE(listing.objects.last().value(QLatin1String("name")).toString(), QStringLiteral("my_weights"));
}

void TestCli::namesTheLineOfAScriptError()
{
    writeScript("weights = tf.Variable(tf.zeros([2, 2]), name=\"weights\")\nx = tf.random_norml([2])\n");
    const Outcome outcome = runCli({"train", m_folder->path()});
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.err.contains(QLatin1String("2:")) || outcome.err.contains(QLatin1String("line 2")),
             qPrintable(outcome.err));
}

void TestCli::saysWhatAWrongFileIs()
{
    QFile file(path("pointer.wrck"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n");
    file.close();
    const Outcome outcome = runCli({"inspect", file.fileName()});
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.err.contains(QLatin1String("git"), Qt::CaseInsensitive), qPrintable(outcome.err));
}

void TestCli::findsDamage()
{
    const QString name = path("damaged.wrck");
    QCOMPARE(writeCheckpoint(name, digitsTensors(0.0F)), QString());
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadWrite));
    const qint64 middle = file.size() / 2;
    file.seek(middle);
    char byte = 0;
    file.getChar(&byte);
    file.seek(middle);
    file.putChar(static_cast<char>(byte ^ 0x10));
    file.close();
    const Outcome outcome = runCli({"inspect", name, "--verify"});
    QVERIFY(outcome.code == 2 || outcome.code == 3);
    QVERIFY(!(outcome.out + outcome.err).isEmpty());
}

void TestCli::runsRecipes()
{
    writeScript(
        "v = tf.Variable(tf.ones([2]), name=\"v\")\ninit_op = tf.global_variables_initializer()\n"
        "saver = tf.train.Saver({\"my_v\": v})\nwith tf.Session() as sess:\n  sess.run(init_op)\n"
        "  ...\n  p = saver.save(sess, \"/tmp/model.ckpt\", global_step=3)\n"
        "  print(\"Model saved in file: %s\" % p)\n"
        "with tf.Session() as later:\n  saver.restore(later, \"/tmp/model.ckpt-3\")\n"
        "  print(later.run(v))\nwith tf.Session() as bad:\n  print(bad.run(v))\n  bad.run(init_op)\n");
    const QString file = path("checkpoints/model.ckpt-3.wrck");
    const Outcome people = runCli({"run-recipe", m_folder->path()});
    QVERIFY2(people.code == 0, qPrintable(people.err));
    QVERIFY2(people.out.contains("1 variable initialised"), qPrintable(people.out));
    QVERIFY2(people.out.contains("Model saved in file: " + file), qPrintable(people.out));
    QVERIFY(QFile::exists(file));
    const Outcome json = runCli({"run-recipe", m_folder->path(), "--json"});
    QCOMPARE(json.code, 0);
    QCOMPARE(json.objects.size(), 5);
    QCOMPARE(json.objects[1].value(QLatin1String("kind")).toString(), QStringLiteral("hole"));
    QCOMPARE(json.objects.last().value(QLatin1String("checkpoint")).toString(), file);
    const Outcome later = runCli({"run-recipe", m_folder->path(), "later"});
    QVERIFY2(later.code == 0 && later.out.contains("[1, 1]"), qPrintable(later.out + later.err));
    QCOMPARE(runCli({"run-recipe", m_folder->path(), "init_op"}).code, 0);
    // It stops at the first failure, with the exit code of failed work.
    const Outcome bad = runCli({"run-recipe", m_folder->path(), "bad", "--json"});
    QCOMPARE(bad.code, 3);
    QCOMPARE(bad.objects.size(), 2);
    QCOMPARE(bad.objects[0].value(QLatin1String("state")).toString(), QStringLiteral("failed"));
    QVERIFY(bad.objects[1].value(QLatin1String("why")).toString().contains("uninitialized value v"));
    const Outcome unknown = runCli({"run-recipe", m_folder->path(), "nothing"});
    QCOMPARE(unknown.code, 2);
    QVERIFY2(unknown.err.contains("sess, later, bad, init_op"), qPrintable(unknown.err));
    writeScript("v = tf.Variable(tf.ones([2]), name=\"v\")\n");
    QCOMPARE(runCli({"run-recipe", m_folder->path()}).code, 2);
    QCOMPARE(runCli({"run-recipe"}).code, 2);
}

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
