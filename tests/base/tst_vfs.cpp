// SPDX-License-Identifier: GPL-3.0-or-later
// The real file system through Vfs: what is atomic stays atomic, and errors name the path and the kind.
#include "engine/base/crc32c.h"
#include "engine/base/temporary_file.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <sys/wait.h>
#include <unistd.h>

using namespace wr;

namespace {

std::span<const std::byte> bytesOf(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

} // namespace

class TestVfs : public QObject {
    Q_OBJECT
private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void writesAndReads();
    void readsFromSeveralPlaces();
    void createNewRefusesWhatExists();
    void renames();
    void errorsNameThePath();
    void listsAndMakesFolders();
    void opensOnlyBeneath();
    void removesEmptyFolders();
    void replacesAFile();
    void removesWhatADeadProcessLeft();
    void limitsWhatItReads();
    void checksums();

private:
    std::string path(const char* name) const { return m_folder->filePath(QLatin1String(name)).toStdString(); }
    void write(const char* name, std::string_view text)
    {
        QVERIFY(replaceFile(Vfs::posix(), path(name), bytesOf(text)).isOk());
    }
    QByteArray read(const char* name)
    {
        QFile file(QString::fromStdString(path(name)));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("absent");
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestVfs::writesAndReads()
{
    auto file = Vfs::posix().open(path("a"), OpenMode::CreateNew);
    QVERIFY2(file, file ? "" : file.error().toString().c_str());
    QVERIFY((*file)->write(0, bytesOf("hello")).isOk());
    QVERIFY((*file)->write(3, bytesOf("p!")).isOk());
    QCOMPARE(*(*file)->size(), std::uint64_t{5});
    QVERIFY((*file)->sync().isOk());
    QVERIFY((*file)->close().isOk());
    QCOMPARE(read("a"), QByteArray("help!"));
}

void TestVfs::readsFromSeveralPlaces()
{
    write("a", "0123456789");
    auto file = Vfs::posix().open(path("a"), OpenMode::Read);
    QVERIFY(file);
    std::array<std::byte, 4> into{};
    QCOMPARE(*(*file)->read(2, into), std::size_t{4});
    QCOMPARE(static_cast<char>(into[0]), '2');
    QCOMPARE(*(*file)->read(8, into), std::size_t{2});
    QCOMPARE(*(*file)->read(100, into), std::size_t{0});
    QVERIFY(!(*file)->write(0, bytesOf("x")).isOk());
}

void TestVfs::createNewRefusesWhatExists()
{
    write("a", "kept");
    const auto again = Vfs::posix().open(path("a"), OpenMode::CreateNew);
    QVERIFY(!again);
    QCOMPARE(again.error().code(), StatusCode::AlreadyExists);
    QVERIFY(QFile::link(QStringLiteral("nowhere"), m_folder->filePath(QStringLiteral("link"))));
    QVERIFY(!Vfs::posix().open(path("link"), OpenMode::CreateNew));
    QCOMPARE(read("a"), QByteArray("kept"));
}

void TestVfs::renames()
{
    write("a", "A");
    write("b", "B");
    const Status taken = Vfs::posix().renameNoReplace(path("a"), path("b"));
    QCOMPARE(taken.code(), StatusCode::AlreadyExists);
    QCOMPARE(read("b"), QByteArray("B"));
    QVERIFY(Vfs::posix().renameNoReplace(path("a"), path("c")).isOk());
    QVERIFY(Vfs::posix().renameReplace(path("c"), path("b")).isOk());
    QCOMPARE(read("b"), QByteArray("A"));
    QVERIFY(Vfs::posix().syncDirectory(m_folder->path().toStdString()).isOk());
    QVERIFY(Vfs::posix().remove(path("b")).isOk());
    QCOMPARE(Vfs::posix().remove(path("b")).code(), StatusCode::NotFound);
}

void TestVfs::errorsNameThePath()
{
    const auto missing = Vfs::posix().open(path("missing"), OpenMode::Read);
    QCOMPARE(missing.error().code(), StatusCode::NotFound);
    QVERIFY(missing.error().message().find(path("missing")) != std::string::npos);
    QVERIFY(!Vfs::posix().open(m_folder->path().toStdString(), OpenMode::Read));
    QCOMPARE(Vfs::posix().list(path("missing")).error().code(), StatusCode::NotFound);
    if (::geteuid() != 0) {
        write("locked", "x");
        QFile::setPermissions(QString::fromStdString(path("locked")), {});
        QCOMPARE(Vfs::posix().open(path("locked"), OpenMode::Read).error().code(),
                 StatusCode::FailedPrecondition);
    }
}

void TestVfs::listsAndMakesFolders()
{
    QVERIFY(Vfs::posix().makeDirectories(path("x/y/z")).isOk());
    QVERIFY(Vfs::posix().makeDirectories(path("x/y/z")).isOk());
    QVERIFY(Vfs::posix().info(path("x/y"))->isDirectory);
    write("b", "1");
    write("a", "22");
    QCOMPARE(*Vfs::posix().list(m_folder->path().toStdString()), (std::vector<std::string>{"a", "b", "x"}));
    QCOMPARE(Vfs::posix().info(path("a"))->size, std::uint64_t{2});
    QVERIFY(*Vfs::posix().freeSpace(m_folder->path().toStdString()) > 0);
}

void TestVfs::opensOnlyBeneath()
{
    Vfs& vfs = Vfs::posix();
    const std::string folder = m_folder->path().toStdString() + "/in";
    QVERIFY(vfs.makeDirectories(folder + "/sub").isOk());
    write("outside", "secret");
    write("in/file", "inside");
    write("in/sub/file", "below");
    QVERIFY(QFile::link(m_folder->filePath("outside"), m_folder->filePath("in/link")));
    QVERIFY(QFile::link("../outside", m_folder->filePath("in/link2")));
    QVERIFY(QFile::link(m_folder->path(), m_folder->filePath("in/up")));
    QVERIFY(QFile::link("sub/file", m_folder->filePath("in/good")));
    for (const char* name : {"file", "sub/file", "./sub/./file", "good"})
        QVERIFY2(vfs.openBeneath(folder, name), name);
    for (const char* name : {"../outside", "/etc/hostname", "link", "link2", "up/outside",
                             "sub/../../outside", "", "..", "sub\\file"}) {
        const auto file = vfs.openBeneath(folder, name);
        QVERIFY2(!file && file.error().code() == StatusCode::InvalidArgument, name);
    }
    QCOMPARE(vfs.openBeneath(folder, "nothing").error().code(), StatusCode::NotFound);
    QCOMPARE(vfs.openBeneath(folder + "/no", "file").error().code(), StatusCode::NotFound);
}

void TestVfs::removesEmptyFolders()
{
    Vfs& vfs = Vfs::posix();
    const std::string folder = m_folder->path().toStdString() + "/full";
    QVERIFY(vfs.makeDirectories(folder).isOk());
    write("full/file", "x");
    QVERIFY(!vfs.removeDirectory(folder).isOk());
    QVERIFY(vfs.remove(folder + "/file").isOk() && vfs.removeDirectory(folder).isOk());
    QVERIFY(!vfs.info(folder));
}

void TestVfs::replacesAFile()
{
    write("a", "first");
    write("a", "second");
    QCOMPARE(read("a"), QByteArray("second"));
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
    QVERIFY(!replaceFile(Vfs::posix(), path("no/such/a"), bytesOf("x")).isOk());
}

void TestVfs::removesWhatADeadProcessLeft()
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    int state = 0;
    QCOMPARE(::waitpid(child, &state, 0), child);
    const auto leave = [&](const QByteArray& name) {
        QFile file(m_folder->filePath(QString::fromUtf8(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
    };
    const std::string ours = temporaryPath(path("a"));
    const QByteArray name = QByteArray::fromStdString(ours).mid(m_folder->path().toUtf8().size() + 1);
    QVERIFY(name.startsWith(".a.wrtmp-" + QByteArray::number(::getpid()) + "-"));
    leave(name);
    leave(".a.wrtmp-" + QByteArray::number(child) + "-abc");
    leave(".b.wrtmp-x-abc");
    write("a", "new");
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name),
             (QStringList{QString::fromUtf8(name), QStringLiteral(".b.wrtmp-x-abc"), QStringLiteral("a")}));
}

void TestVfs::limitsWhatItReads()
{
    write("a", "0123456789");
    QCOMPARE(readFile(Vfs::posix(), path("a"), 10)->size(), std::size_t{10});
    QCOMPARE(readFile(Vfs::posix(), path("a"), 9).error().code(), StatusCode::ResourceExhausted);
}

void TestVfs::checksums()
{
    QCOMPARE(crc32c(bytesOf("123456789")), 0xE3069283U);
    QCOMPARE(crc32c({}), 0U);
    // RFC 3720, B.4: thirty-two zero bytes, and thirty-two ones.
    QCOMPARE(crc32c(std::vector<std::byte>(32, std::byte{0})), 0x8A9136AAU);
    QCOMPARE(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8AB43U);
}

QTEST_GUILESS_MAIN(TestVfs)
#include "tst_vfs.moc"
