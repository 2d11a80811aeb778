// SPDX-License-Identifier: GPL-3.0-or-later
// Files that the real libraries write here and now, tensor by tensor: names, types, shapes and every byte.
// Skipped where WEIGHTROOM_PEER_PYTHON names no Python with NumPy; what else is not installed is left out.
#include "engine/checkpoint/checkpoint.h"
#include "engine/formats/open.h"

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

private:
    static QByteArray digestOf(const Tensor& tensor)
    {
        const auto bytes = tensor.bytes();
        return QCryptographicHash::hash(QByteArray(reinterpret_cast<const char*>(bytes.data()),
                                                   static_cast<qsizetype>(bytes.size())),
                                        QCryptographicHash::Sha256)
            .toHex();
    }
    /// Lines of what the libraries wrote; empty where there is no Python.
    static QList<QByteArray> written(const QString& folder)
    {
        const QString python = qEnvironmentVariable("WEIGHTROOM_PEER_PYTHON");
        if (python.isEmpty())
            return {};
        QProcess process;
        process.start(python,
                      {QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/formats/make_real_files.py"), folder});
        constexpr int kLongest = 120000;
        if (!process.waitForFinished(kLongest) || process.exitCode() != 0)
            qFatal("%s", process.readAllStandardError().constData());
        return process.readAllStandardOutput().trimmed().split('\n');
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
        QByteArray shape;
        for (int axis = 0; axis < spec.shape.rank(); ++axis)
            shape += (axis > 0 ? "," : "") + QByteArray::number(static_cast<qint64>(spec.shape.dim(axis)));
        QCOMPARE(shape.isEmpty() ? QByteArray("-") : shape, fields[3]);
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
    QByteArray before;
    for (const QByteArray& line : lines) {
        const QByteArray name = line.left(line.indexOf('\t'));
        if (line.startsWith('#') || name == before)
            continue;
        before = name;
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

QTEST_GUILESS_MAIN(TestRealFiles)
#include "tst_real_files.moc"
