// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged and hostile files: a clear error or the right values, never a crash and never a wrong number.
#include "engine/base/little_endian.h"
#include "engine/base/machine_memory.h"
#include "engine/checkpoint/seek_table.h"
#include "engine/checkpoint/tensor_header.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::checkpoint;

namespace {

enum class Outcome { Refused, Told, Unharmed, Wrong };

} // namespace

class TestDamage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void everyByteFlipped_data();
    void everyByteFlipped();
    void everyTruncation_data();
    void everyTruncation();
    void worksWithoutIndexAndTable();
    void foreignIndexIsIgnored();
    void namesTheTensorAndTheFrame();
    void bombsAreRefused();
    void hostileHeaders_data();
    void hostileHeaders();
    void otherFilesAreCalledByTheirNames_data();
    void otherFilesAreCalledByTheirNames();

private:
    Outcome outcomeOf(const QByteArray& bytes, const std::vector<NamedTensor>& tensors);
    std::string write(const QByteArray& bytes);
    QTemporaryDir m_folder;
    std::vector<NamedTensor> m_tensors;
    std::array<QByteArray, 2> m_files; ///< compact, plain
};

void TestDamage::initTestCase()
{
    m_tensors = {{"weights", weightsOf(DType::Float32, Shape{20, 10}, 1)},
                 {"biases", weightsOf(DType::Float32, Shape{20}, 2)},
                 {"step", weightsOf(DType::Int64, Shape{}, 3)}};
    for (int i = 0; i < 2; ++i) {
        SaveOptions options;
        options.profile = i == 0 ? Profile::Compact : Profile::Plain;
        const QString path = m_folder.filePath(QString::number(i));
        QVERIFY(saveCheckpoint(Vfs::posix(), path.toStdString(), m_tensors, {{"step", "9"}}, options));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_files[static_cast<std::size_t>(i)] = file.readAll();
    }
}

std::string TestDamage::write(const QByteArray& bytes)
{
    QFile file(m_folder.filePath(QStringLiteral("damaged")));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
        qFatal("the temporary folder cannot be written");
    file.write(bytes);
    return file.fileName().toStdString();
}

Outcome TestDamage::outcomeOf(const QByteArray& bytes, const std::vector<NamedTensor>& tensors)
{
    const auto reader = openCheckpoint(Vfs::posix(), write(bytes));
    if (!reader)
        return reader.error().message().empty() ? Outcome::Wrong : Outcome::Refused;
    bool isTold = !(*reader)->warnings().empty();
    if ((*reader)->tensors().size() != tensors.size())
        return Outcome::Wrong;
    for (const NamedTensor& tensor : tensors) {
        const std::ptrdiff_t index = (*reader)->find(tensor.name);
        if (index < 0)
            return Outcome::Wrong;
        const Result<Tensor> read = (*reader)->read(static_cast<std::size_t>(index));
        if (read && !sameBytes(*read, tensor.tensor))
            return Outcome::Wrong;
        isTold = isTold || !read;
    }
    return isTold ? Outcome::Told : Outcome::Unharmed;
}

void TestDamage::everyByteFlipped_data()
{
    QTest::addColumn<int>("file");
    QTest::addColumn<int>("mask");
    for (int file = 0; file < 2; ++file) {
        for (const int mask : {0xFF, 0x01, 0x80, 0x10})
            QTest::addRow("%s, mask %02x", file == 0 ? "compact" : "plain", static_cast<unsigned>(mask))
                << file << mask;
    }
}

void TestDamage::everyByteFlipped()
{
    QFETCH(int, file);
    QFETCH(int, mask);
    const QByteArray& whole = m_files[static_cast<std::size_t>(file)];
    int unharmed = 0;
    for (qsizetype at = 0; at < whole.size(); ++at) {
        QByteArray bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ mask);
        const Outcome outcome = outcomeOf(bytes, m_tensors);
        QVERIFY2(outcome != Outcome::Wrong,
                 qPrintable(QStringLiteral("byte %1 of %2").arg(at).arg(whole.size())));
        unharmed += outcome == Outcome::Unharmed ? 1 : 0;
    }
    // Entropy coders leave a few bits unused, so that a flip may change nothing at all.
    QVERIFY2(unharmed * 200 <= whole.size(), qPrintable(QString::number(unharmed)));
}

void TestDamage::everyTruncation_data()
{
    QTest::addColumn<int>("file");
    QTest::newRow("compact") << 0;
    QTest::newRow("plain") << 1;
}

void TestDamage::everyTruncation()
{
    QFETCH(int, file);
    const QByteArray& whole = m_files[static_cast<std::size_t>(file)];
    for (qsizetype size = 0; size < whole.size(); ++size) {
        const Outcome outcome = outcomeOf(whole.left(size), m_tensors);
        QVERIFY2(outcome == Outcome::Refused || outcome == Outcome::Told,
                 qPrintable(QStringLiteral("%1 of %2 bytes").arg(size).arg(whole.size())));
    }
    QCOMPARE(outcomeOf(whole, m_tensors), Outcome::Unharmed);
    QVERIFY(outcomeOf(whole + 'x', m_tensors) == Outcome::Refused);
}

void TestDamage::worksWithoutIndexAndTable()
{
    const QByteArray& whole = m_files[0];
    const qsizetype indexAt = whole.indexOf(QByteArray("WRIX")) - 8;
    QVERIFY(indexAt > 0);
    const auto reader = openCheckpoint(Vfs::posix(), write(whole.left(indexAt)));
    QVERIFY2(reader, reader ? "" : reader.error().toString().c_str());
    QCOMPARE(differenceFrom(**reader, m_tensors), QString());
    QCOMPARE((*reader)->warnings().size(), std::size_t{2});
    const auto damage = verifyCheckpoint(**reader);
    QVERIFY(damage && damage->size() == 2 && damage->front().tensor.empty());
}

void TestDamage::foreignIndexIsIgnored()
{
    // The index of another file, well formed, in the place of this one's.
    const QString path = m_folder.filePath(QStringLiteral("other"));
    std::vector<NamedTensor> others = m_tensors;
    others[1].name = "biases2";
    QVERIFY(saveCheckpoint(Vfs::posix(), path.toStdString(), others, {}, {}));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray other = file.readAll();
    const QByteArray& whole = m_files[0];
    const qsizetype at = whole.indexOf(QByteArray("WRIX")) - 8;
    const qsizetype otherAt = other.indexOf(QByteArray("WRIX")) - 8;
    const auto frameSize = [](const QByteArray& bytes, qsizetype offset) {
        return 8 + static_cast<qsizetype>(loadLittle<std::uint32_t>(
                       reinterpret_cast<const std::byte*>(bytes.constData()) + offset + 4));
    };
    const QByteArray mixed = whole.left(at) + other.mid(otherAt, frameSize(other, otherAt));
    const auto reader = openCheckpoint(Vfs::posix(), write(mixed));
    QVERIFY(reader);
    QVERIFY(!(*reader)->tensors()[0].digest);
    QVERIFY((*reader)->warnings().size() == 2);
    QCOMPARE(differenceFrom(**reader, m_tensors), QString());
}

void TestDamage::namesTheTensorAndTheFrame()
{
    const std::vector<NamedTensor> tensors{{"first", weightsOf(DType::Float32, Shape{100000}, 1)},
                                           {"second", weightsOf(DType::Float32, Shape{100000}, 2)}};
    const QString path = m_folder.filePath(QStringLiteral("two"));
    QVERIFY(saveCheckpoint(Vfs::posix(), path.toStdString(), tensors, {}, {}));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(file.size() * 3 / 4));
    char byte = 0;
    QVERIFY(file.peek(&byte, 1) == 1);
    byte = static_cast<char>(byte ^ 0x55);
    QVERIFY(file.write(&byte, 1) == 1);
    file.close();
    const auto reader = openCheckpoint(Vfs::posix(), path.toStdString());
    QVERIFY(reader);
    const auto damage = verifyCheckpoint(**reader);
    QVERIFY(damage);
    QCOMPARE(damage->size(), std::size_t{1});
    QCOMPARE(damage->front().tensor, std::string("second"));
    QVERIFY2(damage->front().what.find("frame ") != std::string::npos, damage->front().what.c_str());
    QVERIFY((*reader)->read(0));
}

void TestDamage::bombsAreRefused()
{
    // As many frames of a mebibyte of zeros, some sixty bytes each, as pass the memory of this machine.
    const std::uint64_t pieces = physicalMemoryBytes() / kMaxFrameContent + 2;
    FrameEncoder encoder;
    const std::vector<std::byte> zeros(kMaxFrameContent);
    const Result<Frame> frame = encoder.encode(zeros, Coder::Lz);
    QVERIFY(frame);
    TensorHeader header;
    HeaderTensor tensor;
    tensor.spec = {"bomb", DType::UInt8, Shape{static_cast<std::int64_t>(pieces << 20U)}};
    tensor.end = pieces << 20U;
    header.tensors.push_back(tensor);
    const std::vector<std::byte> json = encodeHeader(header, 4096);
    const Result<Frame> first = encoder.encode(json, Coder::Lz);
    FrameTable table;
    QByteArray bytes(reinterpret_cast<const char*>(first->bytes.data()),
                     static_cast<qsizetype>(first->bytes.size()));
    table.append(static_cast<std::uint32_t>(first->bytes.size()), first->contentSize, first->checksum);
    for (std::uint64_t i = 0; i < pieces; ++i) {
        bytes.append(reinterpret_cast<const char*>(frame->bytes.data()),
                     static_cast<qsizetype>(frame->bytes.size()));
        table.append(static_cast<std::uint32_t>(frame->bytes.size()), frame->contentSize, frame->checksum);
    }
    const std::vector<std::byte> seek = encodeSeekTable(table);
    bytes.append(reinterpret_cast<const char*>(seek.data()), static_cast<qsizetype>(seek.size()));
    const auto reader = openCheckpoint(Vfs::posix(), write(bytes));
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    const Result<Tensor> read = (*reader)->read(0);
    QVERIFY(!read);
    QCOMPARE(read.error().code(), StatusCode::ResourceExhausted);
}

void TestDamage::hostileHeaders_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("word");
    const auto row = [](const char* name, const QByteArray& json, const char* word) {
        QTest::newRow(name) << json << QByteArray(word);
    };
    const QByteArray good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
    row("no object", "[1]     ", "");
    row("not JSON", "{\"a\":", "damaged");
    row("trailing", "{\"a\":{" + good + "}}x", "damaged");
    row("twice", "{\"a\":{" + good + "},\"a\":{" + good + "}}", "twice");
    row("overlap",
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
        "begins at byte 4 instead of 8");
    row("gap",
        R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
        "begins at byte 4 instead of 2");
    row("too short", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "the file holds 8");
    row("beyond", R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "the file holds 8");
    row("shape", R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "does not fill");
    row("overflow", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
        "does not fill");
    row("wraps to the size", R"({"a":{"dtype":"F32","shape":[2,4611686018427387904],"data_offsets":[0,8]}})",
        "sizes");
    row("negative", R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "sizes");
    row("fraction", R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", "sizes");
    row("exponent", R"({"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}})", "sizes");
    row("reversed", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "data_offsets");
    row("three offsets", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}})", "data_offsets");
    row("no type", R"({"a":{"shape":[2],"data_offsets":[0,8]}})", "once each");
    row("two types", R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "once each");
    row("unknown type", R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}})", "\"F4\"");
    row("deep", "{\"a\":{" + good + ",\"x\":" + QByteArray(100, '[') + QByteArray(100, ']') + "}}",
        "damaged");
    row("bad UTF-8", "{\"\xff\":{" + good + "}}", "damaged");
    row("metadata number", "{\"__metadata__\":{\"a\":1},\"a\":{" + good + "}}", "strings");
    row("metadata list", "{\"__metadata__\":[],\"a\":{" + good + "}}", "__metadata__");
    QByteArray dims = "1";
    for (int i = 0; i < 70; ++i)
        dims += ",1";
    row("rank", R"({"a":{"dtype":"F32","shape":[)" + dims + R"(],"data_offsets":[0,8]}})", "dimensions");
}

void TestDamage::hostileHeaders()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, word);
    QByteArray bytes(8, '\0');
    storeLittle(reinterpret_cast<std::byte*>(bytes.data()), static_cast<std::uint64_t>(json.size()));
    const auto reader = openCheckpoint(Vfs::posix(), write(bytes + json + QByteArray(8, '\1')));
    QVERIFY(!reader);
    const QByteArray message = QByteArray::fromStdString(reader.error().message());
    QVERIFY2(message.contains(word), message.constData());
    QVERIFY2(message.contains("damaged"), "the file is named");
}

void TestDamage::otherFilesAreCalledByTheirNames_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("word");
    QTest::newRow("empty") << QByteArray() << QByteArray("empty");
    QTest::newRow("pointer") << QByteArray("version https://git-lfs.github.com/spec/v1\noid sha256:1\n")
                             << QByteArray("git lfs pull");
    QTest::newRow("page") << QByteArray("\n<!DOCTYPE html><html>404</html>") << QByteArray("web page");
    QTest::newRow("zip") << QByteArray("PK\3\4____") << QByteArray("PyTorch");
    QTest::newRow("hdf5") << QByteArray("\x89HDF\r\n\x1a\n____") << QByteArray("HDF5");
    QTest::newRow("gzip") << QByteArray("\x1f\x8b\x08____") << QByteArray("gzip");
    QTest::newRow("pickle") << QByteArray("\x80\x02}q.") << QByteArray("pickle");
    QTest::newRow("text") << QByteArray("epoch 1\nloss 2\n") << QByteArray("text file");
    QTest::newRow("noise") << QByteArray("\1\2\3\xfe\xff\0\0\0\0\0\0", 11) << QByteArray("not a checkpoint");
}

void TestDamage::otherFilesAreCalledByTheirNames()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, word);
    const auto reader = openCheckpoint(Vfs::posix(), write(bytes));
    QVERIFY(!reader);
    QCOMPARE(reader.error().code(), StatusCode::InvalidArgument);
    QVERIFY2(QByteArray::fromStdString(reader.error().message()).contains(word),
             reader.error().message().c_str());
    QVERIFY(!openCheckpoint(Vfs::posix(), m_folder.path().toStdString()));
    QCOMPARE(openCheckpoint(Vfs::posix(), "/no/such/file").error().code(), StatusCode::NotFound);
}

QTEST_GUILESS_MAIN(TestDamage)
#include "tst_damage.moc"
