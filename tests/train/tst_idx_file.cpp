// SPDX-License-Identifier: GPL-3.0-or-later
// IDX files, plain and gzip, whole and damaged, and the data sets made of them.
#include "engine/train/dataset.h"
#include "engine/train/idx_file.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <zlib.h>

using namespace wr;
using namespace wr::train;

namespace {

QByteArray bigEndian(quint32 value)
{
    QByteArray bytes(4, '\0');
    for (int i = 0; i < 4; ++i)
        bytes[i] = static_cast<char>(value >> (8 * (3 - i)));
    return bytes;
}

QByteArray idx(const std::vector<quint32>& dims, const QByteArray& values)
{
    QByteArray bytes = bigEndian(0x00000800U + static_cast<quint32>(dims.size()));
    for (const quint32 dim : dims)
        bytes += bigEndian(dim);
    return bytes + values;
}

} // namespace

class TestIdxFile : public QObject {
    Q_OBJECT
private slots:
    void readsPlainAndGzip();
    void refusesWhatIsDamaged_data();
    void refusesWhatIsDamaged();
    void everyTruncation();
    void makesADataset();
    void namesWhatDoesNotFit_data();
    void namesWhatDoesNotFit();

private:
    std::string write(const char* name, const QByteArray& bytes)
    {
        QFile file(m_folder.filePath(QLatin1String(name)));
        if (!file.open(QIODevice::WriteOnly))
            qFatal("the temporary folder cannot be written");
        file.write(bytes);
        return file.fileName().toStdString();
    }
    std::string writeGzip(const char* name, const QByteArray& bytes)
    {
        const QString path = m_folder.filePath(QLatin1String(name));
        gzFile file = gzopen(QFile::encodeName(path).constData(), "wb");
        gzwrite(file, bytes.constData(), static_cast<unsigned>(bytes.size()));
        gzclose(file);
        return path.toStdString();
    }
    QTemporaryDir m_folder;
};

void TestIdxFile::readsPlainAndGzip()
{
    QByteArray values;
    for (int i = 0; i < 24; ++i)
        values += static_cast<char>(i * 10);
    const QByteArray bytes = idx({2, 3, 4}, values);
    for (const std::string& path : {write("a", bytes), writeGzip("a.gz", bytes)}) {
        const Result<Tensor> tensor = readIdx(Vfs::posix(), path, 3);
        QVERIFY2(tensor, tensor ? "" : tensor.error().toString().c_str());
        QCOMPARE(tensor->shape(), (Shape{2, 3, 4}));
        QCOMPARE(tensor->data<std::uint8_t>()[23], std::uint8_t{230});
        QCOMPARE(idxRank(Vfs::posix(), path), 3);
    }
}

void TestIdxFile::refusesWhatIsDamaged_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("magic") << QByteArray("PK\3\4 and so on");
    QTest::newRow("floats") << bigEndian(0x00000D01) + bigEndian(1) + QByteArray(4, '\0');
    QTest::newRow("rank") << idx({3}, "abc");
    QTest::newRow("long") << idx({1, 1, 2}, "abc");
    QTest::newRow("short") << idx({1, 2, 2}, "abc");
    QTest::newRow("huge") << idx({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, "abc");
    QTest::newRow("large") << idx({0x7FFFFFFF, 1, 1}, "abc");
    QTest::newRow("gzip of nothing") << QByteArray("\x1f\x8b\x08\0\0\0\0\0", 8);
}

void TestIdxFile::refusesWhatIsDamaged()
{
    QFETCH(QByteArray, bytes);
    const std::string path = write("bad", bytes);
    const Result<Tensor> tensor = readIdx(Vfs::posix(), path, 3);
    QVERIFY(!tensor);
    QVERIFY2(tensor.error().message().find("bad") != std::string::npos, tensor.error().message().c_str());
    QVERIFY(tensor.error().code() == StatusCode::InvalidArgument ||
            tensor.error().code() == StatusCode::DataLoss ||
            tensor.error().code() == StatusCode::ResourceExhausted);
}

void TestIdxFile::everyTruncation()
{
    const QByteArray plain = idx({4, 2, 2}, QByteArray(16, 'x'));
    QFile packed(QString::fromStdString(writeGzip("whole.gz", plain)));
    QVERIFY(packed.open(QIODevice::ReadOnly));
    const QByteArray gzip = packed.readAll();
    for (const QByteArray& whole : {plain, gzip}) {
        for (qsizetype size = 0; size < whole.size(); ++size) {
            const Result<Tensor> tensor = readIdx(Vfs::posix(), write("cut", whole.left(size)), 3);
            QVERIFY2(!tensor, qPrintable(QString::number(size)));
        }
        QVERIFY(readIdx(Vfs::posix(), write("cut", whole), 3));
    }
}

void TestIdxFile::makesADataset()
{
    QByteArray labels;
    for (int i = 0; i < 10; ++i)
        labels += static_cast<char>(i % 3);
    write("images", idx({10, 2, 2}, QByteArray(40, 'p')));
    write("labels", idx({10}, labels));
    graph::DataSpec spec;
    spec.kind = graph::DataKind::Idx;
    spec.imagesPath = "images";
    spec.labelsPath = "labels";
    spec.train = 7;
    spec.test = 3;
    const auto dataset = loadDataset(spec, {m_folder.path().toStdString(), {}}, Vfs::posix());
    QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
    QCOMPARE((*dataset)->train.count(), std::int64_t{7});
    QCOMPARE((*dataset)->test.count(), std::int64_t{3});
    QCOMPARE((*dataset)->test.labels.data<std::int64_t>()[0], std::int64_t{7 % 3});
}

void TestIdxFile::namesWhatDoesNotFit_data()
{
    QTest::addColumn<QByteArray>("images");
    QTest::addColumn<QByteArray>("labels");
    QTest::addColumn<QByteArray>("word");
    const QByteArray images = idx({10, 2, 2}, QByteArray(40, 'p'));
    QTest::newRow("fewer labels") << images << idx({9}, QByteArray(9, '\1')) << QByteArray("9");
    QTest::newRow("too few") << idx({5, 2, 2}, QByteArray(20, 'p')) << idx({5}, QByteArray(5, '\1'))
                             << QByteArray("5");
    QTest::newRow("missing") << QByteArray() << idx({10}, QByteArray(10, '\1')) << QByteArray("images");
}

void TestIdxFile::namesWhatDoesNotFit()
{
    QFETCH(QByteArray, images);
    QFETCH(QByteArray, labels);
    QFETCH(QByteArray, word);
    QFile::remove(m_folder.filePath(QStringLiteral("images")));
    if (!images.isEmpty())
        write("images", images);
    write("labels", labels);
    graph::DataSpec spec;
    spec.kind = graph::DataKind::Idx;
    spec.imagesPath = "images";
    spec.labelsPath = "labels";
    spec.train = 7;
    spec.test = 3;
    const auto dataset = loadDataset(spec, {m_folder.path().toStdString(), {}}, Vfs::posix());
    QVERIFY(!dataset);
    QVERIFY2(QByteArray::fromStdString(dataset.error().message()).contains(word),
             dataset.error().message().c_str());
}

QTEST_GUILESS_MAIN(TestIdxFile)
#include "tst_idx_file.moc"
