// SPDX-License-Identifier: GPL-3.0-or-later
// Plain safetensors files: what is written is read back to the last byte, by us and, where Python is there,
// by a reader of a few lines that knows nothing of ours; nothing is left behind by a failure.
#include "engine/formats/safetensors/safetensors_writer.h"

#include <QDir>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>

using namespace wr;

class TestSafetensorsWriter : public QObject {
    Q_OBJECT
private slots:
    void init();
    void keepsEveryByte();
    void isReadWithoutUs();
    void leavesNothingBehind();

private:
    std::string path(const char* name) const { return m_folder->filePath(QLatin1String(name)).toStdString(); }
    std::shared_ptr<const checkpoint::CheckpointReader> source() const
    {
        std::vector<float> large(300'000);
        for (std::size_t i = 0; i < large.size(); ++i)
            large[i] = static_cast<float>(i) * 0.5F;
        const std::vector<NamedTensor> tensors{{"b/large", Tensor::of(large, {300, 1000})},
                                               {"a", Tensor::of<std::int64_t>({1, -2, 3}, {3})},
                                               {"scalar", Tensor::of<double>({2.5}, {})},
                                               {"none", *Tensor::zeros(DType::Float32, {0, 4})}};
        const auto saved = checkpoint::saveCheckpoint(Vfs::posix(), path("source.wrck"), tensors,
                                                      {{"step", "7"}, {"note", "a \"b\""}}, {});
        if (!saved)
            qFatal("%s", saved.error().toString().c_str());
        return *checkpoint::openCheckpoint(Vfs::posix(), path("source.wrck"));
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSafetensorsWriter::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSafetensorsWriter::keepsEveryByte()
{
    const auto from = source();
    const auto report = formats::writeSafetensors(Vfs::posix(), *from, path("out.safetensors"), false);
    QVERIFY2(report.has_value(), report ? "" : report.error().toString().c_str());
    const auto again = checkpoint::openCheckpoint(Vfs::posix(), path("out.safetensors"));
    QVERIFY2(again.has_value(), again ? "" : again.error().toString().c_str());
    QCOMPARE((*again)->formatName(), std::string("safetensors"));
    QCOMPARE((*again)->metadata().at("note"), std::string("a \"b\""));
    QCOMPARE((*again)->tensors().size(), from->tensors().size());
    for (std::size_t i = 0; i < from->tensors().size(); ++i) {
        QCOMPARE((*again)->tensors()[i].spec, from->tensors()[i].spec);
        const Tensor a = *from->read(i);
        const Tensor b = *(*again)->read(i);
        QVERIFY(a.byteSize() == 0 || std::memcmp(a.bytes().data(), b.bytes().data(), a.byteSize()) == 0);
    }
}

void TestSafetensorsWriter::isReadWithoutUs()
{
    const QString python = QStandardPaths::findExecutable(QStringLiteral("python3"));
    if (python.isEmpty())
        QSKIP("there is no python3");
    QVERIFY(formats::writeSafetensors(Vfs::posix(), *source(), path("out.safetensors"), false));
    QProcess process;
    process.start(python, {QStringLiteral("-c"), QStringLiteral(R"(
import json, struct, sys
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
assert (8 + size) % 64 == 0
header = json.loads(data[8:8 + size])
body = data[8 + size:]
def values(name, form):
    begin, end = header[name]["data_offsets"]
    return [x[0] for x in struct.iter_unpack("<" + form, body[begin:end])]
assert header["__metadata__"]["step"] == "7"
assert header["a"] == {"dtype": "I64", "shape": [3], "data_offsets": header["a"]["data_offsets"]}
assert values("a", "q") == [1, -2, 3]
assert values("scalar", "d") == [2.5] and header["scalar"]["shape"] == []
assert values("b/large", "f") == [i * 0.5 for i in range(300000)]
assert sum(v["data_offsets"][1] - v["data_offsets"][0] for k, v in header.items() if k != "__metadata__") == len(body)
print("read")
)"),
                           m_folder->filePath(QStringLiteral("out.safetensors"))});
    QVERIFY(process.waitForFinished(30000));
    QVERIFY2(process.readAllStandardOutput() == "read\n", process.readAllStandardError().constData());
}

void TestSafetensorsWriter::leavesNothingBehind()
{
    const auto from = source();
    QVERIFY(formats::writeSafetensors(Vfs::posix(), *from, path("out.safetensors"), false));
    const auto taken = formats::writeSafetensors(Vfs::posix(), *from, path("out.safetensors"), false);
    QVERIFY(!taken && taken.error().code() == StatusCode::AlreadyExists);
    QVERIFY(formats::writeSafetensors(Vfs::posix(), *from, path("out.safetensors"), true));
    const auto stopped = formats::writeSafetensors(Vfs::posix(), *from, path("other.safetensors"), false,
                                                   [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!stopped && stopped.error().code() == StatusCode::Cancelled);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name),
             (QStringList{QStringLiteral("out.safetensors"), QStringLiteral("source.wrck")}));
}

QTEST_GUILESS_MAIN(TestSafetensorsWriter)
#include "tst_safetensors_writer.moc"
