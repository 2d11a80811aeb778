// SPDX-License-Identifier: GPL-3.0-or-later
// What passes the limits of one file is saved as several and read as one: whole, replaced at once, or not
// there.
#include "engine/checkpoint/damage_map.h"
#include "engine/checkpoint/shard_set.h"
#include "tests/checkpoint/fault_vfs.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

using namespace wr;
using namespace wr::checkpoint;

class TestParts : public QObject {
    Q_OBJECT
private slots:
    void init();
    void isReadAsOne_data();
    void isReadAsOne();
    void keepsToBothLimits();
    void isReplacedAtOnce();
    void survivesTheFailureOfAnyCall();
    void mayBeTheBaseOfADelta();
    void noticesAnotherPart();
    void refusesBadLists();
    void namesOfParts();

private:
    std::string path(const char* name) const { return m_folder->filePath(QLatin1String(name)).toStdString(); }
    QStringList files() const
    {
        return QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    static SaveOptions inParts(std::size_t tensors, bool replace = false)
    {
        SaveOptions options;
        options.partTensors = tensors;
        options.replace = replace;
        return options;
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestParts::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestParts::isReadAsOne_data()
{
    QTest::addColumn<int>("profile");
    QTest::addColumn<QString>("name");
    QTest::newRow("compact") << static_cast<int>(Profile::Compact) << QStringLiteral("a.b.wrck");
    QTest::newRow("plain") << static_cast<int>(Profile::Plain) << QStringLiteral("a.safetensors.zst");
    QTest::newRow("no extension") << static_cast<int>(Profile::Stored) << QStringLiteral("a");
}

void TestParts::isReadAsOne()
{
    QFETCH(int, profile);
    QFETCH(QString, name);
    std::vector<NamedTensor> tensors = largeTensors();
    for (NamedTensor& tensor : smallTensors())
        tensors.push_back(std::move(tensor));
    const std::size_t inEach = tensors.size() / 3 - 1;
    SaveOptions options = inParts(inEach);
    options.profile = static_cast<Profile>(profile);
    options.threads = 2;
    std::uint64_t last = 0;
    bool isRising = true;
    const std::string file = path(name.toUtf8().constData());
    const auto saved = saveCheckpoint(Vfs::posix(), file, tensors, {{"step", "7"}}, options,
                                      [&](std::uint64_t done, std::uint64_t total) {
                                          isRising = isRising && done >= last && done <= total;
                                          last = done;
                                          return true;
                                      });
    QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
    QVERIFY(isRising);
    QCOMPARE(saved->path, file);
    QCOMPARE(files().size(), 5); // four parts and the list
    QVERIFY(files().contains(QString::fromStdString(partName(file, 1, 4, {}))));
    for (const QString& part : files()) {
        // By the list or by any part.
        const auto reader = openCheckpoint(Vfs::posix(), m_folder->filePath(part).toStdString());
        QVERIFY2(reader, reader ? "" : reader.error().toString().c_str());
        QCOMPARE((*reader)->path(), file);
        QCOMPARE((*reader)->uuid(), saved->uuid);
        QCOMPARE((*reader)->fileBytes(), saved->fileBytes);
        QCOMPARE((*reader)->metadata(), (Metadata{{"step", "7"}}));
        QVERIFY((*reader)->warnings().empty());
        QCOMPARE(differenceFrom(**reader, tensors), QString());
        std::string before;
        for (const TensorEntry& entry : (*reader)->tensors()) {
            QVERIFY(before < entry.spec.name);
            before = entry.spec.name;
        }
        std::size_t named = 0;
        (*reader)->forEachName([&](std::size_t index, std::string_view each) {
            named += index == named && each == (*reader)->tensor(index).spec.name ? 1U : 0U;
        });
        QCOMPARE(named, tensors.size());
        QCOMPARE((*reader)->find("nothing of this name"), -1);
        QCOMPARE((*reader)->find(""), -1);
    }
    const auto whole = verifyFile(Vfs::posix(), file);
    QVERIFY(whole && whole->isWhole());
    QCOMPARE(whole->tensors, std::uint64_t{tensors.size()});
    // A part under another name is a checkpoint of its own.
    const std::string part = path("alone.wrck");
    QVERIFY(QFile::rename(m_folder->filePath(QString::fromStdString(partName(file, 0, 4, {}))),
                          QString::fromStdString(part)));
    QCOMPARE((*openCheckpoint(Vfs::posix(), part))->tensorCount(), inEach);
    const auto without = openCheckpoint(Vfs::posix(), file);
    QVERIFY(!without);
    QCOMPARE(without.error().code(), StatusCode::NotFound);
}

void TestParts::keepsToBothLimits()
{
    std::vector<NamedTensor> tensors;
    for (int i = 0; i < 9; ++i)
        tensors.push_back({"t" + std::to_string(i), weightsOf(DType::Float32, Shape{i == 4 ? 400 : 100}, 1)});
    SaveOptions options;
    options.partBytes = 1000; // two of the small ones; the large one alone
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), tensors, {}, options));
    const auto set = readShardSet(Vfs::posix(), path("a.wrck"));
    QVERIFY(set);
    std::vector<std::uint64_t> counts;
    for (const ShardPart& part : set->parts)
        counts.push_back(part.tensors);
    QCOMPARE(counts, (std::vector<std::uint64_t>{2, 2, 1, 2, 2}));
    options.partBytes = 4800; // of all
    options.replace = true;
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), tensors, {}, options));
    QCOMPARE(files(), QStringList{QStringLiteral("a.wrck")});
    QCOMPARE(differenceFrom(**openCheckpoint(Vfs::posix(), path("a.wrck")), tensors), QString());
}

void TestParts::isReplacedAtOnce()
{
    const std::vector<NamedTensor> first = smallTensors();
    const std::vector<NamedTensor> second = later(first, 1.0F, 3);
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), first, {}, inParts(8)));
    const QStringList before = files();
    QVERIFY(saveCheckpoint(Vfs::posix(), path("b.wrck"), first, {}, inParts(8)));
    const auto refused = saveCheckpoint(Vfs::posix(), path("a.wrck"), second, {}, inParts(8));
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), StatusCode::AlreadyExists);
    for (int i = 0; i < 3; ++i) {
        const auto& tensors = i % 2 == 0 ? second : first;
        QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), tensors, {}, inParts(8, true)));
        QCOMPARE(files().size(), 2 * before.size());
        QCOMPARE(differenceFrom(**openCheckpoint(Vfs::posix(), path("a.wrck")), tensors), QString());
        for (const QString& part : files().filter(QStringLiteral("a-")))
            QCOMPARE((*openCheckpoint(Vfs::posix(), m_folder->filePath(part).toStdString()))->tensorCount(),
                     tensors.size());
    }
    QCOMPARE(differenceFrom(**openCheckpoint(Vfs::posix(), path("b.wrck")), first), QString());
}

void TestParts::survivesTheFailureOfAnyCall()
{
    const std::vector<NamedTensor> before = smallTensors();
    const std::vector<NamedTensor> after = later(before, 1.0F, 3);
    FaultVfs counting;
    QVERIFY(saveCheckpoint(counting, path("a.wrck"), before, {}, inParts(8)));
    const QStringList whole = files();
    FaultVfs again;
    QVERIFY(saveCheckpoint(again, path("a.wrck"), before, {}, inParts(8, true)));
    const std::size_t calls = again.calls().size();
    for (std::size_t bad = 0; bad < calls; ++bad) {
        for (const bool replaces : {false, true}) {
            init();
            if (replaces)
                QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), before, {}, inParts(8)));
            bool isHit = false;
            FaultVfs vfs([&](int number, const std::string& call) {
                isHit = isHit || number == static_cast<int>(bad);
                return number == static_cast<int>(bad) && call != "remove"
                           ? unavailable("the cable was pulled")
                           : Status();
            });
            const auto saved = saveCheckpoint(vfs, path("a.wrck"), after, {}, inParts(8, replaces));
            if (!isHit || vfs.calls()[bad] == "remove") {
                QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
                continue;
            }
            QVERIFY2(!saved, vfs.calls()[bad].c_str());
            // Only the sync of the folder behind the list leaves the new set in place.
            const auto reader = openCheckpoint(Vfs::posix(), path("a.wrck"));
            const bool isLast = reader && differenceFrom(**reader, after).isEmpty();
            QVERIFY(!isLast || vfs.calls()[bad] == "syncDirectory");
            if (isLast)
                continue;
            QCOMPARE(files(), replaces ? whole : QStringList());
            if (replaces)
                QCOMPARE(differenceFrom(**reader, before), QString());
        }
    }
}

void TestParts::mayBeTheBaseOfADelta()
{
    const std::vector<NamedTensor> first = largeTensors();
    const std::vector<NamedTensor> second = later(first, 1e-5F, 3);
    QVERIFY(saveCheckpoint(Vfs::posix(), path("base.wrck"), first, {}, inParts(20)));
    SaveOptions options = inParts(15);
    options.base = *openCheckpoint(Vfs::posix(), path("base.wrck"));
    const auto saved = saveCheckpoint(Vfs::posix(), path("next.wrck"), second, {}, options);
    QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
    QVERIFY(saved->isDelta);
    options.base.reset();
    const auto reader = openCheckpoint(Vfs::posix(), path("next.wrck"));
    QVERIFY((*reader)->base().has_value());
    QCOMPARE(differenceFrom(**reader, second), QString());
}

void TestParts::noticesAnotherPart()
{
    const std::vector<NamedTensor> tensors = smallTensors();
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), tensors, {}, inParts(8)));
    QVERIFY(saveCheckpoint(Vfs::posix(), path("b.wrck"), tensors, {}, inParts(8)));
    const QString a = QString::fromStdString(path(partName("a.wrck", 1, 3, {}).c_str()));
    const QString b = QString::fromStdString(path(partName("b.wrck", 1, 3, {}).c_str()));
    QVERIFY(QFile::remove(a) && QFile::copy(b, a));
    const auto reader = openCheckpoint(Vfs::posix(), path("a.wrck"));
    QVERIFY(!reader);
    QCOMPARE(reader.error().code(), StatusCode::DataLoss);
    QVERIFY2(reader.error().message().find("a-00002-of-00003.wrck is not the part") != std::string::npos,
             reader.error().message().c_str());
    // The part itself is whole, and no part of this set.
    QCOMPARE((*openCheckpoint(Vfs::posix(), a.toStdString()))->tensorCount(), std::size_t{8});
}

void TestParts::refusesBadLists()
{
    const std::vector<NamedTensor> tensors = smallTensors();
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), tensors, {{"k", "v}"}}, inParts(8)));
    QFile file(QString::fromStdString(path("a.wrck")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray good = file.readAll();
    file.close();
    const auto opened = [&](const QByteArray& text) {
        QFile changed(QString::fromStdString(path("a.wrck")));
        static_cast<void>(changed.open(QIODevice::WriteOnly));
        changed.write(text);
        changed.close();
        return openCheckpoint(Vfs::posix(), path("a.wrck"));
    };
    const qsizetype head = good.indexOf("\"weight_map\"");
    for (qsizetype at = 0; at < head; ++at) {
        QByteArray text = good;
        text[at] = static_cast<char>(text[at] ^ 0x05);
        const auto reader = opened(text);
        if (reader) // a changed letter of the metadata, or of what nobody needs
            QCOMPARE(differenceFrom(**reader, tensors), QString());
        QVERIFY(!opened(good.first(std::min(at, head - 2)))); // to the closing brace
    }
    for (const char* name : {"../a-00001-of-00003.wrck", "", "/etc/passwd", "a.wrck", ".."}) {
        QByteArray text = good;
        text.replace("\"file.1\":\"a-00001-of-00003.wrck\"", QByteArray("\"file.1\":\"") + name + "\"");
        QVERIFY2(!opened(text), name);
    }
    QByteArray many = good;
    many.replace("\"parts\":\"3\"", "\"parts\":\"18446744073709551615\"");
    QVERIFY(!opened(many));
    QVERIFY(opened(good));
}

void TestParts::namesOfParts()
{
    QCOMPARE(partName("x/run.wrck", 0, 12, {}), std::string("run-00001-of-00012.wrck"));
    QCOMPARE(partName("run.wrck", 11, 12, "0123456789abcdef"),
             std::string("run-01234567-00012-of-00012.wrck"));
    QVERIFY(setPathOf("x/run-00001-of-00012.wrck") == "x/run.wrck");
    QVERIFY(setPathOf("m-00001-of-00002.safetensors.zst") == "m.safetensors.zst");
    QVERIFY(withoutMark("x/run-01234567.wrck") == "x/run.wrck");
    for (const char* none :
         {"run.wrck", "run-1-of-2.wrck", "-00001-of-00002.wrck", "run-0000x-of-00002.wrck", ""})
        QVERIFY2(!setPathOf(none), none);
    QVERIFY(!withoutMark("run.wrck") && !withoutMark("run-0123456g.wrck"));
}

QTEST_GUILESS_MAIN(TestParts)
#include "tst_parts.moc"
