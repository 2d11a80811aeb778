// SPDX-License-Identifier: GPL-3.0-or-later
// A save is durable or did not happen: whichever file call fails, the old file stays, the new one is absent,
// and no temporary file is left.
#include "tests/checkpoint/fault_vfs.h"
#include "tests/checkpoint/sample_tensors.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <sys/wait.h>
#include <unistd.h>

using namespace wr;
using namespace wr::checkpoint;

class TestSave : public QObject {
    Q_OBJECT
private slots:
    void init();
    void callsInOrder();
    void survivesTheFailureOfAnyCall_data();
    void survivesTheFailureOfAnyCall();
    void tellsAFullDisk();
    void asksForSpaceBeforehand();
    void noticesWhatTheDiskLost();
    void refusesTakenNamesAndReplacesOnRequest();
    void refusesTensorsThatCannotBeWritten();
    void namesAMissingFolder();
    void sweepsWhatDeadProcessesLeft();
    void survivesAKill();

private:
    std::string path(const char* name) const { return m_folder->filePath(QLatin1String(name)).toStdString(); }
    QStringList files() const
    {
        return QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSave::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSave::callsInOrder()
{
    FaultVfs vfs;
    QVERIFY(saveCheckpoint(vfs, path("a.wrck"), smallTensors(), {}, {}));
    const std::vector<std::string>& calls = vfs.calls();
    const auto place = [&](const char* call) {
        return std::find(calls.begin(), calls.end(), call) - calls.begin();
    };
    QCOMPARE(std::count(calls.begin(), calls.end(), "sync"), 1);
    QCOMPARE(place("create"), 0);
    QVERIFY(place("write") < place("sync"));
    QVERIFY(place("sync") < place("close"));
    QVERIFY(place("close") < place("read"));
    QVERIFY(place("read") < place("rename"));
    QCOMPARE(place("rename") + 1, place("syncDirectory"));
    QCOMPARE(std::size_t(place("syncDirectory")) + 1, calls.size());
    QCOMPARE(std::count(calls.begin() + place("sync"), calls.end(), "write"), 0);
}

void TestSave::survivesTheFailureOfAnyCall_data()
{
    QTest::addColumn<bool>("replaces");
    QTest::newRow("new name") << false;
    QTest::newRow("over a file") << true;
}

void TestSave::survivesTheFailureOfAnyCall()
{
    QFETCH(bool, replaces);
    const std::vector<NamedTensor> before{{"old", weightsOf(DType::Float32, Shape{5}, 3)}};
    const std::vector<NamedTensor> after = smallTensors();
    SaveOptions options;
    options.replace = replaces;
    FaultVfs counting;
    QVERIFY(saveCheckpoint(counting, path("count"), after, {}, {}));
    QFile::remove(QString::fromStdString(path("count")));
    int failures = 0;
    for (std::size_t bad = 0; bad < counting.calls().size(); ++bad) {
        QFile::remove(QString::fromStdString(path("a")));
        if (replaces)
            QVERIFY(saveCheckpoint(Vfs::posix(), path("a"), before, {}, {}));
        FaultVfs vfs([&](int number, const std::string&) {
            return number == static_cast<int>(bad) ? unavailable("the cable was pulled") : Status();
        });
        const auto saved = saveCheckpoint(vfs, path("a"), after, {}, options);
        QVERIFY2(!saved, vfs.calls()[bad].c_str());
        QVERIFY2(saved.error().message().find("the cable was pulled") != std::string::npos,
                 saved.error().message().c_str());
        ++failures;
        const bool isInPlace = vfs.calls()[bad] == "syncDirectory";
        if (isInPlace || replaces) {
            QCOMPARE(files(), QStringList{QStringLiteral("a")});
            const auto reader = openCheckpoint(Vfs::posix(), path("a"));
            QVERIFY(reader);
            QCOMPARE(differenceFrom(**reader, isInPlace ? after : before), QString());
        } else {
            QVERIFY2(files().isEmpty(), qPrintable(files().join(u' ')));
        }
    }
    QVERIFY(failures > 8);
}

void TestSave::tellsAFullDisk()
{
    int written = 0;
    FaultVfs vfs([&](int, const std::string& call) {
        return call == "write" && ++written == 3 ? resourceExhausted("a.wrck: No space left on device")
                                                 : Status();
    });
    const auto saved = saveCheckpoint(vfs, path("a.wrck"), largeTensors(), {}, {});
    QVERIFY(!saved);
    QCOMPARE(saved.error().code(), StatusCode::ResourceExhausted);
    QVERIFY(files().isEmpty());
}

void TestSave::asksForSpaceBeforehand()
{
    FaultVfs vfs;
    vfs.free = 100'000;
    const auto saved = saveCheckpoint(vfs, path("a.wrck"), largeTensors(), {}, {});
    QVERIFY(!saved);
    QCOMPARE(saved.error().code(), StatusCode::ResourceExhausted);
    QVERIFY2(saved.error().message().find("only 100 kB are free") != std::string::npos,
             saved.error().message().c_str());
    QVERIFY(vfs.calls().empty());
}

void TestSave::noticesWhatTheDiskLost()
{
    // The disk forgets what was written, without a word, before it is read back.
    FaultVfs vfs([&](int, const std::string& call) {
        if (call == "close") {
            for (const QString& name : files()) {
                QFile file(m_folder->filePath(name));
                if (file.open(QIODevice::ReadWrite) && file.seek(file.size() / 2))
                    file.write(QByteArray(64, '\0'));
            }
        }
        return Status();
    });
    const auto saved = saveCheckpoint(vfs, path("a.wrck"), largeTensors(), {}, {});
    QVERIFY(!saved);
    QCOMPARE(saved.error().code(), StatusCode::DataLoss);
    QVERIFY(files().isEmpty());
}

void TestSave::refusesTakenNamesAndReplacesOnRequest()
{
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a"), smallTensors(), {}, {}));
    const auto again = saveCheckpoint(Vfs::posix(), path("a"), {}, {}, {});
    QVERIFY(!again);
    QCOMPARE(again.error().code(), StatusCode::AlreadyExists);
    QCOMPARE(differenceFrom(**openCheckpoint(Vfs::posix(), path("a")), smallTensors()), QString());
    SaveOptions options;
    options.replace = true;
    const std::vector<NamedTensor> other{{"x", weightsOf(DType::Int8, Shape{9}, 1)}};
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a"), other, {}, options));
    QCOMPARE(differenceFrom(**openCheckpoint(Vfs::posix(), path("a")), other), QString());
}

void TestSave::refusesTensorsThatCannotBeWritten()
{
    const Tensor value = weightsOf(DType::Float32, Shape{2}, 1);
    const std::vector<std::pair<std::vector<NamedTensor>, const char*>> cases{
        {{{"w", value}, {"w", value}}, "two tensors are called \"w\""},
        {{{"__metadata__", value}}, "__metadata__"},
        {{{"\xff\xfe", value}}, "UTF-8"},
        {{{std::string(40000, 'n'), value}}, "longer than"},
        {{{"none", Tensor()}}, "no values"},
    };
    for (const auto& [tensors, word] : cases) {
        const auto saved = saveCheckpoint(Vfs::posix(), path("a"), tensors, {}, {});
        QVERIFY(!saved);
        QCOMPARE(saved.error().code(), StatusCode::InvalidArgument);
        QVERIFY2(saved.error().message().find(word) != std::string::npos, saved.error().message().c_str());
    }
    QVERIFY(files().isEmpty());
}

void TestSave::namesAMissingFolder()
{
    const auto saved = saveCheckpoint(Vfs::posix(), path("no/such/folder/a.wrck"), smallTensors(), {}, {});
    QVERIFY(!saved);
    QCOMPARE(saved.error().code(), StatusCode::NotFound);
    QVERIFY2(saved.error().message().find("no/such/folder") != std::string::npos,
             saved.error().message().c_str());
}

void TestSave::sweepsWhatDeadProcessesLeft()
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    int state = 0;
    QCOMPARE(::waitpid(child, &state, 0), child);
    const QString left = QStringLiteral(".b.wrck.wrtmp-%1-abc").arg(child);
    const QString alive = QStringLiteral(".b.wrck.wrtmp-%1-abc").arg(::getpid());
    for (const QString& name : {left, alive, QStringLiteral(".wrtmp-notes")}) {
        QFile file(m_folder->filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a.wrck"), smallTensors(), {}, {}));
    QVERIFY(!files().contains(left));
    QVERIFY(files().contains(alive));
    QVERIFY(files().contains(QStringLiteral(".wrtmp-notes")));
}

void TestSave::survivesAKill()
{
    const std::vector<NamedTensor> before = smallTensors();
    const std::vector<NamedTensor> after = largeTensors();
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a"), before, {}, {}));
    QElapsedTimer clock;
    clock.start();
    QVERIFY(saveCheckpoint(Vfs::posix(), path("timed"), after, {}, {}));
    const qint64 wholeSave = clock.nsecsElapsed() / 1000;
    QFile::remove(QString::fromStdString(path("timed")));
    int replaced = 0;
    for (int delay = 0; delay < 24; ++delay) {
        const pid_t child = ::fork();
        if (child == 0) {
            SaveOptions options;
            options.replace = true;
            static_cast<void>(saveCheckpoint(Vfs::posix(), path("a"), after, {}, options));
            ::_exit(0);
        }
        ::usleep(static_cast<useconds_t>(wholeSave * delay / 18));
        ::kill(child, SIGKILL);
        int state = 0;
        QCOMPARE(::waitpid(child, &state, 0), child);
        const auto reader = openCheckpoint(Vfs::posix(), path("a"));
        QVERIFY2(reader, reader ? "" : reader.error().toString().c_str());
        const bool isNew = (*reader)->tensors().size() == after.size();
        replaced += isNew ? 1 : 0;
        QCOMPARE(differenceFrom(**reader, isNew ? after : before), QString());
    }
    qInfo("the new file was there after %d of 24 kills", replaced);
    SaveOptions options;
    options.replace = true;
    QVERIFY(saveCheckpoint(Vfs::posix(), path("a"), after, {}, options));
    QCOMPARE(files(), QStringList{QStringLiteral("a")});
}

QTEST_GUILESS_MAIN(TestSave)
#include "tst_save.moc"
