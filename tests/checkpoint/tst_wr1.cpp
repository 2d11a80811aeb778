// SPDX-License-Identifier: GPL-3.0-or-later
// What is saved is what is read: every type, both profiles, all borders; and zstd together with an
// independent reader of safetensors finds the same values.
#include "engine/checkpoint/digest.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cmath>
#include <thread>
#include <zlib.h>

using namespace wr;
using namespace wr::checkpoint;

class TestWr1 : public QObject {
    Q_OBJECT
private slots:
    void roundTrip_data();
    void roundTrip();
    void listsWithoutReading();
    void compressesWeights_data();
    void compressesWeights();
    void savesTheSameOnAnyNumberOfThreads();
    void savesManyAlike();
    void isReadByOthers_data();
    void isReadByOthers();
    void isReadFromSeveralThreads();
    void readsUnpackedSafetensors();
    void reportsProgressAndCancels();

private:
    std::string path(const char* name) const { return m_folder.filePath(QLatin1String(name)).toStdString(); }
    QTemporaryDir m_folder;
};

void TestWr1::roundTrip_data()
{
    QTest::addColumn<int>("profile");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("threads");
    for (int profile = 0; profile < 2; ++profile) {
        for (int size = 0; size < 3; ++size)
            QTest::addRow("%s, %s", profile == 0 ? "compact" : "plain",
                          size == 0   ? "nothing"
                          : size == 1 ? "small"
                                      : "large")
                << profile << size << 1 + size;
    }
}

void TestWr1::roundTrip()
{
    QFETCH(int, profile);
    QFETCH(int, size);
    QFETCH(int, threads);
    const std::vector<NamedTensor> tensors = size == 0   ? std::vector<NamedTensor>()
                                             : size == 1 ? smallTensors()
                                                         : largeTensors();
    const Metadata metadata{{"step", "7"}, {"note", "quote \" and\nline, größer"}, {"empty", ""}};
    SaveOptions options;
    options.profile = profile == 0 ? Profile::Compact : Profile::Plain;
    options.threads = threads;
    const std::string file = path(QTest::currentDataTag());
    const auto saved = saveCheckpoint(Vfs::posix(), file, tensors, metadata, options);
    QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
    QCOMPARE(static_cast<qint64>(saved->fileBytes), QFile(QString::fromStdString(file)).size());

    const auto reader = openCheckpoint(Vfs::posix(), file);
    QVERIFY2(reader, reader ? "" : reader.error().toString().c_str());
    QVERIFY2((*reader)->warnings().empty(),
             (*reader)->warnings().empty() ? "" : (*reader)->warnings().front().c_str());
    QCOMPARE((*reader)->formatName(), profile == 0 ? std::string("WR1 compact") : std::string("WR1 plain"));
    QCOMPARE((*reader)->metadata(), metadata);
    QCOMPARE(differenceFrom(**reader, tensors), QString());
    const auto damage = verifyCheckpoint(**reader);
    QVERIFY(damage);
    QVERIFY(damage->empty());
}

void TestWr1::listsWithoutReading()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    QVERIFY(saveCheckpoint(Vfs::posix(), path("list"), tensors, {}, {}));
    const auto reader = openCheckpoint(Vfs::posix(), path("list"));
    QVERIFY(reader);
    for (const NamedTensor& expected : tensors) {
        const TensorEntry& entry =
            (*reader)->tensors()[static_cast<std::size_t>((*reader)->find(expected.name))];
        QCOMPARE(entry.logicalBytes, std::uint64_t{expected.tensor.byteSize()});
        QVERIFY(entry.digest == digestOf(expected.tensor.bytes()));
        QCOMPARE(entry.statistics.has_value(), isFloating(expected.tensor.dtype()));
        if (entry.statistics) {
            const Statistics statistics = computeStatistics(expected.tensor);
            QVERIFY2(entry.statistics->zeroCount == statistics.zeroCount, expected.name.c_str());
            QVERIFY(entry.statistics->mean == statistics.mean || std::isnan(statistics.mean));
            QCOMPARE(entry.statistics->zeroCount, statistics.zeroCount);
            QCOMPARE(entry.statistics->fingerprint, statistics.fingerprint);
        }
    }
    QCOMPARE((*reader)->find("no such"), std::ptrdiff_t{-1});
}

void TestWr1::compressesWeights_data()
{
    QTest::addColumn<int>("dtype");
    QTest::addColumn<double>("most");
    // Normal weights: eight exponent bits of about 2.7 bits of information each, the rest random.
    QTest::newRow("float32") << static_cast<int>(DType::Float32) << 0.86;
    QTest::newRow("bfloat16") << static_cast<int>(DType::BFloat16) << 0.72;
}

void TestWr1::compressesWeights()
{
    QFETCH(int, dtype);
    QFETCH(double, most);
    const std::vector<NamedTensor> tensors{{"w", weightsOf(static_cast<DType>(dtype), Shape{1024, 1024}, 5)}};
    const auto saved = saveCheckpoint(Vfs::posix(), path(QTest::currentDataTag()), tensors, {}, {});
    QVERIFY(saved);
    const double ratio = static_cast<double>(saved->fileBytes) / static_cast<double>(saved->logicalBytes);
    QVERIFY2(ratio < most, qPrintable(QString::number(ratio)));
}

void TestWr1::savesTheSameOnAnyNumberOfThreads()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    std::vector<std::uint64_t> sizes;
    for (const int threads : {1, 2, 5}) {
        SaveOptions options;
        options.threads = threads;
        options.replace = true;
        const auto saved = saveCheckpoint(Vfs::posix(), path("threads"), tensors, {}, options);
        QVERIFY(saved);
        sizes.push_back(saved->fileBytes);
        QCOMPARE(differenceFrom(**openCheckpoint(Vfs::posix(), path("threads")), tensors), QString());
    }
    // The files differ in their random identity only, which packs a little differently each time.
    for (const std::uint64_t size : sizes)
        QVERIFY(size < sizes[0] + 64 && sizes[0] < size + 64);
}

// Statistics of many equal tensors pack a thousandfold, which a reader must still believe.
void TestWr1::savesManyAlike()
{
    std::vector<NamedTensor> tensors;
    const Tensor zero = *Tensor::zeros(DType::Float32, Shape{1});
    for (int i = 0; i < 20000; ++i)
        tensors.push_back({"t" + std::to_string(i), zero});
    tensors[7777] = {"odd::wr1e:", weightsOf(DType::BFloat16, Shape{200, 1000}, 3)};
    const Metadata metadata{{"a}", "brace } and \" quote \\"}, {"step", "7"}};
    for (const Profile profile : {Profile::Compact, Profile::Plain}) {
        SaveOptions options;
        options.profile = profile;
        options.replace = true;
        const auto saved = saveCheckpoint(Vfs::posix(), path("alike"), tensors, metadata, options);
        QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
        const auto reader = openCheckpoint(Vfs::posix(), path("alike"));
        QVERIFY((*reader)->warnings().empty());
        // Names and places come from the index here, the metadata from the header.
        QCOMPARE((*reader)->metadata(), metadata);
        QCOMPARE((*reader)->uuid(), saved->uuid);
        QCOMPARE(differenceFrom(**reader, tensors), QString());
    }
}

void TestWr1::isReadByOthers_data()
{
    QTest::addColumn<int>("profile");
    QTest::newRow("plain") << static_cast<int>(Profile::Plain);
    QTest::newRow("compact") << static_cast<int>(Profile::Compact);
}

void TestWr1::isReadByOthers()
{
    QFETCH(int, profile);
#if defined(__SANITIZE_THREAD__)
    QSKIP("the thread sanitizer does not follow into other programs");
#endif
    const QString zstd = QStandardPaths::findExecutable(QStringLiteral("zstd"));
    const QString python = QStandardPaths::findExecutable(QStringLiteral("python3"));
    if (zstd.isEmpty() || python.isEmpty())
        QSKIP("needs the programs zstd and python3");
    std::vector<NamedTensor> tensors = largeTensors();
    for (NamedTensor& tensor : smallTensors())
        tensors.push_back(std::move(tensor));
    SaveOptions options;
    options.profile = static_cast<Profile>(profile);
    const QString packed = m_folder.filePath(QStringLiteral("others%1.zst").arg(profile));
    QVERIFY(saveCheckpoint(Vfs::posix(), packed.toStdString(), tensors, {{"step", "3"}}, options));
    const QString unpacked = packed + QStringLiteral(".safetensors");
    QCOMPARE(QProcess::execute(
                 zstd, {QStringLiteral("-q"), QStringLiteral("-d"), packed, QStringLiteral("-o"), unpacked}),
             0);

    // The reader prints: name, type, shape, hex of the CRC-32 of the bytes.
    QProcess reader;
    reader.start(python,
                 {QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/checkpoint/read_safetensors.py"), unpacked});
    QVERIFY(reader.waitForFinished(60000));
    QVERIFY2(reader.exitCode() == 0, reader.readAllStandardError().constData());
    const QStringList lines =
        QString::fromUtf8(reader.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);

    QStringList expected;
    for (const NamedTensor& tensor : tensors) {
        const auto* bytes = reinterpret_cast<const Bytef*>(tensor.tensor.bytes().data());
        const auto sum = static_cast<quint32>(crc32(0, bytes, static_cast<uInt>(tensor.tensor.byteSize())));
        QStringList dims;
        for (const std::int64_t dim : tensor.tensor.shape().dims())
            dims += QString::number(dim);
        const QString name = QString::fromStdString(tensor.name);
        expected += QStringLiteral("%1|%2|%3|%4")
                        .arg(name,
                             QString::fromLatin1(
                                 dtypeSafetensorsName(tensor.tensor.dtype()).data(),
                                 static_cast<qsizetype>(dtypeSafetensorsName(tensor.tensor.dtype()).size())),
                             dims.join(u'x'), QStringLiteral("%1").arg(sum, 8, 16, QLatin1Char('0')));
    }
    QStringList found = lines;
    found.sort();
    expected.sort();
    QCOMPARE(found, expected);
}

void TestWr1::isReadFromSeveralThreads()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    QVERIFY(saveCheckpoint(Vfs::posix(), path("shared"), tensors, {}, {}));
    const auto reader = openCheckpoint(Vfs::posix(), path("shared"));
    QVERIFY(reader);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { wrong += differenceFrom(**reader, tensors).isEmpty() ? 0 : 1; });
    for (std::thread& thread : threads)
        thread.join();
    QCOMPARE(wrong.load(), 0);
}

void TestWr1::readsUnpackedSafetensors()
{
    const std::string header =
        R"({"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"a":{"shape":[2],"dtype":"F32","data_offsets":[0,8]}})";
    QFile file(QString::fromStdString(path("plain.safetensors")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const quint64 size = header.size();
    const float a[] = {1.5F, -2.0F};
    const qint64 b = -9;
    file.write(reinterpret_cast<const char*>(&size), 8);
    file.write(header.data(), static_cast<qint64>(size));
    file.write(reinterpret_cast<const char*>(a), 8);
    file.write(reinterpret_cast<const char*>(&b), 8);
    file.close();
    const auto reader = openCheckpoint(Vfs::posix(), path("plain.safetensors"));
    QVERIFY2(reader, reader ? "" : reader.error().toString().c_str());
    QCOMPARE((*reader)->formatName(), std::string("safetensors"));
    QCOMPARE((*reader)->metadata().at("format"), std::string("pt"));
    QCOMPARE((*reader)->read(0)->data<float>()[1], -2.0F);
    QCOMPARE((*reader)->read(1)->data<std::int64_t>()[0], std::int64_t{-9});
    QCOMPARE((*reader)->tensors()[1].spec.shape.rank(), 0);
}

void TestWr1::reportsProgressAndCancels()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    std::vector<std::uint64_t> steps;
    const auto saved = saveCheckpoint(Vfs::posix(), path("progress"), tensors, {}, {},
                                      [&](std::uint64_t done, std::uint64_t total) {
                                          steps.push_back(done);
                                          return done <= total;
                                      });
    QVERIFY(saved);
    QVERIFY(steps.size() > 5);
    QVERIFY(std::is_sorted(steps.begin(), steps.end()));
    for (std::size_t stopAt = 0; stopAt < steps.size(); stopAt += 3) {
        std::size_t seen = 0;
        const auto stopped = saveCheckpoint(Vfs::posix(), path("cancelled"), tensors, {}, {},
                                            [&](std::uint64_t, std::uint64_t) { return seen++ < stopAt; });
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code(), StatusCode::Cancelled);
        QVERIFY(!QFile::exists(QString::fromStdString(path("cancelled"))));
    }
    const auto reader = openCheckpoint(Vfs::posix(), path("progress"));
    const auto cancelledRead = (*reader)->read(static_cast<std::size_t>((*reader)->find("bytes")),
                                               [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!cancelledRead);
    QCOMPARE(cancelledRead.error().code(), StatusCode::Cancelled);
    for (const QString& name : QDir(m_folder.path()).entryList(QDir::Files | QDir::Hidden))
        QVERIFY2(!name.contains(QStringLiteral("wrtmp")), qPrintable(name));
}

QTEST_GUILESS_MAIN(TestWr1)
#include "tst_wr1.moc"
