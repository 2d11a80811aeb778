// SPDX-License-Identifier: GPL-3.0-or-later
// NPY files: every type and order, versions 1 to 3, headers that NumPy never writes, damage at every byte.
#include "engine/train/npy_file.h"
#include "tests/train/npy_bytes.h"
#include "tests/train/written_files.h"

#include <QTest>

#include <algorithm>

using namespace wr;
using namespace wr::train;

class TestNpyFile : public QObject {
    Q_OBJECT
private slots:
    void reads_data();
    void reads();
    void parsesHeaders_data();
    void parsesHeaders();
    void refuses_data();
    void refuses();
    void everyTruncation();
    void everyByteFlipped();
    void canBeCancelled();

private:
    Result<Tensor> readBytes(const QByteArray& bytes, const Progress& progress = {}) const
    {
        m_files.write("a.npy", bytes);
        const auto stream = openStream(Vfs::posix(), m_files.path("a.npy").toStdString());
        if (!stream)
            return fail(stream.error());
        return readNpy(**stream, "a.npy", progress);
    }
    WrittenFiles m_files;
};

void TestNpyFile::reads_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const QByteArray& bytes, const char* expected) {
        QTest::newRow(name) << bytes << QString::fromUtf8(expected);
    };
    row("float32", npy<float>("<f4", "(2, 2)", {1, 2.5F, -3, 4}), "float32 [2, 2]: 1 2.5 -3 4");
    row("float64", npy<double>("<f8", "(2,)", {1e300, -0.5}), "float64 [2]: 1e+300 -0.5");
    row("uint8", npy<quint8>("|u1", "(3,)", {0, 128, 255}), "uint8 [3]: 0 128 255");
    row("int8", npy<qint8>("|i1", "(2,)", {-1, 1}), "int8 [2]: -1 1");
    row("int16", npy<qint16>("<i2", "(2,)", {-300, 300}), "int16 [2]: -300 300");
    row("int32", npy<qint32>("<i4", "(2, 1)", {-70000, 70000}), "int32 [2, 1]: -70000 70000");
    row("int64", npy<qint64>("<i8", "(1,)", {-5}), "int64 [1]: -5");
    row("uint16", npy<quint16>("<u2", "(1,)", {65535}), "uint16 [1]: 65535");
    row("float16", npy<quint16>("<f2", "(2,)", {0x3C00, 0xC100}), "float16 [2]: 1 -2.5");
    row("bool", npy<quint8>("|b1", "(3,)", {0, 1, 7}), "bool [3]: 0 1 1");
    row("scalar", npy<float>("<f4", "()", {7}), "float32 []: 7");
    row("nothing", npy<float>("<f4", "(0, 3)", {}), "float32 [0, 3]: ");
    row("version 2", npy<float>("<f4", "(1,)", {7}, false, 2), "float32 [1]: 7");
    row("version 3", npy<float>("<f4", "(1,)", {7}, false, 3), "float32 [1]: 7");
    row("Fortran", npy<qint32>("<i4", "(2, 3)", {1, 4, 2, 5, 3, 6}, true), "int32 [2, 3]: 1 2 3 4 5 6");
    row("Fortran, three dimensions", npy<quint8>("|u1", "(2, 1, 2)", {1, 3, 2, 4}, true),
        "uint8 [2, 1, 2]: 1 2 3 4");
    row("Fortran, one dimension", npy<quint8>("|u1", "(2,)", {1, 3}, true), "uint8 [2]: 1 3");
    row("big-endian", npy<quint8>(">i4", "(2,)", {0, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFE}), "int32 [2]: 256 -2");
}

void TestNpyFile::reads()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    const Result<Tensor> array = readBytes(bytes);
    QVERIFY2(array, array ? "" : array.error().toString().c_str());
    QCOMPARE(
        QString::fromStdString(std::string(dtypeName(array->dtype())) + " " + array->shape().toString()) +
            QStringLiteral(": ") + valuesOf(*array),
        expected);
}

void TestNpyFile::parsesHeaders_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QString>("expected"); // the shape, or the cause
    const auto row = [](const char* header, const char* expected) {
        QTest::newRow(header) << QByteArray(header) << QString::fromUtf8(expected);
    };
    const char* const wrong = "its header is not what NumPy writes";
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", "[3, 4]");
    row("{\"shape\": (3,), \"fortran_order\": True, \"descr\": \"<f4\"}  \n", "[3]");
    row("{'descr':'<f4','fortran_order':False,'shape':(3L,4L)}", "[3, 4]");
    row("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "[]");
    row("", wrong);
    row("{}", wrong);
    row("{'descr': '<f4', 'fortran_order': False}", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}", wrong);
    row("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} extra", wrong);
    row("{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (3.0,)}", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': [3]}", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (3", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", wrong);
    row("{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os'),)}", wrong);
    row("{'descr': '<f4, 'fortran_order': False, 'shape': (3,)}", "which is not read");
    row("{'descr': 'f4', 'fortran_order': False, 'shape': (3,)}", wrong);
    row("{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", "Python objects, which are never read");
    row("{'descr': '<U5', 'fortran_order': False, 'shape': (3,)}", "texts; numbers are needed");
    row("{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}", "complex numbers");
    row("{'descr': '<f3', 'fortran_order': False, 'shape': (3,)}", "of type \"<f3\", which is not read");
    row("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", "records of several fields");
}

void TestNpyFile::parsesHeaders()
{
    QFETCH(QByteArray, header);
    QFETCH(QString, expected);
    const Result<NpyHeader> parsed = parseNpyHeader(header.toStdString());
    const QString found =
        QString::fromStdString(parsed ? parsed->shape.toString() : parsed.error().message());
    QVERIFY2(parsed ? found == expected : found.contains(expected), qPrintable(found));
}

void TestNpyFile::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    const QByteArray good = npy<float>("<f4", "(2,)", {1, 2});
    QTest::newRow("empty") << QByteArray() << "a.npy: it is no NPY file; it is empty";
    QTest::newRow("zip") << QByteArray("PK\3\4 and so on") << "wr.data.npz reads it";
    QTest::newRow("pickle") << QByteArray("\x80\x04 and so on") << "a Python pickle, which is never read";
    QTest::newRow("pointer") << QByteArray("version https://git-lfs") << "git-lfs pointer";
    QTest::newRow("other") << QByteArray("BM and so on") << "it begins with other bytes";
    QTest::newRow("version") << QByteArray(good).replace(6, 1, "\4")
                             << "a.npy: version 4.0 of NPY is not known";
    QTest::newRow("header") << npyWithHeader("{'shape': (2,)}", "12345678")
                            << "a.npy: its header is not what NumPy writes";
    QTest::newRow("long header") << QByteArray("\x93NUMPY\2\0\xFF\xFF\xFF\x7F{}", 14)
                                 << "a header of 2147483647 bytes";
    QTest::newRow("short") << good.left(good.size() - 1) << "declares [2] of float32, but 7 bytes follow";
    QTest::newRow("long") << good + "x"
                          << "declares [2] of float32, but 9 bytes follow";
    QTest::newRow("huge") << npy<float>("<f4", "(9223372036854775807, 2)", {1})
                          << "declares [9223372036854775807, 2] of float32, but 4 bytes follow";
    QTest::newRow("overflow") << npy<float>("<f4", "(4611686018427387904, 4)", {}) << "but 0 bytes follow";
}

void TestNpyFile::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const Result<Tensor> array = readBytes(bytes);
    QVERIFY(!array);
    const QString found = QString::fromStdString(array.error().message());
    QVERIFY2(found.contains(message), qPrintable(found));
}

void TestNpyFile::everyTruncation()
{
    const QByteArray whole = npy<float>("<f4", "(2, 2)", {1, 2, 3, 4});
    for (qsizetype size = 0; size < whole.size(); ++size)
        QVERIFY2(!readBytes(whole.left(size)), qPrintable(QString::number(size)));
    QVERIFY(readBytes(whole));
}

/// Every bit of the header changed: an answer of some kind, never more elements than there are bytes.
void TestNpyFile::everyByteFlipped()
{
    const QByteArray whole = npy<float>("<f4", "(2, 2)", {1, 2, 3, 4}, true);
    for (qsizetype at = 0; at < whole.size() - 16; ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            QByteArray bytes = whole;
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
            const Result<Tensor> array = readBytes(bytes);
            if (array)
                QCOMPARE(array->byteSize(), std::size_t{16});
        }
    }
}

void TestNpyFile::canBeCancelled()
{
    const Result<Tensor> array =
        readBytes(npy<float>("<f4", "(2,)", {1, 2}), [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!array);
    QCOMPARE(array.error().code(), StatusCode::Cancelled);
}

QTEST_GUILESS_MAIN(TestNpyFile)
#include "tst_npy_file.moc"
