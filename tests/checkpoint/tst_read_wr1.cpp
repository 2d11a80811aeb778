// SPDX-License-Identifier: GPL-3.0-or-later
// A reader of sixty lines, made from FORMAT.md alone, finds what was saved: every profile, every filter,
// deltas.
#include "tests/checkpoint/sample_tensors.h"

#include <QDir>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <zlib.h>

using namespace wr;
using namespace wr::checkpoint;

class TestReadWr1 : public QObject {
    Q_OBJECT
private slots:
    void readsWhatWasSaved_data();
    void readsWhatWasSaved();
    void missesTheBase();

private:
    static QStringList linesOf(const std::vector<NamedTensor>& tensors);
    static bool run(const QString& file, QStringList& lines, QByteArray& problem);
    QTemporaryDir m_folder;
};

QStringList TestReadWr1::linesOf(const std::vector<NamedTensor>& tensors)
{
    QStringList lines;
    for (const NamedTensor& tensor : tensors) {
        const auto* bytes = reinterpret_cast<const Bytef*>(tensor.tensor.bytes().data());
        const auto sum = static_cast<quint32>(crc32(0, bytes, static_cast<uInt>(tensor.tensor.byteSize())));
        QStringList dims;
        for (const std::int64_t dim : tensor.tensor.shape().dims())
            dims += QString::number(dim);
        const std::string dtype(dtypeSafetensorsName(tensor.tensor.dtype()));
        lines += QStringLiteral("%1|%2|%3|%4")
                     .arg(QString::fromStdString(tensor.name), QString::fromStdString(dtype), dims.join(u'x'),
                          QStringLiteral("%1").arg(sum, 8, 16, QLatin1Char('0')));
    }
    lines.sort();
    return lines;
}

bool TestReadWr1::run(const QString& file, QStringList& lines, QByteArray& problem)
{
    QProcess reader;
    reader.start(QStandardPaths::findExecutable(QStringLiteral("python3")),
                 {QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/checkpoint/read_wr1.py"), file});
    constexpr int kMilliseconds = 120000;
    if (!reader.waitForFinished(kMilliseconds))
        return false;
    problem = reader.readAllStandardError();
    lines = QString::fromUtf8(reader.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
    lines.sort();
    return reader.exitCode() == 0;
}

void TestReadWr1::readsWhatWasSaved_data()
{
    QTest::addColumn<int>("profile");
    QTest::addColumn<bool>("delta");
    QTest::newRow("compact") << 0 << false;
    QTest::newRow("plain") << 1 << false;
    QTest::newRow("stored") << 2 << false;
    QTest::newRow("delta") << 0 << true;
    QTest::newRow("in parts") << 0 << false;
}

void TestReadWr1::readsWhatWasSaved()
{
    QFETCH(int, profile);
    QFETCH(bool, delta);
#if defined(__SANITIZE_THREAD__)
    QSKIP("the thread sanitizer does not follow into other programs");
#endif
    if (QStandardPaths::findExecutable("zstd").isEmpty() ||
        QStandardPaths::findExecutable("python3").isEmpty())
        QSKIP("needs the programs zstd and python3");
    std::vector<NamedTensor> tensors = largeTensors();
    for (NamedTensor& tensor : smallTensors())
        tensors.push_back(std::move(tensor));
    tensors.push_back({"end::wr1e::wr1:", weightsOf(DType::Float32, Shape{5}, 3)});
    tensors.push_back({"i16", weightsOf(DType::Int16, Shape{150000}, 4)});
    tensors.push_back({"u64", weightsOf(DType::UInt64, Shape{2, 20000}, 5)});
    SaveOptions options;
    options.profile = static_cast<Profile>(profile);
    if (QTest::currentDataTag() == QByteArray("in parts"))
        options.partTensors = 20;
    const std::string path = m_folder.filePath(QTest::currentDataTag()).toStdString() + ".wrck";
    if (delta) {
        const std::string base = m_folder.filePath("base.wrck").toStdString();
        QVERIFY(saveCheckpoint(Vfs::posix(), base, tensors, {}, {}));
        options.base = *openCheckpoint(Vfs::posix(), base);
        tensors = later(tensors, 1e-4F, 5);
        for (NamedTensor& tensor : tensors) {
            // Steps of whole numbers and of doubles are near as well.
            const std::span<std::byte> bytes = tensor.tensor.mutableBytes();
            if (tensor.name == "i16" || tensor.name == "u64" || tensor.name == "f64") {
                for (std::size_t i = 0; i < bytes.size(); i += dtypeSize(tensor.tensor.dtype()))
                    bytes[i] ^= std::byte{3};
            }
            if (tensor.name == "one_block") {
                options.baseNames["renamed::wr1:"] = "one_block";
                tensor.name = "renamed::wr1:";
            }
        }
    }
    const auto saved = saveCheckpoint(Vfs::posix(), path, tensors, {{"step", "3"}}, options);
    QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
    QCOMPARE(saved->isDelta, delta);
    if (delta) {
        const auto reader = *openCheckpoint(Vfs::posix(), path);
        QCOMPARE(differenceFrom(*reader, tensors), QString());
        for (const char* name : {"i16", "u64", "f64", "renamed::wr1:", "bf16", "bytes"})
            QVERIFY2(reader->needsBase(static_cast<std::size_t>(reader->find(name))), name);
        QVERIFY(QDir(m_folder.path()).rename("base.wrck", "moved.wrck"));
    }
    QStringList lines;
    QByteArray problem;
    QVERIFY2(run(QString::fromStdString(path), lines, problem), problem.constData());
    QCOMPARE(lines, linesOf(tensors));
}

void TestReadWr1::missesTheBase()
{
    const QString path = m_folder.filePath("delta.wrck");
    if (!QFile::exists(path))
        QSKIP("no delta was written");
    QVERIFY(QFile::remove(m_folder.filePath("moved.wrck")));
    QStringList lines;
    QByteArray problem;
    QVERIFY(!run(path, lines, problem));
    QVERIFY2(problem.contains("the base is missing: base.wrck"), problem.constData());
}

QTEST_GUILESS_MAIN(TestReadWr1)
#include "tst_read_wr1.moc"
