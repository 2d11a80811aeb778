// SPDX-License-Identifier: GPL-3.0-or-later
// Every bit of a file that flips and every length at which it is cut is found and placed, and what is whole
// is recovered. WEIGHTROOM_DAMAGE_BYTES sets the size of the file (a mebibyte takes hours).
#include "engine/checkpoint/damage_map.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <set>

using namespace wr;
using namespace wr::checkpoint;

namespace {

/// A file in memory, so that a hundred thousand damaged ones need no disk.
class MemoryVfs final : public Vfs {
public:
    std::vector<std::byte> bytes;

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        if (mode != OpenMode::Read || path != "file")
            return Vfs::posix().open(path, mode);
        return std::make_unique<MemoryFile>(bytes);
    }
    Status renameNoReplace(const std::string& from, const std::string& to) override
    {
        return Vfs::posix().renameNoReplace(from, to);
    }
    Status renameReplace(const std::string& from, const std::string& to) override
    {
        return Vfs::posix().renameReplace(from, to);
    }
    Status remove(const std::string& path) override { return Vfs::posix().remove(path); }
    Status syncDirectory(const std::string& directory) override
    {
        return Vfs::posix().syncDirectory(directory);
    }
    Status makeDirectories(const std::string& directory) override
    {
        return Vfs::posix().makeDirectories(directory);
    }
    Result<FileInfo> info(const std::string& path) override
    {
        if (path != "file")
            return Vfs::posix().info(path);
        FileInfo info;
        info.isRegular = true;
        info.size = bytes.size();
        return info;
    }
    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        return Vfs::posix().list(directory);
    }
    Result<std::uint64_t> freeSpace(const std::string& directory) override
    {
        return Vfs::posix().freeSpace(directory);
    }

private:
    class MemoryFile final : public File {
    public:
        explicit MemoryFile(const std::vector<std::byte>& all) : m_bytes(all) {}
        Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
        {
            const std::size_t from = std::min<std::size_t>(offset, m_bytes.size());
            const std::size_t size = std::min(into.size(), m_bytes.size() - from);
            std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(from), size, into.begin());
            return size;
        }
        Status write(std::uint64_t, std::span<const std::byte>) override
        {
            return internalError("read only");
        }
        Result<std::uint64_t> size() override { return m_bytes.size(); }
        Status sync() override { return {}; }
        Status close() override { return {}; }

    private:
        const std::vector<std::byte>& m_bytes;
    };
};

std::vector<NamedTensor> tensorsOf(std::int64_t elements)
{
    return {{"weights", weightsOf(DType::Float32, Shape{elements}, 1)},
            {"halves", weightsOf(DType::BFloat16, Shape{2, elements}, 2)},
            {"bytes", weightsOf(DType::UInt8, Shape{elements}, 4)},
            {"zeros", *Tensor::zeros(DType::Float32, Shape{elements / 2})},
            {"step", weightsOf(DType::Int64, Shape{}, 3)}};
}

} // namespace

class TestVerify : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void wholeIsWhole_data();
    void wholeIsWhole();
    void everyBitFlipped_data();
    void everyBitFlipped();
    void everyTruncation_data();
    void everyTruncation();
    void salvagesWithoutIndexAndTable_data();
    void salvagesWithoutIndexAndTable();
    void salvagesAroundDamage_data();
    void salvagesAroundDamage();
    void headerIsLost();
    void missingBase();
    void otherFilesAreRefused();
    void cancels();

private:
    std::vector<std::byte> fileOf(const std::vector<NamedTensor>& tensors, Profile profile);
    void checkSalvage(const std::set<std::string>& mayMiss, const std::vector<NamedTensor>& tensors);
    QTemporaryDir m_folder;
    MemoryVfs m_vfs;
    std::vector<NamedTensor> m_tensors;
    std::array<std::vector<std::byte>, 3> m_files; ///< by profile
};

std::vector<std::byte> TestVerify::fileOf(const std::vector<NamedTensor>& tensors, Profile profile)
{
    SaveOptions options;
    options.profile = profile;
    options.replace = true;
    const std::string path = m_folder.filePath(QStringLiteral("saved")).toStdString();
    if (!saveCheckpoint(Vfs::posix(), path, tensors, {{"step", "9"}}, options))
        qFatal("the temporary folder cannot be written");
    return *readFile(Vfs::posix(), path, 1U << 28U);
}

void TestVerify::initTestCase()
{
    bool isGiven = false;
    const int given = qEnvironmentVariableIntValue("WEIGHTROOM_DAMAGE_BYTES", &isGiven);
    for (const Profile profile : {Profile::Plain, Profile::Stored, Profile::Compact}) {
        const int bytes = isGiven ? given : profile == Profile::Compact ? 16384 : 4096;
        m_tensors = tensorsOf(bytes / 10);
        m_files[static_cast<std::size_t>(profile)] = fileOf(m_tensors, profile);
    }
}

void TestVerify::wholeIsWhole_data()
{
    QTest::addColumn<int>("profile");
    QTest::newRow("compact") << 0;
    QTest::newRow("plain") << 1;
    QTest::newRow("stored") << 2;
}

void TestVerify::wholeIsWhole()
{
    QFETCH(int, profile);
    for (const bool large : {false, true}) {
        const std::vector<NamedTensor> tensors = large ? largeTensors() : m_tensors;
        m_vfs.bytes = fileOf(tensors, static_cast<Profile>(profile));
        const auto map = verifyFile(m_vfs, "file");
        QVERIFY2(map, map ? "" : map.error().toString().c_str());
        QVERIFY2(map->isWhole(), map->isWhole() ? "" : map->places.front().what.c_str());
        QVERIFY(map->knowsDigests);
        QCOMPARE(map->tensors, std::uint64_t{tensors.size()});
        QCOMPARE(map->fileBytes, std::uint64_t{m_vfs.bytes.size()});
        QVERIFY(map->frames > 1);
    }
}

void TestVerify::everyBitFlipped_data()
{
    wholeIsWhole_data();
}

void TestVerify::everyBitFlipped()
{
    QFETCH(int, profile);
    m_vfs.bytes = m_files[static_cast<std::size_t>(profile)];
    std::size_t found = 0;
    std::size_t placed = 0;
    const std::size_t bits = m_vfs.bytes.size() * 8;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    constexpr std::size_t kStride = 13; // each bit is turned where nothing else is looked for
#else
    constexpr std::size_t kStride = 1;
#endif
    for (std::size_t bit = 0; bit < bits; bit += kStride) {
        const std::size_t at = bit / 8;
        m_vfs.bytes[at] ^= static_cast<std::byte>(1U << bit % 8);
        const auto map = verifyFile(m_vfs, "file");
        const QString where = QStringLiteral("bit %1 of byte %2 of %3").arg(bit % 8).arg(at).arg(bits / 8);
        QVERIFY2(map, qPrintable(where + QString::fromStdString(map ? "" : map.error().toString())));
        QVERIFY2(!map->isWhole(), qPrintable(where));
        ++found;
        bool isPlaced = false;
        for (const DamagePlace& place : map->places)
            isPlaced = isPlaced || (place.offset <= at && at < place.offset + place.size);
        placed += isPlaced ? 1U : 0U;
        QVERIFY2(isPlaced,
                 qPrintable(where + QStringLiteral(": ") + QString::fromStdString(map->places.front().what)));
        m_vfs.bytes[at] ^= static_cast<std::byte>(1U << bit % 8);
    }
    const std::size_t tried = (bits + kStride - 1) / kStride;
    qInfo("%s: %zu of %zu bits found, %zu of %zu placed", QTest::currentDataTag(), found, tried, placed,
          tried);
}

void TestVerify::everyTruncation_data()
{
    wholeIsWhole_data();
}

/// Recovers from m_vfs; what is recovered is right, and nothing is missing that may not be.
void TestVerify::checkSalvage(const std::set<std::string>& mayMiss, const std::vector<NamedTensor>& tensors)
{
    const std::string out = m_folder.filePath(QStringLiteral("recovered")).toStdString();
    static_cast<void>(QFile::remove(QString::fromStdString(out)));
    const auto report = salvageFile(m_vfs, "file", out, {});
    QVERIFY2(report, report ? "" : report.error().toString().c_str());
    QCOMPARE(report->recovered.size() + report->lost.size(), tensors.size());
    for (const Damage& lost : report->lost)
        QVERIFY2(mayMiss.contains(lost.tensor), lost.tensor.c_str());
    const auto reader = openCheckpoint(Vfs::posix(), out);
    QVERIFY(reader && (*reader)->warnings().empty());
    QCOMPARE((*reader)->tensors().size(), report->recovered.size());
    for (const NamedTensor& tensor : tensors) {
        const std::ptrdiff_t index = (*reader)->find(tensor.name);
        QVERIFY2(index >= 0 || mayMiss.contains(tensor.name), tensor.name.c_str());
        if (index >= 0)
            QVERIFY(sameBytes(*(*reader)->read(static_cast<std::size_t>(index)), tensor.tensor));
    }
    QVERIFY(verifyFile(Vfs::posix(), out)->isWhole());
}

void TestVerify::everyTruncation()
{
    QFETCH(int, profile);
    const std::vector<std::byte>& whole = m_files[static_cast<std::size_t>(profile)];
    for (std::size_t size = 0; size < whole.size(); ++size) {
        m_vfs.bytes.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto map = verifyFile(m_vfs, "file");
        if (size < 4) {
            QVERIFY(!map && map.error().code() == StatusCode::InvalidArgument);
            continue;
        }
        QVERIFY2(map, map ? "" : map.error().toString().c_str());
        QVERIFY2(!map->isWhole(), qPrintable(QString::number(size)));
    }
    m_vfs.bytes = whole;
    m_vfs.bytes.push_back(std::byte{'x'});
    QVERIFY(!verifyFile(m_vfs, "file")->isWhole());
}

void TestVerify::salvagesWithoutIndexAndTable_data()
{
    wholeIsWhole_data();
}

void TestVerify::salvagesWithoutIndexAndTable()
{
    QFETCH(int, profile);
    const std::vector<NamedTensor> tensors = largeTensors();
    const std::vector<std::byte> whole = fileOf(tensors, static_cast<Profile>(profile));
    const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
    const std::size_t indexAt = text.rfind("WRIX") - 8;
    m_vfs.bytes.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(indexAt));
    checkSalvage({}, tensors);
    // Half of the file: what lies before the cut is there, whatever it is called.
    m_vfs.bytes.resize(indexAt / 2);
    std::set<std::string> all;
    for (const NamedTensor& tensor : tensors)
        all.insert(tensor.name);
    const auto map = verifyFile(m_vfs, "file");
    QVERIFY(map && !map->lost.empty() && map->lost.size() < tensors.size());
    checkSalvage({map->lost.begin(), map->lost.end()}, tensors);
}

void TestVerify::salvagesAroundDamage_data()
{
    QTest::addColumn<int>("profile");
    QTest::addColumn<int>("tail"); ///< what is left of it: 0 all, 1 no table, 2 neither index nor table
    for (int profile = 0; profile < 3; ++profile) {
        for (int tail = 0; tail < 3; ++tail)
            QTest::addRow("profile %d, tail %d", profile, tail) << profile << tail;
    }
}

void TestVerify::salvagesAroundDamage()
{
    QFETCH(int, profile);
    QFETCH(int, tail);
    const std::vector<NamedTensor> tensors = largeTensors();
    const std::vector<std::byte> whole = fileOf(tensors, static_cast<Profile>(profile));
    const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
    const std::size_t indexAt = text.rfind("WRIX") - 8;
    const std::size_t tableAt = text.rfind("\x5e\x2a\x4d\x18");
    std::mt19937 random(static_cast<std::uint32_t>(10 * profile + tail));
    for (int round = 0; round < 4; ++round) {
        m_vfs.bytes = whole;
        m_vfs.bytes.resize(tail == 0 ? whole.size() : tail == 1 ? tableAt : indexAt);
        // A sector of the disk in the second half, over the border of a frame or not.
        const std::size_t at = indexAt / 2 + random() % (indexAt / 2 - 512);
        for (std::size_t i = 0; i < 512; ++i)
            m_vfs.bytes[at + i] = static_cast<std::byte>(random());
        const auto map = verifyFile(m_vfs, "file");
        QVERIFY(map && !map->isWhole());
        QVERIFY(!map->lost.empty());
        bool isPlaced = false;
        for (const DamagePlace& place : map->places)
            isPlaced = isPlaced || (place.offset <= at && at < place.offset + place.size);
        QVERIFY(isPlaced);
        if (tail == 0)
            QVERIFY2(map->lost.size() <= 28, qPrintable(QString::number(map->lost.size())));
        checkSalvage({map->lost.begin(), map->lost.end()}, tensors);
    }
}

void TestVerify::headerIsLost()
{
    // The index still knows names, shapes and places.
    const std::vector<NamedTensor> tensors = largeTensors();
    m_vfs.bytes = fileOf(tensors, Profile::Compact);
    for (std::size_t i = 0; i < 64; ++i)
        m_vfs.bytes[i] = std::byte{0};
    const auto map = verifyFile(m_vfs, "file");
    QVERIFY2(map, map ? "" : map.error().toString().c_str());
    QVERIFY(map->lost.empty());
    QVERIFY(std::any_of(map->places.begin(), map->places.end(),
                        [](const DamagePlace& place) { return place.kind == DamageKind::Header; }));
    checkSalvage({}, tensors);
    const auto recovered =
        openCheckpoint(Vfs::posix(), m_folder.filePath(QStringLiteral("recovered")).toStdString());
    QCOMPARE((*recovered)->metadata(), (Metadata{{"step", "9"}}));
    // Without either, nothing has a name.
    const std::string_view text(reinterpret_cast<const char*>(m_vfs.bytes.data()), m_vfs.bytes.size());
    m_vfs.bytes[text.rfind("WRIX") + 300] ^= std::byte{1};
    const auto failed = salvageFile(m_vfs, "file", m_folder.filePath("never").toStdString(), {});
    QVERIFY(!failed);
    QCOMPARE(failed.error().code(), StatusCode::DataLoss);
    QVERIFY(!QFile::exists(m_folder.filePath("never")));
    QVERIFY(!verifyFile(m_vfs, "file")->isWhole());
}

void TestVerify::missingBase()
{
    const std::vector<NamedTensor> first = largeTensors();
    const std::string basePath = m_folder.filePath("base.wrck").toStdString();
    const std::string path = m_folder.filePath("delta.wrck").toStdString();
    QVERIFY(saveCheckpoint(Vfs::posix(), basePath, first, {}, {}));
    SaveOptions options;
    options.base = *openCheckpoint(Vfs::posix(), basePath);
    const std::vector<NamedTensor> second = later(first, 1e-5F, 4);
    QVERIFY(saveCheckpoint(Vfs::posix(), path, second, {}, options)->isDelta);
    QVERIFY(verifyFile(Vfs::posix(), path)->isWhole());
    QVERIFY(QFile::remove(QString::fromStdString(basePath)));
    const auto map = verifyFile(Vfs::posix(), path);
    QVERIFY(map);
    QCOMPARE(map->places.size(), std::size_t{1});
    QCOMPARE(map->places[0].kind, DamageKind::Base);
    QVERIFY(!map->places[0].tensors.empty() && map->lost.size() < second.size());
    const auto report = salvageFile(Vfs::posix(), path, m_folder.filePath("rest").toStdString(), {});
    QVERIFY(report);
    QCOMPARE(report->lost.size(), map->lost.size());
}

void TestVerify::otherFilesAreRefused()
{
    for (const char* text : {"", "epoch 1\n", "PK\3\4____"}) {
        m_vfs.bytes.assign(reinterpret_cast<const std::byte*>(text),
                           reinterpret_cast<const std::byte*>(text) + std::strlen(text));
        const auto map = verifyFile(m_vfs, "file");
        QVERIFY(!map);
        QCOMPARE(map.error().code(), StatusCode::InvalidArgument);
    }
    QCOMPARE(verifyFile(Vfs::posix(), "/no/such").error().code(), StatusCode::NotFound);
    QCOMPARE(verifyFile(Vfs::posix(), m_folder.path().toStdString()).error().code(),
             StatusCode::InvalidArgument);
    QCOMPARE(salvageFile(m_vfs, "file", "file", {}).error().code(), StatusCode::InvalidArgument);
    // Frames of zstd that hold something else.
    std::mt19937 random(3);
    m_vfs.bytes = m_files[0];
    for (std::size_t i = 4; i < m_vfs.bytes.size(); ++i)
        m_vfs.bytes[i] = static_cast<std::byte>(random());
    QVERIFY(!verifyFile(m_vfs, "file")->isWhole());
}

void TestVerify::cancels()
{
    m_vfs.bytes = m_files[0];
    std::uint64_t last = 0;
    QVERIFY(verifyFile(m_vfs, "file", [&](std::uint64_t done, std::uint64_t total) {
        last = done * 1000 / total;
        return done <= total;
    }));
    QVERIFY(last > 500);
    const auto stopped = verifyFile(m_vfs, "file", [](std::uint64_t, std::uint64_t) { return false; });
    QCOMPARE(stopped.error().code(), StatusCode::Cancelled);
    const std::string out = m_folder.filePath("cancelled").toStdString();
    int calls = 0;
    const auto salvage =
        salvageFile(m_vfs, "file", out, {}, [&](std::uint64_t, std::uint64_t) { return ++calls < 12; });
    QCOMPARE(salvage.error().code(), StatusCode::Cancelled);
    QVERIFY(!QFile::exists(QString::fromStdString(out)));
}

QTEST_GUILESS_MAIN(TestVerify)
#include "tst_verify.moc"
