// SPDX-License-Identifier: GPL-3.0-or-later
// Files that the real libraries write here and now, and files that they read: tensor by tensor, names, types,
// shapes and every byte.
// Skipped where WEIGHTROOM_PEER_PYTHON names no Python with NumPy; what else is not installed is left out.
#include "engine/checkpoint/checkpoint.h"
#include "engine/formats/open.h"
#include "engine/formats/write.h"

#include <QCryptographicHash>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;

class TestRealFiles : public QObject {
    Q_OBJECT
private slots:
    void areReadToTheLastByte();
    void survivesConversion();
    void isReadByTheRealLibraries();

private:
    static QByteArray digestOf(const Tensor& tensor)
    {
        const auto bytes = tensor.bytes();
        return QCryptographicHash::hash(QByteArray(reinterpret_cast<const char*>(bytes.data()),
                                                   static_cast<qsizetype>(bytes.size())),
                                        QCryptographicHash::Sha256)
            .toHex();
    }
    /// Lines that a script beside this test prints; empty where there is no Python.
    static QList<QByteArray> printed(const QString& script, const QStringList& arguments)
    {
        const QString python = qEnvironmentVariable("WEIGHTROOM_PEER_PYTHON");
        if (python.isEmpty())
            return {};
        QProcess process;
        process.start(python, QStringList{QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/formats/") + script} +
                                  arguments);
        constexpr int kLongest = 240000;
        if (!process.waitForFinished(kLongest) || process.exitCode() != 0)
            qFatal("%s", process.readAllStandardError().constData());
        return process.readAllStandardOutput().trimmed().split('\n');
    }
    /// Lines of what the libraries wrote.
    static QList<QByteArray> written(const QString& folder)
    {
        return printed(QStringLiteral("make_real_files.py"), {folder});
    }
    static QByteArray shapeOf(const Shape& dims)
    {
        QByteArray shape;
        for (int axis = 0; axis < dims.rank(); ++axis)
            shape += (axis > 0 ? "," : "") + QByteArray::number(static_cast<qint64>(dims.dim(axis)));
        return shape.isEmpty() ? QByteArray("-") : shape;
    }
};

void TestRealFiles::areReadToTheLastByte()
{
    const QTemporaryDir folder;
    const QList<QByteArray> lines = written(folder.path());
    if (lines.isEmpty())
        QSKIP("WEIGHTROOM_PEER_PYTHON names no Python with NumPy, PyTorch or TensorFlow");
    int compared = 0;
    for (const QByteArray& line : lines) {
        if (line.startsWith('#')) {
            qInfo("%s", line.constData());
            continue;
        }
        const QList<QByteArray> fields = line.split('\t');
        QCOMPARE(fields.size(), 5);
        const auto reader = formats::openAnyCheckpoint(
            Vfs::posix(), (folder.filePath(QString::fromUtf8(fields[0]))).toStdString());
        QVERIFY2(reader.has_value(), reader ? "" : reader.error().toString().c_str());
        const std::ptrdiff_t index = (*reader)->find(fields[1].toStdString());
        QVERIFY2(index >= 0, line.constData());
        const TensorSpec& spec = (*reader)->tensors()[static_cast<std::size_t>(index)].spec;
        QCOMPARE(QByteArray::fromStdString(std::string(dtypeName(spec.dtype))), fields[2]);
        QCOMPARE(shapeOf(spec.shape), fields[3]);
        const Result<Tensor> value = (*reader)->read(static_cast<std::size_t>(index));
        QVERIFY2(value.has_value(), value ? "" : value.error().toString().c_str());
        QVERIFY2(digestOf(*value) == fields[4], line.constData());
        ++compared;
    }
    qInfo("%d tensors compared", compared);
    QVERIFY(compared > 0);
}

void TestRealFiles::survivesConversion()
{
    const QTemporaryDir folder;
    const QList<QByteArray> lines = written(folder.path());
    if (lines.isEmpty())
        QSKIP("WEIGHTROOM_PEER_PYTHON names no Python with NumPy, PyTorch or TensorFlow");
    QSet<QByteArray> seen;
    for (const QByteArray& line : lines) {
        const QByteArray name = line.left(line.indexOf('\t'));
        if (line.startsWith('#') || seen.contains(name))
            continue;
        seen.insert(name);
        const auto reader =
            formats::openAnyCheckpoint(Vfs::posix(), folder.filePath(QString::fromUtf8(name)).toStdString());
        QVERIFY(reader.has_value());
        const std::string out =
            folder.filePath(QString::fromUtf8(name) + QStringLiteral(".wrck")).toStdString();
        const auto report = checkpoint::rewriteCheckpoint(Vfs::posix(), **reader, out, {});
        QVERIFY2(report.has_value(), report ? "" : report.error().toString().c_str());
        const auto again = checkpoint::openCheckpoint(Vfs::posix(), out);
        QVERIFY(again.has_value());
        QCOMPARE((*again)->tensors().size(), (*reader)->tensors().size());
        for (std::size_t i = 0; i < (*reader)->tensors().size(); ++i) {
            const auto place = (*again)->find((*reader)->tensors()[i].spec.name);
            QVERIFY(place >= 0);
            QCOMPARE(digestOf(*(*again)->read(static_cast<std::size_t>(place))),
                     digestOf(*(*reader)->read(i)));
        }
    }
}

void TestRealFiles::isReadByTheRealLibraries()
{
    const QTemporaryDir folder;
    // Every type that there is, all ranks from 0 to 4, nothing at all, and names with slashes.
    std::vector<NamedTensor> tensors;
    std::uint8_t next = 1;
    for (const DType dtype : {DType::Float32, DType::Float64, DType::Float16, DType::BFloat16, DType::Int8,
                              DType::Int16, DType::Int32, DType::Int64, DType::UInt8, DType::UInt16,
                              DType::UInt32, DType::UInt64, DType::Bool}) {
        Tensor tensor = *Tensor::create(dtype, Shape{2, 3, 1, 2});
        for (std::byte& byte : tensor.mutableBytes())
            byte = static_cast<std::byte>(dtype == DType::Bool ? ++next & 1U : next++ & 0x3FU); // none is NaN
        tensors.push_back({"layer/" + std::string(dtypeName(dtype)), tensor});
    }
    tensors.push_back({"scalar", Tensor::of<float>({2.5F}, {})});
    tensors.push_back({"row", Tensor::of<float>({1, 2, 3}, {3})});
    tensors.push_back({"matrix", *Tensor::zeros(DType::Float32, {700, 900})});
    tensors.push_back({"none", *Tensor::zeros(DType::Float32, {0, 2})});
    const std::string source = folder.filePath("source.wrck").toStdString();
    QVERIFY(checkpoint::saveCheckpoint(Vfs::posix(), source, tensors, {{"step", "3"}}, {}));
    const auto from = *checkpoint::openCheckpoint(Vfs::posix(), source);
    QMap<QByteArray, QByteArray> expected;
    for (const char* ending : {".npz", "/", ".pt", ".safetensors", ".index"}) {
        const QString stem = ending == QByteArray(".index") ? "out-tensorflow" : "out"; // "out" is a folder
        const std::string path = folder.filePath(stem + ending).toStdString();
        const auto report = formats::writeAnyCheckpoint(Vfs::posix(), *from, path, {});
        QVERIFY2(report.has_value(), report ? "" : report.error().toString().c_str());
        const auto again = *formats::openAnyCheckpoint(Vfs::posix(), path);
        std::size_t index = 0;
        for (const checkpoint::TensorEntry& entry : again->tensors()) {
            expected[QByteArray(ending) + '\t' + QByteArray::fromStdString(entry.spec.name)] =
                QByteArray(dtypeName(entry.spec.dtype).data()) + '\t' + shapeOf(entry.spec.shape) + '\t' +
                digestOf(*again->read(index++));
        }
    }
    const QList<QByteArray> lines = printed(QStringLiteral("read_real_files.py"), {folder.path(), "out"});
    if (lines.isEmpty())
        QSKIP("WEIGHTROOM_PEER_PYTHON names no Python with NumPy, PyTorch or TensorFlow");
    QMap<QByteArray, int> read;
    for (const QByteArray& line : lines) {
        if (line.startsWith('#')) {
            qInfo("%s", line.constData());
            continue;
        }
        const qsizetype cut = line.indexOf('\t', line.indexOf('\t') + 1);
        QVERIFY2(expected.value(line.left(cut)) == line.mid(cut + 1), line.constData());
        ++read[line.left(line.indexOf('\t'))];
    }
    for (auto it = read.cbegin(); it != read.cend(); ++it) {
        qInfo("%s: %d tensors compared", it.key().constData(), it.value());
        QCOMPARE(it.value() % static_cast<int>(tensors.size()), 0);
    }
    QVERIFY(read.contains(".npz"));
}

QTEST_GUILESS_MAIN(TestRealFiles)
#include "tst_real_files.moc"
