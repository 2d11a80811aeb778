// SPDX-License-Identifier: GPL-3.0-or-later
// Every format that is written: what the name of a file makes of it, all values, names, shapes and metadata
// back again, the size that was forecast, casts, and nothing left behind by a failure.
#include "engine/formats/write.h"

#include "engine/formats/numpy/numpy_writer.h"
#include "engine/formats/open.h"
#include "tests/checkpoint/fault_vfs.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>

using namespace wr;
using namespace wr::formats;

namespace {

Tensor brain(std::vector<std::uint16_t> bits)
{
    Tensor tensor = *Tensor::create(DType::BFloat16, Shape{static_cast<std::int64_t>(bits.size())});
    std::memcpy(tensor.mutableBytes().data(), bits.data(), tensor.byteSize());
    return tensor;
}

} // namespace

class TestWriters : public QObject {
    Q_OBJECT
private slots:
    void init();
    void namesChooseTheFormat_data();
    void namesChooseTheFormat();
    void keepEverything_data();
    void keepEverything();
    void castOnTheWay_data();
    void castOnTheWay();
    void largeMetadataIsKept();
    void fileNamesHoldAnyTensor();
    void leaveNothingBehind_data();
    void leaveNothingBehind();
    void fullDiskIsToldBefore();

private:
    std::string path(const QString& name) const { return m_folder->filePath(name).toStdString(); }
    std::shared_ptr<const checkpoint::CheckpointReader> source(bool withBrain, std::int64_t rows = 3000) const
    {
        std::vector<float> large(static_cast<std::size_t>(rows) * 1000);
        for (std::size_t i = 0; i < large.size(); ++i)
            large[i] = static_cast<float>(i) * 0.37F - 5000.0F;
        large[7] = 1e-42F;
        large[9] = 3e38F;
        std::vector<NamedTensor> tensors{{"b/large", Tensor::of(large, {rows, 1000})},
                                         {"../a %2F.b", Tensor::of<std::int64_t>({1, -2, 3}, {3})},
                                         {"scalar", Tensor::of<double>({0.1}, {})},
                                         {"flags", Tensor::of<bool>({true, false}, {2, 1})},
                                         {"größe", Tensor::of<std::uint8_t>({1, 2, 255}, {1, 3})},
                                         {"none", *Tensor::zeros(DType::Float32, {0, 4})}};
        for (const DType dtype : {DType::UInt16, DType::UInt32, DType::UInt64, DType::Int8, DType::Float16})
            tensors.push_back({std::string(dtypeName(dtype)), *Tensor::zeros(dtype, {2})});
        if (withBrain)
            tensors.push_back({"brain", brain({0x3F80, 0xC049, 0x0001})});
        const checkpoint::Metadata metadata{{"step", "7"}, {"note", "a \"b\"\nü"}};
        const auto saved = checkpoint::saveCheckpoint(Vfs::posix(), path("source.wrck"), tensors, metadata,
                                                      {checkpoint::Profile::Compact, true, 1, {}, {}});
        if (!saved)
            qFatal("%s", saved.error().toString().c_str());
        return *checkpoint::openCheckpoint(Vfs::posix(), path("source.wrck"));
    }
    QStringList left() const
    {
        return QDir(m_folder->path())
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name);
    }
    static void formats()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"out.wrck", "out.safetensors", "out.index", "out.npz", "out/", "out.pt"})
            QTest::newRow(name) << name;
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestWriters::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestWriters::namesChooseTheFormat_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("format");
    const auto row = [](const char* name, TargetFormat format) {
        QTest::newRow(name) << name << static_cast<int>(format);
    };
    row("a.wrck", TargetFormat::Wr1);
    row("a.zst", TargetFormat::Wr1);
    row("a", TargetFormat::Wr1);
    row("a.v2/b", TargetFormat::Wr1);
    row("a.SafeTensors", TargetFormat::Safetensors);
    row("model.ckpt", TargetFormat::TensorFlow);
    row("model.ckpt-300", TargetFormat::TensorFlow);
    row("model-300.index", TargetFormat::TensorFlow);
    row("a.npz", TargetFormat::NumpyArchive);
    row("a.npz/", TargetFormat::NumpyFolder);
    row("pytorch_model.bin", TargetFormat::Pytorch);
    row("a.pth", TargetFormat::Pytorch);
    QTest::newRow("a.h5") << "a.h5" << -1;
    QTest::newRow("a.npy") << "a.npy" << -1;
    QTest::newRow("a.gguf") << "a.gguf" << -1;
}

void TestWriters::namesChooseTheFormat()
{
    QFETCH(QString, name);
    QFETCH(int, format);
    const auto found = targetFormat(name.toStdString());
    QCOMPARE(found ? static_cast<int>(*found) : -1, format);
    if (!found)
        QCOMPARE(found.error().code(), StatusCode::InvalidArgument);
}

void TestWriters::keepEverything_data()
{
    formats();
}

void TestWriters::keepEverything()
{
    QFETCH(QString, name);
    const bool isNumpy = name == "out.npz" || name == "out/";
    const auto from = source(true);
    const auto forecast = forecastWrite(*from, path(name), {});
    QVERIFY(forecast.has_value());
    QCOMPARE(forecast->tensors, std::uint64_t{from->tensors().size()});
    const auto report = writeAnyCheckpoint(Vfs::posix(), *from, path(name), {});
    QVERIFY2(report.has_value(), report ? "" : report.error().toString().c_str());
    QVERIFY2(report->saved.fileBytes <= forecast->bytes,
             qPrintable(QString("%1 > %2").arg(report->saved.fileBytes).arg(forecast->bytes)));
    if (name != "out.wrck")
        QVERIFY(forecast->bytes - report->saved.fileBytes < 6000);
    const auto again = openAnyCheckpoint(Vfs::posix(), path(name));
    QVERIFY2(again.has_value(), again ? "" : again.error().toString().c_str());
    QVERIFY2((*again)->warnings().empty(),
             (*again)->warnings().empty() ? "" : (*again)->warnings().front().c_str());
    if (name == "out.index")
        QVERIFY(report->notes.size() == 1 && report->notes[0].find("metadata") != std::string::npos);
    else
        QCOMPARE((*again)->metadata(), from->metadata());
    QCOMPARE((*again)->tensors().size(), from->tensors().size());
    QCOMPARE(report->casts.size(), std::size_t{isNumpy ? 1U : 0U});
    std::size_t index = 0;
    for (const checkpoint::TensorEntry& entry : from->tensors()) {
        const auto place = (*again)->find(entry.spec.name);
        QVERIFY2(place >= 0, entry.spec.name.c_str());
        const Tensor a = *from->read(index++);
        const Tensor b = *(*again)->read(static_cast<std::size_t>(place));
        QVERIFY(a.shape() == b.shape());
        if (entry.spec.dtype == DType::BFloat16 && isNumpy) {
            QCOMPARE(b.dtype(), DType::Float32);
            for (std::int64_t i = 0; i < a.elementCount(); ++i)
                QVERIFY(a.valueAt(i) == b.valueAt(i));
            QVERIFY(report->casts[0].loss.isNone());
            continue;
        }
        QCOMPARE(b.dtype(), a.dtype());
        QVERIFY(a.byteSize() == 0 || std::memcmp(a.bytes().data(), b.bytes().data(), a.byteSize()) == 0);
    }
    // A name that is taken stays what it is.
    const auto taken = writeAnyCheckpoint(Vfs::posix(), *from, path(name), {});
    QVERIFY(!taken && taken.error().code() == StatusCode::AlreadyExists);
}

void TestWriters::castOnTheWay_data()
{
    formats();
}

void TestWriters::castOnTheWay()
{
    QFETCH(QString, name);
    const auto from = source(false);
    WriteOptions options;
    options.dtype = DType::Float16;
    const auto forecast = forecastWrite(*from, path(name), options);
    const auto report = writeAnyCheckpoint(Vfs::posix(), *from, path(name), options);
    QVERIFY2(report.has_value(), report ? "" : report.error().toString().c_str());
    QVERIFY(report->saved.fileBytes <= forecast->bytes);
    QCOMPARE(report->casts.size(), std::size_t{3}); // b/large, none, scalar
    const TensorCast& large = report->casts[0];
    QCOMPARE(large.name, std::string("b/large"));
    QCOMPARE(large.loss.values, std::uint64_t{3'000'000});
    QCOMPARE(large.loss.vanished, std::uint64_t{1});
    QVERIFY(large.loss.overflowed > 2'000'000); // all past 65519
    QVERIFY(large.loss.largestError > 0.0 && large.loss.largestError <= 0x1p-11);
    const auto again = *openAnyCheckpoint(Vfs::posix(), path(name));
    const Tensor a = *from->read(static_cast<std::size_t>(from->find("b/large")));
    const Tensor b = *again->read(static_cast<std::size_t>(again->find("b/large")));
    QCOMPARE(b.dtype(), DType::Float16);
    for (const std::int64_t i : {std::int64_t{0}, std::int64_t{1000}, std::int64_t{150'000}})
        QVERIFY(std::abs(a.valueAt(i) - b.valueAt(i)) <= std::abs(a.valueAt(i)) * 0x1p-11);
    const auto whole = again->find("uint64");
    QCOMPARE((*again->read(static_cast<std::size_t>(whole))).dtype(), DType::UInt64);
    options.dtype = DType::Int8;
    QCOMPARE(forecastWrite(*from, path("other.pt"), options).error().code(), StatusCode::InvalidArgument);
    options.dtype = DType::BFloat16;
    QCOMPARE(forecastWrite(*from, path("other.npz"), options).error().code(), StatusCode::InvalidArgument);
}

void TestWriters::largeMetadataIsKept()
{
    const checkpoint::Metadata metadata{{"words", std::string(100'000, 'x')}, {"a", "b"}};
    QVERIFY(checkpoint::saveCheckpoint(Vfs::posix(), path("m.wrck"),
                                       std::vector<NamedTensor>{{"w", Tensor::of<float>({1}, {1})}}, metadata,
                                       {}));
    const auto from = *checkpoint::openCheckpoint(Vfs::posix(), path("m.wrck"));
    for (const char* name : {"m.npz", "m.pt", "m/"}) {
        QVERIFY(writeAnyCheckpoint(Vfs::posix(), *from, path(name), {}));
        QVERIFY((*openAnyCheckpoint(Vfs::posix(), path(name)))->metadata() == metadata);
    }
}

void TestWriters::fileNamesHoldAnyTensor()
{
    for (const std::string name : {"a", "a/b", "../x", ".hidden", "%2F", "a%", "a\nb", "c:\\d", "é"}) {
        const std::string file = npyFileName(name);
        QVERIFY(file.find('/') == std::string::npos && file.front() != '.' && file.ends_with(".npy"));
        QCOMPARE(tensorOfNpyFile(file), name);
    }
}

void TestWriters::leaveNothingBehind_data()
{
    formats();
}

void TestWriters::leaveNothingBehind()
{
    QFETCH(QString, name);
    if (name == "out.wrck")
        QSKIP("the save of the format itself is tested elsewhere");
    const auto from = source(false, 1);
    const QStringList before = left();
    const auto stopped = writeAnyCheckpoint(Vfs::posix(), *from, path(name), {},
                                            [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!stopped && stopped.error().code() == StatusCode::Cancelled);
    QCOMPARE(left(), before);
    FaultVfs counting;
    QVERIFY(writeAnyCheckpoint(counting, *from, path(name), {}));
    const int calls = static_cast<int>(counting.calls().size());
    QVERIFY(QDir(m_folder->path()).removeRecursively());
    m_folder = std::make_unique<QTemporaryDir>();
    const auto fresh = source(false, 1);
    int failures = 0;
    for (int bad = 0; bad < calls; ++bad) {
        FaultVfs vfs([bad](int number, const std::string&) {
            return number == bad ? resourceExhausted("the disk is full") : Status();
        });
        const auto result = writeAnyCheckpoint(vfs, *fresh, path(name), {});
        if (!result && left() == before) {
            ++failures;
            continue;
        }
        // Only the sync of the folder comes after the file is in its place.
        QVERIFY2(openAnyCheckpoint(Vfs::posix(), path(name)).has_value(),
                 vfs.calls()[static_cast<std::size_t>(bad)].c_str());
        QDir(m_folder->filePath("out")).removeRecursively();
        for (const QString& file : left()) {
            if (file.startsWith("out"))
                QVERIFY(QFile::remove(m_folder->filePath(file)));
        }
        QCOMPARE(left(), before);
    }
    QVERIFY(failures > 3);
}

void TestWriters::fullDiskIsToldBefore()
{
    FaultVfs vfs;
    vfs.free = 1'000'000;
    const auto result = writeAnyCheckpoint(vfs, *source(false), path("out.pt"), {});
    QVERIFY(!result && result.error().code() == StatusCode::ResourceExhausted);
    QVERIFY(result.error().message().find("1000000 are free") != std::string::npos);
    QVERIFY(vfs.calls().empty());
}

QTEST_GUILESS_MAIN(TestWriters)
#include "tst_writers.moc"
