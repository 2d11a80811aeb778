// SPDX-License-Identifier: GPL-3.0-or-later
// Files that NumPy wrote (samples/make_numpy.py), whole, damaged and hostile.
#include "engine/base/little_endian.h"
#include "engine/formats/open.h"
#include "tests/formats/sample_files.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::checkpoint;
using namespace wr::formats;

class TestNumpy : public QObject {
    Q_OBJECT
private slots:
    void readsArchives_data();
    void readsArchives();
    void readsArray();
    void everyByteFlipped_data();
    void everyByteFlipped();
    void everyTruncation_data();
    void everyTruncation();
    void hostileArchives();

private:
    std::string write(const QByteArray& bytes) const { return writeFile(m_folder, bytes); }
    QTemporaryDir m_folder;
};

void TestNumpy::readsArchives_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("stored") << "numpy_stored.npz";
    QTest::newRow("packed") << "numpy_packed.npz";
}

void TestNumpy::readsArchives()
{
    QFETCH(QString, name);
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample(name).toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE((*reader)->formatName(), std::string("NumPy archive"));
    QCOMPARE((*reader)->tensors().size(), 8U);
    QCOMPARE((*reader)->warnings().size(), 2U); // words and complex
    for (const TensorEntry& entry : (*reader)->tensors()) {
        const auto index = static_cast<std::size_t>((*reader)->find(entry.spec.name));
        const Result<Tensor> tensor = (*reader)->read(index);
        QVERIFY2(tensor, tensor ? "" : tensor.error().message().c_str());
        for (std::int64_t i = 0; i < tensor->elementCount(); ++i) {
            const double expected = entry.spec.name == "step"    ? 1234567890123.0
                                    : entry.spec.name == "flags" ? 1.0 - static_cast<double>(i % 2)
                                                                 : static_cast<double>(i);
            QCOMPARE(tensor->valueAt(i), expected);
        }
        if (tensor->byteSize() < 2)
            continue;
        std::vector<std::byte> part(tensor->byteSize() - 2);
        QVERIFY((*reader)->readPart(index, 1, part).isOk());
        QVERIFY(std::equal(part.begin(), part.end(), tensor->bytes().begin() + 1));
    }
    QCOMPARE((*reader)->tensors()[0].spec.shape, (Shape{2, 3, 4}));
}

void TestNumpy::readsArray()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample("numpy_columns.npy").toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE((*reader)->tensors()[0].spec, (TensorSpec{"numpy_columns", DType::Float32, Shape{4, 6}}));
    const Result<Tensor> tensor = (*reader)->read(0);
    for (int i = 0; i < 24; ++i)
        QCOMPARE(tensor->valueAt(i), static_cast<double>(i));
}

void TestNumpy::everyByteFlipped_data()
{
    readsArchives_data();
    QTest::newRow("array") << "numpy_columns.npy";
}

void TestNumpy::everyByteFlipped()
{
    QFETCH(QString, name);
    const QByteArray whole = bytesOf(sample(name));
    const bool isArchive = name.endsWith("npz");
    for (qsizetype at = 0; at < whole.size(); ++at) {
        QByteArray bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ (at % 2 == 0 ? 0xFF : 0x01));
        const auto reader = openAnyCheckpoint(Vfs::posix(), write(bad));
        if (!reader)
            continue;
        for (std::size_t i = 0; i < (*reader)->tensors().size(); ++i) {
            const Result<Tensor> tensor = (*reader)->read(i);
            if (tensor && isArchive && (*reader)->tensors()[i].spec.name == "kernel" &&
                tensor->elementCount() > 23)
                QCOMPARE(tensor->valueAt(23), 23.0);
        }
    }
}

void TestNumpy::everyTruncation_data()
{
    everyByteFlipped_data();
}

void TestNumpy::everyTruncation()
{
    QFETCH(QString, name);
    const QByteArray whole = bytesOf(sample(name));
    for (qsizetype size = 0; size < whole.size(); ++size)
        QVERIFY2(!openAnyCheckpoint(Vfs::posix(), write(whole.left(size))),
                 qPrintable(QString::number(size)));
}

void TestNumpy::hostileArchives()
{
    const QByteArray whole = bytesOf(sample("numpy_stored.npz"));
    const auto messageOf = [&](const QByteArray& bytes) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), write(bytes));
        return reader ? std::string("opened") : reader.error().message();
    };
    const auto has = [&](const QByteArray& bytes, const char* words) {
        const std::string message = messageOf(bytes);
        const bool found = message.find(words) != std::string::npos;
        if (!found)
            qWarning("%s", message.c_str());
        return found;
    };
    const qsizetype list = whole.indexOf("PK\x01\x02");
    const qsizetype second = whole.indexOf("PK\x01\x02", list + 4);
    QByteArray bad = whole;
    bad.replace(second + 42, 4, whole.mid(list + 42, 4)); // two entries at one place
    QVERIFY(has(bad, "do not agree"));
    bad = whole;
    const qsizetype end = whole.lastIndexOf("PK\x05\x06");
    bad[end + 10] = '\xFE';
    bad[end + 11] = '\xFE';
    QVERIFY(has(bad, "more entries"));
    bad = whole;
    bad.replace(end + 12, 4, "\xFE\xFF\xFF\xFF");
    QVERIFY(has(bad, "outside"));
    bad = whole;
    bad.replace(list + 20, 8, "\xF0\xFF\xFF\x7F\xF0\xFF\xFF\x7F"); // 2 GiB in a small file
    QVERIFY(has(bad, "outside"));
    bad = whole;
    bad[list + 8] = '\1';
    QVERIFY(has(bad, "encrypted"));
    bad = bytesOf(sample("numpy_packed.npz"));
    const qsizetype packed = bad.indexOf("PK\x01\x02");
    bad.replace(packed + 24, 4, "\xF0\xFF\xFF\x7F"); // 2 GiB unpacked
    QVERIFY(has(bad, "more bytes than it can hold"));
    QVERIFY(has(whole.left(whole.size() / 2), "stopped"));
    QVERIFY(has("PK\x03\x04", "cut off"));

    QByteArray array("\x93NUMPY\x01\x00", 8);
    const QByteArray header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4611686018427387904), }\n";
    array += static_cast<char>(header.size());
    array += '\0';
    QVERIFY(has(array + header, "declares"));
}

QTEST_GUILESS_MAIN(TestNumpy)
#include "tst_numpy.moc"
