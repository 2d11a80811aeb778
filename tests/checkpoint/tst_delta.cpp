// SPDX-License-Identifier: GPL-3.0-or-later
// Deltas: what was saved against a base is what is read with it, and without the base, or with another, the
// error says which file and which tensor.
#include "engine/checkpoint/frame.h"
#include "tests/checkpoint/sample_tensors.h"
#include "tests/checkpoint/saved_checkpoints.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::checkpoint;

namespace {

std::string textOf(const Status& status)
{
    return status.toString();
}

} // namespace

class TestDelta : public QObject {
    Q_OBJECT
private slots:
    void init();
    void roundTrip_data();
    void roundTrip();
    void renamedTensors();
    void baseIsFoundByIdentity();
    void aDamagedCopyOfTheBaseIsPassedOver();
    void missingBaseIsNamed();
    void otherBaseIsRefused();
    void damagedBaseIsNotBuiltUpon();
    void refusesWrongBases();
    void standsAlone();
    void hostileDeltas();

private:
    std::string path(const char* name) const { return m_files->path(name); }
    std::shared_ptr<const CheckpointReader> save(const char* name, const std::vector<NamedTensor>& tensors,
                                                 const SaveOptions& options = {}) const
    {
        return m_files->save(name, tensors, options);
    }
    std::unique_ptr<SavedCheckpoints> m_files;
};

void TestDelta::init()
{
    m_files = std::make_unique<SavedCheckpoints>();
}

void TestDelta::roundTrip_data()
{
    QTest::addColumn<bool>("large");
    QTest::addColumn<int>("threads");
    QTest::newRow("small") << false << 1;
    QTest::newRow("large") << true << 1;
    QTest::newRow("large, threads") << true << 3;
}

void TestDelta::roundTrip()
{
    QFETCH(bool, large);
    QFETCH(int, threads);
    const std::vector<NamedTensor> first = large ? largeTensors() : smallTensors();
    const std::vector<NamedTensor> second = later(first, 1e-4F, 5);
    SaveOptions options;
    options.threads = threads;
    const auto base = save("base", first, options);
    QVERIFY(base);
    options.base = base;
    const auto delta = save("delta", second, options);
    QVERIFY(delta);
    QCOMPARE(delta->base().has_value(), large);
    QCOMPARE(differenceFrom(*delta, second), QString());
    QCOMPARE(delta->metadata(), (Metadata{{"step", "1"}}));
    QVERIFY(verifyCheckpoint(*delta)->empty());
    if (!large)
        return;
    QCOMPARE(delta->formatName(), std::string("WR1 delta"));
    QCOMPARE(delta->base()->uuid, base->uuid());
    QVERIFY(delta->fileBytes() < base->fileBytes());
    // Parts of tensors and several threads give the same bytes.
    for (const NamedTensor& tensor : second) {
        const auto index = static_cast<std::size_t>(delta->find(tensor.name));
        const Result<Tensor> read = delta->read(index, {}, 3);
        QVERIFY(read && sameBytes(*read, tensor.tensor));
        const std::uint64_t bytes = tensor.tensor.byteSize();
        std::vector<std::byte> part(static_cast<std::size_t>(bytes / 3));
        QVERIFY(delta->readPart(index, bytes / 2, part).isOk());
        QVERIFY(std::memcmp(part.data(), tensor.tensor.bytes().data() + bytes / 2, part.size()) == 0);
        QCOMPARE(delta->readPart(index, bytes, std::span(part).first(1)).code(), StatusCode::OutOfRange);
    }
}

void TestDelta::renamedTensors()
{
    const std::vector<NamedTensor> first{{"old/w", weightsOf(DType::Float32, Shape{400, 400}, 1)},
                                         {"old/b", weightsOf(DType::Float32, Shape{4000}, 2)}};
    std::vector<NamedTensor> second = later(first, 1e-5F, 3);
    second[0].name = "new::wr1:w";
    second[1] = {"b", first[1].tensor};
    SaveOptions options;
    options.base = save("base", first);
    options.baseNames = {{"new::wr1:w", "old/w"}, {"b", "old/b"}};
    const auto delta = save("delta", second, options);
    QVERIFY(delta && delta->base());
    QVERIFY(delta->needsBase(0) && delta->needsBase(1));
    QCOMPARE(differenceFrom(*delta, second), QString());
}

void TestDelta::baseIsFoundByIdentity()
{
    const std::vector<NamedTensor> first = largeTensors();
    const std::vector<NamedTensor> second = later(first, 1e-5F, 3);
    SaveOptions options;
    options.base = save("base.wrck", first);
    QVERIFY(save("delta.wrck", second, options));
    QVERIFY(save("other.wrck", first));
    // Renamed, and another file under the name that the delta remembers.
    QDir folder(m_files->folder().path());
    QVERIFY(folder.rename("base.wrck", "kept.wrck"));
    QVERIFY(folder.rename("other.wrck", "base.wrck"));
    const auto delta = openCheckpoint(Vfs::posix(), path("delta.wrck"));
    QVERIFY(delta);
    QCOMPARE(differenceFrom(**delta, second), QString());
}

/// Two copies of a base whose name is taken away: the damaged one is first by name.
void TestDelta::aDamagedCopyOfTheBaseIsPassedOver()
{
    const std::vector<NamedTensor> first = largeTensors();
    const std::vector<NamedTensor> second = later(first, 1e-5F, 3);
    SaveOptions options;
    options.base = save("base.wrck", first);
    QVERIFY(save("delta.wrck", second, options));
    const QDir folder(m_files->folder().path());
    QVERIFY(QFile::copy(folder.filePath("base.wrck"), folder.filePath("z.wrck")));
    QVERIFY(QFile::rename(folder.filePath("base.wrck"), folder.filePath("a.wrck")));
    QFile file(folder.filePath("a.wrck"));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(file.size() / 3));
    file.write("damaged");
    file.close();
    const auto delta = openCheckpoint(Vfs::posix(), path("delta.wrck"));
    QVERIFY(delta && (*delta)->base());
    QCOMPARE(differenceFrom(**delta, second), QString());
}

void TestDelta::missingBaseIsNamed()
{
    const std::vector<NamedTensor> first = largeTensors();
    SaveOptions options;
    options.base = save("base.wrck", first);
    QVERIFY(save("delta.wrck", later(first, 1e-5F, 3), options));
    QVERIFY(QFile::remove(QString::fromStdString(path("base.wrck"))));
    const auto delta = openCheckpoint(Vfs::posix(), path("delta.wrck"));
    QVERIFY(delta); // names, shapes and statistics are known without it
    QVERIFY((*delta)->warnings().empty());
    const Result<Tensor> read = (*delta)->read(static_cast<std::size_t>((*delta)->find("one_block")));
    QVERIFY(!read);
    QCOMPARE(read.error().code(), StatusCode::NotFound);
    QVERIFY2(textOf(read.error()).find("one_block: its base is missing: \"base.wrck\"") != std::string::npos,
             textOf(read.error()).c_str());
    // The same values under another identity are another file.
    QVERIFY(save("elsewhere.wrck", first));
    QVERIFY(!(*delta)->read(static_cast<std::size_t>((*delta)->find("one_block"))));
}

void TestDelta::otherBaseIsRefused()
{
    // The identity of the base in a file with other values.
    const std::vector<NamedTensor> first{{"w", weightsOf(DType::Float32, Shape{300, 300}, 1)}};
    const auto base = save("base.wrck", first);
    SaveOptions options;
    options.base = base;
    QVERIFY(save("delta.wrck", later(first, 1e-5F, 3), options));
    // The stored profile keeps the header in the clear, where the identity can be written over.
    const std::string mine = base->uuid();
    SaveOptions stored;
    stored.profile = Profile::Stored;
    const auto other = save("other.wrck", {{"w", weightsOf(DType::Float32, Shape{300, 300}, 9)}}, stored);
    QVERIFY(other && other->uuid() != mine);
    QFile file(QString::fromStdString(path("other.wrck")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray bytes = file.readAll();
    file.close();
    bytes.replace(QByteArray::fromStdString(other->uuid()), QByteArray::fromStdString(mine));
    // The first frame: nine bytes of header, a block header of three, content, checksum.
    const auto content = static_cast<qsizetype>(static_cast<unsigned char>(bytes[5])) |
                         static_cast<qsizetype>(static_cast<unsigned char>(bytes[6])) << 8;
    FrameEncoder encoder;
    const auto frame = encoder.encode(
        std::as_bytes(std::span(bytes.constData() + 12, static_cast<std::size_t>(content))), Coder::Raw);
    QVERIFY(frame);
    bytes.replace(0, static_cast<qsizetype>(frame->bytes.size()),
                  QByteArray(reinterpret_cast<const char*>(frame->bytes.data()),
                             static_cast<qsizetype>(frame->bytes.size())));
    bytes.truncate(bytes.indexOf(QByteArray("WRIX")) - 8); // index and table would tell
    QVERIFY(QFile::remove(QString::fromStdString(path("base.wrck"))));
    QFile forged(QString::fromStdString(path("base.wrck")));
    QVERIFY(forged.open(QIODevice::WriteOnly));
    forged.write(bytes);
    forged.close();
    QCOMPARE((*openCheckpoint(Vfs::posix(), path("base.wrck")))->uuid(), mine);
    const auto delta = openCheckpoint(Vfs::posix(), path("delta.wrck"));
    const Result<Tensor> read = (*delta)->read(0);
    QVERIFY(!read);
    QCOMPARE(read.error().code(), StatusCode::DataLoss);
    const std::string text = textOf(read.error());
    QVERIFY2(text.find("w: its base ") != std::string::npos && text.find("base.wrck") != std::string::npos &&
                 text.find("other values") != std::string::npos,
             text.c_str());
}

void TestDelta::damagedBaseIsNotBuiltUpon()
{
    const std::vector<NamedTensor> first{{"w", weightsOf(DType::Float32, Shape{600, 600}, 1)}};
    QVERIFY(save("base.wrck", first));
    QFile file(QString::fromStdString(path("base.wrck")));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(file.size() / 2));
    char byte = 0;
    QVERIFY(file.peek(&byte, 1) == 1);
    byte = static_cast<char>(byte ^ 0x11);
    QVERIFY(file.write(&byte, 1) == 1);
    file.close();
    SaveOptions options;
    options.base = *openCheckpoint(Vfs::posix(), path("base.wrck"));
    const std::vector<NamedTensor> second = later(first, 1e-5F, 3);
    const auto delta = save("delta.wrck", second, options);
    QVERIFY(delta && !delta->base());
    QCOMPARE(differenceFrom(*delta, second), QString());
}

void TestDelta::refusesWrongBases()
{
    const std::vector<NamedTensor> first = largeTensors();
    const std::vector<NamedTensor> second = later(first, 1e-5F, 3);
    SaveOptions options;
    options.base = save("base.wrck", first);
    options.base = save("delta.wrck", second, options);
    const auto codeOf = [&](const std::string& file, const SaveOptions& with) {
        const auto saved = saveCheckpoint(Vfs::posix(), file, second, {}, with);
        return saved ? StatusCode::Ok : saved.error().code();
    };
    QCOMPARE(codeOf(path("deeper.wrck"), options), StatusCode::FailedPrecondition);
    SaveOptions plain;
    plain.profile = Profile::Plain;
    options.base = save("plain.zst", first, plain);
    QCOMPARE(codeOf(path("on_plain.wrck"), options), StatusCode::FailedPrecondition);
    options.base = *openCheckpoint(Vfs::posix(), path("base.wrck"));
    options.replace = true;
    QCOMPARE(codeOf(path("base.wrck"), options), StatusCode::FailedPrecondition);
    QVERIFY(QDir(m_files->folder().path()).mkdir("sub"));
    QCOMPARE(codeOf(path("sub/delta.wrck"), options), StatusCode::FailedPrecondition);
    QCOMPARE(codeOf(path("fine.wrck"), options), StatusCode::Ok);
}

void TestDelta::standsAlone()
{
    const std::vector<NamedTensor> first = largeTensors();
    const std::vector<NamedTensor> second = later(first, 1e-4F, 5);
    SaveOptions options;
    options.base = save("base.wrck", first);
    const auto delta = save("delta.wrck", second, options);
    QVERIFY(delta && delta->base());
    for (const Profile profile : {Profile::Compact, Profile::Plain, Profile::Stored}) {
        SaveOptions alone;
        alone.profile = profile;
        alone.replace = true;
        alone.threads = 2;
        const auto saved = rewriteCheckpoint(Vfs::posix(), *delta, path("alone.wrck"), alone);
        QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
        QVERIFY(!saved->isDelta);
        const auto reader = openCheckpoint(Vfs::posix(), path("alone.wrck"));
        QVERIFY(reader && !(*reader)->base());
        QCOMPARE(differenceFrom(**reader, second), QString());
        QCOMPARE((*reader)->metadata(), delta->metadata());
        for (std::size_t i = 0; i < second.size(); ++i)
            QVERIFY((*reader)->tensors()[i].digest == delta->tensors()[i].digest);
    }
    QVERIFY(QFile::remove(QString::fromStdString(path("base.wrck"))));
    QVERIFY(verifyCheckpoint(**openCheckpoint(Vfs::posix(), path("alone.wrck")))->empty());
    // Without the base nothing is written, and nothing is left behind.
    const auto again = openCheckpoint(Vfs::posix(), path("delta.wrck"));
    const auto failed = rewriteCheckpoint(Vfs::posix(), **again, path("never.wrck"), {});
    QVERIFY(!failed);
    QCOMPARE(failed.error().code(), StatusCode::NotFound);
    QCOMPARE(QDir(m_files->folder().path()).entryList(QDir::Files | QDir::Hidden).size(), 2);
}

void TestDelta::hostileDeltas()
{
    // The base shrank to nothing, or became a folder or another kind of file.
    const std::vector<NamedTensor> first = largeTensors();
    SaveOptions options;
    options.base = save("base.wrck", first);
    QVERIFY(save("delta.wrck", later(first, 1e-5F, 3), options));
    for (const char* content : {"", "PK\3\4", "{}"}) {
        QFile file(QString::fromStdString(path("base.wrck")));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(content);
        file.close();
        const auto delta = openCheckpoint(Vfs::posix(), path("delta.wrck"));
        QCOMPARE((*delta)->read(0).error().code(), StatusCode::NotFound);
    }
    QVERIFY(QFile::remove(QString::fromStdString(path("base.wrck"))));
    QVERIFY(QDir(m_files->folder().path()).mkdir("base.wrck"));
    const auto delta = openCheckpoint(Vfs::posix(), path("delta.wrck"));
    QCOMPARE((*delta)->read(0).error().code(), StatusCode::NotFound);
}

QTEST_GUILESS_MAIN(TestDelta)
#include "tst_delta.moc"
