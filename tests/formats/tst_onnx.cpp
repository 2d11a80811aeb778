// SPDX-License-Identifier: GPL-3.0-or-later
// ONNX models, made here field by field: every way that values may be kept, what is cut off or lies, and
// other files, of which only those beneath the folder are opened.
#include "engine/formats/onnx/onnx_reader.h"

#include "engine/formats/open.h"
#include "engine/formats/protobuf/wire_reader.h"
#include "tests/formats/sample_files.h"

#include <QDir>
#include <QTest>
#include <bit>
#include <random>

using namespace wr;
using namespace wr::formats;

namespace {

QByteArray varint(std::uint64_t value)
{
    std::string bytes;
    appendVarint(bytes, value);
    return QByteArray::fromStdString(bytes);
}

QByteArray number(std::uint64_t field, std::uint64_t value)
{
    return varint(field << 3U) + varint(value);
}

QByteArray bytes(std::uint64_t field, const QByteArray& contents)
{
    return varint(field << 3U | 2U) + varint(static_cast<std::uint64_t>(contents.size())) + contents;
}

QByteArray tensor(const QByteArray& name, int type, const std::vector<std::uint64_t>& dims,
                  const QByteArray& values)
{
    QByteArray message;
    for (const std::uint64_t dim : dims)
        message += number(1, dim);
    return message + number(2, static_cast<std::uint64_t>(type)) + bytes(8, name) + values;
}

QByteArray entry(const QByteArray& key, const QByteArray& value)
{
    return bytes(13, bytes(1, key) + bytes(2, value));
}

QByteArray model(const QList<QByteArray>& tensors)
{
    QByteArray graph = bytes(2, "graph");
    for (const QByteArray& t : tensors)
        graph += bytes(5, t);
    return number(1, 8) + bytes(2, "tests") + bytes(8, number(2, 17)) +
           bytes(14, bytes(1, "author") + bytes(2, "somebody")) + bytes(7, graph);
}

QByteArray floats(const std::vector<float>& values)
{
    return {reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size() * 4)};
}

QByteArray packed(const std::vector<std::int64_t>& values)
{
    QByteArray all;
    for (const std::int64_t value : values)
        all += varint(static_cast<std::uint64_t>(value));
    return all;
}

} // namespace

class TestOnnx : public QObject {
    Q_OBJECT
private slots:
    void init();
    void readsEveryKind();
    void readsOtherFiles();
    void otherFilesStayBeneath();
    void tellsWhatIsMissing();
    void tellsHowMuchIsThere();
    void liesAreNoTensors_data();
    void liesAreNoTensors();
    void otherFilesAreNoModels();
    void everyByteFlipped();

private:
    std::string write(const QByteArray& contents) const { return writeFile(*m_folder, contents); }
    void writeOther(const QString& name, const QByteArray& contents) const
    {
        QFile file(m_folder->filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(contents) != contents.size())
            qFatal("cannot write");
    }
    static std::vector<double> values(const checkpoint::CheckpointReader& reader, const std::string& name)
    {
        const std::ptrdiff_t index = reader.find(name);
        if (index < 0)
            return {};
        const Result<Tensor> read = reader.read(static_cast<std::size_t>(index));
        std::vector<double> all;
        for (std::int64_t i = 0; read && i < read->elementCount(); ++i)
            all.push_back(read->valueAt(i));
        return all;
    }
    static std::string messageOf(const Result<std::shared_ptr<const checkpoint::CheckpointReader>>& result)
    {
        return result ? (*result)->formatName() : result.error().message();
    }
    static QList<QByteArray> kinds();
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestOnnx::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

QList<QByteArray> TestOnnx::kinds()
{
    const QByteArray unpacked = varint(7U << 3U) + varint(5) + varint(7U << 3U) + varint(6);
    const double wide = 0.1;
    return {tensor("raw", 1, {2, 1}, bytes(9, floats({1.5F, -2.0F}))),
            tensor("floats", 1, {2}, bytes(4, floats({3, 4}))),
            tensor("small", 3, {3}, bytes(5, packed({-1, 2, -128}))),
            tensor("long", 7, {2}, unpacked),
            tensor("flags", 9, {2}, bytes(9, QByteArray("\x02\x00", 2))),
            tensor("half", 10, {2}, bytes(5, packed({0x3C00, 0xC000}))),
            tensor("double", 11, {}, bytes(10, {reinterpret_cast<const char*>(&wide), 8})),
            tensor("unsigned", 13, {1}, bytes(11, varint(UINT64_MAX))),
            tensor("brain", 16, {1}, bytes(9, QByteArray("\x80\x3F", 2))),
            tensor("nibbles", 22, {3}, bytes(9, QByteArray("\xF1\x07", 2))),
            tensor("unsigned nibbles", 21, {3}, bytes(5, packed({0xF1, 0x07}))),
            tensor("none", 1, {0, 5}, bytes(9, ""))};
}

void TestOnnx::readsEveryKind()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), write(model(kinds())));
    QVERIFY2(reader, messageOf(reader).c_str());
    QCOMPARE((*reader)->formatName(), std::string("ONNX"));
    QCOMPARE((*reader)->tensors().size(), std::size_t{12});
    QVERIFY((*reader)->warnings().empty());
    using V = std::vector<double>;
    QCOMPARE(values(**reader, "raw"), (V{1.5, -2}));
    QCOMPARE(values(**reader, "floats"), (V{3, 4}));
    QCOMPARE(values(**reader, "small"), (V{-1, 2, -128}));
    QCOMPARE(values(**reader, "long"), (V{5, 6}));
    QCOMPARE(values(**reader, "flags"), (V{1, 0}));
    QCOMPARE(values(**reader, "half"), (V{1, -2}));
    QCOMPARE(values(**reader, "double"), (V{0.1}));
    QCOMPARE(values(**reader, "unsigned"), (V{18446744073709551615.0}));
    QCOMPARE(values(**reader, "brain"), (V{1}));
    QCOMPARE(values(**reader, "nibbles"), (V{1, -1, 7}));
    QCOMPARE(values(**reader, "unsigned nibbles"), (V{1, 15, 7}));
    QCOMPARE((*reader)->metadata().at("onnx.author"), std::string("somebody"));
    QCOMPARE((*reader)->metadata().at("onnx.four_bits.nibbles"), std::string("int4"));
    float second = 0;
    QVERIFY((*reader)
                ->readPart(static_cast<std::size_t>((*reader)->find("floats")), 4,
                           std::as_writable_bytes(std::span(&second, 1)))
                .isOk());
    QCOMPARE(second, 4.0F);
}

void TestOnnx::readsOtherFiles()
{
    QVERIFY(QDir(m_folder->path()).mkpath("sub"));
    writeOther("sub/weights.bin", floats({9, 1, 2, 3}));
    const auto reader = openAnyCheckpoint(
        Vfs::posix(),
        write(model({tensor("w", 1, {3},
                            entry("location", "sub/weights.bin") + entry("offset", "4") +
                                entry("length", "12") + number(14, 1)),
                     tensor("v", 1, {1}, entry("location", "./sub/weights.bin") + number(14, 1))})));
    QVERIFY2(reader, messageOf(reader).c_str());
    QCOMPARE(values(**reader, "w"), (std::vector<double>{1, 2, 3}));
    QCOMPARE(values(**reader, "v"), (std::vector<double>{9}));
}

void TestOnnx::otherFilesStayBeneath()
{
    const QTemporaryDir elsewhere;
    QFile secret(elsewhere.filePath("secret"));
    QVERIFY(secret.open(QIODevice::WriteOnly) && secret.write(QByteArray(64, 'x')) == 64);
    secret.close();
    QVERIFY(QFile::link(elsewhere.path(), m_folder->filePath("folder")));
    QVERIFY(QFile::link(elsewhere.filePath("secret"), m_folder->filePath("link")));
    for (const QByteArray& location :
         {elsewhere.filePath("secret").toUtf8(), QByteArray("../secret"), QByteArray("a/../../secret"),
          QByteArray("folder/secret"), QByteArray("link"), QByteArray("/proc/self/maps"),
          QByteArray("..\\secret"), QByteArray("")}) {
        const auto reader = openAnyCheckpoint(
            Vfs::posix(), write(model({tensor("w", 2, {8}, entry("location", location) + number(14, 1))})));
        QVERIFY2(!reader && reader.error().code() == StatusCode::InvalidArgument, location.constData());
    }
}

void TestOnnx::tellsWhatIsMissing()
{
    const QByteArray outside = tensor("w", 1, {3}, entry("location", "weights.bin") + number(14, 1));
    const std::string path = write(model({outside, kinds()[0]}));
    const auto reader = openAnyCheckpoint(Vfs::posix(), path);
    QVERIFY2(reader, messageOf(reader).c_str());
    QVERIFY((*reader)->warnings()[0].find("weights.bin, is missing") != std::string::npos);
    const auto read = (*reader)->read(static_cast<std::size_t>((*reader)->find("w")));
    QVERIFY(!read && read.error().code() == StatusCode::NotFound);
    writeOther("weights.bin", floats({1, 2}));
    const auto cut = openAnyCheckpoint(Vfs::posix(), path);
    QVERIFY(cut && (*cut)->find("w") < 0);
    QVERIFY((*cut)->warnings()[0].find("weights.bin ends before its values do") != std::string::npos);
}

void TestOnnx::tellsHowMuchIsThere()
{
    const QByteArray whole = model({tensor("w", 1, {1000}, bytes(9, QByteArray(4000, 'x')))});
    for (qsizetype size = 0; size < whole.size(); ++size) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), write(whole.left(size)));
        QVERIFY(!reader);
        if (size > 100)
            QVERIFY2(messageOf(reader).find("%) are there: a copy or a download that stopped") !=
                         std::string::npos,
                     messageOf(reader).c_str());
    }
    const auto half = openAnyCheckpoint(Vfs::posix(), write(whole.left(whole.size() / 2)));
    QVERIFY2(messageOf(half).find("(50 %)") != std::string::npos ||
                 messageOf(half).find("(49 %)") != std::string::npos,
             messageOf(half).c_str());
}

void TestOnnx::liesAreNoTensors_data()
{
    QTest::addColumn<QByteArray>("message");
    const QByteArray four = bytes(9, floats({1}));
    QTest::newRow("more elements") << tensor("w", 1, {2}, four);
    QTest::newRow("fewer elements") << tensor("w", 1, {}, bytes(9, floats({1, 2})));
    QTest::newRow("huge") << tensor("w", 1, {1ULL << 62U, 4}, four);
    QTest::newRow("overflow") << tensor("w", 1, {1ULL << 32U, 1ULL << 32U}, four);
    QTest::newRow("negative") << tensor("w", 1, {UINT64_MAX}, four);
    QTest::newRow("text") << tensor("w", 8, {1}, bytes(6, "a"));
    QTest::newRow("no type") << tensor("w", 0, {1}, four);
    QTest::newRow("unknown type") << tensor("w", 99, {1}, four);
    QTest::newRow("too many dimensions") << tensor("w", 1, std::vector<std::uint64_t>(70, 1), four);
    QTest::newRow("many from nothing") << tensor("w", 7, {1'000'000'000}, bytes(7, "\x01"));
    QTest::newRow("no place") << tensor("w", 1, {1}, number(14, 1));
    QTest::newRow("odd offset") << tensor("w", 1, {1},
                                          entry("location", "x") + entry("offset", "-4") + number(14, 1));
    QTest::newRow("other length") << tensor("w", 1, {1},
                                            entry("location", "x") + entry("length", "5") + number(14, 1));
    QTest::newRow("long name") << tensor(QByteArray(5000, 'n'), 1, {1}, four);
    QTest::newRow("broken") << tensor("w", 1, {1}, four) + QByteArray("\x0F");
}

void TestOnnx::liesAreNoTensors()
{
    QFETCH(QByteArray, message);
    const auto reader = openAnyCheckpoint(Vfs::posix(), write(model({message, kinds()[0], kinds()[0]})));
    QVERIFY2(reader, messageOf(reader).c_str());
    QCOMPARE((*reader)->tensors().size(), std::size_t{1});
    QCOMPARE((*reader)->warnings().size(), std::size_t{2}); // the second "raw", too
}

void TestOnnx::otherFilesAreNoModels()
{
    for (const QByteArray& other :
         {QByteArray("plain text\n"), QByteArray(1000, '\0'), QByteArray("\x08\x08", 2),
          number(1, 8) + bytes(7, "\xFF\xFF"), bytes(7, bytes(5, kinds()[0]))}) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), write(other));
        QVERIFY2(!reader && reader.error().code() == StatusCode::InvalidArgument, messageOf(reader).c_str());
    }
}

void TestOnnx::everyByteFlipped()
{
    const QByteArray whole = model(kinds());
    std::mt19937 random(3);
    for (qsizetype at = 0; at < whole.size(); ++at) {
        for (int i = 0; i < 8; ++i) {
            QByteArray bad = whole;
            bad[at] = static_cast<char>(random() & 0xFFU);
            const auto reader = openAnyCheckpoint(Vfs::posix(), write(bad));
            for (std::size_t k = 0; reader && k < (*reader)->tensors().size(); ++k)
                static_cast<void>((*reader)->read(k));
        }
    }
}

QTEST_GUILESS_MAIN(TestOnnx)
#include "tst_onnx.moc"
