// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/snappy.h"

#include <QByteArray>
#include <QTest>

using namespace wr;
using namespace wr::formats;

class TestSnappy : public QObject {
    Q_OBJECT
private slots:
    void unpacks_data();
    void unpacks();
    void refuses_data();
    void refuses();
};

namespace {

Result<std::vector<std::byte>> unpack(const QByteArray& packed)
{
    return unpackSnappy(
        {reinterpret_cast<const std::byte*>(packed.data()), static_cast<std::size_t>(packed.size())});
}

} // namespace

void TestSnappy::unpacks_data()
{
    QTest::addColumn<QByteArray>("packed");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("empty") << QByteArray::fromHex("00") << QByteArray();
    QTest::newRow("literal") << QByteArray::fromHex("03") + "\x08" + "abc" << QByteArray("abc");
    QTest::newRow("long literal") << QByteArray::fromHex("46f045") + QByteArray(70, 'x')
                                  << QByteArray(70, 'x');
    QTest::newRow("near copy over itself")
        << QByteArray::fromHex("0a0061") + QByteArray::fromHex("1501") << QByteArray(10, 'a');
    QTest::newRow("copy of two bytes") << QByteArray::fromHex("06086162630a0300") << QByteArray("abcabc");
    QTest::newRow("copy of four bytes")
        << QByteArray::fromHex("06086162630b03000000") << QByteArray("abcabc");
}

void TestSnappy::unpacks()
{
    QFETCH(QByteArray, packed);
    QFETCH(QByteArray, expected);
    const auto bytes = unpack(packed);
    QVERIFY2(bytes, bytes ? "" : bytes.error().message().c_str());
    QCOMPARE(QByteArray(reinterpret_cast<const char*>(bytes->data()), static_cast<qsizetype>(bytes->size())),
             expected);
}

void TestSnappy::refuses_data()
{
    QTest::addColumn<QByteArray>("packed");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("bomb") << QByteArray::fromHex("ffffffffff0f00");
    QTest::newRow("short") << QByteArray::fromHex("04") + "\x08" + "abc";
    QTest::newRow("literal past the end") << QByteArray::fromHex("03") + "\x08" + "ab";
    QTest::newRow("copy before the beginning")
        << QByteArray::fromHex("0608616263") + QByteArray::fromHex("0a0400");
    QTest::newRow("copy of distance none")
        << QByteArray::fromHex("0608616263") + QByteArray::fromHex("0a0000");
    QTest::newRow("more than declared") << QByteArray::fromHex("02") + "\x08" + "abc";
}

void TestSnappy::refuses()
{
    QFETCH(QByteArray, packed);
    const auto bytes = unpack(packed);
    QVERIFY(!bytes);
    QCOMPARE(bytes.error().code(), StatusCode::DataLoss);
}

QTEST_GUILESS_MAIN(TestSnappy)
#include "tst_snappy.moc"
