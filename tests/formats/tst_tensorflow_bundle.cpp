// SPDX-License-Identifier: GPL-3.0-or-later
// TensorFlow's second format: its own files, written back byte for byte, and damaged and hostile ones.
#include "engine/base/crc32c.h"
#include "engine/formats/open.h"
#include "engine/formats/tensorflow/bundle_entry.h"
#include "engine/formats/tensorflow/bundle_writer.h"
#include "engine/formats/tensorflow/table.h"
#include "engine/formats/tensorflow/table_writer.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::checkpoint;
using namespace wr::formats;

class TestTensorflowBundle : public QObject {
    Q_OBJECT
private slots:
    void init();
    void sliceKeys_data();
    void sliceKeys();
    void readsTensorFlowsFiles();
    void opensFromAnyMember();
    void writesTensorFlowsBytes_data();
    void writesTensorFlowsBytes();
    void everyTypeComesBack();
    void tenThousandTensors();
    void mergesPartitions();
    void badPartitions_data();
    void badPartitions();
    void everyByteFlipped();
    void everyTruncation();
    void namesWhatIsMissing();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    std::string file(const QString& name) const { return path(name).toStdString(); }
    void write(const QString& name, const QByteArray& bytes) const;
    void writePartitioned(const std::vector<TensorSlice>& declared, const std::vector<TensorSlice>& stored);
    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString fixture(const QString& name)
{
    const QString path = qEnvironmentVariable("WEIGHTROOM_DATA_DIR") + QStringLiteral("/tensorflow/") + name;
    return QFile::exists(path) ? path : QString();
}

std::string messageOf(const Result<std::shared_ptr<const CheckpointReader>>& result)
{
    return result ? std::string("opened") : result.error().message();
}

Result<Tensor> readNamed(const CheckpointReader& reader, std::string_view name)
{
    const std::ptrdiff_t index = reader.find(name);
    return index < 0 ? Result<Tensor>(fail(notFound(std::string(name))))
                     : reader.read(static_cast<std::size_t>(index));
}

} // namespace

void TestTensorflowBundle::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestTensorflowBundle::write(const QString& name, const QByteArray& bytes) const
{
    QFile file(path(name));
    file.remove();
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

void TestTensorflowBundle::sliceKeys_data()
{
    QTest::addColumn<qint64>("start");
    QTest::addColumn<QByteArray>("encoded");
    const std::pair<qint64, const char*> rows[] = {{0, "80"},
                                                   {1, "81"},
                                                   {5, "85"},
                                                   {63, "bf"},
                                                   {64, "c040"},
                                                   {-1, "7f"},
                                                   {-64, "40"},
                                                   {-65, "3fbf"},
                                                   {8191, "dfff"},
                                                   {8192, "e02000"},
                                                   {qint64{1} << 31U, "f880000000"}};
    for (const auto& [start, encoded] : rows)
        QTest::addRow("%lld", static_cast<long long>(start)) << start << QByteArray(encoded);
}

void TestTensorflowBundle::sliceKeys()
{
    QFETCH(qint64, start);
    QFETCH(QByteArray, encoded);
    const std::string key = sliceKey("foo", {{start, {}}});
    QCOMPARE(QByteArray::fromStdString(key).toHex(), "00666f6f00010101" + encoded + "7f");
    QCOMPARE(QByteArray::fromStdString(sliceKey("a", {})).toHex(), "006100010" + QByteArray("0"));
    QCOMPARE(QByteArray::fromStdString(sliceKey("w", {{0, 5}, {0, {}}})).toHex(),
             QByteArray("0077000101028085807f"));
}

void TestTensorflowBundle::readsTensorFlowsFiles()
{
    const QString snappy = fixture(QStringLiteral("mnist.index"));
    if (snappy.isEmpty())
        QSKIP("WEIGHTROOM_DATA_DIR names no folder with tensorflow/");
    const auto mnist = openAnyCheckpoint(Vfs::posix(), snappy.toStdString());
    QVERIFY2(mnist, messageOf(mnist).c_str());
    QVERIFY2((*mnist)->warnings().empty(),
             (*mnist)->warnings().empty() ? "" : (*mnist)->warnings()[0].c_str());
    QVERIFY(verifyCheckpoint(**mnist)->empty()); // every checksum
    QCOMPARE((*mnist)->formatName(), std::string("TensorFlow V2"));
    QCOMPARE(readNamed(**mnist, "global_step")->dtype(), DType::Int64);

    const auto hpt = openAnyCheckpoint(Vfs::posix(), fixture(QStringLiteral("hpt.index")).toStdString());
    QVERIFY2(hpt, messageOf(hpt).c_str());
    QCOMPARE(readNamed(**hpt, "a")->valueAt(0), 0.5);
    QCOMPARE(readNamed(**hpt, "b")->valueAt(0), 2.0);

    const auto foo = openAnyCheckpoint(Vfs::posix(), fixture(QStringLiteral("foo.index")).toStdString());
    QVERIFY2(foo, messageOf(foo).c_str());
    QCOMPARE((*foo)->tensors().size(), 1U);
    QCOMPARE(readNamed(**foo, "floats")->shape(), (Shape{2, 3}));
    QVERIFY((*foo)->metadata().contains("tensorflow.other.strs"));
    QCOMPARE((*foo)->metadata().at("tensorflow.other.string_tensor"), std::string("string [1], 5 bytes"));
}

void TestTensorflowBundle::opensFromAnyMember()
{
    std::vector<NamedTensor> tensors = smallTensors();
    QVERIFY(saveCheckpoint(Vfs::posix(), file("a.wrck"), tensors, {}, {}));
    const auto source = *openAnyCheckpoint(Vfs::posix(), file("a.wrck"));
    QVERIFY(QDir(m_folder->path()).mkpath("ckpt/variables"));
    QVERIFY(writeBundle(Vfs::posix(), *source, file("ckpt/model[1]*-7")));
    QVERIFY(writeBundle(Vfs::posix(), *source, file("ckpt/variables/variables")));
    QVERIFY(QDir(m_folder->path()).mkpath("saved/variables"));
    QVERIFY(writeBundle(Vfs::posix(), *source, file("saved/variables/variables")));
    QVERIFY(QDir(m_folder->path()).mkpath("one"));
    QVERIFY(writeBundle(Vfs::posix(), *source, file("one/x")));
    write("ckpt/checkpoint",
          "model_checkpoint_path: \"/gone/model[1]*-7\"\nall_model_checkpoint_paths: \"x\"\n");
    for (const char* name : {"ckpt/model[1]*-7", "ckpt/model[1]*-7.index", "ckpt/checkpoint", "ckpt", "saved",
                             "ckpt/model[1]*-7.data-00000-of-00001", "one"}) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), file(name));
        QVERIFY2(reader, (std::string(name) + ": " + messageOf(reader)).c_str());
        QCOMPARE((*reader)->tensors().size(), tensors.size());
    }
    QCOMPARE((*openAnyCheckpoint(Vfs::posix(), file("a.wrck")))->formatName(), std::string("WR1 compact"));
}

void TestTensorflowBundle::writesTensorFlowsBytes_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isIndexPlain");
    QTest::newRow("half plus two") << "hpt" << true;
    QTest::newRow("bundle checkpoint") << "bc" << true;
    QTest::newRow("index in snappy") << "mnist" << false;
}

void TestTensorflowBundle::writesTensorFlowsBytes()
{
    QFETCH(QString, name);
    QFETCH(bool, isIndexPlain);
    const QString index = fixture(name + ".index");
    if (index.isEmpty())
        QSKIP("WEIGHTROOM_DATA_DIR names no folder with tensorflow/");
    const auto reader = openAnyCheckpoint(Vfs::posix(), index.toStdString());
    QVERIFY2(reader, messageOf(reader).c_str());
    const auto report = writeBundle(Vfs::posix(), **reader, file("again"));
    QVERIFY2(report, report ? "" : report.error().message().c_str());
    QCOMPARE(bytesOf(path("again.data-00000-of-00001")), bytesOf(fixture(name + ".data-00000-of-00001")));
    if (isIndexPlain)
        QCOMPARE(bytesOf(path("again.index")), bytesOf(index));
    QCOMPARE(writeBundle(Vfs::posix(), **reader, file("again")).error().code(), StatusCode::AlreadyExists);
}

void TestTensorflowBundle::everyTypeComesBack()
{
    const std::vector<NamedTensor> tensors = smallTensors();
    QVERIFY(saveCheckpoint(Vfs::posix(), file("a.wrck"), tensors, {}, {}));
    QVERIFY(writeBundle(Vfs::posix(), **openAnyCheckpoint(Vfs::posix(), file("a.wrck")), file("b")));
    const auto reader = openAnyCheckpoint(Vfs::posix(), file("b"));
    QVERIFY2(reader, messageOf(reader).c_str());
    QCOMPARE((*reader)->tensors().size(), tensors.size());
    for (const NamedTensor& tensor : tensors) {
        const Result<Tensor> read = readNamed(**reader, tensor.name);
        QVERIFY2(read, tensor.name.c_str());
        QVERIFY2(sameBytes(*read, tensor.tensor), tensor.name.c_str());
    }
}

void TestTensorflowBundle::tenThousandTensors()
{
    std::vector<NamedTensor> tensors;
    for (int i = 0; i < 10'000; ++i)
        tensors.push_back({"a/rather/long/path/of/scopes/layer_" + std::to_string(i) + "/kernel",
                           Tensor::scalar(static_cast<float>(i))});
    SaveOptions options;
    options.profile = Profile::Stored;
    QVERIFY(saveCheckpoint(Vfs::posix(), file("a.wrck"), tensors, {}, options));
    QVERIFY(writeBundle(Vfs::posix(), **openAnyCheckpoint(Vfs::posix(), file("a.wrck")), file("b")));
    const auto reader = openAnyCheckpoint(Vfs::posix(), file("b"));
    QVERIFY2(reader, messageOf(reader).c_str());
    QCOMPARE((*reader)->tensors().size(), tensors.size());
    for (const NamedTensor& tensor : tensors)
        QVERIFY(sameBytes(*readNamed(**reader, tensor.name), tensor.tensor));
    QBENCHMARK_ONCE
    {
        QVERIFY(openAnyCheckpoint(Vfs::posix(), file("b")));
    }
}

/// "w" of 4 x 6 float32 with the values 0, 1, 2, …, cut into the slices.
void TestTensorflowBundle::writePartitioned(const std::vector<TensorSlice>& declared,
                                            const std::vector<TensorSlice>& stored)
{
    QByteArray data;
    std::map<std::string, std::string> entries;
    const auto message = [](std::string& to, char tag, const std::string& inner) {
        to.push_back(tag);
        to.push_back(static_cast<char>(inner.size()));
        to += inner;
    };
    BundleEntry parent;
    parent.type = 1;
    parent.shape = Shape{4, 6};
    std::string bytes = encodeBundleEntry(parent);
    for (const TensorSlice& slice : declared) {
        std::string text;
        for (const SliceExtent& extent : slice) {
            std::string inner{'\x08', static_cast<char>(extent.start)};
            if (extent.length)
                inner += {'\x10', static_cast<char>(*extent.length)};
            message(text, '\x0A', inner);
        }
        message(bytes, '\x3A', text);
    }
    entries["w"] = bytes;
    for (const TensorSlice& slice : stored) {
        BundleEntry entry;
        entry.type = 1;
        entry.offset = static_cast<std::uint64_t>(data.size());
        const std::int64_t rows = slice[0].length.value_or(4);
        const std::int64_t columns = slice[1].length.value_or(6);
        entry.shape = Shape{rows, columns};
        QByteArray part;
        for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t c = 0; c < columns; ++c) {
                const auto value = static_cast<float>((slice[0].start + r) * 6 + slice[1].start + c);
                part.append(reinterpret_cast<const char*>(&value), 4);
            }
        }
        entry.size = static_cast<std::uint64_t>(part.size());
        entry.checksum = maskedChecksum(crc32c(std::as_bytes(std::span(part.constData(), entry.size))));
        data += part;
        entries[sliceKey("w", slice)] = encodeBundleEntry(entry);
    }
    TableWriter table;
    table.add("", encodeBundleHeader());
    for (const auto& [key, value] : entries)
        table.add(key, value);
    write("p.index", QByteArray::fromStdString(table.finish()));
    write("p.data-00000-of-00001", data);
}

void TestTensorflowBundle::mergesPartitions()
{
    const std::vector<std::vector<TensorSlice>> cuts = {
        {{{0, 3}, {0, 6}}, {{3, 1}, {0, 6}}},
        {{{0, 4}, {0, 2}}, {{0, {}}, {2, 4}}},
        {{{0, 2}, {0, 3}}, {{0, 2}, {3, 3}}, {{2, 2}, {0, 1}}, {{2, 2}, {1, 5}}},
        {{{0, {}}, {0, {}}}}};
    for (const std::vector<TensorSlice>& slices : cuts) {
        writePartitioned(slices, slices);
        const auto reader = openAnyCheckpoint(Vfs::posix(), file("p"));
        QVERIFY2(reader, messageOf(reader).c_str());
        QCOMPARE((*reader)->tensors().size(), 1U);
        const Result<Tensor> whole = (*reader)->read(0);
        QVERIFY2(whole, whole ? "" : whole.error().message().c_str());
        for (int i = 0; i < 24; ++i)
            QCOMPARE(whole->valueAt(i), static_cast<double>(i));
        for (std::size_t at = 0; at < 96; ++at) {
            for (std::size_t size = 1; at + size <= 96; size += 5) {
                std::vector<std::byte> part(size);
                QVERIFY((*reader)->readPart(0, at, part).isOk());
                QVERIFY(std::equal(part.begin(), part.end(),
                                   whole->bytes().begin() + static_cast<std::ptrdiff_t>(at)));
            }
        }
    }
}

void TestTensorflowBundle::badPartitions_data()
{
    using Slices = std::vector<TensorSlice>;
    QTest::addColumn<Slices>("declared");
    QTest::addColumn<Slices>("stored");
    QTest::addColumn<QString>("complaint");
    const TensorSlice top{{0, 2}, {0, 6}};
    const TensorSlice bottom{{2, 2}, {0, 6}};
    QTest::newRow("gap") << Slices{top} << Slices{top} << "do not fill";
    QTest::newRow("overlap") << Slices{top, {{1, 3}, {0, 6}}} << Slices{top, {{1, 3}, {0, 6}}} << "over each";
    QTest::newRow("missing") << Slices{top, bottom} << Slices{top} << "missing";
    QTest::newRow("outside") << Slices{top, {{2, 3}, {0, 6}}} << Slices{top} << "outside";
    QTest::newRow("rank") << Slices{{{0, 4}}} << Slices{} << "dimensions";
    QTest::newRow("twice") << Slices{top, top} << Slices{top} << "over each";
}

void TestTensorflowBundle::badPartitions()
{
    QFETCH(std::vector<TensorSlice>, declared);
    QFETCH(std::vector<TensorSlice>, stored);
    QFETCH(QString, complaint);
    writePartitioned(declared, stored);
    const auto reader = openAnyCheckpoint(Vfs::posix(), file("p"));
    QVERIFY2(QString::fromStdString(messageOf(reader)).contains(complaint), messageOf(reader).c_str());
}

void TestTensorflowBundle::everyByteFlipped()
{
    writePartitioned({{{0, 3}, {0, 6}}, {{3, 1}, {0, 6}}}, {{{0, 3}, {0, 6}}, {{3, 1}, {0, 6}}});
    const Tensor whole = *(*openAnyCheckpoint(Vfs::posix(), file("p")))->read(0);
    for (const char* name : {"p.index", "p.data-00000-of-00001"}) {
        const QByteArray bytes = bytesOf(path(name));
        for (qsizetype at = 0; at < bytes.size(); ++at) {
            for (const int mask : {0xFF, 0x01, 0x80}) {
                QByteArray bad = bytes;
                bad[at] = static_cast<char>(bad[at] ^ mask);
                write(name, bad);
                const auto reader = openAnyCheckpoint(Vfs::posix(), file("p"));
                if (!reader) {
                    QVERIFY(!reader.error().message().empty());
                    continue;
                }
                const Result<Tensor> read = readNamed(**reader, "w");
                QVERIFY2(!read || sameBytes(*read, whole), qPrintable(QString::number(at)));
            }
        }
        write(name, bytes);
    }
}

void TestTensorflowBundle::everyTruncation()
{
    writePartitioned({{{0, 4}, {0, 6}}}, {{{0, 4}, {0, 6}}});
    for (const char* name : {"p.index", "p.data-00000-of-00001"}) {
        const QByteArray bytes = bytesOf(path(name));
        for (qsizetype size = 0; size < bytes.size(); ++size) {
            write(name, bytes.left(size));
            const auto reader = openAnyCheckpoint(Vfs::posix(), file("p"));
            QVERIFY(!reader || (!(*reader)->warnings().empty() && !(*reader)->read(0)));
        }
        write(name, bytes);
    }
}

void TestTensorflowBundle::namesWhatIsMissing()
{
    writePartitioned({{{0, 4}, {0, 6}}}, {{{0, 4}, {0, 6}}});
    const QByteArray index = bytesOf(path("p.index"));
    const QByteArray data = bytesOf(path("p.data-00000-of-00001"));
    write("p.data-00000-of-00001", data.left(60));
    const auto half = openAnyCheckpoint(Vfs::posix(), file("p"));
    QVERIFY2(half, messageOf(half).c_str());
    QCOMPARE((*half)->warnings()[0],
             std::string("p.data-00000-of-00001: 60 of 96 bytes (60 %) are there: a copy or a "
                         "download that stopped; fetch it again"));
    QVERIFY(QFile::remove(path("p.data-00000-of-00001")));
    const auto alone = openAnyCheckpoint(Vfs::posix(), file("p.index"));
    QVERIFY2(alone, messageOf(alone).c_str());
    QCOMPARE((*alone)->tensors().size(), 1U);
    QVERIFY((*alone)->warnings()[0].find("is missing") != std::string::npos);
    QCOMPARE((*alone)->read(0).error().code(), StatusCode::NotFound);

    write("q.data-00000-of-00001", data);
    const auto values = openAnyCheckpoint(Vfs::posix(), file("q.data-00000-of-00001"));
    QVERIFY2(messageOf(values).find("put q.index beside them") != std::string::npos,
             messageOf(values).c_str());
    write("renamed", index);
    QVERIFY(messageOf(openAnyCheckpoint(Vfs::posix(), file("renamed"))).find("another name") !=
            std::string::npos);
    write("checkpoint", "model_checkpoint_path: \"../../etc/passwd\"\n");
    const auto state = openAnyCheckpoint(Vfs::posix(), file("checkpoint"));
    QVERIFY2(messageOf(state).find("not in its folder") != std::string::npos, messageOf(state).c_str());
    QCOMPARE(openAnyCheckpoint(Vfs::posix(), file("nothing")).error().code(), StatusCode::NotFound);
    write("page", "<!DOCTYPE html><html>404</html>");
    QVERIFY(messageOf(openAnyCheckpoint(Vfs::posix(), file("page"))).find("web page") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestTensorflowBundle)
#include "tst_tensorflow_bundle.moc"
