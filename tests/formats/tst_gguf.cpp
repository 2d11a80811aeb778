// SPDX-License-Identifier: GPL-3.0-or-later
// GGUF as the package gguf writes it (samples/make_gguf.py) and restores it; damage and hostile counts.
#include "engine/formats/open.h"
#include "tests/formats/sample_files.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace wr;
using namespace wr::checkpoint;
using namespace wr::formats;

class TestGguf : public QObject {
    Q_OBJECT
private slots:
    void readsEveryType();
    void everyByteFlipped();
    void everyTruncation();
    void hostileCounts_data();
    void hostileCounts();

private:
    std::string write(const QByteArray& bytes) const { return writeFile(m_folder, bytes); }
    QTemporaryDir m_folder;
};

namespace {

const QString kSamples = QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/formats/samples/");

QByteArray number(quint64 value, int size)
{
    QByteArray bytes;
    for (int i = 0; i < size; ++i)
        bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
    return bytes;
}

QByteArray text(const QByteArray& bytes)
{
    return number(static_cast<quint64>(bytes.size()), 8) + bytes;
}

QByteArray head(quint64 tensors, quint64 values, quint64 version = 3)
{
    return "GGUF" + number(version, 4) + number(tensors, 8) + number(values, 8);
}

} // namespace

void TestGguf::readsEveryType()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), (kSamples + "gguf_types.gguf").toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    const auto expected = openAnyCheckpoint(Vfs::posix(), (kSamples + "gguf_expected.npz").toStdString());
    QVERIFY2(expected, expected ? "" : expected.error().message().c_str());
    QCOMPARE((*reader)->tensors().size(), 17U);
    QCOMPARE((*expected)->tensors().size(), 17U);
    for (std::size_t i = 0; i < 17; ++i) {
        const Result<Tensor> mine = (*reader)->read(i);
        const Result<Tensor> theirs = (*expected)->read(i);
        const std::string& name = (*reader)->tensors()[i].spec.name;
        QVERIFY2(mine, name.c_str());
        QCOMPARE((*expected)->tensors()[i].spec.name, name);
        QCOMPARE(mine->dtype(), theirs->dtype());
        QCOMPARE(mine->shape(), theirs->shape());
        for (std::int64_t k = 0; k < mine->elementCount(); ++k) {
            const double value = theirs->valueAt(k);
            QVERIFY2(std::abs(mine->valueAt(k) - value) <= 2e-6 * std::max(1.0, std::abs(value)),
                     qPrintable(QStringLiteral("%1 %2: %3, %4")
                                    .arg(QString::fromStdString(name))
                                    .arg(k)
                                    .arg(mine->valueAt(k))
                                    .arg(value)));
        }
        for (std::size_t at = 0; at < mine->byteSize(); at += 37) {
            std::vector<std::byte> part(std::min<std::size_t>(300, mine->byteSize() - at));
            QVERIFY((*reader)->readPart(i, at, part).isOk());
            QVERIFY(std::equal(part.begin(), part.end(),
                               mine->bytes().begin() + static_cast<std::ptrdiff_t>(at)));
        }
    }
    const Metadata& metadata = (*reader)->metadata();
    QCOMPARE(metadata.at("general.name"), std::string("sample"));
    QCOMPARE(metadata.at("answer"), std::string("42"));
    QCOMPARE(metadata.at("below"), std::string("-7"));
    QCOMPARE(metadata.at("half"), std::string("0.500000"));
    QCOMPARE(metadata.at("yes"), std::string("true"));
    QCOMPARE(metadata.at("scores"), std::string("[1.500000, 2.500000]"));
    QVERIFY(metadata.at("tokens").starts_with("[token 0, token 1"));
    QVERIFY(metadata.at("tokens").ends_with("(20)"));
    QCOMPARE(metadata.at("gguf.type.Q4_K"), std::string("Q4_K"));
}

void TestGguf::everyByteFlipped()
{
    const QByteArray whole = bytesOf(kSamples + "gguf_types.gguf");
    for (qsizetype at = 0; at < whole.size(); ++at) {
        QByteArray bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ (at % 2 == 0 ? 0xFF : 0x01));
        const auto reader = openAnyCheckpoint(Vfs::posix(), write(bad));
        for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i)
            static_cast<void>((*reader)->read(i));
    }
}

void TestGguf::everyTruncation()
{
    const QByteArray whole = bytesOf(kSamples + "gguf_types.gguf");
    for (qsizetype size = 0; size < whole.size(); ++size) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), write(whole.left(size)));
        for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i)
            QVERIFY((*reader)->read(i));
    }
}

void TestGguf::hostileCounts_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("complaint");
    const QByteArray padding(64, '\0');
    const auto value = [](const QByteArray& key, quint64 type, const QByteArray& bytes) {
        return text(key) + number(type, 4) + bytes;
    };
    const auto tensor = [](quint64 first, quint64 second, quint64 type, quint64 offset) {
        return text("w") + number(2, 4) + number(first, 8) + number(second, 8) + number(type, 4) +
               number(offset, 8);
    };
    QTest::newRow("tensors") << head(UINT64_MAX, 0) + padding << "more entries";
    QTest::newRow("values") << head(0, 1ULL << 60U) + padding << "more entries";
    QTest::newRow("version") << head(0, 0, 1) + padding << "version 1";
    QTest::newRow("big-endian") << head(0, 0, 0x03000000) + padding << "big-endian";
    QTest::newRow("key") << head(0, 1) + number(UINT64_MAX, 8) + padding << "ends within";
    QTest::newRow("text") << head(0, 1) + value("a", 8, number(1ULL << 62U, 8)) + padding << "ends within";
    QTest::newRow("list") << head(0, 1) + value("a", 9, number(4, 4) + number(1ULL << 62U, 8)) + padding
                          << "more elements";
    QTest::newRow("lists") << head(0, 1) + value("a", 9, number(9, 4) + number(1, 8)) + padding
                           << "list of lists";
    QTest::newRow("type") << head(0, 1) + value("a", 13, {}) + padding << "unknown type";
    QTest::newRow("twice") << head(0, 2) + value("a", 0, "x") + value("a", 0, "x") + padding << "two values";
    QTest::newRow("alignment") << head(0, 1) + value("general.alignment", 4, number(0, 4)) + padding
                               << "alignment";
    QTest::newRow("odd alignment") << head(0, 1) + value("general.alignment", 4, number(24, 4)) + padding
                                   << "alignment";
    QTest::newRow("dimensions") << head(1, 0) + text("w") + number(UINT32_MAX, 4) + padding << "dimensions";
    QTest::newRow("product") << head(1, 0) + tensor(1ULL << 40U, 1ULL << 40U, 0, 0) + padding
                             << "larger than";
    QTest::newRow("negative") << head(1, 0) + tensor(UINT64_MAX, 1, 0, 0) + padding << "larger than";
    QTest::newRow("half a block") << head(1, 0) + tensor(16, 2, 2, 0) + padding << "whole blocks";
    QTest::newRow("two of a name") << head(2, 0) + tensor(1, 1, 0, 0) + tensor(1, 1, 0, 0) + padding
                                   << "two tensors";
}

void TestGguf::hostileCounts()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, complaint);
    const auto reader = openAnyCheckpoint(Vfs::posix(), write(bytes));
    QVERIFY(!reader);
    QVERIFY2(QString::fromStdString(reader.error().message()).contains(complaint),
             reader.error().message().c_str());
}

QTEST_GUILESS_MAIN(TestGguf)
#include "tst_gguf.moc"
