// SPDX-License-Identifier: GPL-3.0-or-later
// PyTorch's files as Python's own pickle writes them (samples/make_pytorch.py), hostile pickles, damage.
#include "engine/formats/open.h"
#include "engine/formats/pytorch/pickle.h"
#include "engine/formats/pytorch/state_walk.h"
#include "tests/formats/sample_files.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::checkpoint;
using namespace wr::formats;

class TestPytorch : public QObject {
    Q_OBJECT
private slots:
    void readsFiles_data();
    void readsFiles();
    void attackIsOnlyNamed();
    void hostilePickles_data();
    void hostilePickles();
    void graphsWithoutEnd();
    void everyByteFlipped();
    void everyTruncation();
    void pickleBytesFlipped();

private:
    std::string write(const QByteArray& bytes) const { return writeFile(m_folder, bytes); }
    QTemporaryDir m_folder;
};

namespace {

Result<Pickle> read(const QByteArray& bytes)
{
    return readPickle(
        {reinterpret_cast<const std::byte*>(bytes.data()), static_cast<std::size_t>(bytes.size())});
}

QByteArray describing(const QByteArray& storage, const QByteArray& rest)
{
    return "(ctorch._utils\n_rebuild_tensor_v2\n((" + storage + "tQ" + rest + "tRd.";
}

} // namespace

void TestPytorch::readsFiles_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("protocol 2") << "pytorch_2.pt";
    QTest::newRow("protocol 4") << "pytorch_4.pt";
    QTest::newRow("deflated") << "pytorch_deflated.pt";
}

void TestPytorch::readsFiles()
{
    QFETCH(QString, name);
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample(name).toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE((*reader)->formatName(), std::string("PyTorch"));
    QVERIFY2((*reader)->warnings().empty(),
             (*reader)->warnings().empty() ? "" : (*reader)->warnings()[0].c_str());
    const std::map<std::string, std::pair<TensorSpec, std::function<double(int)>>> expected = {
        {"model.kernel", {{"", DType::Float32, Shape{4, 6}}, [](int i) { return i; }}},
        {"model.turned", {{"", DType::Float32, Shape{6, 4}}, [](int i) { return i % 4 * 6 + i / 4; }}},
        {"model.row", {{"", DType::Float32, Shape{6}}, [](int i) { return 6 + i; }}},
        {"model.half", {{"", DType::Float16, Shape{2, 3}}, [](int i) { return i; }}},
        {"model.again", {{"", DType::Float16, Shape{2, 3}}, [](int i) { return i; }}},
        {"optimizer.state.0.step", {{"", DType::Int64, Shape{}}, [](int) { return 7; }}}};
    QCOMPARE((*reader)->tensors().size(), expected.size());
    for (const auto& [tensorName, want] : expected) {
        const std::ptrdiff_t index = (*reader)->find(tensorName);
        QVERIFY2(index >= 0, tensorName.c_str());
        const Result<Tensor> tensor = (*reader)->read(static_cast<std::size_t>(index));
        QVERIFY2(tensor, tensor ? "" : tensor.error().message().c_str());
        QCOMPARE(tensor->dtype(), want.first.dtype);
        QCOMPARE(tensor->shape(), want.first.shape);
        for (int i = 0; i < tensor->elementCount(); ++i)
            QCOMPARE(tensor->valueAt(i), want.second(i));
        std::vector<std::byte> part(tensor->byteSize() - 1);
        QVERIFY((*reader)->readPart(static_cast<std::size_t>(index), 1, part).isOk());
        QVERIFY(std::equal(part.begin(), part.end(), tensor->bytes().begin() + 1));
    }
    QCOMPARE((*reader)->metadata().at("epoch"), std::string("3"));
    QCOMPARE((*reader)->metadata().at("note"), std::string("hello"));
    QCOMPARE((*reader)->metadata().at("pytorch.storage.model.row"), std::string("0"));
}

void TestPytorch::attackIsOnlyNamed()
{
    QFile::remove("/tmp/called");
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample("pytorch_attack.pt").toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE((*reader)->tensors().size(), 5U);
    QCOMPARE((*reader)->warnings().size(), 1U);
    QVERIFY((*reader)->warnings()[0].find("posix system") != std::string::npos);
    QVERIFY(!QFile::exists("/tmp/called"));
}

void TestPytorch::hostilePickles_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("complaint"); // of the pickle, or of the walk
    const QByteArray storage = "Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI4\n";
    QTest::newRow("good") << describing(storage, "I0\n(I4\nt(I1\nt") << "";
    QTest::newRow("past its storage") << describing(storage, "I0\n(I5\nt(I1\nt") << "more elements";
    QTest::newRow("offset") << describing(storage, "I1\n(I4\nt(I1\nt") << "outside";
    QTest::newRow("strides") << describing(storage, "I0\n(I2\nt(I9223372036854775807\nt") << "outside";
    QTest::newRow("negative stride") << describing(storage, "I3\n(I2\nt(I-1\nt") << "cannot be read";
    QTest::newRow("huge") << describing(storage, "I0\n(I4611686018427387904\nI4\nt(I0\nI0\nt")
                          << "more elements";
    QTest::newRow("repeated") << describing(storage, "I0\n(I1000000\nt(I0\nt") << "more elements";
    QTest::newRow("no type") << describing("Vstorage\ncos\nsystem\nV0\nVcpu\nI4\n", "I0\n(I4\nt(I1\nt")
                             << "type";
    QTest::newRow("no storage") << QByteArray("ctorch._utils\n_rebuild_tensor_v2\n(I1\nI2\ntR.")
                                << "description";
    QTest::newRow("no arguments") << QByteArray("ctorch._utils\n_rebuild_tensor_v2\nI1\nR.") << "description";
    QTest::newRow("empty") << QByteArray() << "cut off";
    QTest::newRow("stop alone") << QByteArray(".") << "stack is empty";
    QTest::newRow("no end") << QByteArray("(I1\nt") << "cut off";
    QTest::newRow("no mark") << QByteArray("t.") << "no mark";
    QTest::newRow("below the mark") << QByteArray("I1\n(0.") << "stack is empty";
    QTest::newRow("memo") << QByteArray("h\x05.") << "never stored";
    QTest::newRow("text of 4 GiB") << QByteArray("X\xFF\xFF\xFF\xFF.") << "longer";
    QTest::newRow("number of 4 GiB") << QByteArray("\x8B\xFF\xFF\xFF\x7F.") << "longer";
    QTest::newRow("pairs into a number") << QByteArray("I1\nI2\nI3\ns.") << "holds nothing";
    QTest::newRow("elements into a dict") << QByteArray("}I1\na.") << "holds nothing";
    QTest::newRow("call of a number") << QByteArray("I1\n)R.") << "no function";
    QTest::newRow("state of a number") << QByteArray("I1\nI2\nb.") << "has none";
    QTest::newRow("extension") << QByteArray("\x82\x01.") << "unknown instruction";
}

void TestPytorch::hostilePickles()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, complaint);
    if (bytes.startsWith("(ctorch"))
        bytes.insert(1, "Vw\n");
    const Result<Pickle> pickle = read(bytes);
    QString said = pickle ? QString() : QString::fromStdString(pickle.error().message());
    if (pickle) {
        const FoundState state = findState(*pickle);
        for (const std::string& warning : state.warnings)
            said += QString::fromStdString(warning) + "\n";
        QCOMPARE(state.tensors.empty(), !complaint.isEmpty());
    }
    QVERIFY2(complaint.isEmpty() ? said.isEmpty() : said.contains(complaint), qPrintable(said));
}

// Small pickles that stand for endless or enormous objects, or for deep ones.
void TestPytorch::graphsWithoutEnd()
{
    QElapsedTimer timer;
    timer.start();
    const Result<Pickle> circle = read("]q\x01h\x01"
                                       "a.");
    QVERIFY(circle);
    QVERIFY(findState(*circle).tensors.empty());
    QByteArray leaves = "]";
    for (int i = 0; i < 60; ++i)
        leaves += "2\x86"; // a pair of the same, sixty times
    QVERIFY(findState(*read(leaves + ".")).tensors.empty());
    const QByteArray deep = QByteArray(200'000, ']') + QByteArray(199'999, 'a') + ".";
    const Result<Pickle> nested = read(deep);
    QVERIFY2(nested, nested ? "" : nested.error().message().c_str());
    QVERIFY(findState(*nested).tensors.empty());
    QVERIFY(!read(QByteArray(2'000'000, '('))); // marks
    QVERIFY(!read(QByteArray(5'000'000, 'N')));
    QVERIFY(timer.elapsed() < 20'000);
}

void TestPytorch::everyByteFlipped()
{
    const QByteArray whole = bytesOf(sample("pytorch_2.pt"));
    for (qsizetype at = 0; at < whole.size(); ++at) {
        QByteArray bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ (at % 2 == 0 ? 0xFF : 0x01));
        const auto reader = openAnyCheckpoint(Vfs::posix(), write(bad));
        for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i)
            static_cast<void>((*reader)->read(i));
    }
}

void TestPytorch::everyTruncation()
{
    const QByteArray whole = bytesOf(sample("pytorch_2.pt"));
    for (qsizetype size = 0; size < whole.size(); ++size)
        QVERIFY(!openAnyCheckpoint(Vfs::posix(), write(whole.left(size))));
}

// Behind the archive's checksum, as a hostile file would have it.
void TestPytorch::pickleBytesFlipped()
{
    const QByteArray whole = bytesOf(sample("pytorch_2.pt"));
    const qsizetype begin = whole.indexOf("\x80\x02");
    const QByteArray pickle = whole.mid(begin, whole.indexOf("PK\x03\x04", begin) - begin);
    QVERIFY(read(pickle));
    for (qsizetype at = 0; at < pickle.size(); ++at) {
        for (int value = 0; value < 256; value += 5) {
            QByteArray bad = pickle;
            bad[at] = static_cast<char>(bad[at] ^ value);
            const Result<Pickle> result = read(bad);
            if (!result)
                continue;
            for (const FoundTensor& tensor : findState(*result).tensors)
                QVERIFY(tensor.offset + tensor.extent <= tensor.elements);
        }
        QVERIFY(!read(pickle.left(at)));
    }
}

QTEST_GUILESS_MAIN(TestPytorch)
#include "tst_pytorch.moc"
