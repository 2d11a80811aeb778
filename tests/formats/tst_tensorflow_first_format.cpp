// SPDX-License-Identifier: GPL-3.0-or-later
// TensorFlow's first format: a file of its own, every type, slices and shards, damage.
#include "engine/formats/open.h"
#include "engine/formats/protobuf/wire_reader.h"
#include "engine/formats/tensorflow/bundle_entry.h"
#include "engine/formats/tensorflow/table_writer.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::checkpoint;
using namespace wr::formats;

class TestTensorflowFirstFormat : public QObject {
    Q_OBJECT
private slots:
    void readsTensorFlowsFile();
    void readsTypesAndSlices();
    void readsShards();
    void everyByteFlipped();
    void everyTruncation();
    void refusesCounts();

private:
    std::string write(const QString& name, const QByteArray& bytes) const;
    QTemporaryDir m_folder;
};

namespace {

std::string message(char tag, const std::string& inner)
{
    std::string text{tag};
    appendVarint(text, inner.size());
    return text + inner;
}

std::string sliceText(const TensorSlice& slice)
{
    std::string text;
    for (const SliceExtent& extent : slice) {
        std::string inner;
        if (extent.start != 0)
            inner += {'\x08', static_cast<char>(extent.start)};
        if (extent.length)
            inner += {'\x10', static_cast<char>(*extent.length)};
        text += message('\x0A', inner);
    }
    return text;
}

struct Piece {
    TensorSlice slice;
    std::string values; ///< fields of a TensorProto
};
struct Sample {
    std::string name;
    Shape shape;
    std::uint64_t type = 1;
    std::vector<Piece> pieces;
};

std::string shapeText(const Shape& shape)
{
    std::string text;
    for (const std::int64_t dim : shape.dims()) {
        std::string size{'\x08'};
        appendVarint(size, static_cast<std::uint64_t>(dim));
        text += message('\x12', size);
    }
    return text;
}

QByteArray fileOf(const std::vector<Sample>& samples)
{
    std::string list;
    std::map<std::string, std::string> entries;
    for (const Sample& sample : samples) {
        std::string meta = message('\x0A', sample.name) + message('\x12', shapeText(sample.shape)) + '\x18';
        appendVarint(meta, sample.type);
        for (const Piece& piece : sample.pieces) {
            const std::string slice = sliceText(piece.slice);
            meta += message('\x22', slice);
            entries[sliceKey(sample.name, piece.slice)] =
                message('\x12', message('\x0A', sample.name) + message('\x12', slice) +
                                    message('\x1A', piece.values));
        }
        list += message('\x0A', meta);
    }
    entries[""] = message('\x0A', list + message('\x12', "\x08\x01"));
    TableWriter table;
    for (const auto& [key, value] : entries)
        table.add(key, value);
    return QByteArray::fromStdString(table.finish());
}

std::string varints(char tag, const std::vector<std::int64_t>& values)
{
    std::string text;
    for (const std::int64_t value : values)
        appendVarint(text, static_cast<std::uint64_t>(value));
    return message(tag, text);
}

std::string floats(const std::vector<float>& values)
{
    return message('\x2A', {reinterpret_cast<const char*>(values.data()), values.size() * 4});
}

std::vector<Sample> samples()
{
    return {{"cut", Shape{2, 2}, 1, {{{{0, 1}, {0, 2}}, floats({1, 2})}, {{{1, 1}, {0, 2}}, floats({3, 4})}}},
            {"ints", Shape{3}, 3, {{{{0, {}}}, varints('\x3A', {-1, 7, 1 << 30})}}},
            {"bytes", Shape{2}, 6, {{{{0, {}}}, varints('\x3A', {-128, 127})}}},
            {"long", Shape{}, 9, {{{}, varints('\x52', {-5'000'000'000})}}},
            {"flags", Shape{2}, 10, {{{{0, {}}}, varints('\x5A', {1, 0})}}},
            {"loose", Shape{2}, 3, {{{{0, {}}}, std::string("\x38\x05\x38\x06", 4)}}},
            {"text", Shape{}, 7, {{{}, message('\x42', "hello")}}}};
}

} // namespace

std::string TestTensorflowFirstFormat::write(const QString& name, const QByteArray& bytes) const
{
    QFile file(m_folder.filePath(name));
    file.remove();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("the temporary folder cannot be written");
    return file.fileName().toStdString();
}

void TestTensorflowFirstFormat::readsTensorFlowsFile()
{
    const QString path = qEnvironmentVariable("WEIGHTROOM_DATA_DIR") + QStringLiteral("/tensorflow/v1.ckpt");
    if (!QFile::exists(path))
        QSKIP("WEIGHTROOM_DATA_DIR names no folder with tensorflow/");
    const auto reader = openAnyCheckpoint(Vfs::posix(), path.toStdString());
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    QCOMPARE((*reader)->formatName(), std::string("TensorFlow V1"));
    QCOMPARE((*reader)->tensors().size(), 2U);
    QCOMPARE((*reader)->read(0)->valueAt(0), 0.5);
    QCOMPARE((*reader)->read(1)->valueAt(0), 2.0);
}

void TestTensorflowFirstFormat::readsTypesAndSlices()
{
    const auto reader = openAnyCheckpoint(Vfs::posix(), write("a.ckpt", fileOf(samples())));
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    const std::map<std::string, std::vector<double>> expected = {
        {"cut", {1, 2, 3, 4}}, {"ints", {-1, 7, 1 << 30}}, {"bytes", {-128, 127}},
        {"long", {-5e9}},      {"flags", {1, 0}},          {"loose", {5, 6}}};
    QCOMPARE((*reader)->tensors().size(), expected.size());
    for (const auto& [name, values] : expected) {
        const auto index = static_cast<std::size_t>((*reader)->find(name));
        const Result<Tensor> tensor = (*reader)->read(index);
        QVERIFY2(tensor, tensor ? "" : tensor.error().message().c_str());
        QCOMPARE(static_cast<std::size_t>(tensor->elementCount()), values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            QCOMPARE(tensor->valueAt(static_cast<std::int64_t>(i)), values[i]);
        std::vector<std::byte> part(tensor->byteSize() - 1);
        QVERIFY((*reader)->readPart(index, 1, part).isOk());
        QVERIFY(std::equal(part.begin(), part.end(), tensor->bytes().begin() + 1));
    }
    QCOMPARE((*reader)->metadata().at("tensorflow.other.text"), std::string("string []"));
}

void TestTensorflowFirstFormat::readsShards()
{
    std::vector<Sample> first = samples();
    std::vector<Sample> second = {first[0]};
    first[0].pieces.resize(1);
    second[0].pieces.erase(second[0].pieces.begin());
    const std::string path = write("s-00000-of-00002", fileOf(first));
    QVERIFY(!openAnyCheckpoint(Vfs::posix(), path)); // the other half is missing
    write("s-00001-of-00002", fileOf(second));
    const auto reader = openAnyCheckpoint(Vfs::posix(), path);
    QVERIFY2(reader, reader ? "" : reader.error().message().c_str());
    const Result<Tensor> tensor = (*reader)->read(static_cast<std::size_t>((*reader)->find("cut")));
    for (int i = 0; i < 4; ++i)
        QCOMPARE(tensor->valueAt(i), i + 1.0);
}

void TestTensorflowFirstFormat::everyByteFlipped()
{
    const QByteArray bytes = fileOf({samples()[0], samples()[1]});
    for (qsizetype at = 0; at < bytes.size(); ++at) {
        for (const int mask : {0xFF, 0x01, 0x80}) {
            QByteArray bad = bytes;
            bad[at] = static_cast<char>(bad[at] ^ mask);
            const auto reader = openAnyCheckpoint(Vfs::posix(), write("bad", bad));
            if (!reader)
                continue;
            for (std::size_t i = 0; i < (*reader)->tensors().size(); ++i) {
                const Result<Tensor> tensor = (*reader)->read(i);
                QVERIFY(!tensor || tensor->valueAt(1) == (i == 0 ? 2.0 : 7.0));
            }
        }
    }
}

void TestTensorflowFirstFormat::everyTruncation()
{
    const QByteArray bytes = fileOf(samples());
    for (qsizetype size = 0; size < bytes.size(); ++size)
        QVERIFY(!openAnyCheckpoint(Vfs::posix(), write("short", bytes.left(size))));
}

// The checksums of these are right; what they say is not.
void TestTensorflowFirstFormat::refusesCounts()
{
    const auto outcome = [&](const Sample& sample) {
        const auto reader = openAnyCheckpoint(Vfs::posix(), write("hostile", fileOf({sample})));
        if (!reader)
            return reader.error().code();
        const Result<Tensor> tensor = (*reader)->read(0);
        return tensor ? StatusCode::Ok : tensor.error().code();
    };
    QCOMPARE(outcome({"w", Shape{2}, 1, {{{{0, {}}}, floats({1, 2})}}}), StatusCode::Ok);
    QCOMPARE(outcome({"w", Shape{2}, 1, {{{{0, {}}}, floats({1})}}}), StatusCode::DataLoss);
    QCOMPARE(outcome({"w", Shape{2}, 1, {{{{0, {}}}, floats({1, 2, 3})}}}), StatusCode::DataLoss);
    QCOMPARE(outcome({"w", Shape{2}, 1, {{{{0, {}}}, varints('\x3A', {1, 2})}}}), StatusCode::DataLoss);
    QCOMPARE(outcome({"w", Shape{2}, 1, {}}), StatusCode::DataLoss);
    QCOMPARE(outcome({"w", Shape{2}, 1, {{{}, floats({1, 2})}}}), StatusCode::DataLoss);
    const std::int64_t huge = std::int64_t{1} << 40U;
    QCOMPARE(outcome({"w", Shape{huge}, 1, {{{{0, {}}}, floats({1})}}}), StatusCode::DataLoss);
    QCOMPARE(outcome({"w", Shape{huge, huge}, 1, {{{{0, {}}, {0, {}}}, floats({1})}}}), StatusCode::DataLoss);
    QCOMPARE(outcome({"w", Shape{-1}, 1, {{{{0, {}}}, floats({1})}}}), StatusCode::DataLoss);
}

QTEST_GUILESS_MAIN(TestTensorflowFirstFormat)
#include "tst_tensorflow_first_format.moc"
