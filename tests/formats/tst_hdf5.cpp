// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files through the confined process: every type, packed and large datasets, what leads to other files,
// damaged files, and what the process may not do.
#include "engine/formats/hdf5/hdf5_reader.h"

#include "engine/formats/open.h"
#include "tests/formats/sample_files.h"

#include <QProcess>
#include <QTest>

using namespace wr;
using namespace wr::formats;

class TestHdf5 : public QObject {
    Q_OBJECT
private slots:
    void readsEveryType();
    void readsAnyPart();
    void readsKerasArchives();
    void neverFollowsOtherFiles();
    void isConfined();
    void everyTruncation();
    void flippedBytes();
    void saysWhenItIsNotInstalled();

private:
    static double at(const checkpoint::CheckpointReader& reader, const std::string& name,
                     std::int64_t element)
    {
        const std::ptrdiff_t index = reader.find(name);
        const Result<Tensor> tensor =
            index < 0 ? fail(StatusCode::NotFound, name) : reader.read(static_cast<std::size_t>(index));
        return tensor ? tensor->valueAt(element) : -1e9;
    }
    static bool hasWarning(const checkpoint::CheckpointReader& reader, std::string_view text)
    {
        return std::any_of(
            reader.warnings().begin(), reader.warnings().end(),
            [&](const std::string& warning) { return warning.find(text) != std::string::npos; });
    }
    QTemporaryDir m_folder;
};

void TestHdf5::readsEveryType()
{
    const auto opened = openAnyCheckpoint(Vfs::posix(), sample("hdf5_types.h5").toStdString());
    QVERIFY2(opened, opened ? "" : opened.error().message().c_str());
    const checkpoint::CheckpointReader& reader = **opened;
    QCOMPARE(reader.formatName(), std::string("HDF5"));
    QCOMPARE(reader.metadata().at("keras_version"), std::string("3.0"));
    QVERIFY(reader.losses().empty());
    for (const DType dtype : {DType::Float16, DType::Int8, DType::Int16, DType::Int32, DType::Int64,
                              DType::UInt8, DType::UInt16, DType::UInt32, DType::UInt64}) {
        const std::string name = "types/" + std::string(dtypeName(dtype));
        const auto index = reader.find(name);
        QVERIFY2(index >= 0, name.c_str());
        const auto tensor = reader.read(static_cast<std::size_t>(index));
        QVERIFY2(tensor, tensor ? "" : tensor.error().message().c_str());
        QCOMPARE(tensor->dtype(), dtype);
        for (int i = 0; i < 24; ++i)
            QCOMPARE(tensor->valueAt(i), static_cast<double>(i));
    }
    QCOMPARE(at(reader, "types/bool", 0), 1.0);
    QCOMPARE(at(reader, "types/bool", 1), 0.0);
    QCOMPARE(at(reader, "types/bfloat16", 1), -2.0);
    QCOMPARE(at(reader, "types/scalar", 0), 2.5);
    QCOMPARE(at(reader, "layers/dense/vars/0", 23), 23.0);
    QCOMPARE(at(reader, "layers/dense/vars/1", 5), 5.0); // written the other way round
    QVERIFY(reader.find("types/none") >= 0 && reader.find("words") < 0);
    QVERIFY(reader.find("circle/packed") < 0 && hasWarning(reader, "words: its type"));
}

void TestHdf5::readsAnyPart()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample("hdf5_types.h5").toStdString());
    const auto index = static_cast<std::size_t>((*reader)->find("packed"));
    const auto whole = (*reader)->read(index);
    QVERIFY(whole);
    for (int i = 0; i < 60'000; ++i)
        QCOMPARE(whole->valueAt(i), static_cast<double>(i));
    for (const std::size_t begin : {0U, 1U, 199U, 200U, 7999U, 8000U, 100'001U, 239'999U}) {
        for (const std::size_t size : {1U, 3U, 200U, 8000U, 20'001U, 130'000U}) {
            std::vector<std::byte> part(std::min(size, whole->byteSize() - begin));
            QVERIFY((*reader)->readPart(index, begin, part).isOk());
            QVERIFY(std::equal(part.begin(), part.end(),
                               whole->bytes().begin() + static_cast<std::ptrdiff_t>(begin)));
        }
    }
}

void TestHdf5::readsKerasArchives()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample("hdf5_keras.keras").toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE(at(**reader, "layers/dense/vars/0", 3), 3.0);
}

void TestHdf5::neverFollowsOtherFiles()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample("hdf5_hostile.h5").toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE((*reader)->tensors().size(), std::size_t{1});
    QCOMPARE(at(**reader, "good", 2), 2.0);
    QVERIFY(hasWarning(**reader, "outside: its values lie in another file"));
    QVERIFY(hasWarning(**reader, "linked: a link into another file"));
    QVERIFY(hasWarning(**reader, "virtual: it is put together"));
    QVERIFY(hasWarning(**reader, "huge: it declares more values"));
    QVERIFY(hasWarning(**reader, "lzf: it is packed by a filter"));
}

void TestHdf5::isConfined()
{
    QProcess process;
    process.start(QStringLiteral(WEIGHTROOM_BIN_DIR "/weightroom-hdf5"), {"--escape", "0"});
    QVERIFY(process.waitForFinished(30'000));
    QCOMPARE(process.exitCode(), 0); // could neither open a file nor start a process
}

void TestHdf5::everyTruncation()
{
    const QByteArray whole = bytesOf(sample("hdf5_keras.keras"));
    const QByteArray inner = whole.mid(whole.indexOf("\x89HDF"));
    for (qsizetype size = 9; size < inner.size() - 400; size += 61)
        QVERIFY(!openAnyCheckpoint(Vfs::posix(), writeFile(m_folder, inner.left(size))));
}

void TestHdf5::flippedBytes()
{
    const QByteArray whole = bytesOf(sample("hdf5_hostile.h5"));
    constexpr int kSilence = 2000;
    Hdf5Process::setLongestSilence(kSilence); // one of these files makes libhdf5 run in circles
    bool fellSilent = false;
    for (qsizetype at = 8; at < whole.size(); at += 68) {
        QByteArray bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ 0xFF);
        const auto reader = openAnyCheckpoint(Vfs::posix(), writeFile(m_folder, bad));
        for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i)
            static_cast<void>((*reader)->read(i));
        fellSilent =
            fellSilent || (!reader && reader.error().message().find("fell silent") != std::string::npos);
    }
    QVERIFY(fellSilent);
}

void TestHdf5::saysWhenItIsNotInstalled()
{
    qputenv("WEIGHTROOM_HDF5_READER", "/nowhere/weightroom-hdf5");
    const auto reader = openAnyCheckpoint(Vfs::posix(), sample("hdf5_types.h5").toStdString());
    qunsetenv("WEIGHTROOM_HDF5_READER");
    QVERIFY(!reader && reader.error().message().find("reader of HDF5") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestHdf5)
#include "tst_hdf5.moc"
