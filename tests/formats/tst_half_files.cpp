// SPDX-License-Identifier: GPL-3.0-or-later
// Half files are called by their right name, with what to do: pointers, servers' answers, copies that
// stopped, values without an index, an index of other values.
#include "engine/formats/half_file.h"

#include "engine/formats/open.h"
#include "engine/formats/write.h"
#include "tests/formats/sample_files.h"

#include <QTest>

using namespace wr;
using namespace wr::formats;

class TestHalfFiles : public QObject {
    Q_OBJECT
private slots:
    void init();
    void standIns_data();
    void standIns();
    void tellHowMuchIsThere_data();
    void tellHowMuchIsThere();
    void pointerInPlaceOfValues();
    void indexOfOtherValues();
    void oddFilesAreNotDamaged();
    void cutFilesAre();
    void changedValuesAreFound_data();
    void changedValuesAreFound();

private:
    std::string path(const QString& name) const { return m_folder->filePath(name).toStdString(); }
    void write(const QString& name, const QByteArray& contents) const
    {
        QFile file(m_folder->filePath(name));
        file.remove();
        if (!file.open(QIODevice::WriteOnly) || file.write(contents) != contents.size())
            qFatal("cannot write");
    }
    QByteArray bytes(const QString& name) const { return bytesOf(m_folder->filePath(name)); }
    /// Two tensors of 40,000 bytes each, in the format that the name asks for.
    void writeModel(const QString& name, float first = 0) const
    {
        std::vector<float> values(10'000);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = first + static_cast<float>(i);
        const std::string source = path("source.wrck");
        const auto saved =
            checkpoint::saveCheckpoint(Vfs::posix(), source,
                                       std::vector<NamedTensor>{{"a", Tensor::of(values, {10'000})},
                                                                {"b", Tensor::of(values, {100, 100})}},
                                       {}, {checkpoint::Profile::Compact, true, 1, {}, {}});
        const auto reader = checkpoint::openCheckpoint(Vfs::posix(), source);
        if (!saved || !writeAnyCheckpoint(Vfs::posix(), **reader, path(name), {}))
            qFatal("cannot write a checkpoint");
        QFile::remove(QString::fromStdString(source));
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHalfFiles::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestHalfFiles::standIns_data()
{
    QTest::addColumn<QByteArray>("contents");
    QTest::addColumn<QString>("sentence");
    const QByteArray pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 548118077\n";
    QTest::newRow("pointer") << pointer << "git lfs pull";
    QTest::newRow("page") << QByteArray("\n<!DOCTYPE html><html><body>Not found</body></html>") << "web page";
    QTest::newRow("page with a comment") << QByteArray("<!-- x --><HTML>") << "web page";
    QTest::newRow("XML") << QByteArray("<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>")
                         << "AccessDenied";
    QTest::newRow("JSON answer") << QByteArray(R"({"error":"Repository not found"})")
                                 << "Repository not found";
    QTest::newRow("JSON") << QByteArray(R"({"model_type":"llama","layers":32})") << "holds no weights";
    QTest::newRow("words") << QByteArray("Entry not found") << "says \"Entry not found\"";
    QTest::newRow("long text") << QByteArray("words\n").repeated(200) << "a text file, not a checkpoint";
    QTest::newRow("spaces") << QByteArray(40, ' ') << "nothing but spaces";
    QTest::newRow("empty") << QByteArray() << "never began";
    QTest::newRow("zeros") << QByteArray(100'000, '\0') << "reserved its place";
    QTest::newRow("tar") << QByteArray("a").leftJustified(257, '\0') + "ustar" + QByteArray(400, '\0')
                         << "tar archive";
    QTest::newRow("7z") << QByteArray("7z\xBC\xAF\x27\x1C\x00\x04", 8) + QByteArray(90, 'x')
                        << "packed archive";
}

void TestHalfFiles::standIns()
{
    QFETCH(QByteArray, contents);
    QFETCH(QString, sentence);
    for (const char* name : {"model.safetensors", "model.pt", "model.h5", "x"}) {
        write(name, contents);
        const auto reader = openAnyCheckpoint(Vfs::posix(), path(name));
        QVERIFY(!reader && reader.error().code() == StatusCode::InvalidArgument);
        QVERIFY2(QString::fromStdString(reader.error().message()).contains(sentence),
                 reader.error().message().c_str());
    }
}

void TestHalfFiles::tellHowMuchIsThere_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("safetensors") << "model.safetensors";
    QTest::newRow("TensorFlow") << "model.index";
    QTest::newRow("GGUF") << "";
}

void TestHalfFiles::tellHowMuchIsThere()
{
    QFETCH(QString, name);
    QString data = name;
    if (name.isEmpty()) {
        name = data = "model.gguf";
        write(name, bytesOf(sample("gguf_types.gguf")));
    } else {
        writeModel(name);
        data = name == "model.index" ? "model.data-00000-of-00001" : name;
    }
    const QByteArray whole = bytes(data);
    write(data, whole.left(whole.size() * 3 / 4));
    const auto reader = openAnyCheckpoint(Vfs::posix(), path(name));
    const QString said =
        QString::fromStdString(reader ? (*reader)->losses().front() : reader.error().message());
    static const QRegularExpression sentence(
        "\\d+ of \\d+ bytes \\(7[45] %\\) are there: a copy or a download "
        "that stopped; fetch it again");
    QVERIFY2(said.contains(sentence), qPrintable(said));
    if (!name.endsWith("safetensors"))
        return;
    write(data, whole.left(40)); // in the list
    const auto less = openAnyCheckpoint(Vfs::posix(), path(name));
    QVERIFY2(!less && less.error().message().find("ends inside its list of tensors") != std::string::npos,
             less ? "opened" : less.error().message().c_str());
    write(data, whole + "more");
    const auto more = openAnyCheckpoint(Vfs::posix(), path(name));
    QVERIFY(!more && more.error().message().find("stopped") == std::string::npos);
}

void TestHalfFiles::pointerInPlaceOfValues()
{
    writeModel("model.index");
    write("model.data-00000-of-00001",
          "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 8\n");
    const auto reader = openAnyCheckpoint(Vfs::posix(), path("model"));
    QVERIFY(reader);
    QVERIFY((*reader)->losses().front().find("git lfs pull") != std::string::npos);
    const auto read = (*reader)->read(0);
    QVERIFY(!read && read.error().code() == StatusCode::DataLoss);
    writeModel("part-00001-of-00002.safetensors");
    write("part-00002-of-00002.safetensors", "version https://git-lfs.github.com/spec/v1\n");
    write("part.safetensors.index.json",
          R"({"weight_map":{"a":"part-00001-of-00002.safetensors","c":"part-00002-of-00002.safetensors"}})");
    const auto parts = openAnyCheckpoint(Vfs::posix(), path("part.safetensors.index.json"));
    QVERIFY2(!parts && parts.error().message().find("git lfs pull") != std::string::npos,
             parts ? "opened" : parts.error().message().c_str());
}

void TestHalfFiles::indexOfOtherValues()
{
    writeModel("one.index");
    writeModel("two.index", 5);
    // Of the same shapes: every value has a checksum.
    QVERIFY(QFile::remove(m_folder->filePath("one.data-00000-of-00001")));
    QVERIFY(QFile::copy(m_folder->filePath("two.data-00000-of-00001"),
                        m_folder->filePath("one.data-00000-of-00001")));
    const auto reader = openAnyCheckpoint(Vfs::posix(), path("one"));
    QVERIFY(reader && (*reader)->warnings().empty());
    const auto read = (*reader)->read(0);
    QVERIFY(!read && read.error().message().find("checksum") != std::string::npos);
    // Of others: told when it is opened.
    write("one.data-00000-of-00001", bytes("two.data-00000-of-00001") + QByteArray(1000, 'x'));
    const auto longer = openAnyCheckpoint(Vfs::posix(), path("one"));
    QVERIFY(longer && longer.value()->warnings().front().find("of two checkpoints") != std::string::npos);
    QVERIFY(QFile::remove(m_folder->filePath("two.index")));
    const auto alone = openAnyCheckpoint(Vfs::posix(), path("two.data-00000-of-00001"));
    QVERIFY(!alone && alone.error().message().find("put two.index beside") != std::string::npos);
}

void TestHalfFiles::oddFilesAreNotDamaged()
{
    for (const char* name : {"numpy_stored.npz", "pytorch_attack.pt", "pytorch_old.pt"}) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), sample(name).toStdString());
        QVERIFY(reader && !(*reader)->warnings().empty());
        QVERIFY((*reader)->losses().empty());
        const auto damage = checkpoint::verifyCheckpoint(**reader);
        QVERIFY(damage && damage->empty());
    }
}

void TestHalfFiles::cutFilesAre()
{
    writeModel("model.index");
    const QByteArray whole = bytes("model.data-00000-of-00001");
    write("model.data-00000-of-00001", whole.left(50'000));
    const auto reader = openAnyCheckpoint(Vfs::posix(), path("model"));
    const auto damage = checkpoint::verifyCheckpoint(**reader);
    QVERIFY(damage);
    QCOMPARE(damage->size(), std::size_t{2}); // the file, and the second tensor
    const auto forecast = forecastWrite(**reader, path("x.pt"), {});
    QVERIFY(forecast->notes.front().find("not all") != std::string::npos);
}

void TestHalfFiles::changedValuesAreFound_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("NumPy") << "model.npz";
    QTest::newRow("PyTorch") << "model.pt";
    QTest::newRow("TensorFlow") << "model.index";
}

// Also where a tensor is read part by part, if it is read from its beginning to its end.
void TestHalfFiles::changedValuesAreFound()
{
    QFETCH(QString, name);
    writeModel(name);
    const QString data = name == "model.index" ? "model.data-00000-of-00001" : name;
    QByteArray bad = bytes(data);
    bad[bad.size() / 2 + 3000] = static_cast<char>(bad[bad.size() / 2 + 3000] ^ 1);
    write(data, bad);
    const auto reader = openAnyCheckpoint(Vfs::posix(), path(name));
    QVERIFY(reader);
    const auto read = (*reader)->read(1);
    QVERIFY(!read && read.error().code() == StatusCode::DataLoss);
    QVERIFY((*reader)->read(0));
    if (name == "model.index") // has its checksums elsewhere
        return;
    std::vector<std::byte> half(20'000);
    QVERIFY((*reader)->readPart(1, 0, half).isOk());
    QVERIFY(!(*reader)->readPart(1, 20'000, half).isOk());
    QVERIFY((*reader)->readPart(1, 20'000, half).isOk()); // alone it cannot be told
    // Nobody computed these.
    QByteArray without = bytes(data);
    for (qsizetype at = without.indexOf("PK\x01\x02"); at >= 0; at = without.indexOf("PK\x01\x02", at + 1))
        without.replace(at + 16, 4, QByteArray(4, '\0'));
    write(data, without);
    QVERIFY((*openAnyCheckpoint(Vfs::posix(), path(name)))->read(1));
}

QTEST_GUILESS_MAIN(TestHalfFiles)
#include "tst_half_files.moc"
