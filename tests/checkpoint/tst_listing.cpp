// SPDX-License-Identifier: GPL-3.0-or-later
// Very many tensors are listed from the index as they are looked at: what is told of each is the same as when
// all are listed at once, and damage to the index costs no tensor.
#include "engine/base/little_endian.h"
#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/front_coded_names.h"
#include "engine/checkpoint/index_layout.h"
#include "engine/checkpoint/seek_table.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <atomic>
#include <thread>

using namespace wr;
using namespace wr::checkpoint;

class TestListing : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void tellsOfEachTensor();
    void findsNamesAndNothingElse();
    void isReadFromSeveralThreads();
    void survivesDamageToTheIndex_data();
    void survivesDamageToTheIndex();
    void noticesAnotherHeader();
    void refusesBadNames();

private:
    std::string path(const char* name) const { return m_folder.filePath(QLatin1String(name)).toStdString(); }
    /// The index frame's payload, by way of the seek table.
    QByteArray fileBytes() const
    {
        QFile file(QString::fromStdString(path("many.wrck")));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    qint64 payloadAt() const
    {
        const auto file = Vfs::posix().open(path("many.wrck"), OpenMode::Read);
        const auto table = readSeekTable(**file, *(*file)->size());
        return static_cast<qint64>(table->frames.back().fileOffset) + 8;
    }
    /// Opens the file with one byte changed.
    Result<std::shared_ptr<const CheckpointReader>> openChanged(qint64 at)
    {
        QByteArray bytes = fileBytes();
        bytes[at] = static_cast<char>(bytes[at] ^ 0x11);
        QFile file(QString::fromStdString(path("changed.wrck")));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            return fail(internalError("the file could not be written"));
        file.close();
        return openCheckpoint(Vfs::posix(), path("changed.wrck"));
    }

    QTemporaryDir m_folder;
    std::vector<NamedTensor> m_tensors; ///< sorted by name
};

void TestListing::initTestCase()
{
    constexpr int kCount = 10'300;
    for (int i = 0; i < kCount; ++i) {
        const auto value = static_cast<float>(i);
        const std::string name = "layer_" + std::to_string(i / 7) + "/w" + std::to_string(i % 7);
        if (i % 5 == 4) // without statistics
            m_tensors.push_back({name, Tensor::of<std::int32_t>({i, -i, 7 * i}, Shape{3, 1})});
        else
            m_tensors.push_back({name, Tensor::of<float>({value, -0.5F * value}, Shape{2})});
    }
    m_tensors.push_back({std::string(300, 'n') + "a", Tensor::scalar(1.5F)});
    m_tensors.push_back({std::string(300, 'n') + "b", weightsOf(DType::Float32, Shape{300, 400}, 5)});
    QVERIFY(saveCheckpoint(Vfs::posix(), path("many.wrck"), m_tensors, {{"step", "3"}}, {}));
    std::sort(m_tensors.begin(), m_tensors.end(),
              [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
}

void TestListing::tellsOfEachTensor()
{
    const auto reader = openCheckpoint(Vfs::posix(), path("many.wrck"));
    QVERIFY(reader);
    QVERIFY((*reader)->warnings().empty());
    QCOMPARE((*reader)->metadata(), (Metadata{{"step", "3"}}));
    QCOMPARE((*reader)->tensors().size(), m_tensors.size());
    std::size_t i = 0;
    for (const TensorEntry& entry : (*reader)->tensors()) {
        const NamedTensor& expected = m_tensors[i++];
        QCOMPARE(entry.spec, (TensorSpec{expected.name, expected.tensor.dtype(), expected.tensor.shape()}));
        QCOMPARE(entry.logicalBytes, expected.tensor.byteSize());
        QVERIFY(entry.storedBytes > 0);
        QVERIFY(entry.digest == digestOf(expected.tensor.bytes()));
        QCOMPARE(entry.statistics.has_value(), isFloating(expected.tensor.dtype()));
        if (entry.statistics) {
            const Statistics statistics = computeStatistics(expected.tensor);
            QCOMPARE(entry.statistics->mean, statistics.mean);
            QCOMPARE(entry.statistics->fingerprint, statistics.fingerprint);
            QCOMPARE(entry.statistics->p99, statistics.p99);
        }
    }
    QCOMPARE(i, m_tensors.size());
    QCOMPARE(differenceFrom(**reader, m_tensors), QString());
}

void TestListing::findsNamesAndNothingElse()
{
    const auto reader = openCheckpoint(Vfs::posix(), path("many.wrck"));
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        QCOMPARE((*reader)->find(m_tensors[i].name), static_cast<std::ptrdiff_t>(i));
        QCOMPARE((*reader)->find(m_tensors[i].name + "!"), -1);
    }
    std::size_t named = 0;
    (*reader)->forEachName([&](std::size_t index, std::string_view each) {
        named += index == named && each == m_tensors[index].name ? 1U : 0U;
    });
    QCOMPARE(named, m_tensors.size());
    for (const char* name : {"", "a", "layer_", "layer_1/w", "m", "nn", "zzz"})
        QCOMPARE((*reader)->find(name), -1);
}

void TestListing::isReadFromSeveralThreads()
{
    const auto reader = openCheckpoint(Vfs::posix(), path("many.wrck"));
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t start = 0; start < 3; ++start) {
        threads.emplace_back([&, start] {
            for (std::size_t i = start * 1000; i < m_tensors.size(); i += 37)
                wrong += (*reader)->tensors()[i].spec.name == m_tensors[i].name ? 0 : 1;
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    QCOMPARE(wrong.load(), 0);
}

void TestListing::survivesDamageToTheIndex_data()
{
    QTest::addColumn<int>("kind");
    QTest::newRow("names") << int(layout::Names);
    QTest::newRow("rows") << int(layout::Rows);
    QTest::newRow("shapes") << int(layout::Shapes);
    QTest::newRow("statistics") << int(layout::Stats);
    QTest::newRow("frames") << int(layout::Frames);
}

void TestListing::survivesDamageToTheIndex()
{
    QFETCH(int, kind);
    const QByteArray bytes = fileBytes();
    const auto number = [&](qint64 at) {
        return loadLittle<std::uint64_t>(reinterpret_cast<const std::byte*>(bytes.constData()) + at);
    };
    const qint64 payload = payloadAt();
    qint64 begin = 0;
    qint64 size = 0;
    for (qint64 entry = payload + 64; size == 0; entry += 40) {
        if (bytes[entry] == static_cast<char>(kind)) {
            begin = payload + static_cast<qint64>(number(entry + 8));
            size = static_cast<qint64>(number(entry + 16));
        }
    }
    for (const qint64 at : {begin, begin + size / 2, begin + size - 1}) {
        const auto reader = openChanged(at);
        QVERIFY2(reader, reader ? "" : reader.error().toString().c_str());
        // Damage within the statistics shows only where they are looked at.
        const bool mayBeLate = kind == layout::Stats && at > begin;
        QVERIFY(mayBeLate || (*reader)->warnings().size() == 1 || kind == layout::Frames);
        QCOMPARE((*reader)->tensors().size(), m_tensors.size());
        std::size_t without = 0;
        for (std::size_t i = 0; i < m_tensors.size(); ++i) {
            const TensorEntry entry = (*reader)->tensors()[i];
            QCOMPARE(entry.spec.name, m_tensors[i].name);
            QVERIFY(entry.spec.shape == m_tensors[i].tensor.shape());
            without += isFloating(entry.spec.dtype) && !entry.statistics ? 1U : 0U;
        }
        if (mayBeLate)
            QVERIFY2(without > 0 && without <= layout::kRowsPerPiece, qPrintable(QString::number(without)));
        if (at == begin)
            QCOMPARE(differenceFrom(**reader, m_tensors), QString());
    }
}

void TestListing::noticesAnotherHeader()
{
    // A byte within the header's first frame: its hash in the index tells, and then the header itself.
    const auto reader = openChanged(200);
    QVERIFY(!reader);
    QCOMPARE(reader.error().code(), StatusCode::DataLoss);
    QVERIFY2(reader.error().message().find("header") != std::string::npos, reader.error().message().c_str());
}

void TestListing::refusesBadNames()
{
    NamesEncoder encoder;
    std::vector<std::string> names;
    for (int i = 100; i < 400; ++i)
        names.push_back("tensor" + std::to_string(i));
    for (const std::string& name : names)
        encoder.append(name);
    const std::vector<std::byte> good = encoder.finish();
    const auto opened = FrontCodedNames::open(good, names.size());
    QVERIFY(opened);
    for (std::size_t i = 0; i < names.size(); ++i)
        QCOMPARE(opened->name(i), names[i]);
    QVERIFY(!FrontCodedNames::open(good, names.size() + 200));
    for (std::size_t size = 0; size < good.size(); size += 3)
        QVERIFY(!FrontCodedNames::open({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)},
                                       names.size()));
    for (std::size_t at = 0; at < good.size() - 12; ++at) {
        // Whatever is accepted can be read, in order.
        std::vector<std::byte> changed = good;
        changed[at] ^= std::byte{0x21};
        const auto result = FrontCodedNames::open(changed, names.size());
        if (!result)
            continue;
        for (std::size_t i = 1; i < names.size(); ++i)
            QVERIFY(result->name(i - 1) < result->name(i));
    }
    std::vector<std::byte> swapped = good;
    swapped[3 + 6] = std::byte{'9'}; // "tensor900" before "tensor101"
    QVERIFY(!FrontCodedNames::open(swapped, names.size()));
}

QTEST_GUILESS_MAIN(TestListing)
#include "tst_listing.moc"
