// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints in several files: opened by their list, their folder or any part; what is missing, misplaced or
// leads out of the folder is told.
#include "engine/formats/sharded/shard_index.h"

#include "engine/formats/open.h"
#include "engine/formats/write.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::formats;

class TestSharded : public QObject {
    Q_OBJECT
private slots:
    void init();
    void opensByAnyFile();
    void opensWithoutList();
    void opensInTheCacheOfModels();
    void saysWhatIsMissing();
    void saysWhatDoesNotBelong();
    void neverLeavesTheFolder_data();
    void neverLeavesTheFolder();
    void hostileLists();
    void lengthsThatLookLikeBraces();
    void namesOfParts();

private:
    std::string path(const QString& name) const { return m_folder->filePath(name).toStdString(); }
    void write(const QString& name, const QByteArray& bytes) const
    {
        QFile file(m_folder->filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write");
    }
    void writePart(const QString& name, const std::vector<NamedTensor>& tensors) const
    {
        const std::string source = path("source.wrck");
        const auto saved = checkpoint::saveCheckpoint(Vfs::posix(), source, tensors, {{"format", "pt"}},
                                                      {checkpoint::Profile::Compact, true, 1, {}, {}});
        const auto reader = checkpoint::openCheckpoint(Vfs::posix(), source);
        WriteOptions options;
        options.replace = true;
        if (!saved || !writeAnyCheckpoint(Vfs::posix(), **reader, path(name), options))
            qFatal("cannot write a part");
        QFile::remove(QString::fromStdString(source));
    }
    /// Two parts; `list` is the index.
    void writeModel(const QByteArray& list = kList) const
    {
        writePart("model-00001-of-00002.safetensors",
                  {{"b", Tensor::of<float>({1, 2}, {2})}, {"d", Tensor::of<float>({7}, {1})}});
        writePart("model-00002-of-00002.safetensors", {{"a", Tensor::of<float>({3, 4, 5}, {3})}});
        if (!list.isEmpty())
            write("model.safetensors.index.json", list);
    }
    static std::string messageOf(const Result<std::shared_ptr<const checkpoint::CheckpointReader>>& result)
    {
        return result ? "opened" : result.error().message();
    }
    static constexpr const char* kList =
        R"({"metadata":{"total_size":24},"weight_map":{"a":"model-00002-of-00002.safetensors",
"b":"model-00001-of-00002.safetensors","d":"model-00001-of-00002.safetensors"}})";
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSharded::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSharded::opensByAnyFile()
{
    writeModel();
    for (const QString name : {"model.safetensors.index.json", "model-00001-of-00002.safetensors",
                               "model-00002-of-00002.safetensors", "", "."}) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), path(name));
        QVERIFY2(reader.has_value(), messageOf(reader).c_str());
        QCOMPARE((*reader)->formatName(), std::string("safetensors, 2 files"));
        std::vector<std::string> names;
        for (const checkpoint::TensorEntry& entry : (*reader)->tensors())
            names.push_back(entry.spec.name);
        QCOMPARE(names, (std::vector<std::string>{"a", "b", "d"}));
        QCOMPARE((*reader)->read(0)->valueAt(2), 5.0);
        QCOMPARE((*reader)->read(2)->valueAt(0), 7.0);
        float part = 0;
        QVERIFY((*reader)->readPart(1, 4, std::as_writable_bytes(std::span(&part, 1))).isOk());
        QCOMPARE(part, 2.0F);
        QCOMPARE((*reader)->metadata().at("total_size"), std::string("24"));
        QCOMPARE((*reader)->metadata().at("format"), std::string("pt"));
        QVERIFY((*reader)->warnings().empty());
    }
}

void TestSharded::opensWithoutList()
{
    writeModel({});
    const auto reader = openAnyCheckpoint(Vfs::posix(), path("model-00002-of-00002.safetensors"));
    QVERIFY2(reader.has_value(), messageOf(reader).c_str());
    QVERIFY((*reader)->find("a") == 0 && (*reader)->find("b") == 1);
    writePart("pytorch_model-00001-of-00001.bin", {{"p", Tensor::of<float>({1}, {1})}});
    write("pytorch_model.bin.index.json", R"({"weight_map":{"p":"pytorch_model-00001-of-00001.bin"}})");
    const auto pytorch = openAnyCheckpoint(Vfs::posix(), path("pytorch_model.bin.index.json"));
    QVERIFY2(pytorch.has_value() && (*pytorch)->find("p") == 0, messageOf(pytorch).c_str());
}

void TestSharded::opensInTheCacheOfModels()
{
    writeModel();
    QDir dir(m_folder->path());
    QVERIFY(dir.mkpath("models--x/blobs") && dir.mkpath("models--x/snapshots/abc"));
    int next = 0;
    for (const QString& name : dir.entryList(QDir::Files)) {
        const QString blob = QStringLiteral("blob%1").arg(next++);
        QVERIFY(dir.rename(name, "models--x/blobs/" + blob));
        QVERIFY(QFile::link("../../blobs/" + blob, dir.filePath("models--x/snapshots/abc/" + name)));
    }
    const auto reader = openAnyCheckpoint(Vfs::posix(), path("models--x/snapshots/abc"));
    QVERIFY2(reader.has_value() && (*reader)->find("d") == 2, messageOf(reader).c_str());
}

void TestSharded::saysWhatIsMissing()
{
    writeModel();
    QVERIFY(QFile::remove(m_folder->filePath("model-00002-of-00002.safetensors")));
    const auto list = openAnyCheckpoint(Vfs::posix(), path("model.safetensors.index.json"));
    QVERIFY(!list && list.error().code() == StatusCode::NotFound);
    QVERIFY2(messageOf(list).find("1 of its 2 files are missing; fetch model-00002-of-00002.safetensors") !=
                 std::string::npos,
             messageOf(list).c_str());
    const auto part = openAnyCheckpoint(Vfs::posix(), path("model-00001-of-00002.safetensors"));
    QVERIFY2(part.has_value() && (*part)->tensors().size() == 2, messageOf(part).c_str());
    QCOMPARE((*part)->warnings().size(), std::size_t{1});
    QVERIFY((*part)->warnings()[0].find("alone") != std::string::npos);
}

void TestSharded::saysWhatDoesNotBelong()
{
    writeModel(R"({"weight_map":{"a":"model-00002-of-00002.safetensors",
"other":"model-00001-of-00002.safetensors"}})");
    const auto list = openAnyCheckpoint(Vfs::posix(), path("model.safetensors.index.json"));
    QVERIFY2(messageOf(list).find("\"other\" should be in model-00001-of-00002.safetensors") !=
                 std::string::npos,
             messageOf(list).c_str());
    write("model.safetensors.index.json", R"({"weight_map":{"a":"model-00002-of-00002.safetensors"}})");
    const auto part = openAnyCheckpoint(Vfs::posix(), path("model-00001-of-00002.safetensors"));
    QVERIFY2(part.has_value() && !(*part)->warnings().empty(), messageOf(part).c_str());
    writePart("model-00002-of-00002.safetensors", {{"b", Tensor::of<float>({3}, {1})}});
    write("model.safetensors.index.json", kList);
    QVERIFY(messageOf(openAnyCheckpoint(Vfs::posix(), path("model.safetensors.index.json")))
                .find("\"b\" is in two files") != std::string::npos);
}

void TestSharded::neverLeavesTheFolder_data()
{
    QTest::addColumn<QString>("file");
    QTest::newRow("absolute") << "/etc/hostname";
    QTest::newRow("above") << "../outside.safetensors";
    QTest::newRow("below") << "sub/x.safetensors";
    QTest::newRow("dots") << "..";
    QTest::newRow("itself") << ".";
    QTest::newRow("nothing") << "";
    QTest::newRow("zero") << "a\\u0000b";
    QTest::newRow("a link") << "link.safetensors";
    QTest::newRow("a folder") << "folder";
}

void TestSharded::neverLeavesTheFolder()
{
    QFETCH(QString, file);
    writePart("outside.safetensors", {{"a", Tensor::of<float>({3}, {1})}});
    QDir dir(m_folder->path());
    QVERIFY(dir.mkpath("model/sub") && dir.mkpath("model/folder"));
    QVERIFY(QFile::link(dir.filePath("outside.safetensors"), dir.filePath("model/link.safetensors")));
    write("model/model.safetensors.index.json", R"({"weight_map":{"a":")" + file.toUtf8() + R"("}})");
    const auto reader = openAnyCheckpoint(Vfs::posix(), path("model/model.safetensors.index.json"));
    QVERIFY(!reader);
    QVERIFY2(reader.error().code() == StatusCode::DataLoss ||
                 reader.error().code() == StatusCode::InvalidArgument,
             messageOf(reader).c_str());
}

void TestSharded::hostileLists()
{
    for (const QByteArray list :
         {R"({"weight_map":{}})", R"({"weight_map":{"a":{"file":"x"}}})",
          R"({"weight_map":{"a":"x","a":"y"}})", R"({"weight_map":[]})", R"({"weight_map":{"a":)",
          R"({"weight_map":{"a":3}})", R"({})", "{", " { "}) {
        write("list.json", list);
        const auto reader = openAnyCheckpoint(Vfs::posix(), path("list.json"));
        QVERIFY2(!reader, list.constData());
    }
    QByteArray many = R"({"weight_map":{)";
    for (int i = 0; i < 10'002; ++i)
        many += (i > 0 ? ",\"" : "\"") + QByteArray::number(i) + "\":\"f" + QByteArray::number(i) + "\"";
    const QByteArray text = many + "}}";
    QVERIFY(
        !parseShardIndex(std::as_bytes(std::span(text.constData(), static_cast<std::size_t>(text.size())))));
    const QByteArray deep = R"({"weight_map":)" + QByteArray(100'000, '[');
    const auto parsed =
        parseShardIndex(std::as_bytes(std::span(deep.constData(), static_cast<std::size_t>(deep.size()))));
    QVERIFY(parsed && !*parsed);
}

// 123 is "{", and 31520 is " {".
void TestSharded::lengthsThatLookLikeBraces()
{
    for (const int length : {123, 31'520}) {
        QByteArray header = R"({"a":{"dtype":"U8","shape":[70000000],"data_offsets":[0,70000000]}})";
        header = header.leftJustified(length, ' ');
        QByteArray file(8, '\0');
        file[0] = static_cast<char>(length & 0xFF);
        file[1] = static_cast<char>(length >> 8);
        write("x.safetensors", file + header + QByteArray(70'000'000, 'a')); // more than any list
        const auto reader = openAnyCheckpoint(Vfs::posix(), path("x.safetensors"));
        QVERIFY2(reader && (*reader)->find("a") == 0, messageOf(reader).c_str());
    }
}

void TestSharded::namesOfParts()
{
    const auto name = parseShardName("model-00002-of-00017.safetensors");
    QVERIFY(name);
    QCOMPARE(name->number, 2U);
    QCOMPARE(name->of(17), std::string("model-00017-of-00017.safetensors"));
    QCOMPARE(name->indexName(), std::string("model.safetensors.index.json"));
    for (const char* wrong : {"model.safetensors", "model-00000-of-00002.bin", "model-00003-of-00002.bin",
                              "model-0001-of-0002.bin", "-00001-of-00002", "model-00001-of-99999.bin"})
        QVERIFY2(!parseShardName(wrong), wrong);
}

QTEST_GUILESS_MAIN(TestSharded)
#include "tst_sharded.moc"
