// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of weightroom-cli that look into checkpoint files and write them anew, as a shell would start
// them.
#include "tests/app/checkpoint_fixture.h"
#include "tests/app/cli_outcome.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <cstring>

using namespace wr;
using namespace wr::app;

namespace {

/// Two large tensors and two small ones.
std::vector<NamedTensor> tensors(float seed)
{
    std::vector<NamedTensor> all = digitsTensors(seed);
    for (const char* name : {"large_a", "large_b"}) {
        std::vector<float> values(100000);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = 0.01F * static_cast<float>((i * 2654435761U) % 1000) + seed * 1e-5F;
        all.push_back({name, Tensor::of(values, Shape{100, 1000})});
    }
    return all;
}

} // namespace

class TestCheckpointCli : public QObject {
    Q_OBJECT
private slots:
    void init();
    void refusesWrongUsage_data();
    void refusesWrongUsage();
    void tellsStatistics();
    void verifiesWhole();
    void verifiesDamage();
    void salvages();
    void converts_data();
    void converts();
    void convertsForOthers();
    void makesStandalone();
    void stopsOnInterrupt();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    void flipByte(const QString& file, double share) const;
    QString sameTensors(const QString& file, const std::vector<NamedTensor>& expected) const;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestCheckpointCli::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QCOMPARE(writeCheckpoint(path("a.wrck"), tensors(1.0F)), QString());
}

void TestCheckpointCli::flipByte(const QString& name, double share) const
{
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(static_cast<qint64>(share * static_cast<double>(file.size()))));
    char byte = 0;
    QVERIFY(file.peek(&byte, 1) == 1);
    byte = static_cast<char>(byte ^ 0x24);
    QVERIFY(file.write(&byte, 1) == 1);
}

QString TestCheckpointCli::sameTensors(const QString& file, const std::vector<NamedTensor>& expected) const
{
    const auto reader = checkpoint::openCheckpoint(Vfs::posix(), file.toStdString());
    if (!reader)
        return QString::fromStdString(reader.error().toString());
    if ((*reader)->tensors().size() != expected.size())
        return QStringLiteral("%1 tensors").arg((*reader)->tensors().size());
    for (const NamedTensor& tensor : expected) {
        const std::ptrdiff_t index = (*reader)->find(tensor.name);
        const Result<Tensor> read =
            index < 0 ? Result<Tensor>(Tensor()) : (*reader)->read(static_cast<std::size_t>(index));
        if (!read || read->byteSize() != tensor.tensor.byteSize() ||
            std::memcmp(read->bytes().data(), tensor.tensor.bytes().data(), read->byteSize()) != 0)
            return QString::fromStdString(tensor.name);
    }
    return {};
}

void TestCheckpointCli::refusesWrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("expected");
    QTest::newRow("verify nothing") << QStringList{"verify"} << "CHECKPOINT";
    QTest::newRow("verify no file") << QStringList{"verify", "/nowhere/a.wrck"} << "a.wrck";
    QTest::newRow("verify a text") << QStringList{"verify", "TEXT"} << "text file";
    QTest::newRow("verify a folder") << QStringList{"verify", "/tmp"} << "folder";
    QTest::newRow("salvage without out") << QStringList{"salvage", "A"} << "CHECKPOINT OUT";
    QTest::newRow("salvage onto itself") << QStringList{"salvage", "A", "A"} << "another file";
    QTest::newRow("salvage over a file") << QStringList{"salvage", "A", "TEXT"} << "exists";
    QTest::newRow("convert over a file") << QStringList{"convert", "A", "TEXT"} << "exists";
    QTest::newRow("no such profile") << QStringList{"convert", "A", "OUT", "--profile", "tiny"} << "tiny";
    QTest::newRow("no threads") << QStringList{"convert", "A", "OUT", "--threads", "0"} << "threads";
    QTest::newRow("convert a text") << QStringList{"convert", "TEXT", "OUT"} << "text file";
    QTest::newRow("standalone of none") << QStringList{"standalone", "A"} << "stands alone already";
    QTest::newRow("stats of a text") << QStringList{"stats", "TEXT"} << "text file";
}

void TestCheckpointCli::refusesWrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, expected);
    QFile text(path("text"));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("epoch 1\n");
    text.close();
    arguments.replaceInStrings("TEXT", path("text"));
    for (QString& argument : arguments) {
        argument = argument == "A" ? path("a.wrck") : argument == "OUT" ? path("out") : argument;
    }
    const Outcome people = runCli(arguments);
    QCOMPARE(people.code, 2);
    QVERIFY2(people.err.contains(expected), qPrintable(people.err));
    const Outcome json = runCli(arguments + QStringList{"--json"});
    QCOMPARE(json.code, 2);
    QCOMPARE(json.last().value("event").toString(), QStringLiteral("error"));
    QVERIFY(!QFile::exists(path("out")));
}

void TestCheckpointCli::tellsStatistics()
{
    const Outcome people = runCli({"stats", path("a.wrck")});
    QCOMPARE(people.code, 0);
    QVERIFY2(people.out.contains("out_weights") && people.out.contains("median"), qPrintable(people.out));
    const Outcome known = runCli({"stats", path("a.wrck"), "--json"});
    const Outcome computed = runCli({"stats", path("a.wrck"), "--json", "--recompute"});
    QCOMPARE(known.code, 0);
    QCOMPARE(computed.code, 0);
    QCOMPARE(known.last().value("tensors").toInt(), 6);
    QCOMPARE(known.objects, computed.objects);
    QCOMPARE(known.objects[0].value("name").toString(), QStringLiteral("biases"));
    QVERIFY(known.objects[0].value("mean").toDouble() > 1.9);
}

void TestCheckpointCli::verifiesWhole()
{
    const Outcome people = runCli({"verify", path("a.wrck")});
    QVERIFY2(people.code == 0, qPrintable(people.err));
    QVERIFY2(people.out.startsWith("Whole:"), qPrintable(people.out));
    const Outcome json = runCli({"verify", path("a.wrck"), "--json"});
    QCOMPARE(json.code, 0);
    QCOMPARE(json.last().value("whole").toBool(), true);
    QCOMPARE(json.last().value("digests").toBool(), true);
    QCOMPARE(json.last().value("tensors").toInt(), 6);
}

void TestCheckpointCli::verifiesDamage()
{
    flipByte(path("a.wrck"), 0.7);
    const Outcome people = runCli({"verify", path("a.wrck")});
    QCOMPARE(people.code, 1);
    QVERIFY2(people.out.contains("damaged: frame") && people.out.contains("1 tensor: large_b"),
             qPrintable(people.out));
    const Outcome json = runCli({"verify", path("a.wrck"), "--json"});
    QCOMPARE(json.code, 1);
    const QJsonObject damage = json.objects.first();
    QCOMPARE(damage.value("event").toString(), QStringLiteral("damage"));
    const auto at = static_cast<qint64>(0.7 * static_cast<double>(QFile(path("a.wrck")).size()));
    const qint64 offset = damage.value("offset").toInteger();
    QVERIFY(offset <= at && at < offset + damage.value("bytes").toInteger());
    QCOMPARE(json.last().value("lost").toArray(), (QJsonArray{"large_b"}));
}

void TestCheckpointCli::salvages()
{
    const Outcome whole = runCli({"salvage", path("a.wrck"), path("copy.wrck"), "--json"});
    QVERIFY2(whole.code == 0, qPrintable(whole.out));
    QCOMPARE(sameTensors(path("copy.wrck"), tensors(1.0F)), QString());
    flipByte(path("a.wrck"), 0.7);
    const Outcome json = runCli({"salvage", path("a.wrck"), path("b.wrck"), "--json"});
    QVERIFY2(json.code == 1, qPrintable(json.out));
    QCOMPARE(json.last().value("recovered").toInt(), 5);
    QCOMPARE(json.last().value("lost").toInt(), 1);
    std::vector<NamedTensor> left = tensors(1.0F);
    left.pop_back();
    QCOMPARE(sameTensors(path("b.wrck"), left), QString());
    const Outcome people = runCli({"salvage", path("a.wrck"), path("c"), "--profile", "plain"});
    QCOMPARE(people.code, 1);
    QVERIFY2(people.out.contains("lost: large_b") && people.out.contains("5 of 6 tensors"),
             qPrintable(people.out));
    // Nothing left: the failure of the work.
    QFile file(path("a.wrck"));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.resize(200));
    file.close();
    const Outcome nothing = runCli({"salvage", path("a.wrck"), path("d.wrck")});
    QCOMPARE(nothing.code, 3);
    QVERIFY(!QFile::exists(path("d.wrck")));
}

void TestCheckpointCli::converts_data()
{
    QTest::addColumn<QString>("profile");
    QTest::addColumn<QString>("format");
    QTest::newRow("compact") << "compact"
                             << "WR1 compact";
    QTest::newRow("plain") << "plain"
                           << "WR1 plain";
    QTest::newRow("stored") << "stored"
                            << "WR1 compact";
}

void TestCheckpointCli::converts()
{
    QFETCH(QString, profile);
    QFETCH(QString, format);
    const Outcome json = runCli({"convert", path("a.wrck"), path("out"), "--profile", profile, "--json"});
    QVERIFY2(json.code == 0, qPrintable(json.out));
    QCOMPARE(json.last().value("bytes").toInteger(), QFile(path("out")).size());
    QCOMPARE(sameTensors(path("out"), tensors(1.0F)), QString());
    const auto reader = checkpoint::openCheckpoint(Vfs::posix(), path("out").toStdString());
    QCOMPARE(QString::fromStdString((*reader)->formatName()), format);
    QCOMPARE((*reader)->metadata().at("step"), std::string("120"));
    if (profile == "stored")
        QVERIFY(QFile(path("out")).size() > 800000);
    const Outcome people = runCli({"convert", path("out"), path("back.wrck"), "--threads", "2"});
    QCOMPARE(people.code, 0);
    QVERIFY(people.out.contains("back.wrck"));
    QCOMPARE(sameTensors(path("back.wrck"), tensors(1.0F)), QString());
}

void TestCheckpointCli::convertsForOthers()
{
    const Outcome dry = runCli({"convert", path("a.wrck"), path("out.pt"), "--dry-run", "--json"});
    QCOMPARE(dry.code, 0);
    QCOMPARE(dry.last().value("event").toString(), QString("forecast"));
    QCOMPARE(dry.last().value("format").toString(), QString("PyTorch"));
    QVERIFY(!QFile::exists(path("out.pt")));
    for (const char* name : {"out.pt", "out.npz", "out.safetensors", "out.index"}) {
        const Outcome json = runCli({"convert", path("a.wrck"), path(name), "--dtype", "bf16", "--json"});
        QCOMPARE(json.code, name == std::string_view("out.npz") ? 2 : 0); // which has no such type
        const Outcome people = runCli({"convert", path("a.wrck"), path(name) + "2" + name, "--dtype", "f16"});
        QVERIFY2(people.code == 0 && people.out.contains("rounded"), qPrintable(people.out + people.err));
    }
    QVERIFY(runCli({"convert", path("a.wrck"), path("b.pt"), "--dtype", "int8"}).code == 2);
    const Outcome inspected = runCli({"inspect", path("out.pt"), "--json"});
    QVERIFY2(inspected.code == 0 && inspected.out.contains("bfloat16"), qPrintable(inspected.out));
}

void TestCheckpointCli::makesStandalone()
{
    checkpoint::SaveOptions options;
    options.base = *checkpoint::openCheckpoint(Vfs::posix(), path("a.wrck").toStdString());
    const auto saved = checkpoint::saveCheckpoint(Vfs::posix(), path("delta.wrck").toStdString(),
                                                  tensors(2.0F), {{"step", "121"}}, options);
    QVERIFY(saved && saved->isDelta);
    const Outcome json = runCli({"standalone", path("delta.wrck"), path("alone.wrck"), "--json"});
    QVERIFY2(json.code == 0, qPrintable(json.out));
    QCOMPARE(runCli({"standalone", path("delta.wrck")}).code, 0); // in its own place
    QVERIFY(QDir(m_folder->path()).rename("a.wrck", "gone"));
    QVERIFY(QFile::remove(path("gone")));
    QCOMPARE(sameTensors(path("alone.wrck"), tensors(2.0F)), QString());
    QCOMPARE(sameTensors(path("delta.wrck"), tensors(2.0F)), QString());
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden).size(), 2);
}

void TestCheckpointCli::stopsOnInterrupt()
{
    // Large enough that it is still at work when the signal comes.
    std::vector<NamedTensor> large;
    for (int i = 0; i < 8; ++i) {
        Tensor tensor = *Tensor::zeros(DType::Float32, Shape{4 << 20});
        for (std::int64_t k = 0; k < tensor.elementCount(); ++k)
            tensor.data<float>()[k] = static_cast<float>(k * (i + 3) % 9973);
        large.push_back({"w" + std::to_string(i), tensor});
    }
    QCOMPARE(writeCheckpoint(path("large.wrck"), large), QString());
    QProcess process;
    process.start(QStringLiteral(WEIGHTROOM_BIN_DIR "/weightroom-cli"),
                  {"convert", path("large.wrck"), path("out"), "--profile", "stored", "--json"});
    QVERIFY(process.waitForStarted());
    QVERIFY(process.waitForReadyRead()); // the first word of progress
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 130);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden),
             (QStringList{"a.wrck", "large.wrck"}));
}

QTEST_GUILESS_MAIN(TestCheckpointCli)
#include "tst_checkpoint_cli.moc"
