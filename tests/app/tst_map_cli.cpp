// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli map, rewrite, diff, average and restore --map, as a shell would call them.
#include "engine/checkpoint/checkpoint.h"
#include "tests/app/cli_outcome.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::app;
using wr::checkpoint::weightsOf;

class TestMapCli : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void suggests();
    void suggestsForAProject();
    void checks();
    void appliesAndGoesBack();
    void rewrites();
    void comparesRenamed();
    void averages();
    void restoresByMapping();
    void restoresWhatMatches();
    void explainsWrongUsage_data();
    void explainsWrongUsage();

private:
    QString path(const char* name) const { return m_folder.filePath(QLatin1String(name)); }
    void save(const char* name, const std::vector<NamedTensor>& tensors) const
    {
        checkpoint::SaveOptions options;
        options.replace = true;
        QVERIFY(checkpoint::saveCheckpoint(Vfs::posix(), path(name).toStdString(), tensors, {}, options));
    }
    void write(const char* name, const QByteArray& text) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    }
    QTemporaryDir m_folder;
};

void TestMapCli::initTestCase()
{
    std::vector<NamedTensor> torch;
    std::vector<NamedTensor> plain;
    for (std::uint32_t i = 0; i < 4; ++i) {
        const std::string block = "stack." + std::to_string(i) + ".";
        for (const auto& [name, shape] : std::vector<std::pair<std::string, Shape>>{
                 {"mix.weight", {8, 8}}, {"mix.bias", {8}}, {"up.weight", {16, 8}}, {"up.bias", {16}}}) {
            const Tensor values =
                weightsOf(DType::Float32, shape, 7 * i + static_cast<std::uint32_t>(shape.rank()));
            torch.push_back({"module." + block + name, values});
            plain.push_back({block + name, values});
        }
    }
    save("ddp.wrck", torch);
    save("plain.wrck", plain);
    QVERIFY(QDir().mkpath(path("project")));
    QFile script(path("project/model.wr"));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write("kernel = tf.Variable(tf.zeros([4, 3]), name=\"dense/kernel\")\n"
                 "bias = tf.Variable(tf.zeros([3]), name=\"dense/bias\")\n");
    script.close();
    save("torch.wrck", {{"dense.weight", Tensor::of<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {3, 4})},
                        {"dense.bias", Tensor::of<float>({1, 2, 3}, {3})}});
}

void TestMapCli::suggests()
{
    const QString file = path("suggested.wrmap");
    const Outcome outcome =
        runCli({"map", "suggest", path("ddp.wrck"), path("plain.wrck"), "--output", file, "--json"});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.out + outcome.err));
    QCOMPARE(outcome.last().value("accepted").toInt(), 16);
    QCOMPARE(outcome.last().value("review").toInt(), 0);
    QCOMPARE(outcome.objects.size(), 17);
    QFile written(file);
    QVERIFY(written.open(QIODevice::ReadOnly));
    const QByteArray text = written.readAll();
    QVERIFY2(text.contains("template module.stack.{i}.up.weight -> stack.{i}.up.weight\n"), text.constData());
    const Outcome people = runCli({"map", "suggest", path("ddp.wrck"), path("plain.wrck")});
    QVERIFY2(people.out.contains("stack.{i}.mix.bias") && people.out.contains("16 accepted"),
             qPrintable(people.out));
    QCOMPARE(runCli({"map", "suggest", path("ddp.wrck"), path("plain.wrck"), "--output", file}).code, 2);
}

void TestMapCli::suggestsForAProject()
{
    const Outcome outcome = runCli({"map", "suggest", path("torch.wrck"), path("project"), "--json"});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.out + outcome.err));
    QCOMPARE(outcome.last().value("accepted").toInt(), 2);
    QVERIFY2(
        outcome.last().value("mapping").toString().contains("exact dense.weight -> dense/kernel | transpose"),
        qPrintable(outcome.out));
}

void TestMapCli::checks()
{
    write("good.wrmap", "wrmap 1\nprefix module. -> \"\"\n");
    const Outcome good =
        runCli({"map", "check", path("good.wrmap"), path("ddp.wrck"), path("plain.wrck"), "--json"});
    QVERIFY2(good.code == 0, qPrintable(good.out + good.err));
    QCOMPARE(good.last().value("made").toInt(), 16);
    QCOMPARE(good.last().value("missing").toInt(), 0);
    QCOMPARE(good.last().value("undoing").toString(), QStringLiteral("yes"));
    write("bad.wrmap", "wrmap 1\nexact module.stack.0.mix.weight -> x | slice(0, 0, 99)\n"
                       "exact module.stack.1.mix.bias -> y\nexact module.stack.2.mix.bias -> y\n");
    const Outcome bad = runCli({"map", "check", path("bad.wrmap"), path("ddp.wrck")});
    QCOMPARE(bad.code, 1);
    QVERIFY2(bad.out.contains("has only 8 entries") && bad.out.contains("line 3, line 4") &&
                 bad.out.contains("2 problems"),
             qPrintable(bad.out));
}

void TestMapCli::appliesAndGoesBack()
{
    write("turn.wrmap",
          "wrmap 1\nothers drop\ntemplate module.stack.{i}.up.weight -> s{i}/kernel | transpose\n");
    const Outcome there =
        runCli({"map", "apply", path("turn.wrmap"), path("ddp.wrck"), path("turned.wrck"), "--json"});
    QVERIFY2(there.code == 0, qPrintable(there.out + there.err));
    QCOMPARE(there.last().value("tensors").toInt(), 4);
    QCOMPARE(there.last().value("left_out").toInt(), 12);
    write("back.wrmap", "wrmap 1\ntemplate s{i}/kernel -> stack.{i}.up.weight | transpose\n");
    QCOMPARE(runCli({"map", "apply", path("back.wrmap"), path("turned.wrck"), path("again.wrck")}).code, 0);
    const Outcome diff = runCli({"diff", path("again.wrck"), path("plain.wrck"), "--json"});
    QCOMPARE(diff.last().value("count_changed").toInt(), 0);
    QCOMPARE(diff.last().value("count_added").toInt(), 12);
    QCOMPARE(runCli({"map", "apply", path("turn.wrmap"), path("ddp.wrck"), path("turned.wrck")}).code,
             2); // exists
}

void TestMapCli::rewrites()
{
    write("strip.wrmap", "wrmap 1\nprefix module. -> \"\"\n");
    const Outcome outcome =
        runCli({"rewrite", path("ddp.wrck"), path("stripped.wrck"), "--map", path("strip.wrmap"), "--json"});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.out + outcome.err));
    QCOMPARE(outcome.last().value("renamed_only").toInt(), 16);
    QCOMPARE(runCli({"diff", path("stripped.wrck"), path("plain.wrck")}).code, 0);
}

void TestMapCli::comparesRenamed()
{
    const Outcome outcome = runCli({"diff", path("ddp.wrck"), path("plain.wrck"), "--json"});
    QCOMPARE(outcome.code, 1);
    QCOMPARE(outcome.last().value("count_renamed").toInt(), 16);
    QVERIFY(outcome.objects.first().value("same_values").toBool());
    const Outcome byName = runCli({"diff", path("ddp.wrck"), path("plain.wrck"), "--by-name", "--json"});
    QCOMPARE(byName.last().value("count_added").toInt(), 16);
    save("moved.wrck", {{"dense.weight", Tensor::of<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13}, {3, 4})},
                        {"dense.bias", Tensor::of<float>({1, 2, 3}, {3})}});
    const Outcome moved =
        runCli({"diff", path("torch.wrck"), path("moved.wrck"), "--json", "--tolerance", "2"});
    QCOMPARE(moved.objects.first().value("changed").toInt(), 1);
    QCOMPARE(moved.objects.first().value("beyond_tolerance").toInt(), 0);
    QCOMPARE(moved.objects.first().value("max_index").toInt(), 11);
    QCOMPARE(runCli({"diff", path("torch.wrck"), path("nowhere.wrck")}).code, 2);
}

void TestMapCli::averages()
{
    save("one.wrck", {{"w", Tensor::of<float>({1, 2}, {2})}, {"step", Tensor::scalar(std::int64_t{10})}});
    save("two.wrck", {{"w", Tensor::of<float>({3, 6}, {2})}, {"step", Tensor::scalar(std::int64_t{20})}});
    const Outcome mean = runCli({"average", path("one.wrck"), path("two.wrck"), path("mean.wrck"), "--json"});
    QVERIFY2(mean.code == 0, qPrintable(mean.out + mean.err));
    QCOMPARE(mean.last().value("computed").toInt(), 1);
    save("expected.wrck",
         {{"w", Tensor::of<float>({2, 4}, {2})}, {"step", Tensor::scalar(std::int64_t{20})}});
    QCOMPARE(runCli({"diff", path("mean.wrck"), path("expected.wrck")}).code, 0);
    QCOMPARE(runCli({"average", path("one.wrck"), path("two.wrck"), path("minus.wrck"), "--difference"}).code,
             0);
    save("minus_expected.wrck", {{"w", Tensor::of<float>({2, 4}, {2})}});
    QCOMPARE(runCli({"diff", path("minus.wrck"), path("minus_expected.wrck")}).code, 0);
    QCOMPARE(runCli({"average", path("one.wrck"), path("two.wrck"), path("sum.wrck"), "--weight", "2",
                     "--weight", "-1"})
                 .code,
             0);
    save("sum_expected.wrck",
         {{"w", Tensor::of<float>({-1, -2}, {2})}, {"step", Tensor::scalar(std::int64_t{20})}});
    QCOMPARE(runCli({"diff", path("sum.wrck"), path("sum_expected.wrck")}).code, 0);
    QCOMPARE(runCli({"average", path("one.wrck"), path("torch.wrck"), path("no.wrck")}).code, 2);
}

void TestMapCli::restoresByMapping()
{
    write("restore.wrmap",
          "wrmap 1\nexact dense.weight -> dense/kernel | transpose\nexact dense.bias -> dense/bias\n");
    const QString out = path("restored.wrck");
    const Outcome outcome = runCli({"restore", path("project"), path("torch.wrck"), "--map",
                                    path("restore.wrmap"), "--output", out, "--json"});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.out + outcome.err));
    QCOMPARE(outcome.last().value("restored").toInt(), 2);
    const auto reader = checkpoint::openCheckpoint(Vfs::posix(), out.toStdString());
    QVERIFY(reader);
    const auto kernel = (*reader)->read(static_cast<std::size_t>((*reader)->find("dense/kernel")));
    QVERIFY(kernel);
    QCOMPARE(kernel->values<float>()[1], 5.0F);
    write("wrong.wrmap", "wrmap 1\nexact dense.weight -> dense/kernel\n");
    const Outcome wrong =
        runCli({"restore", path("project"), path("torch.wrck"), "--map", path("wrong.wrmap")});
    QCOMPARE(wrong.code, 2);
    QVERIFY2(wrong.err.contains("[3, 4] cannot fill [4, 3]"), qPrintable(wrong.err));
}

void TestMapCli::restoresWhatMatches()
{
    const Outcome without = runCli({"restore", path("project"), path("torch.wrck"), "--dry-run", "--json"});
    QCOMPARE(without.last().value("restored").toInt(), 0);
    const Outcome with =
        runCli({"restore", path("project"), path("torch.wrck"), "--match", "--dry-run", "--json"});
    QCOMPARE(with.last().value("restored").toInt(), 2);
}

void TestMapCli::explainsWrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("part");
    write("broken.wrmap", "wrmap 1\n\nrename a -> b\n");
    QTest::newRow("verb") << QStringList{"map", "paint", "a", "b"} << "map suggest FROM TO";
    QTest::newRow("no mapping") << QStringList{"rewrite", path("plain.wrck"), path("x.wrck")}
                                << "--map FILE.wrmap";
    QTest::newRow("line") << QStringList{"rewrite", path("plain.wrck"), path("x.wrck"), "--map",
                                         path("broken.wrmap")}
                          << "Line 3";
    QTest::newRow("no file") << QStringList{"rewrite", path("plain.wrck"), path("x.wrck"), "--map",
                                            path("gone.wrmap")}
                             << "gone.wrmap";
    QTest::newRow("weights")
        << QStringList{"average", path("plain.wrck"), path("x.wrck"), "--weight", "1", "--weight", "2"}
        << "2 weights and 1 checkpoints";
    QTest::newRow("weight") << QStringList{"average", path("plain.wrck"), path("x.wrck"), "--weight", "much"}
                            << "much";
    QTest::newRow("tolerance") << QStringList{"diff", path("plain.wrck"), path("plain.wrck"), "--tolerance",
                                              "-1"}
                               << "--tolerance";
    QTest::newRow("heads") << QStringList{"map",     "suggest", path("plain.wrck"), path("plain.wrck"),
                                          "--heads", "0"}
                           << "--heads";
}

void TestMapCli::explainsWrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, part);
    const Outcome outcome = runCli(arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.err.contains(part), qPrintable(outcome.err));
}

QTEST_GUILESS_MAIN(TestMapCli)
#include "tst_map_cli.moc"
